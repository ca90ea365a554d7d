"""The authority that speaks: in the letterhead, in the lines of the kind of document, or in the ordering sentence."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice, pairwise

from workflows.intake.heading.title import KINDS, Title
from workflows.intake.names.actors import LONGEST, name_end
from workflows.intake.text.beginnings import begins_actor
from workflows.intake.text.paragraphs import TextParagraph
from workflows.intake.text.reading import Passage, ReadingReason, TextFinding
from workflows.intake.text.shape import is_capitals
from workflows.intake.text.vocabulary import bare

_STATE = re.compile(r"C[OỘ]NG H[OÒ]A|DANG CONG SAN|ĐẢNG CỘNG SẢN|[ĐD][ộo]c l[ậa]p|C[OỘ]NG HO[AÀ]", re.IGNORECASE)
_BELOW = re.compile(
    r"\s(?=(?:TỔNG CỤC|CHI CỤC|CỤC|SỞ|ỦY BAN|UỶ BAN|UBND|THANH TRA|HỌC VIỆN|TRUNG TÂM|TỔNG CÔNG TY|KHO BẠC|BỆNH VIỆN|"
    r"TRƯỜNG (?:ĐẠI|CAO|TRUNG|TIỂU|MẦM|THPT|THCS|CHÍNH|PHỔ)|(?<!HẢI )PHÒNG(?!,| CHỐNG| CHÁY| THỦ))\b)"
)
_WITHIN = re.compile(r"(?:-|–|VÀ|CỦA|VỀ|VĂN|TỔNG|CHI|BIÊN|QUỐC|DỰ|LIÊN)$")
"""What stands before a word of a name, not before a further name: "BỘ ĐỘI BIÊN PHÒNG", "LIÊN SỞ"."""
LEVEL = r"(?:TỈNH|THÀNH PHỐ|THÀNH|TP\.?|QUẬN|HUYỆN|THỊ XÃ|XÃ|PHƯỜNG|THỊ TRẤN|ĐẶC KHU)"
_PLACE = re.compile(rf"(?:^|\s)({LEVEL} (?!(?:ỦY|UỶ|ĐOÀN)\b)\S.*)", re.IGNORECASE)
_OF_LEVEL = re.compile(rf"(?:^|\s)({LEVEL})(?: [ỦU][YỶ])?$", re.IGNORECASE)
"""A name that only says of which level: "BAN THƯỜNG VỤ TỈNH ỦY", "THANH TRA TỈNH"."""
_REST = re.compile(
    rf"(?:{LEVEL}(?! (?:ỦY|UỶ|ĐOÀN)\b)|KHU VỰC|CHI NHÁNH|CẤP|VÀ|KHOA HỌC|TRUNG ƯƠNG(?! (?:HỘI|ĐOÀN)\b))(?=\s|$)",
    re.IGNORECASE,
)
_NO_NAME = re.compile(r"\W*(?:KHÓA|KHOÁ|NHIỆM KỲ|KỲ HỌP|H[ỎO][ẢA] TỐC|(?:THƯỢNG )?KHẨN|DỰ THẢO|BẢN SAO)\b")
"""What stands below an authority's name and is none of it: its term, a stamp."""
HEAD_OF = (
    r"(?:BỘ TRƯỞNG|CHỦ TỊCH|(?:TỔNG )?GIÁM ĐỐC|(?:TỔNG |CHI )?CỤC TRƯỞNG|HIỆU TRƯỞNG|VIỆN TRƯỞNG|CHÁNH ÁN|"
    r"(?:TRƯỞNG|CHÁNH) \w+(?: \w+)?|CHỦ NHIỆM|TƯ LỆNH|CHỈ HUY TRƯỞNG|THỐNG ĐỐC|BÍ THƯ)"
)
BARE_HEAD = re.compile(HEAD_OF, re.IGNORECASE)
_PARTY = re.compile(r"(?:TỈNH|HUYỆN|THÀNH|QUẬN|THỊ|ĐẢNG) (?:ỦY|UỶ)\b")
_ABOVE_BOARDS = re.compile(rf"{_PARTY.pattern}|HỘI ĐỒNG NHÂN DÂN|HĐND")
_OF_PARTY = re.compile(r"(?:BAN|VĂN PHÒNG|(?:ỦY|UỶ) BAN KIỂM TRA)\b")
_EQUAL = re.compile(r"(BỘ(?! (?:CHỈ|TƯ|TỔNG|ĐỘI))|SỞ)\b")
"""Of two that stand one above the other, none is below the other: both speak."""
_BUREAU = re.compile(
    r"\bBan Thường vụ (?:Tỉnh|Huyện|Thành|Quận|Thị|Đảng) (?:ủy|uỷ) (?:xã |phường )?(?:yêu cầu|chỉ thị|kết luận|giao|"
    r"ban hành|xây dựng|thống nhất|đề nghị)\b"
)
"""Who speaks for a committee of the Party whose name alone stands in the letterhead."""
_HOUSE = re.compile(
    r"VĂN PHÒNG(?: THƯỜNG TRỰC)?|THANH TRA|PHÒNG|BAN THƯ KÝ|THƯỜNG TRỰC|HỘI ĐỒNG (?:QUẢN TRỊ|THÀNH VIÊN)|"
    rf"BAN (?:CHẤP HÀNH|THƯỜNG VỤ|THƯỜNG TRỰC)(?: {LEVEL} (?![ỦU][YỶ]\b).+)?"
)
_LOCAL = re.compile(r"(?:SỞ|BAN|PHÒNG|THANH TRA|CHI CỤC|TRUNG TÂM|HẠT)\b", re.IGNORECASE)


