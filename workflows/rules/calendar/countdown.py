"""What is left until a date: working days, or elapsed hours for a contingency's clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import floor

from models.tasks.late import has_passed
from models.text.localtime import due_date, local_date
from workflows.rules.calendar.workdays import WorkCalendar


@dataclass(frozen=True)
class Countdown:
    """Days are working days and hours whole ones, rounded down; negative when late. One of them is None."""

    due_at: datetime
    days: int | None
    hours: int | None
    is_late: bool


def count_down(due_at: datetime, *, now: datetime, calendar: WorkCalendar, by_the_hour: bool) -> Countdown:
    """From `now` to an exclusive `due_at` (both UTC)."""
    is_late = has_passed(due_at, now)
    if by_the_hour:
        return Countdown(due_at, None, floor((due_at - now) / timedelta(hours=1)), is_late)
    return Countdown(due_at, calendar.between(local_date(now), due_date(due_at)), None, is_late)
