"""The authority that speaks: in the letterhead, in the lines of the kind of document, or in the ordering sentence."""

import re
from collections.abc import Iterable, Iterator

from workflows.intake.heading.title import KINDS, Title
from workflows.intake.names.actors import name_end
from workflows.intake.text.beginnings import begins_actor
from workflows.intake.text.paragraphs import Paragraph
from workflows.intake.text.passage import Passage
from workflows.intake.text.reading import Finding, Reason
from workflows.intake.text.shape import is_capitals
from workflows.intake.text.vocabulary import bare

_STATE = re.compile(r"C[OỘ]NG H[OÒ]A|DANG CONG SAN|ĐẢNG CỘNG SẢN|[ĐD][ộo]c l[ậa]p|C[OỘ]NG HO[AÀ]", re.IGNORECASE)
_BELOW = re.compile(
    r"\s(?=(?:TỔNG CỤC|CHI CỤC|CỤC|SỞ|ỦY BAN|UỶ BAN|UBND|THANH TRA|HỌC VIỆN|TRUNG TÂM|TỔNG CÔNG TY|KHO BẠC|"
    r"(?<!HẢI )PHÒNG)\b)"
)
_OF = re.compile(rf"(?:{'|'.join(KINDS)})\s+C[ỦU]A\s+(.+?)(?=\s+(?:SỐ|NGÀY|VỀ|V/V)\b|$)", re.IGNORECASE)
_BODY_LABEL = re.compile(r"Cơ quan ban hành\s*:?$", re.IGNORECASE)
_ATTACHED = re.compile(r"\(\s*(?:ban hành )?kèm theo .{0,200}\bcủa ([^()]{3,120})\)", re.IGNORECASE)
_SPEAKS = re.compile(r" (?:chỉ thị|yêu cầu|đề nghị|thông báo|có ý kiến|kết luận)\b")
_PROVINCE = re.compile(r"(?:UBND|ỦY BAN NHÂN DÂN|UỶ BAN NHÂN DÂN)\s+(.+)", re.IGNORECASE)
_HOUSE = re.compile(r"VĂN PHÒNG|THANH TRA|PHÒNG|BAN THƯ KÝ")
_LOCAL = re.compile(r"(?:SỞ|BAN|PHÒNG|THANH TRA|CHI CỤC)\b", re.IGNORECASE)


def read_issuer(head: list[Paragraph], body: int, title: Title, whole: list[Paragraph]) -> Finding | None:
    """Return the issuer; a name in capitals is given as the text writes it elsewhere, if it does."""
    return (
        _of_kind(title)
        or _labelled(head)
        or _unless_spaced(_letterhead(head[: _letterhead_end(head, title)], whole))
        or _speaking_line(head[title.end : title.end + 3], whole)
        or _attached(head)
        or _in_small_letters(head)
        or _speaker(whole[body : body + 12])
    )


def _letterhead_end(head: list[Paragraph], title: Title) -> int:
    for index, paragraph in enumerate(head):
        if (index == title.start and title.kind is not None) or re.match(r"kính gửi", paragraph.text, re.IGNORECASE):
            return index if not paragraph.cells else index + 1
    return min(len(head), 8)


def _letterhead(head: list[Paragraph], whole: list[Paragraph]) -> Finding | None:
    """Return the lowest authority in capitals above the number; a department of a province with the province's name."""
    lines = list(_lines_in_capitals(head))
    if not lines:
        return None
    last, upper = lines[-1], lines[-2] if len(lines) > 1 else None
    if upper is not None and _HOUSE.fullmatch(last.text.strip()):
        return _named(Passage.joined([last, upper], " "), last, whole, 0.85)
    province = _PROVINCE.match(upper.text) if upper is not None and _LOCAL.match(last.text) else None
    if upper is None or province is None:
        return _named(last, last, whole, 0.88)
    full = _as_written(f"{last.text} {province.group(1)}", whole)
    if full is not None:
        return Finding(full.text, full.span(), 0.88, Reason.LETTERHEAD)
    found = _named(last, last, whole, 0.88)
    if bare(province.group(1)).casefold() in bare(found.value).casefold():
        return found
    return Finding(f"{found.value} {_place(province.group(1))}", last.span(), 0.85, Reason.LETTERHEAD)


def _unless_spaced(found: Finding | None) -> Finding | None:
    """Return a name unless a printer set its letters apart: "ỦY B AN NHÂN D Â N"."""
    words = found.value.split() if found else []
    return None if sum(len(word) == 1 for word in words) * 4 > len(words) else found


def _speaking_line(below: list[Paragraph], whole: list[Paragraph]) -> Finding | None:
    """Return the line in capitals between the title and the legal bases of a decision: who decides."""
    for paragraph in below:
        text = paragraph.text.rstrip(" .,:;")
        if not paragraph.cells and is_capitals(text) and begins_actor(_lowered(text)):
            return _named(paragraph.passage.cut(0, len(text)), paragraph.passage, whole, 0.85)
    return None


