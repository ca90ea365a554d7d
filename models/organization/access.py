"""Access for programs: personal access tokens, stored answers for repeated requests, calendar feeds, webhooks."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.database.columns import JsonColumn, UtcDateTime, enum_type, partial_index
from models.database.ids import new_id
from models.database.leases import Leased
from models.database.sealed import Sealed, SealedBytes, secrets_when_asked


class AccessToken(SQLModel, table=True):
    """A personal access token: what its person may do, within its scopes. Shown once; its SHA-256 is kept."""

    __tablename__ = "access_token"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    name: str = Field(max_length=100)
    token_hash: str = Field(unique=True, max_length=64)
    scopes: list[str] = Field(sa_type=JsonColumn)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


KEPT_FOR = timedelta(days=1)
"""So long a request with an Idempotency-Key may be repeated; then its answer, which may hold a secret, is purged."""


class KeptAnswer(SQLModel, table=True):
    """The answer to a request with an Idempotency-Key: the same request again gets it, and nothing is done twice."""

    __mapper_args__ = secrets_when_asked
    __tablename__ = "kept_answer"

    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    key: str = Field(primary_key=True, max_length=200)
    request_hash: str = Field(max_length=64)  # of method, path and body
    kept_at: datetime = Field(sa_type=UtcDateTime, index=True)
    status: int
    media_type: str = Field(max_length=100)
    body: bytes | None = Field(default=None, sa_type=SealedBytes("kept_answer.body"))  # may hold what is shown once


class CalendarFeed(SQLModel, table=True):
    """A person's calendar address: made from the installation's key and `turn`, which grows to void older ones."""

    __tablename__ = "calendar_feed"

    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    turn: int = 1
    made_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Webhook(SQLModel, table=True):
    """An address of another system that is told of events of a directive, or of all."""

    __mapper_args__ = secrets_when_asked

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str = Field(max_length=100)
    url: str = Field(max_length=1000)
    secret: str = Field(sa_type=Sealed("webhook.secret", 255))  # signs what is sent (Standard Webhooks)
    events: list[str] = Field(default_factory=list, sa_type=JsonColumn)  # names of history events; empty: all
    directive_id: UUID | None = Field(default=None, foreign_key="directive.id")
    is_active: bool = True
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: UUID = Field(foreign_key="person.id")


class CallState(StrEnum):
    QUEUED = "queued"
    CLAIMED = "claimed"
    DONE = "done"
    FAILED = "failed"  # given up


class WebhookCall(Leased, table=True):
    """One event that one webhook is to be told of: written with the event, called by the delivery."""

    __tablename__ = "webhook_call"
    __table_args__ = (
        UniqueConstraint("webhook_id", "history_id"),
        CheckConstraint("(state = 'claimed') = (lease_until IS NOT NULL)", name="claimed_has_lease"),
        partial_index("ix_webhook_call_to_make", "not_before", where="state IN ('queued', 'claimed')"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    webhook_id: UUID = Field(foreign_key="webhook.id")
    history_id: UUID = Field(foreign_key="history.id")
    state: CallState = Field(default=CallState.QUEUED, sa_type=enum_type(CallState))
    queued_at: datetime = Field(sa_type=UtcDateTime)
    not_before: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs={"name": "next_attempt_at", "key": "not_before"})
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    status: int | None = None  # the last answer's HTTP status
    error: str = Field(default="", max_length=500)


TO_MAKE = text("webhook_call.state IN ('queued', 'claimed')")
"""The condition of `ix_webhook_call_to_make`, word for word: SQLite takes a partial index only then."""
