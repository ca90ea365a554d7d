"""Actors beside the first named: ordered in the same breath, charged by a later sentence, or heading a line below."""

import re
from collections.abc import Iterator

from workflows.intake.names.actors import LONGEST, name_end
from workflows.intake.names.partners import findings, of_part
from workflows.intake.names.subjects import ADJUNCT, acts, behind_adjunct, of_line, subject, tells_a_third
from workflows.intake.text.beginnings import TextPart, begins_actor, begins_predicate
from workflows.intake.text.reading import Passage, ReadingReason, TextFinding
from workflows.intake.text.sentences import full_sentences
from workflows.intake.text.vocabulary import ORDER_WORDS, bare

_MUST = re.compile(r"\s*(?:\([^)]*\)\s*)?,?\s*(?:(?:có|chịu) trách nhiệm|có nhiệm vụ)\b")


def charged(passage: Passage, start: int, *, below_heading: bool = False) -> list[TextFinding]:
    """Return further actors that a folded line charges: "Các đồng chí … có trách nhiệm …"."""
    found: list[TextFinding] = []
    for part in _lines(passage.text, start):
        named = subject(passage.text, part.start, part.end)
        if named and (
            _MUST.match(passage.text, named.end) or (below_heading and _CLEARLY.match(passage.text, named.end))
        ):
            found += of_part(passage, named, 0.8, ReadingReason.SUBJECT)
    return found


_BESIDE = re.compile(r"(?:,| và| đồng thời)? (?:đề nghị|yêu cầu|giao) (?=\S)")
_BEFORE = re.compile(rf"(?:{ORDER_WORDS}|khuyến khích) (?:các đồng chí |đồng chí )?$", re.IGNORECASE)
_ORDERED_LATER = re.compile(r"[;,] (?:và |đồng thời,? )?(?:đề nghị|yêu cầu|giao|khuyến khích) (?=\S)")
"""A further order of the same issuer: "Giao A …; giao B …"."""
_MOST_BESIDE = 8
_AND_ANOTHER = re.compile(r" [^,;.]{4,30}, (?=[A-ZĐỦ])")


_BESIDE_IT = re.compile(
    r" (?:(?!(?:với|cùng|cho|của|giữa|gồm|như|giúp|do|từ|tại|về|đến|theo|chỉ đạo|đề nghị|yêu cầu|báo cáo|trình|gửi|"
    r"lấy|mời|xin|là|để|chủ trì|phối hợp|kết hợp)\b)[^\s,;.:]+ ?){2,12}, (?=[A-ZĐỦ])"
)
"""What one does, before another who does something else: "Sở A sửa đường, Công an tỉnh phân luồng …"."""


def ordered_beside(passage: Passage, main: TextPart, end: int) -> list[TextFinding]:
    """Return those ordered in the same breath: "yêu cầu A, đề nghị B …", "Giao A chỉ đạo, B theo dõi …"."""
    text = passage.text
    ordered = bool(_BEFORE.search(text, max(0, main.start - 40), main.start))
    starts = [one.end() for one in _ORDERED_LATER.finditer(text, main.end, end)] if ordered else []
    beside = _BESIDE.match(text, main.end, end)
    if beside is not None and not tells_a_third(text, main.start, beside.end()):
        starts.append(beside.end())
    elif beside is None:
        at = main.end
        given = text[max(0, main.start - 5) : main.start].casefold() == "giao "
        beside_it = _AND_ANOTHER if given else _BESIDE_IT
        while (another := beside_it.match(text, at, end)) and len(starts) < _MOST_BESIDE:
            at = name_end(text, another.end())
            if not acts(text, at, end):
                break
            starts.append(another.end())
    verb = " ".join(text[main.end : end].split()[:2])
    commas = re.finditer(r", (?=[A-ZĐỦ])", text[main.end : end])
    said = main.end
    for comma in commas if " " in verb and not verb.startswith("là ") else ():
        at = main.end + comma.end()
        if said < at and (said := text.find(f" {verb} ", at)) < 0:
            break
        if said - at <= LONGEST and begins_actor(text, at) and text.startswith(f" {verb} ", name_end(text, at)):
            starts.append(at)  # "UBND xã A chi trả …, UBND xã B chi trả …"
    found: list[TextFinding] = []
    for start in sorted(set(starts)):
        if begins_actor(text, start):
            found += findings(passage, start, min(name_end(text, start), end), 0.85, ReadingReason.SUBJECT)
    return found


