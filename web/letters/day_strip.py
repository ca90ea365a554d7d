"""Days side by side, each with a count: the higher and the darker, the more. Days off are marked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from models.organization.calendar import OffDay
from workflows.rules.calendar.workdays import WorkCalendar

_LEVELS = 4


@dataclass(frozen=True)
class StripDay:
    """A day: its count, why it is off (None where it is worked), and from 0 to 4 how much it has beside the others."""

    day: date
    count: int
    off: OffDay | None
    level: int
    height: int  # percent of the highest

    @property
    def month(self) -> tuple[int, int]:
        return self.day.year, self.day.month


def strip_days(first: date, last: date, counts: Mapping[date, int], calendar: WorkCalendar) -> list[StripDay]:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    most = max([1, *(counts.get(day, 0) for day in days)])
    return [
        StripDay(
            day,
            count := counts.get(day, 0),
            calendar.why_off(day),
            -(-count * _LEVELS // most),
            max(6, round(100 * count / most)) if count else 0,
        )
        for day in days
    ]


def by_month(days: Sequence[StripDay]) -> list[list[list[StripDay | None]]]:
    """Weeks run from Monday to Sunday; None where a week has no day of them."""
    months: list[list[list[StripDay | None]]] = []
    for one in days:
        if not months or one.month != _month_of(months[-1]):
            months.append([])
        if not months[-1] or one.day.weekday() == 0:
            months[-1].append([None] * 7)
        months[-1][-1][one.day.weekday()] = one
    return months


def _month_of(weeks: Sequence[Sequence[StripDay | None]]) -> tuple[int, int]:
    return next(one.month for week in weeks for one in week if one is not None)
