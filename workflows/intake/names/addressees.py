"""Find who must act: the subject of a sentence, a heading's name, a closing bracket, or the actors named above."""

import re

from workflows.intake.names.actors import ROLE, name_end
from workflows.intake.names.further_actors import (
    charged,
    charged_later,
    headed_lines,
    ordered_beside,
    paragraph_subjects,
)
from workflows.intake.names.partners import distinct, findings, named_at, of_part
from workflows.intake.names.subjects import EXCEPT, acts_behind, main_subject, subject
from workflows.intake.text.beginnings import begins_actor, begins_predicate
from workflows.intake.text.reading import Passage, ReadingReason, TextFinding
from workflows.intake.text.sentences import full_sentences, sentences
from workflows.intake.text.shape import is_bare_heading, is_capitals, with_small_initial
from workflows.intake.text.vocabulary import ORDER_IN

_BRACKET = re.compile(
    r"\((?:giao|do|đơn vị (?:thực hiện|chủ trì):|cơ quan (?:thực hiện|chủ trì):)\s+(?=\S)", re.IGNORECASE
)
_BRACKET_DOER = re.compile(r"\((?=[A-ZĐ])")
_DOES = re.compile(r" (?:chủ trì|thực hiện|đảm nhiệm|đảm nhận|triển khai|chịu trách nhiệm|phụ trách)\b")
_BRACKET_ALONE = re.compile(r" \(([^()\n]{3,160})\)[.;]?\s*$")
"""Names alone in a bracket behind the sentence: "… một cách hợp lý. (Phòng Kế hoạch - Tài chính)."."""
_OPENS_LIST = re.compile(r"(?:sau đây|như sau|sau|cụ thể)\s*:\s*$")
_DIFFICULTY = re.compile(r"\b(?:vướng mắc|khó khăn|phát sinh)\b", re.IGNORECASE)
_RAISES = re.compile(
    r",? (?:kịp thời |cần |phải |chủ động )*(?:báo cáo|phản ánh|gửi|liên hệ|trao đổi|kiến nghị|thông báo)\b"
)
_LEVEL = re.compile(
    r"(?:ở )?(?:cấp (?:tỉnh|huyện|xã|trung ương|thành phố|cơ sở|bộ)|toàn ngành)"
    r"|(?:đối với )?(?:các )?(?:tổ chức|cơ quan|đơn vị|doanh nghiệp|đoàn thể|lực lượng)"
    r"(?:, [^\W\d]+(?: [^\W\d]+)?){0,3}"
    r" (?:khác|(?:có )?liên quan)",
    re.IGNORECASE,
)
"""A heading that says at which level or of which kind, not who."""
_NEAR = 16
"""Characters within which a subject begins the item, at most behind a word of order; another is less sure."""
_URGES = "Khuyến khích"
_ORDERS_HERE = re.compile(r"\b(?:yêu cầu|chỉ thị|đề nghị|giao nhiệm vụ)\s*:?\s*$", re.IGNORECASE)


def read_addressees(passage: Passage) -> list[TextFinding]:
    """Return those whom an item itself names as the ones to act; empty where it names nobody."""
    text = passage.text
    first_line = text.split("\n", 1)[0]
    heading = heading_actor(passage)
    if heading and _LEVEL.fullmatch(first_line.strip(" .:")):
        heading = paragraph_subjects(passage, len(first_line)) or heading
    if heading and len(below := headed_lines(passage, len(first_line))) > 1:
        return distinct(below)
    if heading:
        return distinct([*heading, *charged(passage, len(first_line), below_heading=True)])
    main_actor = main_subject(text, 0, len(first_line))
    difficulty = _DIFFICULTY.search(first_line)
    if (
        main_actor is not None
        and difficulty
        and main_actor.start > difficulty.start()
        and (raising := _raising(passage))
    ):
        return raising
    if main_actor is not None and not _is_list_stem(passage, main_actor.end, len(first_line)):
        confidence = 0.93 if main_actor.start < _NEAR and not first_line.startswith(_URGES) else 0.85
        actors = of_part(passage, main_actor, confidence, ReadingReason.SUBJECT) + ordered_beside(
            passage, main_actor, len(first_line)
        )
        return distinct([*actors, *charged_later(passage, len(first_line)), *charged(passage, len(first_line))])
    if raising := _bracketed(passage) or _raising(passage):
        return raising
    if (
        _ORDERS_HERE.search(first_line)
        or main_actor is not None
        or not begins_predicate(with_small_initial(first_line))
    ):
        below = distinct(paragraph_subjects(passage, len(first_line)))
        if below or main_actor is None:
            return below
        return of_part(passage, main_actor, 0.88, ReadingReason.SUBJECT)
    if is_bare_heading(first_line):
        return distinct(paragraph_subjects(passage, len(first_line)))
    return distinct(charged(passage, len(first_line)))


