"""Days as documents write them ("ngày 29 tháng 9 năm 2006", "29/9/2006"), and which of them are doubted."""

import re
from dataclasses import replace
from datetime import date

from workflows.intake.text.reading import Deadline, ReadingReason
from workflows.intake.text.vocabulary import bare

DAY = r"(?:ng[àa]y\s*)?\d{1,2}\s*(?:th[áa]ng\s*\d\s?\d?\s*n[ăaâ]m\s*\d{4}|[/.\-]\s?\d{1,2}\s?[/.\-]\s?\d{4})\b"
"""A whole day, with its year."""

_SPLIT = re.compile(r"(?<!\d)(\d) (\d)(?!\d)")
"""A figure that a scanner tore apart: "0 6"."""
_FIGURES = re.compile(r"\d+")
_DAYS = ("2", "hai", "3", "ba", "4", "tu", "5", "nam", "6", "sau", "7", "bay")
_WEEKDAY = re.compile(rf"(?<!tuan )\bthu ({'|'.join(_DAYS)})\b")


def read_day(words: str) -> date | None:
    """None for a day that no calendar has."""
    figures = [int(one) for one in _FIGURES.findall(_SPLIT.sub(r"\1\2", words))][-3:]
    return make_day(*figures) if len(figures) == 3 else None


def make_day(day: int, month: int, year: int) -> date | None:
    try:
        return date(year, month, day) if 1900 <= year <= 2199 else None
    except ValueError:
        return None


def last_of_month(year: int, month: int) -> date | None:
    """None for a month outside 1 to 12."""
    if not 1 <= month <= 12:
        return None
    return next((day for last in (31, 30, 29, 28) if (day := make_day(last, month, year))), None)


def doubted(deadline: Deadline, issued_on: date | None) -> Deadline:
    """A day before the document's own, or with another day's weekday, is flagged and not corrected."""
    if deadline.day is None:
        return deadline
    if issued_on is not None and deadline.day < issued_on:
        return replace(deadline, confidence=0.4, doubt=ReadingReason.BEFORE_ISSUE)
    weekday = _WEEKDAY.search(bare(deadline.value).casefold())
    if weekday and _DAYS.index(weekday.group(1)) // 2 != deadline.day.weekday():
        return replace(deadline, confidence=0.4, doubt=ReadingReason.OTHER_WEEKDAY)
    return deadline


DAY_WORDS = ("ngày", "mùng", "mồng")
"""The words before the number of a day."""
OF_DAY = rf"(?:ngày\s*)?(?:{'|'.join(DAY_WORDS)})\s*"
"""Such a word, or two: "ngày mùng 5"."""
DATE = (
    rf"(?:{OF_DAY})?"
    r"\d{1,2}\s*(?:tháng\s*\d{1,2}(?:,?\s*năm\s*\d{4})?"
    r"|/\s?\d{1,2}(?:\s?/\s?\d{4}|,? năm \d{4}|/\d{2}(?!\d))?|[.-]\s?\d{1,2}\s?[.-]\s?\d{4})(?!\d|%)"
)
"""A day, with or without its year."""
PERIOD = (
    r"(?:tháng\s*\d{1,2}(?:\s*(?:,|-|–|và)\s*(?:tháng\s*)?\d{1,2}(?!\d)){0,11}(?:\s*(?:/|năm|-)\s*\d{4})?"
    r"|[69] tháng (?:đầu|cuối) năm(?:\s*\d{4})?|\d{1,2}/\d{4}|qu[ýí]\s*(?:IV|III|II|I|[1-4])\b(?:\s*(?:,|"
    r"và|-|–)\s*(?:qu[ýí]\s*)?(?:IV|III|II|I|[1-4])\b){0,3}"
    r"(?:\s*(?:/|năm|-)?\s*\d{4})?|năm\s*\d{4})(?!\d)"
)
"""A month, a quarter or a year."""
LATEST = (
    r"chậm nhất|muộn nhất|trễ nhất|không muộn hơn|không chậm hơn|không trễ hơn|không được chậm hơn|"
    r"không được muộn hơn|không chậm quá|không quá(?= (?:(?:các )?ngày \d|tháng \d|quý [IV1-4]|năm \d{4}|tuần|giữa|"
    r"cuối|\d{1,2}/\d|\d{1,2}\s?(?:giờ|h)(?:\s?\d{2})?(?: phút)?,? (?:ngày|thứ)))"
)
"""At the latest."""
WEEKDAY = r"thứ (?:hai|ba|tư|năm|sáu|bảy|[2-7])"
"""A weekday but Sunday."""
HOUR = (
    r"(?:(?:lúc )?(?:\d{1,2}\s?(?:giờ|h|g|:)\s?(?:\d{2})?\s?(?:phút)?|giờ (?:làm việc|hành chính))"
    r"(?: (?:sáng|trưa|chiều|tối))?,?\s*|(?:sáng|trưa|chiều|tối),?\s+)?(?:của\s+)?"
    rf"(?:(?:\(?{WEEKDAY}\)?|chủ nhật),?\s*\(?)?"
)
"""The hour and the weekday that may stand before a day: "17 giờ 00 thứ Sáu, ngày …"."""
COUNTS = ("một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười")
"""Numbers in words, from one."""