def _lowest(head: list[TextParagraph], whole: list[TextParagraph]) -> TextFinding | None:
    """Return the lowest authority in capitals above the number; a department of a province with the province's name."""
    lines = list(_authorities(head))
    if not lines:
        return None
    last, upper = lines[-1], lines[-2] if len(lines) > 1 else None
    if upper is not None and (equal := _EQUAL.match(last.text)) and upper.text.startswith(equal.group() + " "):
        both = [one for one in lines if one.text.startswith(equal.group() + " ")]
        return TextFinding(" - ".join(one.text for one in both), last.span(), 0.85, ReadingReason.LETTERHEAD)
    of_party = upper is not None and _ABOVE_BOARDS.match(upper.text) and _OF_PARTY.match(last.text)
    if upper is not None and (_HOUSE.fullmatch(last.text) or (of_party and not _PARTY.search(last.text))):
        return as_named(Passage.joined([last, upper], " "), last, whole, 0.85)
    if upper is not None and _OF_LEVEL.search(last.text):
        return completed(as_named(last, last, whole, 0.88), upper.text)
    local = _LOCAL.match(last.text) and not _PLACE.search(last.text)
    province = _PLACE.search(upper.text) if upper is not None and local else None
    if _PARTY.match(last.text) and any(_BUREAU.search(one.text) for one in whole):
        return TextFinding(f"Ban Thường vụ {last.text}", last.span(), 0.85, ReadingReason.LETTERHEAD)
    if upper is None or province is None:
        return as_named(last, last, whole, 0.88)
    full = _as_written(f"{last.text} {province.group(1)}", whole)
    if full is not None:
        return TextFinding(full.text, full.span(), 0.88, ReadingReason.LETTERHEAD)
    found = as_named(last, last, whole, 0.88)
    if bare(province.group(1)).casefold() in bare(found.value).casefold():
        return found
    return TextFinding(f"{found.value} {place_name(province.group(1))}", last.span(), 0.85, ReadingReason.LETTERHEAD)


def read_letterhead(head: list[TextParagraph], whole: list[TextParagraph]) -> TextFinding | None:
    """Return the authority of the letterhead, unless a printer set its letters apart: "ỦY B AN NHÂN D Â N"."""
    found = _lowest(head, whole)
    words = found.value.split() if found else []
    single = sum(len(word) == 1 and word.isalpha() for word in words)
    return None if single > 1 and single * 4 > len(words) else found


