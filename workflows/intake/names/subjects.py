"""Who a clause is about: the actor that it begins with, if a predicate follows."""

import re
from collections.abc import Iterator

from workflows.intake.names.actors import lists_below, name_end
from workflows.intake.text.beginnings import Part, begins_actor, begins_predicate
from workflows.intake.text.vocabulary import ORDER, ORDER_WORDS

_PASSED_ON = re.compile(r"(?:Kính chuyển|Chuyển) (?=\w)")
_ESPECIALLY = re.compile(r"(?:đặc biệt|nhất là|trước hết|trực tiếp là|bao gồm|kể cả|mà )", re.IGNORECASE)
_LINE = 4_000
"""Characters of a line beyond which nobody looks for who it is about."""
_NAMED_LINE = re.compile(r"([^:.\n]{3,200}): (?=\S)")
"""A line that names who does what it says: "Các phòng giáo dục và đào tạo: Xây dựng …"."""
_CLAUSE_WORD = re.compile(
    r"\b(?:(?:có|chịu) trách nhiệm|chủ trì|phối hợp|cần|phải|chỉ đạo|thực hiện|triển khai|yêu cầu|đề nghị|"
    r"theo|căn cứ|tiếp tục|tăng cường|tập trung|xây dựng|rà soát|báo cáo|nhiệm vụ|như sau|sau đây|gồm|về|khi|trong|để|"
    r"nghiên cứu|tham mưu|hướng dẫn|kiểm tra|các Bộ|với|là|chức năng|liên quan)\b"
)
_MODAL = re.compile(
    r"(?:là (?:cơ quan|đơn vị|đầu mối)|theo chức năng|trên cơ sở|căn cứ|theo |trong |khi |ngoài |nếu |"
    r"từ |tại |với |trước |sau khi |đang |lãnh đạo (?!và )|\()",
    re.I,
)
_WHERE = re.compile(
    r",? (?:nơi |có |chưa |còn )[^;:.\n]{2,80}?(?=,? (?:hoàn thành|bàn giao|bố trí|tiếp tục|tăng cường|khẩn trương|"
    r"phải|cần|(?:có|chịu) trách nhiệm|trực tiếp|chỉ đạo|chủ trì|chủ động|tập trung|tổ chức|rà soát)\b)"
)
"""Which of a kind: "các tỉnh nơi có vàng, đá quý phải …"."""
_MADE_OF = re.compile(r",? (?:bao )?gồm(?: có)?\s*: ?(?=\S)")
"""Behind a kind whose names follow: "các sở, ngành gồm: Sở Y tế, …"."""
EXCEPT = re.compile(r"(?:,|\s*\(|) ?(?:trừ|ngoại trừ|không bao gồm|không kể|ngoài) ")
"""Who of a kind is not meant: "Các đơn vị nêu trên, trừ Ban …, báo cáo …"."""
_EXCEPTED = re.compile(
    r"(?:\)|,),? |\)? (?=(?:phải|cần|nghiêm túc|khẩn trương|(?:có|chịu) trách nhiệm|báo cáo|gửi|thực hiện|tổ chức|"
    r"triển khai|chủ động|rà soát|lập|xây dựng|định kỳ|hoàn thành)\b)"
)
_FAR = 160
"""Characters that an exception may take."""
_STARTS_OR_OBJECTS = re.compile(
    rf"(?P<object>\b(?:v[ớơo]i|cùng|cho|giúp|gồm) )(?=\w)|[,;:.(–\n-] ?(?=\w)|\bchỉ đạo (?=\w)|\b{ORDER_WORDS} (?=\w)",
    re.IGNORECASE,
)


is_kind_word = re.compile(
    r"(?:huyện|quận|xã|phường|thị trấn|thị xã|thành phố|ngành|đoàn thể|ban|sở|phòng|cấp|đơn vị|địa phương|tổ chức|"
    r"cá nhân)(?:,|;| và )"
).match
"""Only a further word for a kind stands here, the rest of a name: "UBND quận, huyện, Sở Y tế"."""


def line_subject(text: str, at: int) -> Part | None:
    """Return the subject of the line that holds a position, whatever clause of it that is in."""
    start = text.rfind("\n", max(0, at - _LINE), at) + 1
    while start < at and not text[start].isalnum():
        start += 1
    return subject(text, start, max(at, start))


_HEADED = re.compile(r"\n[-–—+•*\s]{0,4}([^\n:]{3,160}):[ .]*(?=\n)")
"""A line of a folded list that only names who does what stands below it."""


def headed_by(text: str, at: int) -> Part | None:
    """Return the actor that the nearest line above names before its colon and nothing behind it."""
    start = max(0, at - _LINE)
    found = None
    for line in _HEADED.finditer(text, start, at):
        if begins_actor(text, line.start(1)) and name_end(text, line.start(1)) >= line.end(1) - 1:
            found = Part(*line.span(1))
    return found


def named_line(text: str, start: int, end: int) -> Part | None:
    """Return the actors that a line names before its colon: "Phòng A; Phòng B: Chuẩn bị …"."""
    line = _NAMED_LINE.match(text, start, end)
    if line is None or not begins_actor(text, start) or _CLAUSE_WORD.search(line.group(1)):
        return None
    if lists_below(text, start, line.end(1)):
        return None
    if not text[line.end()].isupper() and not begins_predicate(text, line.end()):
        return None
    return Part(start, line.end(1))


def subject(text: str, start: int = 0, end: int | None = None) -> Part | None:
    """Return the actor that a clause begins with, behind a word of order, if a predicate follows it; else None."""
    end = len(text) if end is None else end
    at = start
    if match := ORDER.match(text, at) or _PASSED_ON.match(text, at):
        at = match.end()
        ordered = True
    else:
        ordered = False
    if not begins_actor(text, at):
        return None
    if not ordered and (line := named_line(text, at, end)):
        return line
    last = min(name_end(text, at), end)
    follows = text[last:end].lstrip(" ,")
    if ordered or follows.startswith(":") or not follows or _ESPECIALLY.match(follows):
        return Part(at, last)
    if (listed := _MADE_OF.match(text, last, end)) and begins_actor(text, listed.end()):
        return Part(listed.end(), min(name_end(text, listed.end()), end))
    if begins_predicate(follows) or _MODAL.match(follows):
        return Part(at, last)
    if (but := EXCEPT.match(text, last, end)) and acts_behind(text, but.end(), end):
        return Part(at, last)
    placed = _WHERE.match(text, last, end)
    return Part(at, placed.end()) if placed else None


def acts_behind(text: str, at: int, end: int) -> bool:
    """Return whether behind those who are excepted it says what the others do."""
    excepted = _EXCEPTED.finditer(text, at, min(end, at + _FAR))
    return any(begins_predicate(text, one.end()) for one in excepted)


def ordered_from(text: str, start: int, end: int) -> Iterator[int]:
    """Yield where, between two positions, an actor's name begins a clause or follows a word of order.

    The first first, and none that stands among the objects of "với", "cho", "giúp".
    """
    if begins_actor(text, start):
        yield start
    reached = start
    for match in _STARTS_OR_OBJECTS.finditer(text, start, end):
        at = match.end()
        if at < reached or not begins_actor(text, at) or is_kind_word(text, at):
            continue
        if match.group("object"):
            reached = name_end(text, at)
        elif at < end:
            yield at
