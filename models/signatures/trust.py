"""Digital signatures: the root certificates that the administrator trusts, and what was found of signed files."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary
from sqlmodel import Field, SQLModel

from models.database.columns import JsonColumn, UtcDateTime
from models.database.ids import new_id


class TrustedRoot(SQLModel, table=True):
    """The certificate of an authority whose signers are trusted. `sha256` is its fingerprint, `content` its DER."""

    __tablename__ = "trusted_root"
    __table_args__ = (CheckConstraint("valid_from < valid_until", name="lasts"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    sha256: str = Field(max_length=64, unique=True)
    subject: str = Field(max_length=300)
    issuer: str = Field(max_length=300)
    valid_from: datetime = Field(sa_type=UtcDateTime)
    valid_until: datetime = Field(sa_type=UtcDateTime)
    content: bytes = Field(sa_type=LargeBinary)
    installed_at: datetime = Field(sa_type=UtcDateTime)
    installed_by: UUID = Field(foreign_key="person.id")


class SignatureCheck(SQLModel, table=True):
    """What was found of the signatures of a stored file, by its content; it holds while the roots stay the same.

    `roots` is a hash over the fingerprints that it was checked against. Facts only: what they are worth depends on
    the day. It can be found again from the file at any time.
    """

    __tablename__ = "signature_check"

    sha256: str = Field(primary_key=True, max_length=64)
    roots: str = Field(max_length=64)
    has_failed: bool
    signatures: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonColumn)
    checked_at: datetime = Field(sa_type=UtcDateTime, index=True)
