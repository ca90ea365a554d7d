"""Days as documents write them ("ngày 29 tháng 9 năm 2006", "29/9/2006"), and which of them are doubted."""

import re
from dataclasses import replace
from datetime import date

from workflows.intake.text.reading import Deadline, Reason
from workflows.intake.text.vocabulary import bare

DAY = r"(?:ng[àa]y\s*)?\d{1,2}\s*(?:th[áa]ng\s*\d\s?\d?\s*n[ăaâ]m\s*\d{4}|[/.\-]\s?\d{1,2}\s?[/.\-]\s?\d{4})\b"
"""A whole day, with its year."""

_SPLIT = re.compile(r"(?<!\d)(\d) (\d)(?!\d)")
"""A figure that a scanner tore apart: "0 6"."""
_FIGURES = re.compile(r"\d+")
_DAYS = ("2", "hai", "3", "ba", "4", "tu", "5", "nam", "6", "sau", "7", "bay")
_WEEKDAY = re.compile(rf"(?<!tuan )\bthu ({'|'.join(_DAYS)})\b")


def read_day(words: str) -> date | None:
    """Return the day that words in the form of DAY name; None for one that no calendar has."""
    figures = [int(one) for one in _FIGURES.findall(_SPLIT.sub(r"\1\2", words))][-3:]
    return make_day(*figures) if len(figures) == 3 else None


def make_day(day: int, month: int, year: int) -> date | None:
    """Return a day of the calendar, or None."""
    try:
        return date(year, month, day) if 1900 <= year <= 2199 else None
    except ValueError:
        return None


def last_of_month(year: int, month: int) -> date | None:
    """Return the last day of a month, or None for a month that is none."""
    if not 1 <= month <= 12:
        return None
    return next((day for last in (31, 30, 29, 28) if (day := make_day(last, month, year))), None)


def doubted(deadline: Deadline, issued_on: date | None) -> Deadline:
    """Return a day before the document's own date, or with another day's weekday: flagged and not corrected."""
    if deadline.day is None:
        return deadline
    if issued_on is not None and deadline.day < issued_on:
        return replace(deadline, confidence=0.4, doubt=Reason.BEFORE_ISSUE)
    weekday = _WEEKDAY.search(bare(deadline.value).casefold())
    if weekday and _DAYS.index(weekday.group(1)) // 2 != deadline.day.weekday():
        return replace(deadline, confidence=0.4, doubt=Reason.OTHER_WEEKDAY)
    return deadline