_QUARTERS = {"I": 1, "II": 2, "III": 3, "IV": 4}
_PARTS = re.compile(PERIOD, re.IGNORECASE)
_YEAR = re.compile(r"\d{4}")


def last_day(words: str, issued_on: date | None, *, first: bool = False) -> tuple[date | None, bool]:
    """Return the day named, or the last day of the last period named, and whether its year was guessed.

    With `first`, the first day of a period: what "trước tháng 9" ends at.
    """
    if re.match(DATE + "$", words.strip(), re.IGNORECASE):
        return _day(words, issued_on)
    periods = [match.group() for match in _PARTS.finditer(words)]
    found = [one for one in (_period(period, issued_on, first=first) for period in periods) if one[0] is not None]
    return max(found, key=lambda one: one[0] or date.min) if found else (None, False)


def _day(words: str, issued_on: date | None) -> tuple[date | None, bool]:
    figures = [int(one) for one in _FIGURES.findall(words)]
    if len(figures) >= 3 and figures[2] < 100:  # "30/6/12"
        return make_day(figures[0], figures[1], figures[2] + (1900 if figures[2] > 69 else 2000)), True
    if len(figures) >= 3:
        return make_day(*figures[:3]), False
    return _with_year(figures[0], figures[1], issued_on), True


def _with_year(day: int, month: int, issued_on: date | None) -> date | None:
    """Return a day of the year of the document, or of the next one where it would lie before it."""
    if issued_on is None:
        return None
    near = make_day(day, month, issued_on.year)
    return make_day(day, month, issued_on.year + 1) if near is not None and near < issued_on else near


def _period(words: str, issued_on: date | None, *, first: bool) -> tuple[date | None, bool]:
    year_found = _YEAR.search(words)
    guessed = year_found is None
    if year_found is None and issued_on is None:
        return None, True
    year = int(year_found.group()) if year_found else (issued_on or date.min).year
    lowered = words.casefold()
    if lowered.startswith("năm"):
        return (make_day(1, 1, year) if first else make_day(31, 12, year)), guessed
    if lowered[0] in "69" and " tháng " in lowered:
        month = 12 if "cuối" in lowered else int(lowered[0])
    elif lowered.startswith("qu"):
        names = re.findall(r"IV|III|II|I|[1-4]", _YEAR.sub("", words[3:]).upper())
        name = names[0 if first else -1]
        quarter = _QUARTERS.get(name) or int(name)
        month = quarter * 3 - 2 if first else quarter * 3
    else:
        months = [int(one) for one in _FIGURES.findall(words) if len(one) < 4]
        month = months[0] if first else months[-1]
    day = make_day(1, month, year) if first else last_of_month(year, month)
    if guessed and issued_on is not None and day is not None and day < issued_on:
        day = make_day(1, month, year + 1) if first else last_of_month(year + 1, month)
    return day, guessed
