"""The working calendar as the database holds it."""

from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from holidays import country_holidays
from sqlalchemy import select as columns
from sqlmodel import Session, col

from models.organization.calendar import CalendarDay, CalendarRevision, DayKind
from workflows.rules.calendar.workdays import WorkCalendar


@dataclass(frozen=True)
class EditedDay:
    """What a day becomes, and what it is called ("nghỉ bù", "làm bù cho ngày 22/08")."""

    kind: DayKind
    name: str = ""


def load_calendar(session: Session) -> WorkCalendar:
    """Return the calendar as edited so far; of several revisions of a day the newest counts."""
    return _calendar(tuple((day, kind, name) for day, kind, name in session.execute(_EDITED)))


_EDITED = (
    columns(col(CalendarDay.day), col(CalendarDay.kind), col(CalendarDay.name))
    .join(CalendarRevision, col(CalendarRevision.id) == col(CalendarDay.revision_id))
    .order_by(col(CalendarRevision.recorded_at), col(CalendarRevision.id))
)


@lru_cache(4)
def _calendar(edited: tuple[tuple[date, DayKind, str], ...]) -> WorkCalendar:
    """Made once for what was edited: it counts the days of a century, which takes longer than a page may."""
    return WorkCalendar({day: kind for day, kind, _name in edited}, {day: name for day, _kind, name in edited if name})


def is_decided(session: Session, year: int) -> bool:
    """Return whether a year's days off and make-up days are known: entered by hand, or announced."""
    return _is_in_library(year) or any(day.year == year for day in load_calendar(session).edits)


def is_next_year_wanted(today: date) -> bool:
    """Return whether the days off of the next year should be entered: from 1 November."""
    return today >= date(today.year, 11, 1)


def year_to_enter(session: Session, today: date) -> int | None:
    """Return the year whose days off must still be entered: this one, or once it is wanted the next; None for none."""
    wanted = (today.year, today.year + 1) if is_next_year_wanted(today) else (today.year,)
    return next((year for year in wanted if not is_decided(session, year)), None)


@cache
def _is_in_library(year: int) -> bool:
    """Return whether the library knows the make-up days of a year; it computes holidays of every year."""
    return any(day.year == year for day in country_holidays("VN", years=year).weekend_workdays)
