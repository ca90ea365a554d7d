"""The working calendar of a year: its months, special days and edits, and the tasks that an edit would move."""

import calendar as months_of
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from models.directives.directive import Directive, Duty
from models.organization.calendar import CalendarDay, CalendarRevision, OffDay
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.due_facts import DueFact
from models.tasks.task import Task
from models.text.localtime import due_date
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.tasks.moved_dates import MovedDate

MOST = 200  # tasks that are listed; the page counts the others
_FRIDAY = 4


@dataclass(frozen=True)
class Day:
    day: date
    is_working: bool
    is_edited: bool
    name: str
    off: OffDay | None

    @property
    def is_special(self) -> bool:
        return self.is_edited or self.is_working != (self.day.weekday() <= _FRIDAY)

    @property
    def look(self) -> str:
        if self.is_working:
            return "made-up" if self.day.weekday() > _FRIDAY else "plain"
        return "holiday" if self.is_special else "weekend"


def year_of(calendar: WorkCalendar, year: int) -> list[list[list[Day | None]]]:
    """Return twelve months of weeks from Monday to Sunday, with None for days of other months."""
    months = [months_of.Calendar().monthdayscalendar(year, month) for month in range(1, 13)]
    return [
        [[_day(calendar, date(year, month, day)) if day else None for day in week] for week in weeks]
        for month, weeks in enumerate(months, start=1)
    ]


def _day(calendar: WorkCalendar, day: date) -> Day:
    return Day(day, calendar.is_working(day), day in calendar.edits, calendar.called(day), calendar.why_off(day))


def special_days(year: Sequence[Sequence[Sequence[Day | None]]]) -> list[Day]:
    return [day for month in year for week in month for day in week if day is not None and day.is_special]


@dataclass(frozen=True)
class Revision:
    at: datetime
    who: str | None
    reason: str
    days: int


def revisions_of(session: Session, year: int) -> list[Revision]:
    is_in_year = col(CalendarDay.day).between(date(year, 1, 1), date(year, 12, 31))
    query = (
        select(col(CalendarRevision.recorded_at), col(Person.full_name), col(CalendarRevision.reason), func.count())
        .join(CalendarDay, col(CalendarDay.revision_id) == col(CalendarRevision.id))
        .outerjoin(Person, col(Person.id) == col(CalendarRevision.actor_id))
        .where(is_in_year)
        .group_by(col(CalendarRevision.id), col(Person.full_name))
        .order_by(col(CalendarRevision.recorded_at).desc(), col(CalendarRevision.id).desc())
    )
    return [Revision(*row) for row in session.execute(query)]


@dataclass(frozen=True)
class MovedTask:
    id: UUID
    unit: str
    directive: str
    path: str
    before: date
    after: date
    due_facts: Sequence[DueFact]


def moved_tasks(session: Session, moved: Sequence[MovedDate]) -> list[MovedTask]:
    """Return at most `MOST` tasks by unit, in one query."""
    moves = {move.task_id: move for move in moved[:MOST]}
    query = (
        select(col(Task.id), col(Unit.name), col(Directive.number), col(Directive.code), col(Duty.path))
        .join(Unit, col(Unit.id) == col(Task.lead_unit_id))
        .join(Directive, col(Directive.id) == col(Task.directive_id))
        .join(Duty, col(Duty.id) == col(Task.duty_id))
        .where(col(Task.id).in_(list(moves)))
        .order_by(col(Unit.sort_key), col(Duty.position))
    )
    return [
        MovedTask(
            id=task_id,
            unit=unit,
            directive=number or code,
            path=path,
            before=due_date(moves[task_id].old_due),
            after=due_date(moves[task_id].new_due),
            due_facts=moves[task_id].facts,
        )
        for task_id, unit, number, code, path in session.execute(query)
    ]
