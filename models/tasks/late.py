"""When something is late: after the end of the day, or the hour, by which it was due. Once for a row, once for a query.

`due_at` is exclusive: 24:00 local of the last permitted day, or the hour itself, so that its very instant is late.
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlmodel import col

from models.tasks.task import IS_OPEN, OPEN_STATUSES, Task, TaskStatus
from models.text.localtime import due_date, end_of_day, local

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


def hour_of(due_at: datetime | None) -> datetime | None:
    """The instant by which it is due, where that is an hour and not the end of a day."""
    return due_at if due_at is not None and due_at != end_of_day(due_date(due_at)) else None


def write_hour(due_at: datetime | None) -> str | None:
    """`hour_of` as history keeps it: local, so that its first ten characters are the day, and later ones sort later."""
    hour = hour_of(due_at)
    return local(hour).isoformat(timespec="microseconds") if hour else None
