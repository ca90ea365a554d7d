"""Turns stored facts into words of the reader's language: why a date is what it is, and why a day is off."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, assert_never

from models.i18n import Words, _, _n, translate
from models.organization.calendar import OffBecause, OffDay, read_off_day
from models.tasks.due_facts import (
    BeforeDay,
    CalendarChanged,
    CountedFrom,
    CutToWhole,
    DateMovedTo,
    DateOfWhole,
    DueFact,
    HoursFromAssignment,
    OnDayOff,
    WholeDated,
    WholeMovedUp,
    WithinPeriod,
    read_due_facts,
)
from models.text.localtime import due_date, end_of_day, local_date, write_day, write_time, write_weekday
from models.words import period_words

_COUNTED_FROM = {
    ("days", "signed"): _n("{count} day from signing on {day}", "{count} days from signing on {day}"),
    ("days", "assigned"): _n("{count} day from assignment on {day}", "{count} days from assignment on {day}"),
    ("working_days", "signed"): _n(
        "{count} working day from signing on {day}", "{count} working days from signing on {day}"
    ),
    ("working_days", "assigned"): _n(
        "{count} working day from assignment on {day}", "{count} working days from assignment on {day}"
    ),
    ("months", "signed"): _n("{count} month from signing on {day}", "{count} months from signing on {day}"),
    ("months", "assigned"): _n("{count} month from assignment on {day}", "{count} months from assignment on {day}"),
}
_DATE_MOVED = {
    DateMovedTo.BACK: _("{day} is {why}, moved back to the working day before"),
    DateMovedTo.FORWARD: _("{day} is {why}, moved on to the next working day"),
    DateMovedTo.FORWARD_AFTER_ALL: _(
        "{day} is {why}, the working day before had passed at assignment, moved on to the next one"
    ),
}
_REPORT_MOVED = {
    DateMovedTo.BACK: _("{day} is {why}, the report moved back to the working day before"),
    DateMovedTo.FORWARD: _("{day} is {why}, the report moved on to the next working day"),
    DateMovedTo.FORWARD_AFTER_ALL: _(
        "{day} is {why}, the working day before had passed at assignment, the report moved on to the next one"
    ),
}
_LAST_DAY_OF_YEAR_PART = {
    "": _("the last day of {year}"),
    "H1": _("the last day of the first half of {year}"),
    "H2": _("the last day of the second half of {year}"),
}
DATE_MOVES = frozenset({"due_set", "due_moved"})
"""Events whose lines of the history say why the engine moved a date."""


def due_words(stored: Sequence[Any], words: str, language: str) -> str:
    """Return why a date is what it is.

    `stored` holds the facts of the engine's own decision, `words` what a person wrote. Both may be there.
    """
    sentence = "; ".join(translate(_message(fact, language), language) for fact in read_due_facts(stored))
    if sentence and words:
        return f"{sentence} ({words})"
    return sentence or words


def note_words(event: str | None, facts: Mapping[str, Any], note: str, language: str) -> str:
    """Return the words of a history line: why the engine moved a date, and what a person wrote."""
    due_facts = facts.get("due_facts", ()) if event in DATE_MOVES else ()
    return due_words(due_facts, note, language)


def preview_in_words(row: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return a task of a launch's preview with its `due_reason` and `day_off` in words."""
    due_reason = due_words(row.get("due_facts", ()), row["due_reason"], language)
    return {**row, "due_reason": due_reason, "day_off": stored_off_words(row["day_off"], language)}


def move_in_words(row: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return a row of `models.tasks.task_reads.task_history` with its whole `note`."""
    return {**row, "note": note_words(row["event"], row["facts"], row["note"] or "", language) or None}


def stored_off_words(stored: object, language: str) -> str:
    """Return `off_words` for the day off that a preview stored. Old previews stored the words themselves."""
    return stored if isinstance(stored, str) else off_words(read_off_day(stored), language)


def off_words(off: OffDay | None, language: str) -> str:
    """Return why a day is off: "thứ Bảy", "Quốc khánh"; "a Saturday", "“Quốc khánh”". Empty for a working day."""
    if off is None:
        return ""
    if off.name:
        return off.name if language == "vi" else f"“{off.name}”"
    if off.because is OffBecause.WEEKEND:
        return translate(_("a {weekday}"), language, weekday=write_weekday(off.day, language))
    return translate(_("a day off by the working calendar"), language)


def _message(fact: DueFact, language: str) -> Words:
    match fact:
        case HoursFromAssignment():
            return _n(
                "{count} hour from assignment ({moment})",
                "{count} hours from assignment ({moment})",
                count=fact.hours,
                moment=_write_moment(fact.assigned_at, language),
            )
        case BeforeDay():
            return _("before {day}, that day not included", day=write_day(fact.day, language))
        case CountedFrom():
            return Words(_COUNTED_FROM[fact.unit, fact.since], count=fact.amount, day=write_day(fact.day, language))
        case WithinPeriod():
            return _last_day_of(fact.period)
        case OnDayOff():
            return _moved_off(fact, language)
        case DateOfWhole():
            return _("the date of the task above: {moment}", moment=_write_due(fact.due_at, language))
        case CutToWhole():
            own, due = _write_due(fact.own_due_at, language), _write_due(fact.due_at, language)
            return _("{own} is past the task above, cut to {due}", own=own, due=due)
        case CalendarChanged():
            before, after = write_day(fact.before, language), write_day(fact.after, language)
            return _("the working calendar changed: {before} became {after}", before=before, after=after)
        case WholeMovedUp():
            return _("the deadline of the task above moved to an earlier day")
        case WholeDated():
            return _("the task above was given a deadline")
        case _:
            assert_never(fact)


def _last_day_of(period: str) -> Words:
    year, _dash, part = period.partition("-")
    if part in _LAST_DAY_OF_YEAR_PART:
        return Words(_LAST_DAY_OF_YEAR_PART[part], year=year)
    named = period_words(period)
    if named is None:
        return _("the last day of {period}", period=period)
    message, facts = named
    return _("the last day of {period}", period=Words(message, **facts))


def _moved_off(fact: OnDayOff, language: str) -> Words:
    if fact.off.name:
        why = translate(_("a day off (“{name}”)"), language, name=fact.off.name)
    else:
        why = off_words(fact.off, language)
    messages = _REPORT_MOVED if fact.is_report else _DATE_MOVED
    return Words(messages[fact.moved], day=write_day(fact.off.day, language), why=why)


def _write_due(due_at: datetime, language: str) -> str:
    """Write an exclusive `due_at` (UTC) as its last day, with the hour where it is not the end of a day."""
    day = due_date(due_at)
    return write_day(day, language) if due_at == end_of_day(day) else _write_moment(due_at, language)


def _write_moment(instant: datetime, language: str) -> str:
    facts = {"time": write_time(instant, language), "day": write_day(local_date(instant), language)}
    return translate(_("{time} on {day}"), language, **facts)
