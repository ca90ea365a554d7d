"""Find the ends of actors' names, and of lists of names."""

import re
from collections.abc import Iterator
from functools import lru_cache

from workflows.intake.text.beginnings import HEAD, ORGANISED, TextPart, begins_actor, begins_predicate, head_end
from workflows.intake.text.name_words import (
    AFTER_PLURAL,
    RELATED,
    STOP,
    WORD,
    describes_to_the_end,
    ends_here,
    seen_to_end,
)
from workflows.intake.text.vocabulary import FIELD_LABEL, GENERIC, ORDER, PLURALS, noun_end, words_pattern

_PLURAL = rf"(?:(?:{words_pattern(PLURALS)}) )?"
_GENERIC = re.compile(rf"{_PLURAL}(?:{words_pattern(GENERIC)})\b", re.IGNORECASE)
_KIND_ONLY = re.compile(
    rf"(?:{words_pattern(PLURALS)}) (?:bộ|sở|ban|vụ|cục|ngành|phòng|huyện|tỉnh|xã|đơn vị|cơ quan|hội|tổng cục|công ty)"
    r"(?:(?:,| và) (?:bộ|sở|ban|vụ|cục|ngành|phòng|huyện|tỉnh|đơn vị|cơ quan|hội|đoàn thể))*(?: chức năng|"
    r" (?:có )?liên quan| sau)?",
    re.IGNORECASE,
)
_KIND_LAST = re.compile(
    r"(?:^|\s)(?:(?:các|những) )?(?:bộ|sở|ban|vụ|cục|ngành|phòng|huyện|tỉnh|xã|đơn vị|hội|tổng cục|công ty|thành phố)"
    r"(?: sau)?$",
    re.IGNORECASE,
)
_names_follow = re.compile(
    r"(?:[A-ZĐÁ-Ỹ]\w*|và|[-–&]|[a-zđá-ỹ]\w*)(?: (?:[^\W\d]\w*|[-–&])){0,8}(?:,| và|;) (?:[A-ZĐÁ-Ỹ]|các )"
).match
"""Two capitalised names follow, parted by a comma: "các huyện: Lục Ngạn, Sơn Động"."""
_FIELDS = re.compile(r"(?:^|\s)(?:bộ|sở|phòng|vụ|cục|ban)$", re.IGNORECASE)
"""Offices that are named by their field alone, though it be a verb: "Giám đốc các Sở: Xây dựng, Tài chính"."""
ROLE = re.compile(r"[-–] (?:cơ quan |đơn vị )?(?:thường trực|chủ trì|đầu mối)\b", re.IGNORECASE)
"""What an office is in the work, said behind a dash: "Sở Tài chính - thường trực kế hoạch"."""
_SAID_AT = re.compile(
    r"(?:(?:được giao )?(?:chủ trì|phối hợp|thực hiện)(?:,? (?:phối hợp|chủ trì))? )?"
    r"(?:đã |được )?(?:nêu|quy định|có tên|ghi|liệt kê|phân công|giao(?: nhiệm vụ)?) "
    r"(?:tại|trong|ở) (?:các )?(?:khoản|điểm|mục|điều|"
    r"phụ lục|danh sách|phần)"
    r"(?: (?:\d{1,2}|[IVX]{1,4}|[a-zđ])(?:\.\d{1,2})?\b)?(?:(?:,| và|, và) (?:khoản |điểm |mục |điều )?(?:\d{1,2}|"
    r"[IVX]{1,4}|[a-zđ])\b){0,6}"
    r"(?: (?:khoản|mục|điều|phần|phụ lục)(?: (?:\d{1,2}|[IVX]{1,4}))?){0,2}"
    r"(?: (?:(?:Chỉ thị|Kế hoạch|Quyết định|Công văn|Thông báo|Nghị quyết|Công điện|văn bản) )?"
    r"(?:này|trên|kèm theo|đính kèm))?",
    re.IGNORECASE,
)
"""Which of a kind: "các cơ quan nêu tại khoản 1, 2 và 3 Chỉ thị này"."""
_ONE_MORE_KIND = re.compile(r"[a-zà-ỹđ]+(?: [a-zà-ỹđ]+){0,3}, (?=\S)")
"""A further field before the next name: "các trường đại học, cao đẳng, giám đốc …"."""
_WORKING = re.compile(r"hoạt động\b|kinh doanh\b|có vốn\b")
_FIELD_LABEL = re.compile(FIELD_LABEL, re.IGNORECASE)
_COMRADES = re.compile(r"(?:các )?(?:đồng chí|ông|bà|ông, bà|ông ?[(/] ?bà\)?)", re.IGNORECASE)
LONGEST = 900
"""Characters beyond which nothing is a name."""
CUTS = re.compile(r"\s*;\s*(?:và )?|\s*,\s*(?:và |hoặc )?|\s+(?:và|hoặc)\s+|\s+cùng\s+(?:với\s+)?")
"""Where a list of names may be cut."""


