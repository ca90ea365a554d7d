"""Shapes of the API: base classes of answers and request bodies, and answers that several modules give."""

from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from models.signatures.signature_facts import Change, Outcome
from models.tasks.task import TaskStatus
from workflows.worklists.task_rows import TaskLine


class Shape(BaseModel):
    """The base of answers."""

    model_config = ConfigDict(from_attributes=True)

    @classmethod
    def of(cls, source: object, **values: Any) -> Self:
        """Take each field from `values`, or else from the attribute of `source` with that name."""
        attributes = {name: getattr(source, name) for name in cls.model_fields if name not in values}
        return cls.model_validate(attributes | values)


class StrictBody(BaseModel):
    """The base of request bodies: an unknown field is refused."""

    model_config = ConfigDict(extra="forbid")


class Body(StrictBody):
    """A request body whose texts lose the spaces at their ends."""

    model_config = ConfigDict(str_strip_whitespace=True)


class Partner(Shape):
    """A coordinating unit."""

    code: str
    name: str
    contributed_at: datetime | None
    note: str


class SignatureShape(Shape):
    """A digital signature in a PDF file, checked against the installed root certificates."""

    outcome: Outcome = Field(description="Whether it counts now; everything but `valid` is a warning")
    name: str = Field(examples=["Nguyễn Văn An"])
    organisation: str
    issuer: str = Field(description="The authority that issued the certificate")
    reason: str = Field(description="As the signer gave it", examples=["Sao y"])
    signed_at: datetime | None = Field(description="By the clock of the signer's machine")
    stamped_at: datetime | None = Field(description="As a trusted timestamp says")
    valid_until: datetime | None = Field(description="End of the certificate")
    change: Change = Field(description="How the file changed afterwards; `signed`: only other signatures were added")
    is_stamp: bool = Field(description="A timestamp of the whole file, nobody's signature")


class EvidenceShape(Shape):
    """A file of a result."""

    id: UUID
    filename: str = Field(examples=["báo cáo.pdf"])
    media_type: str = Field(examples=["application/pdf"])
    size: int = Field(description="Bytes")
    sha256: str
    signatures: list[SignatureShape] | None = Field(
        None, description="Of a PDF; null for other files, and until or unless they can be checked"
    )


class ResultShape(Shape):
    """A result that was submitted."""

    id: UUID
    number: str = Field(examples=["12/BC-TCT-T"])
    document_date: date
    subject: str
    signer: str
    link: str | None
    is_classified: bool
    submitted_at: datetime
    received_on: date | None
    decision: str | None = Field(examples=["approved"])
    decided_at: datetime | None
    files: list[str]
    evidence: list[EvidenceShape]


class Move(Shape):
    """A line of a task's history."""

    id: UUID
    recorded_at: datetime
    occurred_on: date
    event: str = Field(examples=["accepted"])
    relation: str = Field(examples=["head"])
    from_status: str | None
    to_status: str | None
    facts: dict[str, Any]
    actor: str | None
    note: str | None


class TaskWhole(TaskLine):
    """A task with its results, coordinating units and history."""

    quote: str = Field(description="The duty's own sentence")
    actions: list[str] = Field(description="What the caller may do now", examples=[["accept", "assign"]])
    partners: list[Partner]
    results: list[ResultShape]
    history: list[Move]
    seen: UUID | None = Field(description="The newest line of the history: send it along with an action")


class TaskForPartner(Shape):
    """A task as a coordinating unit sees it: what is to be done and until when."""

    id: UUID
    short_id: str
    directive: str
    duty: str
    title: str
    quote: str
    unit_code: str
    unit: str
    due_on: date | None
    actions: list[str]


class Acted(Shape):
    """The outcome of an action."""

    task: UUID
    event: str = Field(examples=["accepted"])
    history: UUID = Field(description="The history row that records it")
    status: TaskStatus | None = Field(description="null for a coordinating unit, which does not see it")


class DirectiveShape(Shape):
    """An issued document."""

    code: str = Field(examples=["ct-06-2004"])
    kind: str = Field(examples=["chỉ thị"])
    number: str | None = Field(examples=["06/2004/CT-BBCVT"])
    issued_on: date | None
    issuer: str
    subject: str
    urgency: str


class DutyShape(Shape):
    """One obligation of a directive, with its own sentence."""

    path: str = Field(examples=["2.a"])
    kind: str = Field(examples=["contingency"])
    title: str
    quote: str


class DirectiveWhole(DirectiveShape):
    """A directive with its duties."""

    text: str
    duties: list[DutyShape]


class PersonShape(Shape):
    """The caller, with their offices and rights."""

    code: str = Field(examples=["le.thi.c"])
    full_name: str
    language: str
    standings: list[str] = Field(examples=[["coordinator", "officer"]])
    rights: list[str]
    scopes: list[str] = Field(examples=[["read", "act"]])
