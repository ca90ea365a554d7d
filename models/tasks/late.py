"""When something is late: after the end of the day, or the hour, by which it was due. Once for a row, once for a query.

`due_at` is exclusive: 24:00 local of the last permitted day, or the hour itself, so that its very instant is late.
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlmodel import col

from models.tasks.task import IS_OPEN, OPEN_STATUSES, Task, TaskStatus

SOON_DAYS = 7


def has_passed(due_at: datetime | None, now: datetime) -> bool:
    """A task without a date never passes it."""
    return due_at is not None and due_at <= now


def is_late(status: TaskStatus, due_at: datetime | None, now: datetime) -> bool:
    return status in OPEN_STATUSES and has_passed(due_at, now)


def late_at(now: Any) -> ColumnElement[bool]:
    """`is_late` of `Task`, for a moment or a parameter that names one; false, never null, without a date."""
    return and_(IS_OPEN, col(Task.due_at).is_not(None), col(Task.due_at) <= now)


def soon_until(today: date) -> date:
    """The last local day of what is due soon, wherever that is said or counted but in letters."""
    return today + timedelta(days=SOON_DAYS)