@lru_cache(maxsize=1024)
def name_end(text: str, start: int) -> int:
    """Return where the name, or the list of names, that begins at `start` ends."""
    position = end = noun = head_end(text, start)
    after_comma = listed = False
    limit = min(len(text), start + LONGEST)
    while position < limit:
        match = WORD.search(text, position, limit)
        if match is None:
            break
        word, at = match.group(), match.start()
        if "\n" in text[position:at]:
            break
        if at > start and (placed := _SAID_AT.match(text, at, limit)):
            position = end = placed.end()
            after_comma = False
            continue
        behind = noun_end(text, at)
        if at > start and (after_comma or listed or AFTER_PLURAL.search(text, max(start, at - 14), at)):
            behind = max(behind, head_end(text, at))
        if behind > at:
            position = end = noun = behind
            after_comma = False
            continue
        if at > start and (seen := seen_to_end(text, start, at)):
            position = end = seen
            after_comma = False
            continue
        if word in "([":
            close = _closing(text, at, limit)
            if close is None:
                break
            position = end = close
            continue
        if word in ",;":
            if not _goes_on(text, match.end(), listed=word == ";") and not _lists_fields(text, start, at, match.end()):
                break
            position, after_comma = match.end(), True
            continue
        if word == ":" and lists_below(text, start, at):
            position = match.end()
            continue
        if not word[0].isalnum():
            if ROLE.match(text, at):
                break
            if word in "-–&/":
                position = match.end()
                continue
            break
        joins = word in ("và", "hoặc") and end > start
        if joins and noun_end(text, match.end() + 1):
            position = match.end()
            continue
        if joins and not _goes_on(text, match.end(), listed=False) and not _lists_fields(text, start, at, match.end()):
            break
        if end > start and ends_here(text, start, at, after_comma=after_comma, after_noun=noun == end):
            break
        position = end = match.end()
        after_comma, listed = False, joins
    return end


def _closing(text: str, at: int, limit: int) -> int | None:
    depth = 0
    for index in range(at, min(limit, at + 200)):
        depth += (text[index] in "([") - (text[index] in ")]")
        if depth == 0:
            return index + 1
    return None


def lists_below(text: str, start: int, at: int) -> bool:
    """Return whether a colon opens the names of a kind: "các Bộ: Tư pháp, Công an"."""
    if not text[at + 1 : at + 3].strip().istitle():
        return False
    last = text[max(text.rfind(",", start, at) + 1, text.rfind(" và ", start, at) + 1, start) : at].strip()
    if begins_predicate(text[at + 2 : at + 40].lower()) and not (_FIELDS.search(last) and _names_follow(text, at + 2)):
        return False
    return bool(
        _KIND_ONLY.fullmatch(last)
        or _COMRADES.fullmatch(last)
        or (_KIND_LAST.search(last) and _names_follow(text, at + 2))
    )


