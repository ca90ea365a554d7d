"""Our own tier of the two: which report is compiled of which period's reports, and what was compiled of each.

The days are those of the collecting duty's template (`PeriodRule.compiled`), unless the schedule has its own.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.database.columns import JsonColumn, UtcDateTime, enum_type
from models.database.ids import new_id
from models.directives.template import DayOfPeriod
from models.papers.issued_report import ReportKind


class Came(StrEnum):
    """The state of a unit's report of a period when ours is compiled."""

    ON_TIME = "on_time"
    LATE = "late"
    RETURNED = "returned"  # sent, and given back to be completed
    MISSING = "missing"  # its date is over
    NOT_DUE = "not_due"  # there is time still, or no date


class ReportSchedule(SQLModel, table=True):
    """A report that is drafted period by period. `counts_from`: periods whose own moment lies before are left out."""

    __tablename__ = "report_schedule"
    __table_args__ = (
        UniqueConstraint("kind", "duty_id", "office_unit_id"),
        CheckConstraint("kind <> 'unit'", name="is_ours"),
        CheckConstraint("language IN ('vi', 'en')", name="language"),
        CheckConstraint("own_day IS NULL OR own_day BETWEEN 1 AND 31", name="own_day"),
        CheckConstraint("own_months_before BETWEEN -3 AND 13", name="own_months_before"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: ReportKind = Field(sa_type=enum_type(ReportKind))
    duty_id: UUID = Field(foreign_key="duty.id", index=True)  # the duty by which units send theirs
    office_unit_id: UUID = Field(foreign_key="unit.id", index=True)  # who compiles; its head is told
    to_issuer: bool = False  # the head of the issuer's office is told too
    language: str = Field(default="vi", max_length=2)
    own_day: int | None = None  # else the template's
    own_months_before: int = 0
    is_paused: bool = False
    counts_from: datetime = Field(sa_type=UtcDateTime)
    last_period: str | None = Field(default=None, max_length=40)
    revision: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: UUID | None = Field(default=None, foreign_key="person.id")

    @property
    def own(self) -> DayOfPeriod | None:
        """Its own sending day; None where it goes by the template's."""
        if self.own_day is None:
            return None
        return DayOfPeriod(day=self.own_day, months_before=self.own_months_before)


class CompiledReport(SQLModel, table=True):
    """What was compiled of one period, once. `units`: how each unit's report of the period stood at that moment."""

    __tablename__ = "compiled_report"
    __table_args__ = (
        UniqueConstraint("schedule_id", "period"),
        CheckConstraint("data_from <= data_to", name="in_order"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    schedule_id: UUID = Field(foreign_key="report_schedule.id")
    period: str = Field(max_length=40)
    due_on: date  # our own day, as the calendar moved it
    data_from: date
    data_to: date
    cutoff: date
    is_estimate: bool  # our day lies before the data's end: the rest is an estimate
    units: list[dict[str, Any]] = Field(sa_type=JsonColumn)
    report_id: UUID | None = Field(default=None, foreign_key="issued_report.id", ondelete="SET NULL", index=True)
    compiled_at: datetime = Field(sa_type=UtcDateTime)
