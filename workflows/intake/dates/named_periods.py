"""Periods of the work, whose last day is the limit: ranges ("từ ngày 20/5 đến hết ngày 20/8/2007"), parts of a month
("trong tuần 02 tháng 8", "giữa tháng 6"), and periods seen from the document's day ("trong quý này").
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from workflows.intake.dates.written_dates import DATE, HOUR, OF_DAY, PERIOD, last_day, last_of_month, make_day
from workflows.intake.text.beginnings import TextPart
from workflows.intake.text.reading import Deadline, Passage, ReadingReason

RANGE = re.compile(
    rf"\btừ\s*(?:nay|(?:đầu |giữa |cuối |hết |sáng |chiều |tối )?{HOUR}(?:{DATE}|{PERIOD}|"
    rf"(?:ngày |tháng |quý )?(?:\d{{1,2}}|IV|III|II|I)))"
    rf"\s*(?:cho )?(?:đến|tới|-|–)\s*(?:hết |cuối )?{HOUR}(?P<when>{DATE}|{PERIOD})",
    re.IGNORECASE,
)
_LISTED = re.compile(
    r"\btừ (?P<when>(?:tháng|quý)\s*(?:\d{1,2}|IV|III|II|I)\s*[-–]\s*(?:(?:tháng|quý)\s*)?(?:\d{1,2}|IV|III|II|I)\s*"
    r"(?:/|năm)\s*\d{4})",
    re.IGNORECASE,
)
_TERM_OF = re.compile(
    r"\b(?:kết quả|tình hình|số liệu|thành tích|diễn biến|phát sinh|xảy ra|đã|tăng trưởng|hiệu lực|áp dụng|hưởng|"
    r"giai đoạn|thời kỳ|niên độ|tính|dự báo|nhận định|khả năng|nguy cơ|báo cáo|thống kê|sinh|năm học|nhiệm kỳ|được cấp|"
    r"kỳ)\b"
    r"[^,;.]{0,60}$|\b(?:cấm|tạm dừng|đình chỉ|không được)\b[^;.]{0,100}$",
    re.IGNORECASE,
)
"""A noun or verb whose term a range only describes ("số liệu từ ngày … đến ngày …"), and what is forbidden."""
_CLOSES = re.compile(r"\s*(?:$|[.,;:()\n]|(?:để|nhằm|và|tại|trên|ở|theo|trong|phải|do|cho|trở)\b)")
_MONTH = r"(?P<month>tháng \d{1,2}(?:\s*(?:/|năm)\s*\d{4})?)(?!\d|\s*[,–-]\s*\d)"
_PREFIX = r"\b(?P<how>(?:ngay )?trong|vào|trước|xong|đến|hết|hoàn thành|tổ chức|từ nay đến) "
_WEEK = re.compile(
    rf"{_PREFIX}tuần (?:lễ )?(?:thứ )?(?P<week>0?[1-5]|nhất|đầu(?: tiên)?|hai|ba|tư|bốn|"
    rf"cuối(?: cùng)?)(?: của)? {_MONTH}",
    re.IGNORECASE,
)
_PARTS = re.compile(
    rf"{_PREFIX}(?:khoảng )?(?P<part>đầu|giữa|thượng tuần|trung tuần|hạ tuần|nửa đầu|nửa cuối) {_MONTH}", re.IGNORECASE
)
_THIS = re.compile(
    r"\b(?P<how>(?:ngay )?trong|vào|trước|chậm nhất(?: là| trong| vào)?|xong|hết|đến hết|"
    r"cuối) (?:cuối )?"
    rf"(?:{OF_DAY}(?P<day>\d{{1,2}}) )?(?:của )?"
    r"(?P<unit>tháng|quý|năm) (?P<which>này|nay|tới|sau|kế tiếp|tiếp theo)\b(?! h[àằ]ng)",
    re.IGNORECASE,
)
_WEEKS = {"nhất": 1, "đầu": 1, "đầu tiên": 1, "hai": 2, "ba": 3, "tư": 4, "bốn": 4}
_DAYS = {"đầu": 10, "thượng tuần": 10, "giữa": 15, "nửa đầu": 15, "trung tuần": 20}
_COVERED = re.compile(
    r"\b(?:kết quả|tình hình|số liệu|nhiệm vụ|công tác|chỉ tiêu|phương hướng|hoạt động)\b[^,;.]{0,80}$", re.I
)
_AGAIN = re.compile(r"\b(?:h[àằ]ng|mỗi|định kỳ)\b", re.IGNORECASE)


def named_periods(passage: Passage, part: TextPart, issued_on: date | None) -> Iterator[Deadline]:
    yield from _ranges(passage, part, issued_on)
    yield from _parts_of_month(passage, part, issued_on)
    yield from _periods_from_issue(passage, part, issued_on)


def _ranges(passage: Passage, part: TextPart, issued_on: date | None) -> Iterator[Deadline]:
    """Yield the last days of the ranges in a sentence; one that ended before the document only says of which period."""
    text = passage.text
    for pattern in (_LISTED, RANGE):
        for match in pattern.finditer(text, part.start, part.end):
            if not _CLOSES.match(text, match.end()) or _TERM_OF.search(
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
            yield Deadline(match.group(), span, sure, ReadingReason.NAMED_PERIOD, "fixed", day, "within")


def _parts_of_month(passage: Passage, part: TextPart, issued_on: date | None) -> Iterator[Deadline]:
    """Yield the last days of weeks and thirds of a month. The second week ends on the 14th."""
    for pattern in (_WEEK, _PARTS):
        for match in pattern.finditer(passage.text, part.start, part.end):
            last, guessed = last_day(match.group("month"), issued_on)
            if last is None:
                continue
            if pattern is _WEEK:
                week = match.group("week").casefold()
                number = int(week) if week.isdigit() else _WEEKS.get(week)
                day = min(last, last.replace(day=1) + timedelta(days=7 * number - 1)) if number else last
                sure = 0.8
            else:
                day = last.replace(day=_DAYS.get(match.group("part").casefold(), last.day))
                sure = 0.5
            op = "before" if match.group("how").casefold() == "trước" else "within"
            if op == "before":
                sure = 0.5
            span = passage.span(match.start(), match.end())
            yield Deadline(
                match.group(), span, min(sure, 0.7) if guessed else sure, ReadingReason.NAMED_PERIOD, "fixed", day, op
            )


def _periods_from_issue(passage: Passage, part: TextPart, issued_on: date | None) -> Iterator[Deadline]:
    """Yield the last days of periods counted from the document's day: "trong tháng này", "trước ngày 15 tháng sau"."""
    if issued_on is None:
        return
    text = passage.text
    for match in _THIS.finditer(text, part.start, part.end):
        before = text[max(part.start, match.start() - 120) : match.start()]
        limits = match.group("how").casefold().startswith(("trước", "chậm nhất", "xong"))
        if (_COVERED.search(before) and not limits) or _AGAIN.search(before):
            continue
        later = match.group("which").casefold() not in ("này", "nay")
        last = _last_of(match.group("unit").casefold(), issued_on, later=later)
        day = last
        if match.group("day") and last is not None:
            day = (
                make_day(int(match.group("day")), last.month, last.year)
                if match.group("unit").casefold() == "tháng"
                else None
            )
        if day is None:
            continue
        op = "before" if match.group("how").casefold() == "trước" else "within"
        span = passage.span(match.start(), match.end())
        yield Deadline(match.group(), span, 0.6, ReadingReason.NAMED_PERIOD, "fixed", day, op)


def _last_of(unit: str, issued_on: date, *, later: bool) -> date | None:
    """Return the last day of the month, quarter or year that holds a day, or of the one behind it."""
    if unit == "năm":
        return make_day(31, 12, issued_on.year + later)
    size = 3 if unit == "quý" else 1
    month = (issued_on.month - 1) // size * size + size + size * later
    return last_of_month(issued_on.year + (month - 1) // 12, (month - 1) % 12 + 1)