def _in_small_letters(head: list[Paragraph]) -> Finding | None:
    """Return an authority above the number that is not in capitals, beside the name of the state."""
    lines: list[Passage] = []
    for paragraph in head[:3]:
        state = _STATE.search(paragraph.text)
        if paragraph.cells or state is None or state.start() < 4:
            break
        lines.append(paragraph.passage.cut(0, len(paragraph.text[: state.start()].rstrip(" -–—_"))))
    if not lines or not begins_actor(lines[0].text):
        return None
    whole = Passage.joined(lines, " ")
    return Finding(whole.text, whole.span(), 0.8, Reason.LETTERHEAD)


def _named(name: Passage, place: Passage, whole: list[Paragraph], confidence: float) -> Finding:
    """Return a name in capitals: as a sentence of the text writes it, with that place, else as it stands."""
    usual = _as_written(name.text, whole)
    if usual is not None:
        return Finding(usual.text, usual.span(), confidence, Reason.LETTERHEAD)
    return Finding(name.text, place.span(), confidence, Reason.LETTERHEAD)


def _place(name: str) -> str:
    """Return a province or district in capitals as a sentence writes it: "tỉnh Phú Thọ"."""
    kind, _, rest = name.partition(" ")
    if kind.casefold() == "thành":
        return name[:9].lower() + name[9:].title()
    return f"{kind.lower()} {rest.title()}"


def _lines_in_capitals(head: list[Paragraph]) -> Iterator[Passage]:
    """Yield the names of authorities above the number, one above the other, each whole though printed on two lines."""
    found: list[Passage] = []
    for paragraph in head:
        for cell in (paragraph.cells or (paragraph.passage,))[:1]:
            if re.match(r"S[ốỐ]\b", cell.text):
                yield from found
                return
            if cell.text.startswith("V/v"):
                continue
            state = _STATE.search(cell.text)
            text = cell.cut(0, state.start()) if state else cell
            text = text.cut(0, len(text.text.rstrip(" -–—_*")))
            if not text.text or not is_capitals(text.text):
                continue
            for piece in _split(text):
                if begins_actor(_lowered(piece.text)) and not _is_rest(piece.text, found):
                    found.append(piece)
                elif found:
                    found[-1] = Passage.joined([found[-1], piece], " ")
                elif len(piece.text) < 90:
                    found.append(piece)
    yield from found


def _is_rest(text: str, found: list[Passage]) -> bool:
    """Return whether a line only ends the name begun above it: "NGÂN HÀNG NHÀ NƯỚC / TỈNH …"."""
    return bool(found) and bool(re.match(r"(?:TỈNH|THÀNH PHỐ|QUẬN|HUYỆN|KHU VỰC|CHI NHÁNH|CẤP|VÀ)\b", text))


def _split(text: Passage) -> Iterator[Passage]:
    start = 0
    for match in _BELOW.finditer(text.text):
        if match.start() > 3 and not re.search(r"(?:-|–|VÀ|CỦA|VỀ|VĂN|TỔNG|CHI)$", text.text[: match.start()].rstrip()):
            yield text.cut(start, match.start())
            start = match.start()
    yield text.cut(start)


def _lowered(text: str) -> str:
    return text[:1] + text[1:].lower()


def _as_written(name: str, whole: Iterable[Paragraph]) -> Passage | None:
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


def _of_kind(title: Title) -> Finding | None:
    """Return the authority that the kind of document names: "CHỈ THỊ CỦA BỘ TRƯỞNG …"."""
    if title.kind is None:
        return None
    match = _OF.match(title.kind.text)
    if match is None or not begins_actor(_lowered(match.group(1))):
        return None
    return Finding(match.group(1), title.kind.span(match.start(1), match.end(1)), 0.9, Reason.HEADING)


def _labelled(head: list[Paragraph]) -> Finding | None:
    """Return the cell behind "Cơ quan ban hành"."""
    for paragraph in head:
        for label, cell in zip(paragraph.cells, paragraph.cells[1:], strict=False):
            if _BODY_LABEL.match(label.text) and cell.text:
                return Finding(cell.text, cell.span(), 0.9, Reason.LABEL)
    return None


def _attached(head: list[Paragraph]) -> Finding | None:
    """Return whose document an appendix belongs to: "(Kèm theo Nghị quyết số … của Chính phủ)"."""
    for paragraph in head:
        match = _ATTACHED.search(paragraph.text)
        if match:
            return Finding(match.group(1), paragraph.passage.span(match.start(1), match.end(1)), 0.8, Reason.HEADING)
    return None


def _speaker(body: list[Paragraph]) -> Finding | None:
    """Return the subject of the sentence that orders: "Bộ trưởng … chỉ thị các đơn vị …"."""
    for paragraph in body:
        text = paragraph.text
        for match in _SPEAKS.finditer(text):
            for begin in re.finditer(r"(?:^|[,;.:] )(?=[A-ZĐ])", text[: match.start()]):
                start = begin.end()
                if begins_actor(text, start) and abs(name_end(text, start) - match.start()) <= 1:
                    return Finding(
                        text[start : match.start()], paragraph.passage.span(start, match.start()), 0.75, Reason.STEM
                    )
    return None
