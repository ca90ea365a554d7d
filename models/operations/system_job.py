"""System jobs: which there are, and by which cron expression each runs."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Field, SQLModel

from models.database.columns import JsonColumn, UtcDateTime, enum_type
from models.i18n import Labelled, _


class JobName(Labelled):
    """The system jobs. The tick does everything that is due; the others do one part of it more often or by hand."""

    TICK = "tick", _("Check everything that is due")
    DELIVER = "deliver", _("Send letters")
    OPEN_PERIODS = "open_periods", _("Open reporting periods")
    SUMMARIES = "summaries", _("Weekly summaries")
    PURGE = "purge", _("Clean up")


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
