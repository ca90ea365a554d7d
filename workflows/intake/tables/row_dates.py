"""The date of a row as a deadline rule: Excel's own days, and days and periods as offices write them."""

import re
from datetime import date

from models.directives.template import FixedDeadline, NoDeadline, VagueDeadline
from models.errors import BadInput
from models.text.vietnamese import fold
from workflows.intake.dates.written_dates import DATE, LATEST, PERIOD, last_day, make_day
from workflows.rules.calendar.periods import last_permitted, parse

RowDeadline = FixedDeadline | VagueDeadline | NoDeadline
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ].*)?")
_FIGURES = re.compile(r"(\d{1,2})\s?[/.-]\s?(\d{1,2})\s?[/.-]\s?(\d{4}|\d{2})")
_HALF = re.compile(r"(?:6|sáu) tháng (đầu|cuối) năm\s*(\d{4})", re.IGNORECASE)
_LEADING = re.compile(
    rf"(?:trước|{LATEST}|đến|hết|trong|xong|hoàn thành|thời hạn|hạn|cuối|là|vào|thực hiện|:|,|\s)+", re.IGNORECASE
)
_WHEN = re.compile(rf"(?:{DATE}|{PERIOD})", re.IGNORECASE)
_NONE = ("", "-", "khong", "khong co", "khong thoi han", "chua xac dinh", "chua xac dinh thoi han", "chua co")
_YEARS = range(1990, 2101)


def read_deadline(cell: str, issued_on: date | None) -> tuple[RowDeadline, bool]:
    """The flag says that the year was guessed from the document's date. BadInput for no day or period."""
    words = " ".join(cell.split()).strip(" .;")
    if fold(words) in _NONE:
        return NoDeadline(), False
    if iso := _ISO.fullmatch(words):
        try:
            return _fixed(cell, date.fromisoformat(iso[1])), False
        except ValueError:
            raise _unreadable(cell) from None
    leading = _LEADING.match(words)
    before = "trước" in leading.group().casefold() if leading else False
    when = words[leading.end() :] if leading else words
    bare = re.sub(r"^ngày\s*", "", when, flags=re.IGNORECASE)
    if figures := _FIGURES.fullmatch(bare):
        day, month, year = (int(one) for one in figures.groups())
        return _fixed(cell, make_day(day, month, year + 2000 if year < 100 else year), before=before), False
    if half := _HALF.fullmatch(when):
        within = f"{half[2]}-{'H1' if half[1].casefold() == 'đầu' else 'H2'}"
        if not before:
            return VagueDeadline(within=within), False
        return _fixed(cell, date(int(half[2]), 1 if within.endswith("H1") else 7, 1), before=True), False
    if not _WHEN.fullmatch(when) or (before and "," in when):  # before which of them?
        raise _unreadable(cell)
    found, guessed = last_day(when, issued_on, first=before)
    if found is None and guessed:
        raise BadInput("date “{value}”: its year is missing; expected something like {value}/2026", value=cell)
    if before or found is None or re.fullmatch(DATE, when, re.IGNORECASE):
        return _fixed(cell, found, before=before), guessed
    return VagueDeadline(within=_within(when, found)), guessed


def last_day_of(rule: RowDeadline) -> date | None:
    match rule:
        case FixedDeadline():
            return last_permitted(rule.on, before=rule.before)
        case VagueDeadline():
            return parse(rule.within).last_day
    return None


def _within(when: str, last: date) -> str:
    lowered = when.casefold()
    if lowered.startswith("quý"):
        return f"{last.year}-Q{(last.month + 2) // 3}"
    return str(last.year) if lowered.startswith("năm") else f"{last.year}-{last.month:02}"


def _fixed(cell: str, day: date | None, *, before: bool = False) -> FixedDeadline:
    if day is None or day.year not in _YEARS:
        raise _unreadable(cell)
    return FixedDeadline(on=day, before=before)


def _unreadable(cell: str) -> BadInput:
    return BadInput(
        "date “{value}”: no day of the calendar; expected something like 30/6/2026, Quý "
        "II/2026 or trước ngày 30/6/2026",
        value=cell,
    )
