"""Documents that were read but not yet confirmed: their text, the duties proposed, and phrases learned on the way."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.database.columns import JsonColumn, UtcDateTime, enum_type
from models.database.ids import new_id
from models.directives.directive import DutyKind, Urgency


class IntakeState(StrEnum):
    OPEN = "open"
    CONCLUDED = "concluded"  # it is a directive now
    DROPPED = "dropped"


class ProposalState(StrEnum):
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DROPPED = "dropped"


class Intake(SQLModel, table=True):
    """One document as it was read. `findings`: for each field, its words' place, how sure it is, and why."""

    __table_args__ = (
        CheckConstraint("(state = 'concluded') = (directive_id IS NOT NULL)", name="concluded_has_directive"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended_has_date"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    filename: str = Field(max_length=200)
    sha256: str = Field(max_length=64, index=True)  # of the text
    text: str
    kind: str = Field(max_length=64)
    number: str | None = Field(default=None, max_length=64)
    issued_on: date | None = None
    issuer: str = Field(default="", max_length=300)
    subject: str = Field(default="", max_length=1000)
    urgency: Urgency = Field(default=Urgency.NORMAL, sa_type=enum_type(Urgency))
    legal_bases: list[str] = Field(default_factory=list, sa_type=JsonColumn)
    findings: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonColumn)
    state: IntakeState = Field(default=IntakeState.OPEN, sa_type=enum_type(IntakeState))
    coordinating_unit_id: UUID = Field(foreign_key="unit.id", index=True)
    read_at: datetime = Field(sa_type=UtcDateTime)
    read_by: UUID = Field(foreign_key="person.id")
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    directive_id: UUID | None = Field(default=None, foreign_key="directive.id", index=True)
    scan: dict[str, Any] = Field(default_factory=dict, sa_type=JsonColumn, sa_column_kwargs={"server_default": "{}"})
    """Of a document read from pictures: its pages, where its lines stand, its doubtful words; else empty."""


class ProposedDuty(SQLModel, table=True):
    """A duty as it was read and corrected: `begins` and `ends` are characters of the document's text.

    `addressees` and `partners` are names as they stand there; `deadline` is a rule of `template.py` or empty,
    `every` a reporting preset. `findings` say for each field where it was read, how surely, and by which rule.
    """

    __tablename__ = "proposed_duty"
    __table_args__ = (
        UniqueConstraint("intake_id", "path"),
        CheckConstraint("begins >= 0 AND begins < ends", name="has_words"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    intake_id: UUID = Field(foreign_key="intake.id", index=True)
    path: str = Field(max_length=32)
    begins: int
    ends: int
    title: str = Field(max_length=300)
    kind: DutyKind = Field(sa_type=enum_type(DutyKind))
    addressees: list[str] = Field(default_factory=list, sa_type=JsonColumn)
    partners: list[str] = Field(default_factory=list, sa_type=JsonColumn)
    deadline: dict[str, Any] = Field(default_factory=dict, sa_type=JsonColumn)
    every: str = Field(default="", max_length=16)
    reports_to: str = Field(default="", max_length=300)
    result: str = Field(default="", max_length=500)  # the product; "" for a report of what was done
    state: ProposalState = Field(default=ProposalState.PROPOSED, sa_type=enum_type(ProposalState))
    findings: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonColumn)


class FileRole(StrEnum):
    """The role of a file for the document that was read from it."""

    ORIGINAL = "original"  # as it was sent
    SEARCHABLE = "searchable"  # the scan with its text laid under the pictures
    ATTACHMENT = "attachment"  # came in the same message


class IntakeFile(SQLModel, table=True):
    """A file of a document, stored once by content hash in the evidence folder."""

    __tablename__ = "intake_file"
    __table_args__ = (UniqueConstraint("intake_id", "role", "sha256"), CheckConstraint("size > 0", name="not_empty"))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    intake_id: UUID = Field(foreign_key="intake.id")
    role: FileRole = Field(sa_type=enum_type(FileRole))
    sha256: str = Field(max_length=64, index=True)
    filename: str = Field(max_length=255)
    media_type: str = Field(max_length=100)
    size: int  # bytes


class AudiencePhrase(SQLModel, table=True):
    """Whom a phrase means in this office, as somebody corrected it once: an audience rule's selectors."""

    __tablename__ = "audience_phrase"

    folded: str = Field(primary_key=True, max_length=300)
    phrase: str = Field(max_length=300)
    selectors: list[dict[str, Any]] = Field(sa_type=JsonColumn)
    taught_at: datetime = Field(sa_type=UtcDateTime)
    taught_by: UUID = Field(foreign_key="person.id")
