"""Cron expressions in Vietnamese time."""

from datetime import datetime, timedelta
from typing import Annotated

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
"""The library's words as message ids."""


def _check_cron(expression: str) -> str:
    """Return the expression with single blanks. Raises a pydantic fault that says what is wrong and what would be
    right.
    """
    tidy = " ".join(expression.split())
    try:
        CronSim(tidy, datetime(2026, 1, 1, tzinfo=ZONE))
    except CronSimError as error:
        raise invalid(
            _("not a cron expression ({reason}); right would be minute hour day month weekday, such as 0 8 * * 1-5"),
            reason=_FAULTS.get(str(error), str(error)),
        ) from error
    return tidy


Cron = Annotated[str, AfterValidator(_check_cron)]
"""Five fields (minute hour day month weekday; 0 and 7 are Sunday), a sixth for seconds; local time (ZONE)."""


def next_fire(cron: str, after: datetime) -> datetime | None:
    """Return the first moment of an expression after an instant; None where it has none within 50 years."""
    return next(CronSim(cron, after.astimezone(ZONE)), None)


def last_fire(cron: str, at: datetime) -> datetime | None:
    """Return the last moment of an expression at or before an instant; None where it has none within 50 years."""
    there = at.astimezone(ZONE)
    if there.microsecond == 0 and next_fire(cron, there - timedelta(seconds=1)) == there:
        return there
    return next(CronSim(cron, there, reverse=True), None)
