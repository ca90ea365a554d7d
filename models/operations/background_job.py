"""Background jobs: long work that somebody asked for from a page, which shows how far it is."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from models.database.columns import JsonColumn, UtcDateTime, enum_type, partial_index
from models.database.ids import new_id
from models.database.leases import Leased

LAUNCH, PREVIEW, BULK, COMING, SCAN = "launch", "preview", "bulk", "coming", "scan"
"""Kinds of background jobs."""


class BackgroundJobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"  # before it began


class BackgroundJob(Leased, table=True):
    """One piece of long work: `kind` says which verb, `given` what it takes. It begins at `not_before`."""

    __tablename__ = "errand"
    __table_args__ = (
        CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name="running_has_lease"),
        CheckConstraint("done >= 0 AND total >= 0", name="counts"),
        partial_index("ix_errand_to_do", "not_before", where="state IN ('queued', 'running')"),
        Index("ix_errand_asked_by", "asked_by", "asked_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: str = Field(max_length=32)
    given: dict[str, Any] = Field(sa_type=JsonColumn)
    asked_by: UUID = Field(foreign_key="person.id")
    asked_at: datetime = Field(sa_type=UtcDateTime)
    not_before: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs={"name": "starts_at", "key": "not_before"})
    state: BackgroundJobState = Field(
        default=BackgroundJobState.QUEUED, sa_type=enum_type(BackgroundJobState, "errandstate")
    )
    done: int = 0
    total: int = 0
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: dict[str, Any] = Field(default_factory=dict, sa_type=JsonColumn)
    error: str = Field(default="", max_length=1000)


TO_DO = text("errand.state IN ('queued', 'running')")
"""The condition of `ix_errand_to_do`, word for word: SQLite takes a partial index only then."""


class JobPart(SQLModel, table=True):
    """A piece of what a background job found that is too big for its row, such as one day of a preview."""

    __tablename__ = "errand_part"

    errand_id: UUID = Field(foreign_key="errand.id", primary_key=True)
    name: str = Field(primary_key=True, max_length=64)
    content: dict[str, Any] = Field(sa_type=JsonColumn)
