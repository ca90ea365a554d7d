"""Accounts, with which people prove who they are. Secrets are stored as hashes; a mailed code is stored nowhere."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from models.database.columns import UtcDateTime, enum_type, partial_index
from models.database.ids import new_id
from models.database.sealed import Sealed, secrets_when_asked


class Account(SQLModel, table=True):
    """The ways of a person to sign in besides mailed codes. Without a row, there are only these codes."""

    __mapper_args__ = secrets_when_asked

    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    password_hash: str | None = Field(default=None, max_length=255)  # argon2
    password_set_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    totp_secret: str | None = Field(default=None, sa_type=Sealed("account.totp_secret", 255))  # base32
    totp_confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # asked for from then on
    totp_last_step: int = 0  # a code counts once
    oidc_subject: str | None = Field(default=None, unique=True, max_length=300)  # issuer and subject
    links_from: datetime | None = Field(default=None, sa_type=UtcDateTime)  # older links in letters are void


class Proof(StrEnum):
    PASSWORD = "password"
    CODE = "code"  # a one-time code sent to their address
    OIDC = "oidc"


class WebSession(SQLModel, table=True):
    """A browser that is signed in. The cookie holds a random key; its SHA-256 is the row's own."""

    __tablename__ = "web_session"
    __table_args__ = (Index("ix_web_session_person", "person_id", "expires_at"),)

    key_hash: str = Field(primary_key=True, max_length=64)
    id: UUID = Field(default_factory=new_id, unique=True)  # how its person names it, to end it
    person_id: UUID = Field(foreign_key="person.id")
    proof: Proof = Field(sa_type=enum_type(Proof))
    created_at: datetime = Field(sa_type=UtcDateTime)
    last_seen_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    is_remembered: bool = False
    device: str = Field(default="", max_length=200)  # what the browser calls itself
    address: str = Field(default="", max_length=64)


MOST_ATTEMPTS = 5
"""So often may somebody mistype a mailed code before it is void."""


class MailedPurpose(StrEnum):
    SIGN_IN = "sign_in"  # six digits
    INVITATION = "invitation"  # a link to choose the first password
    RESET = "reset"


class MailedSecret(SQLModel, table=True):
    """A mailed code or link. Its secret is made from the installation's key and this row's id."""

    __tablename__ = "mailed_secret"
    __table_args__ = (
        CheckConstraint("expires_at > created_at", name="in_order"),
        partial_index("ix_mailed_secret_open", "person_id", "purpose", where="used_at IS NULL"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id")
    purpose: MailedPurpose = Field(sa_type=enum_type(MailedPurpose))
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # used, or replaced by a newer one
    attempts: int = 0

    def is_open(self, now: datetime) -> bool:
        return self.used_at is None and now < self.expires_at and self.attempts < MOST_ATTEMPTS


class Throttle(SQLModel, table=True):
    """A count of failed proofs: for a person at a place, for a place, or for a person."""

    key: str = Field(primary_key=True, max_length=200)
    failures: int = 0
    last_at: datetime = Field(sa_type=UtcDateTime, index=True)
    blocked_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
