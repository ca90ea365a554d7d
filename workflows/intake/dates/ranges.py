"""Ranges of the work: "từ ngày 20/5 đến hết ngày 20/8/2007", "từ Quý II - IV/2014"; the last day is its limit."""

import re
from collections.abc import Iterator
from datetime import date

from workflows.intake.dates.written_periods import DATE, HOUR, PERIOD, last_day
from workflows.intake.text.beginnings import Part
from workflows.intake.text.passage import Passage
from workflows.intake.text.reading import Deadline, Reason

RANGE = re.compile(
    rf"\btừ\s*(?:nay|(?:đầu |giữa |cuối |hết )?{HOUR}(?:{DATE}|{PERIOD}|(?:ngày |tháng |quý )?(?:\d{{1,2}}|"
    rf"IV|III|II|I)))"
    rf"\s*(?:cho )?(?:đến|tới|-|–)\s*(?:hết |cuối )?{HOUR}(?P<when>{DATE}|{PERIOD})",
    re.IGNORECASE,
)
_LISTED = re.compile(
    r"\btừ (?P<when>(?:tháng|quý)\s*(?:\d{1,2}|IV|III|II|I)\s*[-–]\s*(?:(?:tháng|quý)\s*)?(?:\d{1,2}|IV|III|II|I)\s*"
    r"(?:/|năm)\s*\d{4})",
    re.IGNORECASE,
)
_COVERED = re.compile(
    r"\b(?:kết quả|tình hình|số liệu|thành tích|diễn biến|phát sinh|xảy ra|đã|tăng trưởng|hiệu lực|áp "
    r"dụng|hưởng|giai đoạn|"
    r"thời kỳ|niên độ|tính|dự báo|nhận định|khả năng|nguy cơ|báo cáo|thống kê|sinh|năm học|nhiệm kỳ|được cấp|kỳ)\b"
    r"[^,;.]{0,60}$|\b(?:cấm|tạm dừng|đình chỉ|không được)\b[^;.]{0,100}$",
    re.IGNORECASE,
)
"""A noun or verb whose period a range only describes ("số liệu từ ngày … đến ngày …"), and what is forbidden."""
_CLOSES = re.compile(r"\s*(?:$|[.,;:)\n]|(?:để|nhằm|và|tại|trên|ở|theo|trong|phải|do|cho|trở)\b)")


def ranges(passage: Passage, part: Part, issued_on: date | None) -> Iterator[Deadline]:
    """Yield the last days of the ranges in a sentence; one that ended before the document only says of which period."""
    text = passage.text
    for pattern in (_LISTED, RANGE):
        for match in pattern.finditer(text, part.start, part.end):
            if not _CLOSES.match(text, match.end()) or _COVERED.search(
                text[max(part.start, match.start() - 120) : match.start()]
            ):
                continue
            if match.group("when").casefold().startswith("năm"):
                continue  # the term of a policy
            day, guessed = last_day(match.group("when"), issued_on)
            if day is None or (issued_on is not None and day < issued_on):
                continue
            span = passage.span(match.start(), match.end())
            sure = 0.7 if guessed else 0.85
            yield Deadline(match.group(), span, sure, Reason.NAMED_PERIOD, "fixed", day, "within")
