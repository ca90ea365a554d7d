"""Tasks: one unit's share of one duty for one occurrence, and the records that hang on it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, event, text
from sqlmodel import Field, SQLModel, col

from models.database.columns import JsonColumn, UtcDateTime, enum_type, last_digits, partial_index
from models.database.ids import ZERO_ID, new_id
from models.i18n import Labelled, _
from models.text.vietnamese import search_words

_SEARCHED = String(64).with_variant(String(64, collation="C"), "postgresql")
"""Compared byte by byte on both databases, so that an index finds what begins with some words."""


class TaskStatus(Labelled):
    """The status of a task. "Overdue" is no status: it is derived."""

    ASSIGNED = "assigned", _("not accepted yet")  # chưa tiếp nhận
    ACCEPTED = "accepted", _("under way")  # đang thực hiện
    SUBMITTED = "submitted", _("waiting for approval")  # chờ duyệt
    RETURNED = "returned", _("returned for completion")  # trả lại, đề nghị bổ sung
    APPROVED = "approved", _("done")  # đã hoàn thành
    WITHDRAWN = "withdrawn", _("withdrawn")  # thu hồi


OPEN_STATUSES = frozenset({TaskStatus.ASSIGNED, TaskStatus.ACCEPTED, TaskStatus.SUBMITTED, TaskStatus.RETURNED})
_IS_OPEN = text("status IN ('assigned', 'accepted', 'submitted', 'returned')")
_OWN_LEAD = text("parent_id IS NULL AND assigner_unit_id = lead_unit_id")


class WaitKind(Labelled):
    """The thing for which a task waits, and which somebody else must decide or give."""

    DECISION = "decision", _("approval of the result")  # submitted: approve or return
    EXTENSION = "extension", _("decision on more time")
    OBSTACLE = "obstacle", _("answer to an obstacle")
    LEAD_CHANGE = "lead_change", _("decision on another lead unit")


class DueFixedBy(StrEnum):
    """The origin of the date, which decides who may extend it."""

    ASSIGNER = "assigner"
    DIRECTIVE = "directive"  # only the issuer's side may move it
    TEMPLATE = "template"
    PARENT = "parent"


class Task(SQLModel, table=True):
    """One lead unit, one date. Identity: (duty, assigned unit, occurrence, parent); `lead_unit_id` may change."""

    __table_args__ = (
        UniqueConstraint("duty_id", "assigned_unit_id", "occurrence", "parent_key"),
        CheckConstraint("parent_id IS NULL OR parent_key = parent_id", name="parent_key_is_parent"),
        CheckConstraint("(due_at IS NULL) = (original_due_at IS NULL)", name="original_date_kept"),
        CheckConstraint("due_reason = '' OR due_facts = '[]'", name="one_reason"),
        CheckConstraint("(wait_kind IS NULL) = (wait_since IS NULL)", name="wait_has_since"),
        CheckConstraint("status NOT IN ('approved', 'withdrawn') OR next_check_at IS NULL", name="closed_is_quiet"),
        # a person's list reads open tasks only, however many were closed over the years
        Index("ix_task_lead_status", "lead_unit_id", "status"),
        Index("ix_task_coordinator_status", "coordinator_id", "status"),
        Index("ix_task_assigner_status", "assigner_unit_id", "status"),
        # most have no officer, and no parent: rows without one need no entry
        partial_index("ix_task_officer", "officer_id", "status", where="officer_id IS NOT NULL"),
        partial_index("ix_task_parent", "parent_id", where="parent_id IS NOT NULL"),
        # what was done last; costs a launch nothing
        partial_index("ix_task_lead_closed", "lead_unit_id", "closed_at", where="closed_at IS NOT NULL"),
        Index("ix_task_directive_duty", "directive_id", "duty_id"),
        partial_index("ix_task_handed_down", "assigner_unit_id", where="parent_id IS NOT NULL"),
        Index("ix_task_duty_lead", "duty_id", "lead_unit_id"),
        # the days of years of tasks; costs a launch nothing
        partial_index("ix_task_closed_due", "due_at", where="closed_at IS NOT NULL"),
        partial_index("ix_task_closed_at", "closed_at", where="closed_at IS NOT NULL"),
        partial_index("ix_task_own_lead", "status", where=_OWN_LEAD),
        partial_index("ix_task_open", "due_at", "is_drill", where=_IS_OPEN),
        # not of those without one: SQLite would take "no incident" for rare, and read every task there is
        partial_index("ix_task_incident", "incident_id", where="incident_id IS NOT NULL"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    directive_id: UUID = Field(foreign_key="directive.id")
    duty_id: UUID = Field(foreign_key="duty.id")
    launch_id: UUID = Field(foreign_key="launch.id", index=True)
    template_version_id: UUID = Field(foreign_key="template_version.id", index=True)
    incident_id: UUID | None = Field(default=None, foreign_key="incident.id")
    is_drill: bool = False
    assigned_unit_id: UUID = Field(foreign_key="unit.id")
    lead_unit_id: UUID = Field(foreign_key="unit.id")
    occurrence: str = Field(max_length=64)  # once, 2004-Q1, incident:ID, request:ID
    parent_key: UUID = Field(default=ZERO_ID)
    parent_id: UUID | None = Field(default=None, foreign_key="task.id")
    assigner_unit_id: UUID = Field(foreign_key="unit.id")
    coordinator_id: UUID = Field(foreign_key="person.id")
    officer_id: UUID | None = Field(default=None, foreign_key="person.id")
    status: TaskStatus = Field(default=TaskStatus.ASSIGNED, sa_type=enum_type(TaskStatus))
    assigned_at: datetime = Field(sa_type=UtcDateTime)
    assigned_anchor_id: UUID  # the history row that started the "not accepted" clock
    accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    original_due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    due_set_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    due_anchor_id: UUID | None = None  # the history row of the current due revision
    due_revision: int = 0  # also the SEQUENCE of the task's calendar entry
    due_fixed_by: DueFixedBy | None = Field(default=None, sa_type=enum_type(DueFixedBy))
    due_reason: str = Field(default="", max_length=500)  # why the date is what it is, in the words of who moved it
    due_facts: list[dict[str, Any]] = Field(
        default_factory=list, sa_type=JsonColumn, sa_column_kwargs={"server_default": "[]"}
    )  # the same where the engine decided it: models.tasks.due_facts
    wait_kind: WaitKind | None = Field(default=None, sa_type=enum_type(WaitKind))
    wait_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    wait_anchor_id: UUID | None = None
    submitted_on: date | None = None  # the day that counts for "on time": submission, or the clerk's receipt
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    next_check_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime
    )  # asked for; kept by models.tasks.task_check
    revision: int = 0  # grows with every move: the guard of every UPDATE


Index("ix_task_last_digits", last_digits(col(Task.id)))


IS_OPEN = text("task.status IN ('assigned', 'accepted', 'submitted', 'returned')")
IS_CLOSED = text("task.closed_at IS NOT NULL")
OPEN_EXTENSION = text("extension.state IN ('open', 'countered')")
OPEN_LEAD_CHANGE = text("lead_change.state = 'open'")
"""The conditions of `ix_task_open`, `ix_task_closed_due`, `ix_extension_open` and `ix_lead_change_open`, word for word:
SQLite takes a partial index only then."""


class Contribution(SQLModel, table=True):
    """A coordinating unit's own share of a task."""

    __table_args__ = (CheckConstraint("(contributed_at IS NULL) = (contributed_by IS NULL)", name="whole"),)

    task_id: UUID = Field(foreign_key="task.id", primary_key=True)
    unit_id: UUID = Field(foreign_key="unit.id", primary_key=True, index=True)
    contributed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    contributed_by: UUID | None = Field(default=None, foreign_key="person.id")
    note: str = ""