def completed(found: TextFinding, house: str) -> TextFinding:
    """Return a name that only says of which level with the place that the letterhead names."""
    level = _OF_LEVEL.search(found.value)
    place = re.search(rf"(?:^|\s){level.group(1)}(?: [ỦU][YỶ])? (.+)", house, re.IGNORECASE) if level else None
    if place is None:
        return found
    where = place.group(1) if is_capitals(found.value) else place_name(place.group(1))
    return replace(found, value=f"{found.value} {where}")


def as_named(name: Passage, place: Passage, whole: list[TextParagraph], confidence: float) -> TextFinding:
    """Return a name in capitals: as a sentence of the text writes it, with that place, else as it stands."""
    usual = _as_written(name.text, whole)
    if usual is not None:
        return TextFinding(usual.text, usual.span(), confidence, ReadingReason.LETTERHEAD)
    return TextFinding(name.text, place.span(), confidence, ReadingReason.LETTERHEAD)


def place_name(name: str) -> str:
    """Return a place in capitals as a sentence writes it: "tỉnh Phú Thọ"."""
    level = re.match(rf"{LEVEL}(?= )", name, re.IGNORECASE)
    size = level.end() if level else 0
    return name[:size].lower() + name[size:].title()


def _authorities(head: list[TextParagraph]) -> Iterator[Passage]:
    """Yield the names of authorities above the number, one above the other, each whole though printed on two lines."""
    found: list[Passage] = []
    for place, paragraph in enumerate(head):
        for cell in (paragraph.cells or (paragraph.passage,))[:1]:
            if re.match(r"S[ốỐ]\b", cell.text):
                yield from found
                return
            if cell.text.startswith("V/v"):
                continue
            state = _STATE.search(cell.text)
            text = cell.cut(0, state.start()) if state else cell
            text = text.cut(0, len(text.text.rstrip(" -–—_*")))
            small = place < 3 and begins_actor(text.text) and name_end(text.text, 0) == len(text.text)
            if not text.text or not (is_capitals(text.text) or small) or _NO_NAME.match(text.text):
                continue
            for piece in _split(text):
                begins = (
                    begins_actor(lowered(piece.text))
                    or begins_actor(piece.text)
                    or piece.text.startswith("LIÊN SỞ")
                    or (bool(found) and found[-1].text.endswith("VIỆT NAM"))
                )
                if len(found) == 1 and (_HOUSE.fullmatch(found[0].text) or BARE_HEAD.fullmatch(found[0].text)):
                    found[0] = Passage.joined([found[0], piece], " ")  # "CHỦ TỊCH / ỦY BAN NHÂN DÂN TỈNH …"
                elif begins and not (found and _REST.match(piece.text)):
                    found.append(piece)
                elif found:
                    found[-1] = Passage.joined([found[-1], piece], " ")
                elif len(piece.text) < 90:
                    found.append(piece)
    yield from found


def _split(text: Passage) -> Iterator[Passage]:
    start = 0
    for match in _BELOW.finditer(text.text):
        if match.start() > 3 and not _WITHIN.search(text.text[: match.start()].rstrip()):
            yield text.cut(start, match.start())
            start = match.start()
    yield text.cut(start)


def lowered(text: str) -> str:
    return text[:1] + text[1:].lower()


def _as_written(name: str, whole: Iterable[TextParagraph]) -> Passage | None:
    """Return a name in capitals as the text itself writes it in a sentence, also where a scanner lost its marks."""
    wanted = bare(name).casefold()
    if len(wanted) < 5:
        return None
    for paragraph in whole:
        text, folded = paragraph.text, bare(paragraph.text).casefold()
        at = folded.find(wanted)
        while at >= 0:
            there = text[at : at + len(name)]
            if not is_capitals(there) and there[:1].isupper():
                return paragraph.passage.cut(at, at + len(name))
            at = folded.find(wanted, at + 1)
    return None


