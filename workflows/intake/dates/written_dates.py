"""Days as documents write them: "ngày 29 tháng 9 năm 2006", "29/9/2006", "29.9.2006"."""

import re
from datetime import date

DAY = r"(?:ng[àa]y\s*)?\d{1,2}\s*(?:th[áa]ng\s*\d\s?\d?\s*n[ăaâ]m\s*\d{4}|[/.\-]\s?\d{1,2}\s?[/.\-]\s?\d{4})\b"
"""A whole day, with its year."""

_SPLIT = re.compile(r"(?<!\d)(\d) (\d)(?!\d)")
"""A figure that a scanner tore apart: "0 6"."""
_FIGURES = re.compile(r"\d+")


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
