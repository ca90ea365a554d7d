"""Lays out counts for each day: as a row of columns, or as calendar months. Days off are marked."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from models.organization.calendar import OffDay
from workflows.rules.calendar.workdays import WorkCalendar

_LEVELS = 4


@dataclass(frozen=True)
class StripDay:
    day: date
    count: int
    off: OffDay | None  # None for a working day
    level: int  # from 0 to 4, compared with the other days
    height: int  # percent of the highest

    @property
    def month(self) -> tuple[int, int]:
        return self.day.year, self.day.month


def strip_days(first: date, last: date, counts: Mapping[date, int], calendar: WorkCalendar) -> list[StripDay]:
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    most = max([1, *(counts.get(day, 0) for day in days)])
    strip = []
    for day in days:
        count = counts.get(day, 0)
        level = math.ceil(count * _LEVELS / most)
        height = max(6, round(100 * count / most)) if count else 0
        strip.append(StripDay(day, count, calendar.why_off(day), level, height))
    return strip


def by_month(days: Sequence[StripDay]) -> list[list[list[StripDay | None]]]:
    """Return months of weeks from Monday to Sunday. A week holds None for days outside of the month or of `days`."""
    months: list[list[list[StripDay | None]]] = []
    for _month, days_of_month in groupby(days, key=lambda strip_day: strip_day.month):
        weeks: list[list[StripDay | None]] = []
        for strip_day in days_of_month:
            weekday = strip_day.day.weekday()
            if not weeks or weekday == 0:
                weeks.append([None] * 7)
            weeks[-1][weekday] = strip_day
        months.append(weeks)
    return months