_OF = re.compile(rf"(?:{'|'.join(KINDS)})\s+C[ỦU]A\s+(.+?)(?=\s+(?:SỐ|NGÀY|VỀ|V/V)\b|$)", re.IGNORECASE)
_SIGNED = re.compile(rf"(?:(?:T/?M|K/?T|T/?L|TUQ)\.? ?(?={HEAD_OF} )?|(?={HEAD_OF} ))((?!{HEAD_OF}$)\S.+)")
_CODES = {"TTg": "Thủ tướng Chính phủ", "CP": "Chính phủ"}
_BODY_LABEL = re.compile(r"Cơ quan ban hành\s*:?$", re.IGNORECASE)
_ATTACHED = re.compile(r"\(\s*(?:ban hành )?kèm theo .{0,200}\bcủa ([^()]{3,120})\)", re.IGNORECASE)
_SPEAKS = re.compile(r" (?:chỉ thị|yêu cầu|đề nghị|thông báo|có ý kiến|kết luận)\b")


def read_issuer(
    head: list[TextParagraph], body: int, title: Title, whole: list[TextParagraph], number: TextFinding | None
) -> TextFinding | None:
    """Find the issuer. A name in capitals is given as the text writes it elsewhere, if it does."""
    printed = read_letterhead(head[: _letterhead_end(head, title)], whole)
    code = _CODES.get(re.split(r"[/-]", number.value)[-1]) if number else None
    if number and code and (printed is None or "chính phủ" in printed.value.casefold()):
        return replace(printed or number, value=code, confidence=0.88)
    return (
        _of_kind(title, printed)
        or _labelled(head)
        or printed
        or _speaking_line(head[title.end : title.end + 3], whole)
        or _attached(head)
        or _signed(whole[max(body, len(whole) - 40) :], whole)
        or _speaker(whole[body : body + 12])
        or _of_number(number, whole)
    )


def _letterhead_end(head: list[TextParagraph], title: Title) -> int:
    for index, paragraph in enumerate(head):
        if (index == title.start and title.kind is not None) or re.match(r"kính gửi", paragraph.text, re.IGNORECASE):
            return index if not paragraph.cells else index + 1
    return min(len(head), 8)


def _speaking_line(below: list[TextParagraph], whole: list[TextParagraph]) -> TextFinding | None:
    """Return the line in capitals between the title and the legal bases of a decision: who decides."""
    for paragraph in below:
        text = re.sub(r"\s*(?:điện)?[ .,:;]*$", "", paragraph.text)
        if not paragraph.cells and is_capitals(text) and begins_actor(lowered(text)):
            return as_named(paragraph.passage.cut(0, len(text)), paragraph.passage, whole, 0.85)
    return None


def _of_kind(title: Title, printed: TextFinding | None) -> TextFinding | None:
    """Return the authority that the kind of document names: "CHỈ THỊ CỦA …"; a mere head of the house is that house."""
    if title.kind is None:
        return None
    match = _OF.match(title.kind.text)
    if match is None or not begins_actor(lowered(match.group(1))):
        return None
    text = title.kind.text
    start, end = match.span(1)
    words = list(re.finditer(r"\S+", match.group(1)))
    if is_capitals(words[0].group()):  # up to the title in small letters
        end = next((start + one.end() for one, two in pairwise(words) if two.group() != two.group().upper()), end)
    elif end == len(text):
        end = min(end, name_end(text, start))
    value = text[start:end]
    head = BARE_HEAD.match(value)
    if printed is not None and head and not begins_actor(lowered(value[head.end() :].lstrip())):
        return None
    found = TextFinding(value, title.kind.span(start, end), 0.88, ReadingReason.HEADING)
    return completed(found, printed.value) if printed else found


def _labelled(head: list[TextParagraph]) -> TextFinding | None:
    for paragraph in head:
        for label, cell in zip(paragraph.cells, paragraph.cells[1:], strict=False):
            if _BODY_LABEL.match(label.text) and cell.text:
                return TextFinding(cell.text, cell.span(), 0.9, ReadingReason.LABEL)
    return None


