"""Days of the calendar: from figures, from months, and the year that a document leaves out."""

import re
from datetime import date, timedelta

DAY = r"(?:ng[àa]y\s*)?\d{1,2}\s*(?:th[áa]ng\s*\d\s?\d?\s*n[ăaâ]m\s*\d{4}|[/.\-]\s?\d{1,2}\s?[/.\-]\s?\d{4})\b"
"""A whole day, with its year, as the head of a document writes it."""

_SPLIT = re.compile(r"(?<!\d)(\d) (\d)(?!\d)")
"""A figure that a scanner tore apart: "0 6"."""
_FIGURES = re.compile(r"\d+")


def read_day(words: str) -> date | None:
    """Return the day of such words, None for one that no calendar has."""
    figures = [int(one) for one in _FIGURES.findall(_SPLIT.sub(r"\1\2", words))][-3:]
    return make_day(*figures) if len(figures) == 3 else None


def make_day(day: int, month: int, year: int) -> date | None:
    """None for a day that no calendar has, or that no directive names."""
    try:
        return date(year, month, day) if 1900 <= year <= 2199 else None
    except ValueError:
        return None


def last_of_month(year: int, month: int) -> date | None:
    """None for a month outside 1 to 12."""
    first = make_day(1, month, year)
    return None if first is None else (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def full_year(figures: int) -> int:
    """Return the year that two figures mean: "30/6/12"."""
    return figures + (1900 if figures > 69 else 2000) if figures < 100 else figures


def coming_day(day: int, month: int, issued_on: date | None) -> date | None:
    """Return a day without a year in the year of the document, or in the next one where it would lie before it."""
    if issued_on is None:
        return None
    near = make_day(day, month, issued_on.year)
    return make_day(day, month, issued_on.year + 1) if near is not None and near < issued_on else near
