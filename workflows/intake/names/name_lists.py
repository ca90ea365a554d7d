"""Lists of names, cut into single ones."""

import re
from collections.abc import Iterator

from workflows.intake.names.actors import CUTS
from workflows.intake.text.beginnings import HEAD, Part, begins_actor
from workflows.intake.text.vocabulary import GENERIC, words_pattern

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


def names(text: str, start: int, end: int) -> Iterator[Part]:
    """Yield the single names of a list: cut where another actor's name begins after a comma, a semicolon or "và"."""
    begin = start = _behind_kind(text, start, end)
    for match in CUTS.finditer(text, start, end):
        if _inside_bracket(text, start, match.start()):
            continue
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
    """Return how sure a name is: less where it is a mere kind ("Huyện"), holds a date, or goes on behind a place's
    name.
    """
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


def _inside_bracket(text: str, start: int, at: int) -> bool:
    return text.count("(", start, at) > text.count(")", start, at)


def _trimmed(text: str, start: int, end: int) -> Iterator[Part]:
    if comrade := _COMRADE.match(text, start, end):
        start = comrade.end()
    piece = text[start:end]
    start, end = start + len(piece) - len(piece.lstrip(" ,;:-–")), end - len(piece) + len(piece.rstrip(" ,;:.-–/"))
    if start < end:
        yield Part(start, end)
