"""Channels beside mail: HTTP gateways of the office (SMS, Zalo …), browsers that are subscribed, and their messages.

Mail alone counts for the ladder. A message tells somebody who asked for it that a letter was sent to them.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.database.columns import JsonColumn, UtcDateTime, enum_type, partial_index
from models.database.ids import new_id
from models.database.leases import Leased
from models.database.sealed import Sealed, secrets_when_asked
from models.i18n import Labelled, _


class BodyForm(Labelled):
    JSON = "json", _("JSON")
    FORM = "form", _("form fields")


class Gateway(SQLModel, table=True):
    """An HTTP gateway that carries short messages to telephones."""

    __mapper_args__ = secrets_when_asked
    __table_args__ = (
        CheckConstraint("name <> ''", name="has_name"),
        CheckConstraint("longest IN (160, 320)", name="longest"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str = Field(unique=True, max_length=100)
    url: str = Field(max_length=1000)
    body_form: BodyForm = Field(default=BodyForm.JSON, sa_type=enum_type(BodyForm))
    body: str = Field(max_length=4000)  # with {phone}, {text}, {link}, {id}
    headers: str = Field(sa_type=Sealed("gateway.headers"))  # JSON by name; they hold the gateway's password
    secret: str = Field(sa_type=Sealed("gateway.secret", 255))  # signs what is sent (Standard Webhooks)
    kinds: list[str] = Field(default_factory=list, sa_type=JsonColumn)  # of letters; empty: none
    longest: int = 160  # characters of a text
    is_unmarked: bool = False  # Vietnamese without its marks: two times as much fits into an SMS
    knows_repeats: bool = False  # heeds Idempotency-Key, so that a call in doubt may be made again
    is_active: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: UUID = Field(foreign_key="person.id")


class GatewayConsent(SQLModel, table=True):
    """A person asked to be told by a gateway."""

    __tablename__ = "gateway_consent"

    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    gateway_id: UUID = Field(foreign_key="gateway.id", primary_key=True)
    since: datetime = Field(sa_type=UtcDateTime)


class PushSubscription(SQLModel, table=True):
    """A browser that shows notifications of a person (Web Push). Once ended, it has no keys any more."""

    __mapper_args__ = secrets_when_asked
    __tablename__ = "push_subscription"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (keys IS NOT NULL)", name="keys_while_open"),
        partial_index("ix_push_subscription_open", "person_id", where="ended_at IS NULL"),
        # a browser has one person at a time
        partial_index("ix_push_subscription_endpoint", "endpoint_hash", where="ended_at IS NULL", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id")
    session_id: UUID  # of the sign-in in which it was made: it ends with it
    endpoint_hash: str = Field(max_length=64)  # SHA-256
    keys: str | None = Field(default=None, sa_type=Sealed("push_subscription.keys"))  # JSON: endpoint, p256dh, auth
    host: str = Field(max_length=255)  # whose push service
    device: str = Field(default="", max_length=200)  # what the browser calls itself
    created_at: datetime = Field(sa_type=UtcDateTime)
    failed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # since a push was last taken
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_because: str = Field(default="", max_length=16)  # person, sign_out, service, other_person, off


class MessageState(Labelled):
    QUEUED = "queued", _("waiting to be sent")
    CLAIMED = "claimed", _("being sent")
    SENT = "sent", _("sent")
    UNCERTAIN = "uncertain", _("may or may not have arrived")  # not sent again: the gateway does not know repeats
    FAILED = "failed", _("not delivered")


_TO_SEND = text("state IN ('queued', 'claimed')")


class ChannelMessage(Leased, table=True):
    """One message of one letter by one gateway or to one browser; without a letter it is a test."""

    __tablename__ = "channel_message"
    __table_args__ = (
        UniqueConstraint("letter_id", "gateway_id"),
        UniqueConstraint("letter_id", "subscription_id"),
        CheckConstraint("(state = 'claimed') = (lease_until IS NOT NULL)", name="claimed_has_lease"),
        CheckConstraint("(gateway_id IS NULL) <> (subscription_id IS NULL)", name="one_channel"),
        partial_index("ix_channel_message_to_send", "not_before", where=_TO_SEND),
        Index("ix_channel_message_queued_at", "queued_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    letter_id: UUID | None = Field(default=None, foreign_key="letter.id")
    recipient_id: UUID = Field(foreign_key="person.id")
    gateway_id: UUID | None = Field(default=None, foreign_key="gateway.id")
    subscription_id: UUID | None = Field(default=None, foreign_key="push_subscription.id")
    state: MessageState = Field(default=MessageState.QUEUED, sa_type=enum_type(MessageState))
    queued_at: datetime = Field(sa_type=UtcDateTime)
    not_before: datetime = Field(sa_type=UtcDateTime, sa_column_kwargs={"name": "ready_at", "key": "not_before"})
    address: str | None = Field(default=None, max_length=64)  # the telephone number that it went to
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str = Field(default="", max_length=500)


class ChannelAttempt(SQLModel, table=True):
    """The mark committed before a call, and how it ended: as `LetterAttempt`, of a message instead of a letter."""

    __tablename__ = "channel_attempt"

    message_id: UUID = Field(foreign_key="channel_message.id", primary_key=True)
    lease_token: int = Field(primary_key=True, sa_column_kwargs={"name": "fence", "key": "lease_token"})
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str | None = Field(default=None, max_length=16)  # accepted, temporary, permanent, uncertain
    status: int | None = None  # HTTP
    reply: str = Field(default="", max_length=500)


SWITCHED_OFF = "switched off"
"""The error of a message whose channel was switched off while it waited."""
MESSAGE_TO_SEND = text("channel_message.state IN ('queued', 'claimed')")
"""The condition of `ix_channel_message_to_send`, word for word: SQLite takes a partial index only then."""
