"""The working calendar as the database holds it."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

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