def _is_list_stem(passage: Passage, at: int, end: int) -> bool:
    """Return whether the first line only opens a list whose lines name who does each: "giao các việc sau:"."""
    text = passage.text
    return bool(_OPENS_LIST.search(text, at, end)) and len(paragraph_subjects(passage, end)) > 0


_DOER = re.compile(
    r"\b(?:đơn vị|cơ quan|bộ phận|người|cá nhân)(?: được)? (?:thực hiện|chủ trì|triển khai|"
    r"phụ trách)(?: thực hiện)?\s*: ?|(?:^|(?<=[.;\n] ))(?:phân công|thực hiện|phụ trách): ?",
    re.IGNORECASE,
)


def read_doers(passage: Passage) -> list[TextFinding]:
    """Return those whom a line of the item names as its doers: "- Đơn vị thực hiện: …"."""
    found = (named_at(passage, match.end(), 0.95, ReadingReason.SUBJECT) for match in _DOER.finditer(passage.text))
    return distinct(one for named in found for one in named)


_GIVES = re.compile(r"[,;] (?:và )?giao (?:cho |nhiệm vụ cho )?(?=\S)")


def later_subject(passage: Passage) -> list[TextFinding]:
    """Return the subject of a later clause of the first line: "…, giao Sở … xem xét"."""
    text = passage.text
    for given in _GIVES.finditer(text):
        if named := named_at(passage, given.end(), 0.8, ReadingReason.SUBJECT):
            return named
    for sentence in sentences(text):
        part = subject(text, sentence.start, sentence.end)
        if part is not None and sentence.start > 0 and begins_predicate(text[part.end :].lstrip(" ,")):
            return of_part(passage, part, 0.7, ReadingReason.SUBJECT)
    return []


def _raising(passage: Passage) -> list[TextFinding]:
    """Return those who raise difficulties: "nếu có vướng mắc, các đơn vị phản ánh về …"."""
    text = passage.text
    for match in _DIFFICULTY.finditer(text):
        for begin in re.finditer(r",? (?=\w)", text[match.end() : match.end() + 80]):
            start = match.end() + begin.end()
            if begins_actor(text, start) and _RAISES.match(text, name_end(text, start)):
                return findings(passage, start, name_end(text, start), 0.85, ReadingReason.SUBJECT)
    return []


def _bracketed(passage: Passage) -> list[TextFinding]:
    """Return those named in a bracket: "(Giao Sở … chủ trì)"."""
    text = passage.text
    for match in _BRACKET.finditer(text):
        if named := named_at(passage, match.end(), 0.88, ReadingReason.BRACKET):
            return named
    for match in _BRACKET_DOER.finditer(text):
        if begins_actor(text, match.end()) and _DOES.match(text, end := name_end(text, match.end())):
            return findings(passage, match.end(), end, 0.85, ReadingReason.BRACKET)
    last = _BRACKET_ALONE.search(text)
    if (
        last
        and begins_actor(text, last.start(1))
        and name_end(text, last.start(1)) == last.end(1)
        and not _explains_a_name(text, last.start())
    ):
        return findings(passage, last.start(1), last.end(1), 0.8, ReadingReason.BRACKET)
    return []


def _explains_a_name(text: str, at: int) -> bool:
    """Return whether a bracket goes on with a name before it: "báo cáo Bộ Công Thương (Cục Hóa chất)"."""
    begins = (one.end() for one in re.finditer(r"(?:^|\s)(?=\S)", text[max(0, at - 120) : at]))
    back = max(0, at - 120)
    return any(begins_actor(text, back + begin) and name_end(text, back + begin) > at for begin in begins)