def _attached(head: list[TextParagraph]) -> TextFinding | None:
    """Return whose document an appendix belongs to: "(Kèm theo Nghị quyết số … của Chính phủ)"."""
    for paragraph in head:
        match = _ATTACHED.search(paragraph.text)
        if match:
            return TextFinding(
                match.group(1), paragraph.passage.span(match.start(1), match.end(1)), 0.8, ReadingReason.HEADING
            )
    return None


_CLAUSE_BEGINS = re.compile(r"(?:^|[,;.:] )(?=[A-ZĐ])")


def _speaker(body: list[TextParagraph]) -> TextFinding | None:
    """Return the subject of the sentence that orders: "Bộ trưởng … chỉ thị các đơn vị …"."""
    for paragraph in body:
        text = paragraph.text
        for match in _SPEAKS.finditer(text):
            for begin in _CLAUSE_BEGINS.finditer(text, max(0, match.start() - LONGEST - 2), match.start()):
                start = begin.end()
                if begins_actor(text, start) and abs(name_end(text, start) - match.start()) <= 1:
                    return TextFinding(
                        text[start : match.start()],
                        paragraph.passage.span(start, match.start()),
                        0.75,
                        ReadingReason.STEM,
                    )
    return None


def _signed(last: list[TextParagraph], whole: list[TextParagraph]) -> TextFinding | None:
    """Return whose name stands above the signature: "TM. ỦY BAN NHÂN DÂN TỈNH …", "BỘ TRƯỞNG BỘ …"."""
    for paragraph in last:
        for piece in paragraph.cells or (paragraph.passage,):
            match = _SIGNED.fullmatch(piece.text)
            if match and is_capitals(piece.text) and begins_actor(lowered(match.group(1))):
                name = piece.cut(match.start(1))
                return _placed(replace(as_named(name, name, whole, 0.75), reason=ReadingReason.SIGNED), whole)
    return None


def _placed(found: TextFinding, whole: list[TextParagraph]) -> TextFinding:
    """Return a council or committee of no place with the place of the date, of the level that the text names."""
    dated = (re.match(r"([A-ZĐ][^,|]{2,30}), .{0,40}\bngày\b", one.text) for one in whole[:12])
    at = next((one.group(1) for one in dated if one), None)
    if at is None or found.value.casefold() not in ("ủy ban nhân dân", "uỷ ban nhân dân", "hội đồng nhân dân", "ubnd"):
        return found
    level = re.search(rf"\b{LEVEL} {re.escape(at)}\b", "\n".join(one.text for one in whole), re.IGNORECASE)
    return replace(found, value=f"{found.value} {place_name(level.group())}") if level else found


_MOST_TRIED = 20
"""Names of a paragraph: where so many begin with the letters and go on otherwise, no further one is theirs."""
_FIRST_WORDS = 160
"""Characters that hold more words than a code has letters."""
_AUTHORITY = re.compile(r"(?:Bộ|Tổng cục|Cục|Sở|[ỦU][ỷy] ban|Văn phòng|Ngân hàng|Thanh tra|Tổng công ty|Trường|Viện)\b")


def _of_number(number: TextFinding | None, whole: list[TextParagraph]) -> TextFinding | None:
    """Return the authority of the text whose first letters end the number: "…/QĐ-BTTTT", "…/VPCP-NN"."""
    codes = tuple(filter(None, re.split(r"[/-]", number.value)[1:])) if number else ()
    for paragraph in whole if codes else ():
        for start in islice(_beginning_with(paragraph.text, codes), _MOST_TRIED):
            end = name_end(paragraph.text, start)
            name = paragraph.text[start:end]
            if _initials(name) in codes:
                return TextFinding(name, paragraph.passage.span(start, end), 0.75, ReadingReason.LABEL)
    return None


def _beginning_with(text: str, codes: tuple[str, ...]) -> Iterator[int]:
    """Yield where an authority stands whose first words begin with the letters of a code."""
    for match in _AUTHORITY.finditer(text):
        if _initials(text[match.start() : match.start() + _FIRST_WORDS]).startswith(codes):
            yield match.start()


def _initials(name: str) -> str:
    return "".join(word[0] for word in re.findall(r"\w+", name) if word != "và").upper()
