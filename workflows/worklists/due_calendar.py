"""A month of dates: how many of the tasks that somebody sees are due on each day, and which days are off."""

import calendar as months
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from models.organization.calendar import OffDay
from models.tasks.late import soon_until
from models.tasks.task import IS_CLOSED, IS_OPEN, Task
from models.text.localtime import at_local, due_date, end_of_day
from workflows.access.rights import Principal
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.worklists.task_list import Shown, TaskFilter, task_conditions

_SATURDAY = 5


@dataclass(frozen=True)
class DueDay:
    """One day. `name`: what it is called; `off`: why it is off; neither of a plain weekday or weekend."""

    day: date
    open: int
    done: int
    is_late: bool
    is_soon: bool
    is_working: bool
    name: str
    off: OffDay | None
    is_today: bool

    @property
    def has_something(self) -> bool:
        return bool(self.open or self.done or self.name or self.off or self.is_today)


def read_month(
    session: Session, principal: Principal, month: date, *, now: datetime, today: date, calendar: WorkCalendar
) -> list[list[DueDay | None]]:
    """Weeks begin on Monday; None stands before the first day and after the last. Two queries."""
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
    """`counts` are open and done tasks by day."""
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
    month = (col(Task.due_at) > at_local(first, time(0, 0)), col(Task.due_at) <= end_of_day(last))
    still_open, done = Counter[date](), Counter[date]()
    # each has an index of its own: a month is found among years of tasks
    for counted, shown, by_index in ((still_open, Shown.OPEN, IS_OPEN), (done, Shown.DONE, IS_CLOSED)):
        query: Any = select(col(Task.due_at), func.count()).where(
            *task_conditions(principal, TaskFilter(show=shown), now), *month, by_index
        )
        for due_at, count in session.execute(query.group_by(col(Task.due_at))):
            counted[due_date(due_at)] += count
    return {day: (still_open[day], done[day]) for day in still_open | done}
