"""Deadlines counted from an event: "trong vòng 15 ngày kể từ ngày …", "trước khi …", "báo cáo ngay"."""

import re

from workflows.intake.text.passage import Passage
from workflows.intake.text.reading import Deadline, Reason

_COUNT = r"(?:\d{1,3}|một|hai|ba|bốn|năm|bảy|mười|mười lăm)(?:\s*\(\s*[\w ]{1,20}\s*\))?"
_UNIT = r"(?:ngày(?: làm việc)?|tuần|tháng|giờ|tiếng)"
_FROM = r"(?:,?\s*(?:kể từ|tính từ|từ khi|từ ngày|sau khi|sau ngày|trước khi|trước ngày|kể từ khi)\s+[^,.;\n]{2,90})?"
_LIMIT = r"(?:trong|sau|chậm nhất|muộn nhất|không quá|tối đa|thời hạn)"
_FILL = r"(?: (?:vòng|thời hạn|thời gian|là|trong|sau|trước|chậm nhất|không quá))"
_ABOUT_TO = (
    r"(?:triển khai|thực hiện|tổ chức|ban hành|khởi công|trình|họp|tiến hành|khai mạc|đưa vào|phê duyệt|"
    r"bàn giao|nghiệm thu)"
)
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"\b{_LIMIT}{_FILL}{{0,4}}\s+{_COUNT}\s+{_UNIT}\b{_FROM}",
        rf"\btrước(?: ít nhất)?\s+{_COUNT}\s+{_UNIT}\b",
        rf"\btrước (?:ngày|khi) [^\W\d_][^,.;\d\n]{{1,40}} {_COUNT}\s+{_UNIT}\b",
        rf"\btrước khi {_ABOUT_TO}\b[^,.;\n]{{0,60}}",
        r"\b(?:chậm nhất|muộn nhất)\s+(?:là\s+)?(?:khi|sau khi|trước khi)\s+[^,.;\n]{3,80}",
        r"\btrước thời hạn (?:theo|do|được|quy định)\b[^,.;\n]{3,80}",
        r"\bbáo cáo (?:ngay|tức thời)\b[^,.;\n]{0,60}",
    )
)
_EFFECT = re.compile(r"\b(?:có hiệu lực|thi hành)\b[^.;\n]*$", re.IGNORECASE)
_LENGTH = re.compile(
    r"(?:tối đa|không quá|trong|sau) \d+ (?:tháng|ngày|tuần|giờ)\s*(?:/|một lần|mỗi|qua\b|đầu\b)", re.IGNORECASE
)


def read_relative(passage: Passage) -> list[Deadline]:
    """Return the relative deadlines of a passage; their rule is their own words."""
    found: list[Deadline] = []
    taken = bytearray(len(passage.text))
    for form in _FORMS:
        for match in form.finditer(passage.text):
            start, end = match.start(), match.start() + len(match.group().rstrip())
            if (
                any(taken[start:end])
                or _LENGTH.match(passage.text, start)
                or _EFFECT.search(passage.text, max(0, start - 80), start)
            ):
                continue
            taken[start:end] = b"\1" * (end - start)
            value = passage.text[start:end]
            found.append(Deadline(value, passage.span(start, end), 0.8, Reason.COUNTED, "relative", rule=value))
    return found