_FIELD = re.compile(r"(?:cơ quan|đơn vị|bộ phận) (?:chủ trì|phối hợp|thực hiện|được giao)[^:\n]{0,30}:", re.IGNORECASE)
_CLEARLY = re.compile(r" (?:chỉ đạo|chủ trì|phối hợp|tổ chức|tham mưu|báo cáo|hướng dẫn|rà soát)\b")
_CHARGES = re.compile(r"(?:Giao|Đề nghị|Yêu cầu) (?=\S)")
_REPORTS = re.compile(
    r" (?:báo cáo|chủ trì|tổng hợp|gửi|tham mưu|theo dõi|đôn đốc|kiểm tra|bố trí|thẩm định|hướng dẫn|rà soát|chỉ đạo|"
    r"tổ chức|xây dựng|thực hiện|triển khai|chủ động|khẩn trương|tăng cường)\b"
)
_JOINS_IN = re.compile(r"(?:cùng )?(?:phối hợp|tham gia|hỗ trợ|giúp|cùng|không)\b", re.IGNORECASE)
_NEXT_CLAUSE = re.compile(r"; (?:đồng thời |riêng )?(?=[A-ZĐỦỨ]|các |từng |mỗi )")
"""Where a clause begins that charges others: "…; các cơ quan … gửi số liệu", "…; Trưởng các bản còn lại tổ chức …"."""
_SENDS = re.compile(r",? (?:gửi|báo cáo|cung cấp|phối hợp(?!(?: thực hiện)?\s*(?:[.;,)]|$))|phải|cần)\b")
_DRAWS_UP = re.compile(r" (?:lập|chủ trì|tổng hợp|báo cáo|thẩm định|phê duyệt|ban hành|gửi|tổ chức)\b")
_RESTS = re.compile(r",? căn cứ (?:chức năng|nhiệm vụ)")


def charged_later(passage: Passage, end: int) -> list[TextFinding]:
    """Return those whom a later sentence of the first line charges: "… . Giám đốc các Ban … chịu trách nhiệm …"."""
    text = passage.text
    found: list[TextFinding] = []
    for clause in _NEXT_CLAUSE.finditer(text, 0, end):
        named = subject(text, clause.end(), end)
        follows = text[named.end : named.end + 60].lstrip(" ,") if named else ""
        if named and (
            _SENDS.match(text, named.end)
            if text[clause.end()].islower()
            else begins_predicate(follows) and not _JOINS_IN.match(follows)
        ):
            found += of_part(passage, named, 0.75, ReadingReason.SUBJECT)
    for place, sentence in enumerate(full_sentences(text[:end])):
        if place == 0:
            continue
        charge = _CHARGES.match(text, sentence.start, sentence.end)
        named = subject(text, charge.end() if charge else sentence.start, sentence.end)
        if named is None and ADJUNCT.match(bare(text[sentence.start : sentence.start + 40])):
            behind = behind_adjunct(text, sentence.start, sentence.end, only_ordered=False)
            named = behind if behind and (_MUST.match(text, behind.end) or _DRAWS_UP.match(text, behind.end)) else None
        if named and (
            charge
            or _DRAWS_UP.match(text, named.end)
            or _REPORTS.match(text, named.end)
            or _MUST.match(text, named.end)
            or _RESTS.match(text, named.end)
        ):
            found += of_part(passage, named, 0.8, ReadingReason.SUBJECT)
    return found


def paragraph_subjects(passage: Passage, start: int) -> list[TextFinding]:
    """Return the subject of each paragraph below "… yêu cầu:"."""
    found: list[TextFinding] = []
    for part in _lines(passage.text, start):
        named = None if _FIELD.match(passage.text, part.start) else of_line(passage.text, part)
        if named:
            found += of_part(passage, named, 0.88, ReadingReason.SUBJECT)
    return found


def headed_lines(passage: Passage, start: int) -> list[TextFinding]:
    """Return the actors of the lines below that name nobody's work but who does it: "- Vụ …:"."""
    text = passage.text
    found: list[TextFinding] = []
    for part in _lines(text, start):
        bare_end = part.start + len(text[part.start : part.end].rstrip(" ."))
        if (
            text[bare_end - 1 : bare_end] == ":"
            and begins_actor(text, part.start)
            and name_end(text, part.start) >= bare_end - 2
        ):
            found += findings(passage, part.start, bare_end - 1, 0.85, ReadingReason.SUBJECT)
    return found


def _lines(text: str, start: int) -> Iterator[TextPart]:
    at = start
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        begin = at
        while begin < end and not text[begin].isalnum():
            begin += 1
        if begin < end:
            yield TextPart(begin, end)
        at = end + 1
