"""Cron expressions in Vietnamese time."""

import re
from datetime import datetime
from typing import Annotated, NamedTuple

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator

from models.i18n import _
from models.text.faults import invalid
from models.text.localtime import ZONE

_FAULTS = {
    "Wrong number of fields": _("not five fields"),
    "Bad minute": _("the minute is wrong"),
    "Bad hour": _("the hour is wrong"),
    "Bad day-of-month": _("the day is wrong"),
    "Bad month": _("the month is wrong"),
    "Bad day-of-week": _("the weekday is wrong"),
}
"""Message ids for the library's messages."""


def _check_cron(expression: str) -> str:
    """Return the expression with single blanks. Raises a pydantic error that says what is expected."""
    tidy = " ".join(expression.split())
    try:
        CronSim(tidy, datetime(2026, 1, 1, tzinfo=ZONE))
    except CronSimError as error:
        raise invalid(
            _("not a cron expression ({reason}); expected minute hour day month weekday, such as 0 8 * * 1-5"),
            reason=_FAULTS.get(str(error), str(error)),
        ) from error
    return tidy


Cron = Annotated[str, AfterValidator(_check_cron)]
"""Five fields (minute hour day month weekday; 0 and 7 are Sunday), a sixth for seconds; local time (ZONE)."""


def next_fire(cron: str, after: datetime) -> datetime | None:
    """Return the next moment of the expression; None without one within 50 years."""
    return next(CronSim(cron, after.astimezone(ZONE)), None)


class WeeklyTime(NamedTuple):
    """A time on some weekdays (1 is Monday, 7 Sunday), as most expressions mean."""

    hour: int
    minute: int
    weekdays: tuple[int, ...]

    @property
    def cron(self) -> str:
        """Write the cron expression, with short forms for the working week and the whole week."""
        short = {(1, 2, 3, 4, 5): "1-5", (1, 2, 3, 4, 5, 6): "1-6", (1, 2, 3, 4, 5, 6, 7): "*"}
        days = short.get(self.weekdays) or ",".join(str(day % 7) for day in self.weekdays)
        return f"{self.minute} {self.hour} * * {days}"


_WEEKLY = re.compile(r"(\d{1,2}) (\d{1,2}) \* \* (\*|1-5|1-6|[0-6](?:,[0-6])*)", re.ASCII)


def read_weekly(cron: str) -> WeeklyTime | None:
    """Read a simple expression. Return None for one that says more, or that `WeeklyTime.cron` writes differently."""
    match = _WEEKLY.fullmatch(cron)
    if match is None:
        return None
    minute, hour, days = match.groups()
    first, _dash, last = days.replace("*", "1-7").partition("-")
    weekdays = range(int(first), int(last) + 1) if last else sorted(int(day) or 7 for day in days.split(","))
    weekly = WeeklyTime(int(hour), int(minute), tuple(weekdays))
    return weekly if weekly.cron == cron else None
