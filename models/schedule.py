"""When things happen by the clock: cron expressions in Vietnamese time, and the system jobs that follow them."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator
from sqlmodel import Field, SQLModel

from models.columns import JsonColumn, UtcDateTime, enum_type
from models.faults import invalid
from models.i18n import _
from models.localtime import ZONE

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
    """The expression with single blanks. Raises a pydantic fault that says what is wrong and what would be right."""
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
    """The first moment of an expression after an instant; None where it has none within 50 years."""
    return next(CronSim(cron, after.astimezone(ZONE)), None)


def last_fire(cron: str, at: datetime) -> datetime | None:
    """The last moment of an expression at or before an instant; None where it has none within 50 years."""
    there = at.astimezone(ZONE)
    if there.microsecond == 0 and next_fire(cron, there - timedelta(seconds=1)) == there:
        return there
    return next(CronSim(cron, there, reverse=True), None)


class JobName(StrEnum):
    """The system jobs. The tick does everything that is due; the others do one part of it more often or by hand."""

    TICK = "tick"
    DELIVER = "deliver"
    OPEN_PERIODS = "open_periods"
    SUMMARIES = "summaries"
    PURGE = "purge"


DEFAULT_CRONS: dict[JobName, str | None] = {
    JobName.TICK: None,
    JobName.DELIVER: None,
    JobName.OPEN_PERIODS: "1 0 * * *",
    JobName.SUMMARIES: "0 8 * * *",
    JobName.PURGE: "30 2 * * *",
}
"""Without an expression a job runs every `tick_seconds` of the settings."""


DELIVERY_SECONDS = 60.0
"""So long a clock's run delivers at most: a slow mail server makes neither the next sweep nor the evening late."""


class JobState(StrEnum):
    """How a job's last run stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(SQLModel, table=True):
    """A system job: when it runs, and how its last run by the real clock went, whichever process ran it."""

    name: JobName = Field(sa_type=enum_type(JobName), primary_key=True)
    cron: str | None = Field(default=None, max_length=100)
    is_paused: bool = False
    next_run_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # somebody wants it run once, by any clock
    watched_since: datetime | None = Field(default=None, sa_type=UtcDateTime)  # what was before is nobody's fault
    last_started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # the last one that did not fail
    last_state: JobState | None = Field(default=None, sa_type=enum_type(JobState))
    last_seconds: float | None = None
    last_outcome: dict[str, Any] = Field(default_factory=dict, sa_type=JsonColumn)
    last_error: str = Field(default="", max_length=500)