def charged_below(passage: Passage) -> list[TextFinding]:
    """Return those whom "A chỉ đạo B … thực hiện các việc sau:" leaves the list below to: B."""
    first = passage.text.split("\n", 1)[0]
    if not first.rstrip().endswith(":"):
        return []
    found: list[TextFinding] = []
    for match in re.finditer(r"\bchỉ đạo (?=\S)", first):
        end = name_end(first, match.end()) if begins_actor(first, match.end()) else 0
        told = begins_predicate(first[end:].lstrip()) and not first.startswith(",", end)
        if end and (told or first[end:].strip() == ":"):
            found = findings(passage, match.end(), end, 0.85, ReadingReason.STEM)
    return found


_TOLD = re.compile(r"(?:trong đó|trong đó có|đã|về việc|được|có|tại) $")
"""What another document orders is only told."""


def read_stem(passage: Passage) -> list[TextFinding]:
    """Return those whom the sentence before a list orders: "Bộ trưởng … yêu cầu các đơn vị … thực hiện như sau:"."""
    text = passage.text
    for sentence in reversed(list(full_sentences(text))):
        orders = [
            one
            for one in ORDER_IN.finditer(text, sentence.start, sentence.end)
            if begins_actor(text, one.end()) and not _TOLD.search(text[max(0, one.start() - 12) : one.start()])
        ]
        if orders:
            start = orders[-1].end()
            return findings(passage, start, min(name_end(text, start), sentence.end), 0.88, ReadingReason.STEM)
        named = main_subject(text, sentence.start, sentence.end)
        if named is not None and re.match(
            r"\s*,?\s*(?:\([^)]*\)\s*)?(?:cần|phải|(?:có|chịu) trách nhiệm|tập trung|thực hiện|triển khai|khẩn trương|"
            r"nghiêm túc|chỉ đạo|tổ chức|tăng cường|chủ động|tiếp tục)",
            text[named.end :],
        ):
            return of_part(passage, named, 0.85, ReadingReason.STEM)
    return []


_HEADED = re.compile(
    r"(?:đối với|(?:phân công )?(?:trách nhiệm|nhiệm vụ)(?: (?:thực hiện|tổ chức|triển khai|cụ thể|chung|"
    r"thi hành)){0,3} của|giao|về phía|phân công nhiệm vụ cho|các nhiệm vụ của|nhiệm vụ đối với|trách nhiệm)\s+",
    re.IGNORECASE,
)
_SAID_WHICH = re.compile(r" (?:tham gia|được giao|quản lý|sử dụng|thụ hưởng|có liên quan)\b[^,;.:]*$", re.IGNORECASE)
_IN_CLAUSE = re.compile(
    r"\b(?:(?:có|chịu) trách nhiệm|có nhiệm vụ|chủ trì|cần|phải|yêu cầu|đề nghị|chỉ đạo|thực hiện|triển khai|"
    r"tiếp tục|tăng cường|tập trung|phối hợp với|như sau|sau đây|các nội dung|các nhiệm vụ|khẩn trương|đẩy mạnh)\b"
)
"""What makes a clause of a line, so that it is more than a name."""
_WORK = re.compile(r"tổ chức (?!chính|xã|đoàn|tín)", re.IGNORECASE)


def heading_actor(passage: Passage) -> list[TextFinding]:
    """Return the actors that a heading's line consists of: "2. Văn phòng Sở", "ĐỐI VỚI CÁC …", "Trách nhiệm của …:"."""
    text = passage.text
    line = text.split("\n", 1)[0]
    end = len(line.rstrip(" .:;-–"))
    if role := ROLE.search(text, 0, end):
        end = len(text[: role.start()].rstrip(" "))
    if (but := EXCEPT.search(text, 1, end)) and not acts_behind(text, but.end(), end):
        end = but.start()
    prefixed = _HEADED.match(text, 0, end)
    start = prefixed.end() if prefixed else 0
    lowered = text[start:end].lower() if is_capitals(text[start:end]) else ""
    if lowered:
        if not (prefixed or begins_actor(lowered)) or _WORK.match(lowered):
            return []
        return findings(passage, start, end, 0.85, ReadingReason.INHERITED if prefixed else ReadingReason.SUBJECT)
    if not begins_actor(text, start) or _WORK.match(text, start):
        return []
    last = name_end(text, start)
    whole = end <= last <= end + 1 or (
        not line.endswith(".") and end - start < 120 and _SAID_WHICH.match(text, last, end)
    )
    if not whole and text.startswith(":", end) and not text[end + 1 :].split("\n", 1)[0].strip():
        whole = end - start < 300 and not _IN_CLAUSE.search(text, start, end)
    return findings(passage, start, end, 0.88, ReadingReason.SUBJECT) if whole else []
