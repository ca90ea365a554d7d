"""Letters that come back: every report of a mail server that was read, and what came of it."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, false, text
from sqlmodel import Field, SQLModel

from models.database.columns import UtcDateTime, enum_type, partial_index


class BounceAction(StrEnum):
    """What a mail server says it did (RFC 3464, 2.3.3)."""

    FAILED = "failed"
    DELAYED = "delayed"  # it goes on trying
    DELIVERED = "delivered"
    RELAYED = "relayed"  # to a server that sends no reports
    EXPANDED = "expanded"  # to the members of a list


class BounceAside(StrEnum):
    NOT_A_REPORT = "not_a_report"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"  # parts within parts within parts
    BROKEN = "broken"
    UNSIGNED = "unsigned"  # names no letter by a token of ours
    FORGED = "forged"  # its token was not made here
    UNKNOWN_LETTER = "unknown_letter"  # made here, and the letter is not: of before a restore, perhaps


_WAITS = text("waits")


class Bounce(SQLModel, table=True):
    """One message that was read. Its key is made from its Message-ID (or all of it) and the letter it is about."""

    __table_args__ = (
        partial_index("ix_bounce_waits", "read_at", where=_WAITS),
        Index("ix_bounce_read_at", "read_at"),
        partial_index("ix_bounce_letter_id", "letter_id", where="letter_id IS NOT NULL"),
    )

    key: str = Field(primary_key=True, max_length=64)
    letter_id: UUID | None = Field(default=None, foreign_key="letter.id")
    address_tag: str = Field(
        default="", max_length=8
    )  # of the address it was about, see `notifications.composing.keys`
    action: BounceAction | None = Field(default=None, sa_type=enum_type(BounceAction))
    status: str = Field(default="", max_length=16)  # RFC 3463: 5.1.1
    diagnostic: str = Field(default="", max_length=500)
    aside: BounceAside | None = Field(default=None, sa_type=enum_type(BounceAside))
    read_at: datetime = Field(sa_type=UtcDateTime)
    waits: bool = False  # its letter is in a deliverer's hands: seen to once that one has settled it
    is_proved: bool = Field(default=False, sa_column_kwargs={"server_default": false()})  # by our own server's findings
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # when it made its letter a failed one


BOUNCE_WAITS = text("bounce.waits")
"""The condition of `ix_bounce_waits`, word for word."""
