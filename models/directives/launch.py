"""Launches, the duties they arm, and incidents."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from models.database.columns import JsonColumn, UtcDateTime
from models.database.ids import new_id


class Launch(SQLModel, table=True):
    """One publishing of templates to an audience on a date, by a named coordinator of the assigning unit."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    directive_id: UUID = Field(foreign_key="directive.id", index=True)
    launched_at: datetime = Field(sa_type=UtcDateTime)
    assigner_unit_id: UUID = Field(foreign_key="unit.id")
    coordinator_id: UUID = Field(foreign_key="person.id", index=True)
    due_on: date | None = None  # set by the coordinator for duties without a date of their own
    taken_back_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # before its first letter left
    overridden: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonColumn)


class ArmedDuty(SQLModel, table=True):
    """A duty that goes on after its launch: opens its next period by itself, or waits for an incident or a request."""

    __tablename__ = "armed_duty"

    duty_id: UUID = Field(foreign_key="duty.id", primary_key=True)
    launch_id: UUID = Field(foreign_key="launch.id", index=True)
    armed_at: datetime = Field(sa_type=UtcDateTime)
    last_period: str | None = Field(default=None, max_length=40)
    next_opens_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    stood_down_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Incident(SQLModel, table=True):
    """A situation declared, in earnest or as a drill (DIỄN TẬP), which starts contingency tasks' clocks in hours."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    directive_id: UUID = Field(foreign_key="directive.id", index=True)
    title: str = Field(max_length=300)
    is_drill: bool = False
    declared_at: datetime = Field(sa_type=UtcDateTime)
    declared_by: UUID = Field(foreign_key="person.id")
    stood_down_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stood_down_by: UUID | None = Field(default=None, foreign_key="person.id")
