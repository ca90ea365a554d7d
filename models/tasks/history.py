"""The history: append-only lines with ids and facts. Their notes are in a table of their own, and can be erased.

The database refuses to change or delete a row (triggers in the migrations); only `seal_id` may be set, once. Seals
chain the rows (`workflows.history.seal` writes them, `workflows.history.verify_history` checks them).
"""

import hashlib
import secrets
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel, col

from models.database.columns import JsonColumn, UtcDateTime, partial_index
from models.database.ids import new_id


class HistorySeal(SQLModel, table=True):
    """A batch of history rows, in the order of their moments and ids, chained to the one before it by hash.

    `row_ids` and `row_hashes` hold 16 and 32 bytes for each row, so that one that is missing, changed or elsewhere is
    named. A seal without rows says that time has passed and nothing more came.
    """

    __tablename__ = "history_seal"
    __table_args__ = (
        CheckConstraint("(number = 1) = (previous_id IS NULL)", name="first_has_none_before"),
        CheckConstraint("number >= 1 AND row_count >= 0", name="counts"),
        CheckConstraint(
            "length(row_ids) = 16 * row_count AND length(row_hashes) = 32 * row_count", name="names_its_rows"
        ),
        CheckConstraint("signature IS NULL OR length(signature) = 128", name="signature"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    number: int = Field(unique=True)
    previous_id: UUID | None = Field(default=None, foreign_key="history_seal.id", unique=True)
    sealed_at: datetime = Field(sa_type=UtcDateTime)
    upto: datetime = Field(sa_type=UtcDateTime)  # what had been recorded before it is sealed by now
    row_count: int
    digest: str = Field(max_length=64)  # SHA-256 of models.tasks.sealed_lines.seal_line
    row_ids: bytes = b""
    row_hashes: bytes = b""
    signature: str | None = Field(default=None, max_length=128)  # models.database.seal_keys; none before there were any


class History(SQLModel, table=True):
    """A line of the history: who did what to which task, when it was recorded, and on which day it happened."""

    __table_args__ = (
        Index("ix_history_task_recorded", "task_id", "recorded_at"),
        Index("ix_history_directive_recorded", "directive_id", "recorded_at"),
        # the tail that the next seal takes, in its order
        partial_index("ix_history_unsealed", "recorded_at", "id", where="seal_id IS NULL"),
        partial_index("ix_history_sealed", "seal_id", where="seal_id IS NOT NULL"),
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
    seal_id: UUID | None = Field(default=None, foreign_key="history_seal.id")


class HistoryNote(SQLModel, table=True):
    """The note of a line, which can be erased without breaking the chain."""

    __tablename__ = "history_note"

    history_id: UUID = Field(foreign_key="history.id", primary_key=True)
    salt: str = Field(max_length=32)
    text: str


RECORDED = (col(History.recorded_at), col(History.id))
"""The order of history, the oldest first: rows of one moment by their ids."""
NEWEST_FIRST = tuple(column.desc() for column in RECORDED)


def new_salt() -> str:
    return secrets.token_hex(16)


def salted_hash(salt: str, text: str) -> str:
    """SHA-256 in hex: what a history row keeps of its words, so that the chain holds when they are erased."""
    return hashlib.sha256(f"{salt}{text}".encode()).hexdigest()
