"""The audit: who changed what in the installation itself, who signed in, who looked at what is watched.

What is done to tasks is in the history. Append-only, as that is (a trigger in the migrations).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from models.database.columns import JsonColumn, UtcDateTime
from models.database.ids import new_id


class Audit(SQLModel, table=True):
    """One deed: `action` is its name (`signed_in`, `template_published`), `object` what it was done to, by code."""

    __table_args__ = (Index("ix_audit_recorded", "recorded_at"), Index("ix_audit_actor", "actor_id", "recorded_at"))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    actor_id: UUID | None = Field(default=None, foreign_key="person.id")
    action: str = Field(max_length=64)
    object: str = Field(default="", max_length=200)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JsonColumn)
    address: str = Field(default="", max_length=64)