class Result(SQLModel, table=True):
    """What the unit submitted: its document's number, date, subject and signer; decided by approval or return.

    Until then the unit may take it back, or replace it by a corrected one; both stay here.
    """

    __table_args__ = (
        CheckConstraint(
            "decision IN ('approved', 'returned', 'taken_back', 'replaced') OR decision IS NULL", name="decision"
        ),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided_whole"),
        CheckConstraint("NOT is_classified OR (subject = '' AND link IS NULL)", name="classified_has_no_content"),
        partial_index("ix_result_open", "task_id", where="decision IS NULL", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    task_id: UUID = Field(foreign_key="task.id", index=True)
    number: str = Field(max_length=64)
    number_words: str = Field(default="", sa_type=_SEARCHED, index=True)  # by models.text.vietnamese.search_words
    document_date: date
    subject: str = Field(default="", max_length=1000)
    signer: str = Field(default="", max_length=200)
    link: str | None = Field(default=None, max_length=1000)
    is_classified: bool = False  # gửi theo đường công văn mật: number and date only
    submitted_at: datetime = Field(sa_type=UtcDateTime)
    submitted_by: UUID = Field(foreign_key="person.id")
    received_on: date | None = None  # recorded by the clerk
    decision: str | None = Field(default=None, max_length=16)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_by: UUID | None = Field(default=None, foreign_key="person.id")


@event.listens_for(Result, "before_insert")
@event.listens_for(Result, "before_update")
def _keep_words(_mapper: object, _connection: object, one: Result) -> None:
    one.number_words = search_words(one.number)


class Evidence(SQLModel, table=True):
    """A file of a result, stored once by content hash in the evidence folder."""

    __table_args__ = (CheckConstraint("size > 0", name="not_empty"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    result_id: UUID = Field(foreign_key="result.id", index=True)
    sha256: str = Field(max_length=64, index=True)
    filename: str = Field(max_length=255)
    media_type: str = Field(max_length=100)
    size: int  # bytes


class Extension(SQLModel, table=True):
    """A request for more time, decided by who set the date; one open at a time."""

    __table_args__ = (
        CheckConstraint("state IN ('open', 'countered', 'accepted', 'refused')", name="state"),
        partial_index("ix_extension_open", "task_id", where="state IN ('open', 'countered')", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    task_id: UUID = Field(foreign_key="task.id", index=True)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    asked_by: UUID = Field(foreign_key="person.id")
    asked_due_on: date
    reason: str
    by_issuer: bool = False  # the directive fixed the date: only the issuer's side decides
    state: str = Field(default="open", max_length=16)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_by: UUID | None = Field(default=None, foreign_key="person.id")
    decided_due_on: date | None = None  # granted, or proposed instead
    decision_reason: str = ""


class Obstacle(SQLModel, table=True):
    """A difficulty that blocks a task until the named authority answers; one open at a time."""

    __table_args__ = (
        CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="answered_whole"),
        partial_index("ix_obstacle_open", "task_id", where="answered_at IS NULL", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    task_id: UUID = Field(foreign_key="task.id", index=True)
    raised_at: datetime = Field(sa_type=UtcDateTime)
    raised_by: UUID = Field(foreign_key="person.id")
    text: str
    authority_unit_id: UUID = Field(foreign_key="unit.id", index=True)
    respond_by: datetime = Field(sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_by: UUID | None = Field(default=None, foreign_key="person.id")
    answer: str = ""


class LeadChange(SQLModel, table=True):
    """The unit says "không thuộc chức năng" and may propose another lead; one open at a time."""

    __tablename__ = "lead_change"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'changed', 'kept')", name="state"),
        partial_index("ix_lead_change_open", "task_id", where="state = 'open'", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    task_id: UUID = Field(foreign_key="task.id", index=True)
    asked_at: datetime = Field(sa_type=UtcDateTime)
    asked_by: UUID = Field(foreign_key="person.id")
    reason: str
    proposed_unit_id: UUID | None = Field(default=None, foreign_key="unit.id")
    state: str = Field(default="open", max_length=16)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_by: UUID | None = Field(default=None, foreign_key="person.id")


class TelephoneNote(SQLModel, table=True):
    """A call about a task: who answered and when, recorded beside the letters."""

    __tablename__ = "telephone_note"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    task_id: UUID = Field(foreign_key="task.id", index=True)
    called_at: datetime = Field(sa_type=UtcDateTime)
    called_by: UUID = Field(foreign_key="person.id")
    answered_by: str = Field(max_length=200)
    note: str = ""


class SignedPress(SQLModel, table=True):
    """A công văn đôn đốc that a person signed: its number and date come from the paper, never from us.

    The lần of the next draft is the number of these plus one.
    """

    __tablename__ = "signed_press"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    task_id: UUID = Field(foreign_key="task.id", index=True)
    number: str = Field(max_length=64)
    signed_on: date
    signer: str = Field(max_length=200)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    recorded_by: UUID = Field(foreign_key="person.id")