def _goes_on(text: str, at: int, *, listed: bool) -> bool:
    """Return whether after a comma or "và" the list of names goes on."""
    while at < len(text) and text[at] == " ":
        at += 1
    if text.startswith("và ", at):
        at += 3
    elif text.startswith("hoặc ", at):
        at += 5
    if at >= len(text):
        return False
    if RELATED.match(text, at):
        return True
    if begins_predicate(text, at) and not ORGANISED.match(text, at):
        return describes_to_the_end(text, at)
    if _FIELD_LABEL.match(text, at):
        return False
    if begins_actor(text, at) or _GENERIC.match(text, at):
        return not STOP.match(text, at)
    field = _ONE_MORE_KIND.match(text, at)
    if field and not listed and not STOP.match(text, at) and begins_actor(text, field.end()):
        return not any(begins_predicate(text, word.start()) for word in WORD.finditer(text, at, field.end()))
    return not listed and text[at].isupper() and not ORDER.match(text, at)


def _lists_fields(text: str, start: int, at: int, after: int) -> bool:
    """Return whether a kind of actor is only described further: "các doanh nghiệp bưu chính, viễn thông"."""
    name = text[_last_name(text, start, at) : at]
    several = _plural_kind(name)
    if not (several or _HOUSE.match(name)):
        return False
    if _RELATED_END.search(name):
        return False
    while after < len(text) and text[after] == " ":
        after += 1
    if after >= len(text) or not text[after].islower() or begins_predicate(text, after) or STOP.match(text, after):
        return False
    for size, match in enumerate(WORD.finditer(text, after, min(len(text), after + 60))):
        if begins_predicate(text, match.start()) or match.group() in ",:;.(" or match.group() == "và":
            return size > 0
        if RELATED.match(text, match.start()) or _WORKING.match(text, match.start()):
            return several and size > 0
        if STOP.match(text, match.start()):
            return size > 1
        if size >= 7:
            return False
    return False


def _last_name(text: str, start: int, at: int) -> int:
    found = start
    for match in CUTS.finditer(text, max(start, at - 200), at):
        if match.end() < at and begins_actor(text, match.end()):
            found = match.end()
    return found


_HEADS_OF = re.compile(
    r"(?:Hiệu trưởng|Giám đốc|Thủ trưởng|Trưởng|Chủ tịch|Lãnh đạo|Người đứng đầu|Bí thư|Chủ đầu tư) (?=các )",
    re.IGNORECASE,
)
"""Persons who head several of a kind: "Hiệu trưởng các trường mầm non, tiểu học …"."""


def _plural_kind(name: str) -> bool:
    if heads := _HEADS_OF.match(name):
        name = name[heads.end() :]
    match = HEAD.match(name)
    return bool(match and match.group().endswith(" ")) and name[1:].islower()


_HOUSE = re.compile(
    r"(?:Ban|Chi cục|Cục|Vụ|Trung tâm|Viện|Phòng|Trường|Tổng cục|Công ty|Hội đồng|Tiểu ban|"
    r"Chi nhánh)(?: [A-ZĐÁ-Ỹ]\w*)+ "
    r"[a-zđá-ỹ]"
)
"""An office named by its field: "Trung tâm Xúc tiến đầu tư, thương mại và du lịch"."""
_RELATED_END = re.compile(r"(?:liên quan|chức năng|hữu quan|nêu trên|khác)$")


_KINDS = re.compile(rf"(?:{words_pattern(GENERIC)})\b(?! (?!Tỉnh|Thành|Trung ương)[A-ZĐ])")
_TWO_HOUSES = re.compile(
    r"Văn phòng Đoàn đại biểu Quốc hội và $|\b(?:Văn phòng|VP) HĐND(?: tỉnh| huyện| xã| phường)? và $|"
    r"\bBáo và $|\b[Ôô]ng, $"
)
"""One office that serves two bodies, or was two."""
_PERSON = re.compile(r"\s*(?i:(?:các )?(?:đồng chí|đ/c|ông|bà))(?: [A-ZĐÀ-Ỹ][^\W\dA-ZĐ]*){2,5} ?[,–-] ?")
"""A person by name, before the office."""
_POST = re.compile(
    r"(?:phó |quyền )?(?:chủ tịch|giám đốc|trưởng|cục trưởng|vụ trưởng|chánh|bí thư|bộ trưởng|thứ trưởng|ủy viên|"
    r"viện trưởng|hiệu trưởng|tổng giám đốc|chủ nhiệm|chỉ huy|kế toán)",
    re.IGNORECASE,
)
_COMRADE = re.compile(r"\s*(?:các )?(?:đồng chí|đ/c) (?=[A-ZĐ])", re.IGNORECASE)


