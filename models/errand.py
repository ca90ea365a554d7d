"""Errands: long work that somebody asked for from a page, done in the background; its page shows how far it is."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from models.columns import JsonColumn, UtcDateTime, enum_type
from models.ids import new_id

LAUNCH, PREVIEW, BULK = "launch", "preview", "bulk"
"""Kinds of errands."""


class ErrandState(StrEnum):
    """How an errand stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"  # before it began


class Errand(SQLModel, table=True):
    """One piece of long work: `kind` says which verb, `given` what it takes, `done` of `total` how far it is.

    It begins at `starts_at`. A claim sets `lease_until`; whoever writes must still hold that very lease.
    """

    __table_args__ = (
        CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name="running_has_lease"),
        CheckConstraint("done >= 0 AND total >= 0", name="counts"),
        Index(
            "ix_errand_to_do",
            "starts_at",
            sqlite_where=text("state IN ('queued', 'running')"),
            postgresql_where=text("state IN ('queued', 'running')"),
        ),
        Index("ix_errand_asked_by", "asked_by", "asked_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: str = Field(max_length=32)
    given: dict[str, Any] = Field(sa_type=JsonColumn)
    asked_by: UUID = Field(foreign_key="person.id")
    asked_at: datetime = Field(sa_type=UtcDateTime)
    starts_at: datetime = Field(sa_type=UtcDateTime)
    state: ErrandState = Field(default=ErrandState.QUEUED, sa_type=enum_type(ErrandState))
    done: int = 0
    total: int = 0
    attempts: int = 0
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: dict[str, Any] = Field(default_factory=dict, sa_type=JsonColumn)
    error: str = Field(default="", max_length=1000)


class ErrandPart(SQLModel, table=True):
    """A piece of what an errand found that is too big for its row, such as one day of a preview."""

    __tablename__ = "errand_part"

    errand_id: UUID = Field(foreign_key="errand.id", primary_key=True)
    name: str = Field(primary_key=True, max_length=64)
    content: dict[str, Any] = Field(sa_type=JsonColumn)
