"""Tell whether a task is late: after the end of the day, or the hour, by which it was due. For a row and for a query.

`due_at` is exclusive: 24:00 local of the last permitted day, or the hour itself. At that very instant a task is late.
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlmodel import col

from models.tasks.task import IS_OPEN, OPEN_STATUSES, Task, TaskStatus
from models.text.localtime import due_date, end_of_day, local

SOON_DAYS = 7


def has_passed(due_at: datetime | None, now: datetime) -> bool:
    return due_at is not None and due_at <= now


def is_late(status: TaskStatus, due_at: datetime | None, now: datetime) -> bool:
    return status in OPEN_STATUSES and has_passed(due_at, now)


def late_at(now: Any) -> ColumnElement[bool]:
    """Select late tasks, for a moment or a bound parameter. The condition is false, never NULL, without a date."""
    return and_(IS_OPEN, col(Task.due_at).is_not(None), col(Task.due_at) <= now)


def soon_until(today: date) -> date:
    """Return the last local day on which a task is due soon. Letters have their own rule."""
    return today + timedelta(days=SOON_DAYS)


def hour_of(due_at: datetime | None) -> datetime | None:
    """Return the instant of a deadline that is an hour, and None for the end of a day."""
    return due_at if due_at is not None and due_at != end_of_day(due_date(due_at)) else None


def write_hour(due_at: datetime | None) -> str | None:
    """Write `hour_of` for the history: in local time, so that the day comes first and later moments sort later."""
    hour = hour_of(due_at)
    return local(hour).isoformat(timespec="microseconds") if hour else None
