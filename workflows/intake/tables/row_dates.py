"""The date of a row as a deadline rule: Excel's own days, and days and periods as offices write them."""

import re
from datetime import date, timedelta

from models.directives.template import FixedDeadline, NoDeadline, VagueDeadline
from models.errors import BadInput
from models.text.vietnamese import fold
from workflows.intake.times.days import full_year, make_day
from workflows.intake.times.named import NamedKind, named_times
from workflows.intake.times.words import Word
from workflows.rules.calendar.periods import last_permitted, parse

RowDeadline = FixedDeadline | VagueDeadline | NoDeadline
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ].*)?")
_FIGURES = re.compile(r"(\d{1,2})\s?[/.-]\s?(\d{1,2})\s?[/.-]\s?(\d{4}|\d{2})")
_LEADING = re.compile(r"(?:thời hạn|hạn|thực hiện|hoàn thành|:|\s)+", re.IGNORECASE)
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
    when = words[leading.end() :] if leading else words
    if figures := _FIGURES.fullmatch(when):
        day, month, year = (int(one) for one in figures.groups())
        return _fixed(cell, make_day(day, month, full_year(year))), False
    named = next(named_times(when, 0, len(when), issued_on), None)
    if named is None or named.end - named.start != len(when):
        raise _unreadable(cell)
    first, last, is_guessed = named.dates
    if last is None and is_guessed and issued_on is None:
        raise BadInput("date “{value}”: its year is missing; expected something like {value}/2026", value=cell)
    if Word.BEFORE in named.lead:
        if "," in when:  # before which of them?
            raise _unreadable(cell)
        is_whole = named.kind is NamedKind.PERIOD
        return _fixed(cell, first if is_whole else last, before=True), is_guessed
    if first is None or last is None or first == last:
        return _fixed(cell, last), is_guessed
    if (within := _period_of(first, last)) is None:
        return _fixed(cell, last), is_guessed
    return VagueDeadline(within=within), is_guessed


def last_day_of(rule: RowDeadline) -> date | None:
    match rule:
        case FixedDeadline():
            return last_permitted(rule.on, before=rule.before)
        case VagueDeadline():
            return parse(rule.within).last_day
    return None


def _period_of(first: date, last: date) -> str | None:
    """Return the period as a template names it ("2026-Q2"), of several the last one; None for part of a month."""
    months = last.month - first.month + 1
    if first.day != 1 or (last + timedelta(1)).day != 1:
        return None
    if months == 12:
        return str(last.year)
    if months == 6 and last.month in (6, 12):
        return f"{last.year}-H{last.month // 6}"
    return (
        f"{last.year}-Q{last.month // 3}" if months % 3 == 0 and last.month % 3 == 0 else f"{last.year}-{last.month:02}"
    )


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
