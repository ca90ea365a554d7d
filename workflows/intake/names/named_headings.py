"""Headings that consist of the names of actors: whoever stands there acts in what stands below."""

import re

from workflows.intake.names.actors import ROLE, name_end
from workflows.intake.names.partners import findings
from workflows.intake.names.subjects import EXCEPT, acts_behind
from workflows.intake.text.beginnings import begins_actor
from workflows.intake.text.passage import Passage
from workflows.intake.text.reading import Finding, Reason
from workflows.intake.text.shape import is_capitals

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


def heading_actor(passage: Passage, start: int, end: int) -> list[Finding]:
    """Return the actors that a heading consists of: "2. Văn phòng Sở", "ĐỐI VỚI CÁC …", "Trách nhiệm của …:"."""
    text = passage.text
    stopped = text.startswith(".", end - 1)
    while end > start and text[end - 1] in " .:;-–":
        end -= 1
    if role := ROLE.search(text, start, end):
        end = role.start()
        while end > start and text[end - 1] == " ":
            end -= 1
    if (but := EXCEPT.search(text, start + 1, end)) and not acts_behind(text, but.end(), end):
        end = but.start()
    prefixed = _HEADED.match(text, start, end)
    if prefixed:
        start = prefixed.end()
    lowered = text[start:end].lower() if is_capitals(text[start:end]) else ""
    if lowered:
        if not (prefixed or begins_actor(lowered)) or _WORK.match(lowered):
            return []
        return findings(passage, start, end, 0.85, Reason.INHERITED if prefixed else Reason.SUBJECT)
    if not begins_actor(text, start) or _WORK.match(text, start):
        return []
    last = name_end(text, start)
    whole = end <= last <= end + 1 or (not stopped and end - start < 120 and _SAID_WHICH.match(text, last, end))
    if not whole and text.startswith(":", end) and not text[end + 1 :].split("\n", 1)[0].strip():
        whole = end - start < 300 and not _IN_CLAUSE.search(text, start, end)
    return findings(passage, start, end, 0.88, Reason.SUBJECT) if whole else []
