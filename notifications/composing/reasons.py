"""Why a date is what it is, and why a day is off, in the reader's language: from the facts that are stored."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
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

_SPANS = {
    "days": _n("{count} day", "{count} days"),
    "working_days": _n("{count} working day", "{count} working days"),
    "months": _n("{count} month", "{count} months"),
}
_SINCE = {"signed": _("{span} from signing on {day}"), "assigned": _("{span} from assignment on {day}")}
_FELL = {
    DateMovedTo.BACK: _("{day} is {why}, {what}moved back to the working day before"),
    DateMovedTo.FORWARD: _("{day} is {why}, {what}moved on to the next working day"),
    DateMovedTo.FORWARD_AFTER_ALL: _(
        "{day} is {why}, the working day before had passed at assignment, {what}moved on to the next one"
    ),
}
_REPORT = {"vi": "báo cáo ", "en": ""}
"""What moves, where it is a report's date; the English sentence has no need of it."""
_WITHIN = {
    "": _("the last day of {year}"),
    "H1": _("the last day of the first half of {year}"),
    "H2": _("the last day of the second half of {year}"),
}
DATE_MOVES = frozenset({"due_set", "due_moved"})
"""Events whose lines of the history say why the engine moved a date."""


def due_words(stored: Sequence[Any], words: str, language: str) -> str:
    """Return why a date is what it is: what the engine decided, from its facts; what a person wrote, as it is."""
    said = "; ".join(translate(_message(fact, language), language) for fact in read_due_facts(stored))
    return f"{said} ({words})" if said and words else said or words


def note_words(event: str | None, facts: Mapping[str, Any], note: str, language: str) -> str:
    """Return the words of a line of the history: why the engine moved a date, and what a person said."""
    return due_words(facts.get("due_facts", ()) if event in DATE_MOVES else (), note, language)


def preview_in_words(row: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return a task of a launch's preview with its `due_reason` and `day_off` in words."""
    said = due_words(row.get("due_facts", ()), row["due_reason"], language)
    return {**row, "due_reason": said, "day_off": stored_off_words(row["day_off"], language)}


def move_in_words(row: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return a row of `models.tasks.task_reads.task_history` with its whole `note`."""
    return {**row, "note": note_words(row["event"], row["facts"], row["note"] or "", language) or None}


def off_words(off: OffDay | None, language: str) -> str:
    """ "thứ Bảy", "Quốc khánh"; "a Saturday", "“Quốc khánh”". "" for None."""
    if off is None:
        return ""
    if off.name:
        return off.name if language == "vi" else f"“{off.name}”"
    if off.because is OffBecause.WEEKEND:
        return translate(_("a {weekday}"), language, weekday=write_weekday(off.day, language))
    return translate(_("a day off by the working calendar"), language)


def stored_off_words(stored: object, language: str) -> str:
    """Return the same of what a preview keeps; one of before there were facts keeps its words."""
    return stored if isinstance(stored, str) else off_words(read_off_day(stored), language)


def _message(fact: DueFact, language: str) -> Words:
    match fact:
        case HoursFromAssignment():
            return _n(
                "{count} hour from assignment ({moment})",
                "{count} hours from assignment ({moment})",
                count=fact.hours,
                moment=_moment(fact.assigned_at, language),
            )
        case BeforeDay():
            return _("before {day}, that day not included", day=write_day(fact.day, language))
        case CountedFrom():
            span = Words(_SPANS[fact.unit], count=fact.amount)
            return Words(_SINCE[fact.since], span=span, day=write_day(fact.day, language))
        case WithinPeriod():
            return _within(fact.period)
        case OnDayOff():
            day, why = write_day(fact.off.day, language), _why_it_moved(fact.off, language)
            return Words(_FELL[fact.moved], day=day, why=why, what=_REPORT[language] if fact.is_report else "")
        case DateOfWhole():
            return _("the date of the task above: {moment}", moment=_end(fact.due_at, language))
        case CutToWhole():
            own, due = _end(fact.own_due_at, language), _end(fact.due_at, language)
            return _("{own} is past the task above, cut to {due}", own=own, due=due)
        case CalendarChanged():
            before, after = write_day(fact.before, language), write_day(fact.after, language)
            return _("the working calendar changed: {before} became {after}", before=before, after=after)
        case WholeMovedUp():
            return _("The deadline of the task above moved to an earlier day")
        case WholeDated():
            return _("The task above was given a deadline")
        case _:
            assert_never(fact)


def _why_it_moved(off: OffDay, language: str) -> str:
    return translate(_("a day off (“{name}”)"), language, name=off.name) if off.name else off_words(off, language)


def _within(period: str) -> Words:
    year, _dash, part = period.partition("-")
    if part in _WITHIN:
        return Words(_WITHIN[part], year=year)
    said = period_words(period)
    return _("the last day of {period}", period=Words(said[0], **said[1]) if said else period)


def _end(due_at: datetime, language: str) -> str:
    """Write a day where the date is a whole day, the hour too where it is not."""
    day: date = due_date(due_at)
    return write_day(day, language) if due_at == end_of_day(day) else _moment(due_at, language)


def _moment(instant: datetime, language: str) -> str:
    facts = {"time": write_time(instant, language), "day": write_day(local_date(instant), language)}
    return translate(_("{time} on {day}"), language, **facts)
