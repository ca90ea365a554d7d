"""History: append-only rows of ids and facts; free text lies beside them and can be erased.

The database refuses to change or delete a row (triggers in the migrations); only `seal_id` may be set, once.
"""

import hashlib
import secrets
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from models.columns import JsonColumn, UtcDateTime
from models.ids import new_id


class HistorySeal(SQLModel, table=True):
    """A batch of history rows chained to the one before it by hash."""

    __tablename__ = "history_seal"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    previous_id: UUID | None = Field(default=None, foreign_key="history_seal.id", unique=True)
    sealed_at: datetime = Field(sa_type=UtcDateTime)
    row_count: int
    digest: str = Field(max_length=64)


class History(SQLModel, table=True):
    """One move: who did what to which task, when it was recorded and on which day it happened."""

    __table_args__ = (
        Index("ix_history_task_recorded", "task_id", "recorded_at"),
        Index("ix_history_directive_recorded", "directive_id", "recorded_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    occurred_on: date
    directive_id: UUID = Field(foreign_key="directive.id")
    task_id: UUID | None = Field(default=None)
    event: str = Field(max_length=40)
    actor_id: UUID | None = Field(default=None, foreign_key="person.id")
    relation: str = Field(max_length=20)  # head, stand_in, officer, coordinator, clerk, authority, system …
    from_status: str | None = Field(default=None, max_length=20)
    to_status: str | None = Field(default=None, max_length=20)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JsonColumn)
    note_hash: str | None = Field(default=None, max_length=64)  # salted; the words are in history_note
    seal_id: UUID | None = Field(default=None, foreign_key="history_seal.id", index=True)


class HistoryNote(SQLModel, table=True):
    """The words of a move: erasable without breaking the chain."""

    __tablename__ = "history_note"

    history_id: UUID = Field(foreign_key="history.id", primary_key=True)
    salt: str = Field(max_length=32)
    text: str


def new_salt() -> str:
    """A salt of its own for each note's hash."""
    return secrets.token_hex(16)


def salted_hash(salt: str, text: str) -> str:
    """SHA-256 in hex: what a history row keeps of its words, so that the chain holds when they are erased."""
    return hashlib.sha256(f"{salt}{text}".encode()).hexdigest()
