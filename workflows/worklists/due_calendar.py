"""A month as a calendar: the tasks that are due on each day, as far as a person sees them, and the days off."""

import calendar as months
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import TextClause, func, select
from sqlmodel import Session, col

from models.organization.calendar import OffDay
from models.tasks.late import soon_until
from models.tasks.task import IS_CLOSED, IS_OPEN, Task
from models.text.localtime import due_date
from workflows.access.rights import Principal
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.worklists.task_filter import ShownTasks, TaskFilter, due_between, task_conditions

_SATURDAY = 5


@dataclass(frozen=True)
class DueDay:
    day: date
    open: int
    done: int
    is_late: bool
    is_soon: bool
    is_working: bool
    name: str  # of a holiday
    off: OffDay | None  # why a special day is off; None on a plain weekday or weekend
    is_today: bool

    @property
    def has_something(self) -> bool:
        return bool(self.open or self.done or self.name or self.off or self.is_today)


def read_month(
    session: Session, principal: Principal, month: date, *, now: datetime, today: date, calendar: WorkCalendar
) -> list[list[DueDay | None]]:
    """Return weeks from Monday to Sunday, with None for days of other months. It takes two queries."""
    weeks = months.Calendar().monthdatescalendar(month.year, month.month)
    last = max(day for day in weeks[-1] if day.month == month.month)
    counts = _count(session, principal, month, last, now)
    return lay_out(weeks, month, counts, today=today, calendar=calendar)


def lay_out(
    weeks: Sequence[Sequence[date]],
    month: date,
    counts: Mapping[date, tuple[int, int]],
    *,
    today: date,
    calendar: WorkCalendar,
) -> list[list[DueDay | None]]:
    """Return `weeks` as days with their tasks. `counts` has the open and the done tasks by day."""
    return [
        [_day(day, counts.get(day, (0, 0)), today, calendar) if day.month == month.month else None for day in week]
        for week in weeks
    ]


def _day(day: date, counts: tuple[int, int], today: date, calendar: WorkCalendar) -> DueDay:
    is_working = calendar.is_working(day)
    is_usual = is_working == (day.weekday() < _SATURDAY) and day not in calendar.edits
    return DueDay(
        day=day,
        open=counts[0],
        done=counts[1],
        is_late=day < today,
        is_soon=today <= day <= soon_until(today),
        is_working=is_working,
        name=calendar.called(day),
        off=None if is_usual else calendar.why_off(day),
        is_today=day == today,
    )


def _count(
    session: Session, principal: Principal, first: date, last: date, now: datetime
) -> Mapping[date, tuple[int, int]]:
    def count(shown: ShownTasks, by_index: TextClause) -> Counter[date]:
        conditions = task_conditions(principal, TaskFilter(show=shown), now)
        query: Any = select(col(Task.due_at), func.count()).where(*conditions, due_between(first, last), by_index)
        counts = Counter[date]()
        for due_at, number in session.execute(query.group_by(col(Task.due_at))):
            counts[due_date(due_at)] += number
        return counts

    # two queries, because open and closed tasks have each an index by date
    not_done, done = count(ShownTasks.OPEN, IS_OPEN), count(ShownTasks.DONE, IS_CLOSED)
    return {day: (not_done[day], done[day]) for day in not_done | done}