def names(text: str, start: int, end: int) -> Iterator[TextPart]:
    """Yield the single names of a list: cut where another actor's name begins after a comma, a semicolon or "và"."""
    begin = start = _behind_kind(text, start, end)
    for match in CUTS.finditer(text, start, end):
        if text.count("(", start, match.start()) > text.count(")", start, match.start()):
            continue  # inside a bracket
        after = match.end()
        if match.group().strip() == ";" or _begins_another(text, begin, after):
            yield from _trimmed(text, begin, match.start())
            begin = after
    yield from _trimmed(text, begin, end)


_UNSURE = 0.75
"""How sure a name is at most that looks cut off, or goes on too long."""
_TAIL = re.compile(r"(?<=\w)((?: (?:[a-zà-ỹđ]+|[-–])){3,})$")
_USUAL_TAIL = re.compile(
    r"\b(?:liên quan|khác|trên địa bàn|thuộc|trực thuộc|hữu quan|còn lại|nêu trên|chức năng|cùng cấp|trung ương|"
    r"trong tỉnh|tỉnh|huyện|xã|phường|thành phố|nông thôn|nhà nước|công nghệ|phụ trách|các cấp|có tên|địa phương|"
    r"đơn vị|cơ quan)\b"
)

_BARE_KIND = re.compile(
    r"(?:(?:các|những|từng|mỗi|mọi) )?(?:công ty|doanh nghiệp|nhà thầu|tỉnh|huyện|xã|phường|thành phố|tổ chức|cá nhân|"
    r"trường|ban|phòng|trung tâm|hộ|bản|thôn|tổ|đội|hội|chủ đầu tư|cán bộ|người dân|ủy ban|văn phòng|bộ|sở|cục|vụ)"
    r"(?: khác)?",
    re.IGNORECASE,
)
"""A kind that leaves open which: a name like this is often cut short, or named for another."""


def sure_of(name: str, confidence: float) -> float:
    """Return how sure a name is: less for a mere kind ("Huyện"), with a date, or behind a place's name."""
    if " " not in name or re.search(r"\d/\d|\d{4}|[:;]", re.sub(r"\([^)]*\)", "", name)) or len(name.split()) > 24:
        return min(confidence, _UNSURE)
    plain = re.sub(r" ?\([^)]*\)", "", name)
    if _BARE_KIND.fullmatch(plain):
        return min(confidence, 0.85)
    tail = _TAIL.search(plain)
    if (
        tail
        and any(word[:1].isupper() for word in plain[: tail.start()].split()[1:])
        and not _USUAL_TAIL.search(tail.group())
    ):
        return min(confidence, 0.85)
    return confidence


def _behind_kind(text: str, start: int, end: int) -> int:
    """Return where the names begin: behind "các cơ quan chức năng:", else at the start."""
    colon = text.find(": ", start, end)
    if colon > 0 and re.search(r"(?:chức năng|liên quan|sau)$", text[start:colon]):
        return colon + 2
    return start


def _begins_another(text: str, begin: int, after: int) -> bool:
    """Return whether a new name begins, not another word for a kind ("các bộ, ngành") or the rest of a name."""
    if _PERSON.fullmatch(text[begin:after]) and _POST.match(text, after):
        return False
    if not begins_actor(text, after) or _TWO_HOUSES.search(text[begin:after]):
        return False
    if text[after : after + 4].isupper():
        return not _KINDS.match(text[after : after + 40].lower())
    plural = HEAD.match(text, after)
    return bool(plural and plural.group().endswith(" ")) or not _KINDS.match(text, after)


def _trimmed(text: str, start: int, end: int) -> Iterator[TextPart]:
    if comrade := _COMRADE.match(text, start, end):
        start = comrade.end()
    piece = text[start:end]
    start, end = start + len(piece) - len(piece.lstrip(" ,;:-–")), end - len(piece) + len(piece.rstrip(" ,;:.-–/"))
    if start < end:
        yield TextPart(start, end)
