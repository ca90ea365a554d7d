"""Lines and cells that only say when: "- Thời gian thực hiện: Tháng 12/2013", "Thường xuyên"."""

import re
from dataclasses import replace
from datetime import date

from workflows.intake.text.reading import Deadline, Passage, ReadingReason
from workflows.intake.text.sentences import between
from workflows.intake.times.days import make_day
from workflows.intake.times.named import NamedKind, NamedTime, named_times
from workflows.intake.times.recurring import read_period_words
from workflows.intake.times.words import Word, time_words

_LINE = re.compile(
    r"(?:^|\n|\(|; |\. )[\W_]{0,4}(?P<label>(?:thời gian|thời hạn|tiến độ|hạn)(?: (?:thực hiện|hoàn thành|dự kiến|"
    r"triển khai|tổ chức|đào tạo|báo cáo|kết thúc|hoàn tất|xong|cụ thể|gửi|và tiến độ))*)"
    r"\s*: ?(?P<when>[^\n|;)]*?)(?=\.\s+[A-ZÀ-ỸĐ]|[\n|;)]|$)",
    re.IGNORECASE,
)
_ROW = re.compile(r"\n\|?\s*(?P<when>ngày [^|\n]{4,40})\|", re.IGNORECASE)
_YEARS = re.compile(r"(?:(?:trong |năm |giai đoạn )*\d{4}\s*[-–]\s*)?(?:trong |năm |giai đoạn )*(\d{4})", re.IGNORECASE)
_ALWAYS = re.compile(r"\W*(?:nhiệm vụ )?(?:thường xuyên|liên tục)\b", re.IGNORECASE)
_AGAIN = re.compile(r"(?:h[àằ]ng|mỗi) (?:tuần|tháng|quý|năm)|định k[ỳì]|\d+ tháng\b(?!/)", re.IGNORECASE)
_LASTS = re.compile(
    r"(?:\d+/\d+ ngày|\d+(?:/\d+)? (?:ngày|giờ|buổi))(?!.*(?:\b(?:kể từ|tính từ|sau)\b|\d/\d{1,4}|\btháng \d))",
    re.IGNORECASE,
)
"""How long something lasts."""
_OPEN = re.compile(r"\btừ (?:tháng|năm|quý|ngày) .*(?:trở đi|tiếp theo)|^\W*từ\b(?!.*(?:đến|-|–))", re.IGNORECASE)
_BETWEEN_TIMES = re.compile(
    r"(?:;|\n|\bvà\b(?= h[àằ]ng)|(?<=\d{4}),?)\s*(?=(?:tháng|quý|trước|năm|h[àằ]ng|ngày)\b)", re.IGNORECASE
)
"""Between the several times of a cell: "Tháng 5/2026; Tháng 11/2026", "2026 và hằng năm"."""


def read_time_lines(passage: Passage, issued_on: date | None) -> list[Deadline]:
    """Return what such lines say; where the line is empty, the first and last day of the table below it."""
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


def read_times(cell: Passage, issued_on: date | None, *, before: bool = False) -> list[Deadline]:
    """Return the times of a cell for until when; with `before` ("Trình trước") a period ends on its first day."""
    return [
        one
        for part in between(cell.text, _BETWEEN_TIMES.finditer(cell.text))
        for one in read_time(cell.cut(part.start, part.end), issued_on, limit=True, before=before)
    ]


def read_time(cell: Passage, issued_on: date | None, *, limit: bool = False, before: bool = False) -> list[Deadline]:
    """Return what a line or cell for the time says, one deadline or none.

    With `limit` a bare day is the last one, else the day of an event; with `before` the day itself is not included.
    """
    text = cell.text.rstrip(" .;,")
    if not text or _LASTS.match(text):
        return []
    span = cell.span(0, len(text))
    named = list(named_times(text, 0, len(text), issued_on))
    op = _op(text, named, limit=limit, before=before)
    says_year = re.search(r"\d{4}", text) is not None
    if _AGAIN.search(text) and not says_year:
        return [Deadline(text, span, 0.85, ReadingReason.TIME_LINE, "recurring", rule=read_period_words(text))]
    if year := _YEARS.fullmatch(text):
        day = make_day(31, 12, int(year.group(1)))
        return [Deadline(text, span, 0.8, ReadingReason.TIME_LINE, "fixed", day, "within")] if day else []
    if fixed := _fixed(text, named, op):
        day, is_guessed, sense = fixed
        reason = ReadingReason.NO_YEAR if is_guessed and sense != "within" else ReadingReason.TIME_LINE
        deadline = Deadline(text, span, 0.7 if is_guessed else 0.9, reason, "fixed", day, sense)
        return [doubted(deadline, issued_on)]
    if _AGAIN.search(text):
        return [Deadline(text, span, 0.85, ReadingReason.TIME_LINE, "recurring", rule=read_period_words(text))]
    if _ALWAYS.match(text) or _OPEN.search(text):
        return [Deadline(text, span, 0.9, ReadingReason.TIME_LINE, "none", rule="continuous")]
    if re.match(r"\d+ (?:tháng|tuần)$", text) or re.search(r"\bgiờ\b|\b\d{1,2} ?h", text) or len(text) > 120:
        return []
    return [Deadline(text, span, 0.6, ReadingReason.TIME_LINE, "relative", rule=text)]


def _op(text: str, named: list[NamedTime], *, limit: bool, before: bool) -> str:
    first = time_words(text)[0].kind
    leads = {kind for one in named for kind in one.lead}
    if before or Word.BEFORE in leads:
        return "before"
    if first in (Word.LATEST, Word.LIMIT, Word.DONE) and leads & {Word.LATEST, Word.LIMIT}:
        return "within"
    is_range = bool(named) and named[0].kind is NamedKind.RANGE and named[0].start == 0
    return "within" if limit or is_range else "on"


def _fixed(text: str, named: list[NamedTime], op: str) -> tuple[date, bool, str] | None:
    """Return the day that a line names, whether its year is guessed, and the sense; the last one of several."""
    days = [one for one in named if one.kind in (NamedKind.DAYS, NamedKind.TODAY) and one.dates.last is not None]
    if days and days[-1].dates.last is not None:
        return days[-1].dates.last, days[-1].dates.is_guessed, op
    periods = [one for one in named if one.dates.last is not None]
    if not periods or _OPEN.search(text):
        return None
    best = max(periods, key=lambda one: one.dates.last or date.min)
    day = best.dates.first if op == "before" and best.kind is NamedKind.PERIOD else best.dates.last
    if day is None:
        return None
    is_day = best.kind is NamedKind.RANGE and best.dates.first == best.dates.last
    return day, best.dates.is_guessed, op if op == "before" or is_day else "within"


def doubted(deadline: Deadline, issued_on: date | None) -> Deadline:
    """Flag a day before the document's own, or with another day's weekday. It is not corrected."""
    if deadline.day is None:
        return deadline
    if issued_on is not None and deadline.day < issued_on:
        return replace(deadline, confidence=0.4, doubt=ReadingReason.BEFORE_ISSUE)
    weekdays = [word.value for word in time_words(deadline.value) if word.kind is Word.WEEKDAY]
    if weekdays and weekdays[-1] != deadline.day.weekday():
        return replace(deadline, confidence=0.4, doubt=ReadingReason.OTHER_WEEKDAY)
    return deadline
