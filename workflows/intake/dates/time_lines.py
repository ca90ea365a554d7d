"""Lines and cells that only say when: "- Thời gian thực hiện: Tháng 12/2013", "Thường xuyên"."""

import re
from datetime import date

from workflows.intake.dates.named_periods import RANGE
from workflows.intake.dates.recurring import period_rule
from workflows.intake.dates.written_dates import DATE, LATEST, PERIOD, doubted, last_day, make_day
from workflows.intake.text.reading import Deadline, Passage, ReadingReason
from workflows.intake.text.sentences import between

_LINE = re.compile(
    r"(?:^|\n|\(|; |\. )[\W_]{0,4}(?P<label>(?:thời gian|thời hạn|tiến độ|hạn)(?: (?:thực hiện|hoàn thành|dự kiến|"
    r"triển khai|"
    r"tổ chức|đào tạo|báo cáo|"
    r"kết thúc|hoàn tất|xong|cụ thể|gửi|và tiến độ))*)\s*: ?(?P<when>[^\n|;)]*?)(?=\.\s+[A-ZÀ-ỸĐ]|[\n|;)]|$)",
    re.IGNORECASE,
)
_ROW = re.compile(r"\n\|?\s*(?P<when>ngày [^|\n]{4,40})\|", re.IGNORECASE)
_DAYS = re.compile(
    rf"(?P<more>(?:\d{{1,2}}(?:/\d{{1,2}})?\s*(?:,|và|-)\s*(?:cả\s*)?(?:ngày\s*)?){{0,12}}){DATE}", re.IGNORECASE
)
_YEARS = re.compile(r"(?:(?:trong |năm |giai đoạn )*\d{4}\s*[-–]\s*)?(?:trong |năm |giai đoạn )*(\d{4})", re.IGNORECASE)
_PERIODS = re.compile(PERIOD, re.IGNORECASE)
_ALWAYS = re.compile(r"\W*(?:nhiệm vụ )?(?:thường xuyên|liên tục)\b", re.IGNORECASE)
_NOT_LATER = re.compile(rf"\btrước (?:{DATE}|{PERIOD})", re.IGNORECASE)
_AGAIN = re.compile(r"(?:h[àằ]ng|mỗi) (?:tuần|tháng|quý|năm)|định k[ỳì]|\d+ tháng\b(?!/)", re.IGNORECASE)
_LASTS = re.compile(
    r"(?:\d+/\d+ ngày|\d+(?:/\d+)? (?:ngày|giờ|buổi))(?!.*(?:\b(?:kể từ|tính từ|sau)\b|\d/\d{1,4}|\btháng \d))",
    re.IGNORECASE,
)
"""How long something lasts."""
_OPEN = re.compile(r"\btừ (?:tháng|năm|quý|ngày) .*(?:trở đi|tiếp theo)|^\W*từ\b(?!.*đến)", re.IGNORECASE)


def read_time_lines(passage: Passage, issued_on: date | None) -> list[Deadline]:
    """Also reads the days in a table below such a line."""
    found: list[Deadline] = []
    for match in _LINE.finditer(passage.text):
        start, end = match.span("when")
        if passage.text[start:end].strip(" .|"):
            found += read_time(passage.cut(start, end), issued_on, limit=_is_limit(match.group("label")))
        else:
            rows = [row for row in _ROW.finditer(passage.text, end)]
            for row in rows[:1] + rows[1:][-1:]:
                found += read_time(passage.cut(*row.span("when")), issued_on)
    return found


def _is_limit(label: str) -> bool:
    """Return whether a label asks until when, not when: "Thời hạn", "Thời gian hoàn thành"."""
    return bool(re.search(r"\bhạn\b|hoàn thành|hoàn tất|kết thúc", label, re.IGNORECASE))


def read_time(cell: Passage, issued_on: date | None, *, limit: bool = False, before: bool = False) -> list[Deadline]:
    """Return what a line or cell for the time says. With `limit` a bare day is the last one, else the day of an
    event; with `before` it says until when, not including the day.
    """
    return [doubted(one, issued_on) for one in _read_time(cell, issued_on, limit=limit, before=before)]


def _read_time(cell: Passage, issued_on: date | None, *, limit: bool, before: bool) -> list[Deadline]:
    text = cell.text.rstrip(" .;,")
    if not text or _LASTS.match(text):
        return []
    span = cell.span(0, len(text))
    if before or _NOT_LATER.search(text):
        op = "before"
    elif re.match(rf"(?:hoàn thành |xong )?(?:trước|{LATEST})", text, re.IGNORECASE):
        op = "before" if "trước" in text.lower() else "within"
    else:
        op = "within" if limit or RANGE.match(text) else "on"
    if _AGAIN.search(text) and not re.search(r"\d{4}", text):
        return [Deadline(text, span, 0.85, ReadingReason.TIME_LINE, "recurring", rule=period_rule(text))]
    if year := _YEARS.fullmatch(text):
        day = make_day(31, 12, int(year.group(1)))
        return [Deadline(text, span, 0.8, ReadingReason.TIME_LINE, "fixed", day, "within")] if day else []
    if days := list(_DAYS.finditer(text)):
        day, guessed = last_day(text[days[-1].end("more") : days[-1].end()], issued_on)
        if day is not None:
            reason = ReadingReason.NO_YEAR if guessed else ReadingReason.TIME_LINE
            return [Deadline(text, span, 0.7 if guessed else 0.9, reason, "fixed", day, op)]
    if _PERIODS.search(text) and not _OPEN.search(text):
        day, guessed = last_day(text, issued_on, first=op == "before")
        if day is not None:
            sense = "before" if op == "before" else "within"
            return [Deadline(text, span, 0.7 if guessed else 0.9, ReadingReason.TIME_LINE, "fixed", day, sense)]
    if _AGAIN.search(text):
        return [Deadline(text, span, 0.85, ReadingReason.TIME_LINE, "recurring", rule=period_rule(text))]
    if _ALWAYS.match(text) or _OPEN.search(text):
        return [Deadline(text, span, 0.9, ReadingReason.TIME_LINE, "none", rule="continuous")]
    if re.match(r"\d+ (?:tháng|tuần)$", text) or re.search(r"\bgiờ\b|\b\d{1,2} ?h", text) or len(text) > 120:
        return []
    return [Deadline(text, span, 0.6, ReadingReason.TIME_LINE, "relative", rule=text)]


def read_times(cell: Passage, issued_on: date | None, *, before: bool = False) -> list[Deadline]:
    """Return the times of a cell for until when; with `before` ("Trình trước") a period ends on its first day."""
    return [
        one
        for part in between(cell.text, _TIMES.finditer(cell.text))
        for one in read_time(cell.cut(part.start, part.end), issued_on, limit=True, before=before)
    ]


_TIMES = re.compile(
    r"(?:;|\n|\bvà\b(?= h[àằ]ng)|(?<=\d{4}),?)\s*(?=(?:tháng|quý|trước|năm|h[àằ]ng|ngày)\b)", re.IGNORECASE
)

"""Between the several times of a cell: "Tháng 5/2026; Tháng 11/2026", "2026 và hằng năm"."""
