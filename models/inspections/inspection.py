"""Inspections of how a directive is carried out: the plan, who inspects whom, what is asked, found and demanded.

The inspection's own plan or decision is a document (`document_id`): telling the units and what they must put right are
ordinary tasks of it, with the ordinary ladder and letters. The visit's day is the date of the unit's task.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.database.columns import UtcDateTime, enum_type
from models.database.ids import new_id
from models.i18n import Labelled, _


class InspectionState(Labelled):
    PLANNED = "planned", _("inspection planned")
    UNDER_WAY = "under_way", _("inspection under way")  # with the first finding
    FINDINGS_SENT = "findings_sent", _("findings sent")  # the units read what was found of them; findings stand
    CLOSED = "closed", _("inspection closed")
    CANCELLED = "cancelled", _("inspection cancelled")


class Verdict(Labelled):
    MET = "met", _("met")
    PARTLY = "partly", _("partly met")
    NOT_MET = "not_met", _("not met")
    NOT_APPLICABLE = "not_applicable", _("not applicable")


class Inspection(SQLModel, table=True):
    """One inspection (đợt kiểm tra) of units, of how they carry out a directive. Days are local."""

    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="days_in_order"),
        CheckConstraint("decision_on IS NULL OR decision_number IS NOT NULL", name="decision_has_number"),
        CheckConstraint("(state IN ('closed', 'cancelled')) = (ended_at IS NOT NULL)", name="ended_has_moment"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_has_person"),
        CheckConstraint("state <> 'closed' OR (summary <> '' AND sent_at IS NOT NULL)", name="closed_has_summary"),
        CheckConstraint("state <> 'cancelled' OR reason <> ''", name="cancelled_has_reason"),
        CheckConstraint("state <> 'findings_sent' OR sent_at IS NOT NULL", name="sent_has_moment"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    directive_id: UUID = Field(foreign_key="directive.id", index=True)
    document_id: UUID = Field(foreign_key="directive.id", unique=True)
    title: str = Field(max_length=300)
    lead_id: UUID = Field(foreign_key="person.id", index=True)  # trưởng đoàn
    starts_on: date
    ends_on: date
    decision_number: str | None = Field(default=None, max_length=64)
    decision_on: date | None = None
    state: InspectionState = Field(default=InspectionState.PLANNED, sa_type=enum_type(InspectionState))
    planned_at: datetime = Field(sa_type=UtcDateTime)
    planned_by: UUID = Field(foreign_key="person.id")
    begun_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_by: UUID | None = Field(default=None, foreign_key="person.id")
    summary: str = ""  # kết luận
    reason: str = ""  # why it was cancelled
    revision: int = 0  # grows with every move: whoever writes holds the row


class InspectionMember(SQLModel, table=True):
    """A member of the team (đoàn kiểm tra) besides its lead."""

    __tablename__ = "inspection_member"

    inspection_id: UUID = Field(foreign_key="inspection.id", primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", primary_key=True, index=True)


class InspectedUnit(SQLModel, table=True):
    """A unit that is inspected; its task tells it so, and its date is the day of the visit."""

    __tablename__ = "inspected_unit"

    inspection_id: UUID = Field(foreign_key="inspection.id", primary_key=True)
    unit_id: UUID = Field(foreign_key="unit.id", primary_key=True, index=True)
    task_id: UUID = Field(foreign_key="task.id", unique=True)


class InspectionItem(SQLModel, table=True):
    """One question of the checklist (nội dung kiểm tra): a duty of the directive, or a question of the team's own."""

    __tablename__ = "inspection_item"
    __table_args__ = (
        UniqueConstraint("inspection_id", "position"),
        UniqueConstraint("inspection_id", "id"),
        CheckConstraint("position >= 1", name="position_counts"),
        CheckConstraint("text <> ''", name="has_words"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    inspection_id: UUID = Field(foreign_key="inspection.id")
    position: int
    duty_id: UUID | None = Field(default=None, foreign_key="duty.id", index=True)
    text: str = Field(max_length=1000)


class InspectionFinding(SQLModel, table=True):
    """What was found of one question at one unit. `settled`: how it was put right on the spot, without a task."""

    __tablename__ = "inspection_finding"
    __table_args__ = (
        ForeignKeyConstraint(["unit_id", "inspection_id"], ["inspected_unit.unit_id", "inspected_unit.inspection_id"]),
        ForeignKeyConstraint(["item_id", "inspection_id"], ["inspection_item.id", "inspection_item.inspection_id"]),
        CheckConstraint("verdict NOT IN ('partly', 'not_met') OR words <> ''", name="shortcoming_has_words"),
        CheckConstraint("settled = '' OR verdict IN ('partly', 'not_met')", name="settled_is_shortcoming"),
    )

    inspection_id: UUID = Field(primary_key=True)
    unit_id: UUID = Field(primary_key=True)
    item_id: UUID = Field(primary_key=True)
    verdict: Verdict = Field(sa_type=enum_type(Verdict))
    words: str = ""
    settled: str = ""
    found_at: datetime = Field(sa_type=UtcDateTime)
    found_by: UUID = Field(foreign_key="person.id")
    revision: int = 1


class InspectionFile(SQLModel, table=True):
    """A file that shows a finding, in the evidence store under its content hash."""

    __tablename__ = "inspection_file"
    __table_args__ = (
        ForeignKeyConstraint(
            ["unit_id", "inspection_id", "item_id"],
            ["inspection_finding.unit_id", "inspection_finding.inspection_id", "inspection_finding.item_id"],
        ),
        CheckConstraint("size > 0", name="not_empty"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    inspection_id: UUID = Field(index=True)
    unit_id: UUID
    item_id: UUID
    sha256: str = Field(max_length=64, index=True)
    filename: str = Field(max_length=255)
    media_type: str = Field(max_length=100)
    size: int  # bytes
    added_at: datetime = Field(sa_type=UtcDateTime)
    added_by: UUID = Field(foreign_key="person.id")


class InspectionCorrection(SQLModel, table=True):
    """What a unit must put right (kiến nghị khắc phục): an ordinary task. The id is its launch's: asked once."""

    __tablename__ = "inspection_correction"
    __table_args__ = (
        ForeignKeyConstraint(
            ["unit_id", "inspection_id", "item_id"],
            ["inspection_finding.unit_id", "inspection_finding.inspection_id", "inspection_finding.item_id"],
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    inspection_id: UUID = Field(index=True)
    unit_id: UUID
    item_id: UUID
    task_id: UUID = Field(foreign_key="task.id", unique=True)
    demanded_at: datetime = Field(sa_type=UtcDateTime)
    demanded_by: UUID = Field(foreign_key="person.id")
