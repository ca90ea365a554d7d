"""One inspection as plain data for the page, the API and the printed minutes (biên bản, kết luận kiểm tra).

Days are local, instants are UTC. `inspection_view.py` builds the data.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from models.inspections.inspection import InspectionState, Verdict
from models.tasks.task import TaskStatus
from workflows.inspections.inspection_words import HistoryLine
from workflows.rules.tasks.inspection_policy import SETTLED_STATUSES, SHORTCOMINGS

SHOWN = frozenset({InspectionState.FINDINGS_SENT, InspectionState.CLOSED})


@dataclass(frozen=True)
class TeamMember:
    """A member of the team; lists begin with the lead."""

    code: str
    name: str
    title: str
    unit: str
    is_lead: bool


@dataclass(frozen=True)
class Question:
    """A question of the checklist. `quote` is the sentence of its duty."""

    number: int
    text: str
    duty: str | None = None
    duty_title: str | None = None
    quote: str | None = None


@dataclass(frozen=True)
class FindingPhoto:
    id: UUID
    filename: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True)
class SentDocument:
    """A document that a unit sent: its number and local date as printed on it."""

    number: str
    on: date


@dataclass(frozen=True)
class Correction:
    """A corrective task. `result` is the last document that the unit sent."""

    task_id: UUID
    title: str
    text: str
    product: str
    status: TaskStatus
    due_on: date | None
    original_due_on: date | None
    closed_at: datetime | None
    is_late: bool
    result: SentDocument | None

    @property
    def is_answered(self) -> bool:
        return self.status in SETTLED_STATUSES


@dataclass(frozen=True)
class InspectionAnswer:
    """The answer to one question at one unit. `verdict` is None before anything was recorded."""

    question: Question
    verdict: Verdict | None = None
    words: str = ""
    settled: str = ""
    found_by: str = ""
    found_at: datetime | None = None
    revision: int = 0
    files: tuple[FindingPhoto, ...] = ()
    corrections: tuple[Correction, ...] = ()

    @property
    def is_shortcoming(self) -> bool:
        return self.verdict in SHORTCOMINGS


@dataclass(frozen=True)
class InspectedSheet:
    """One inspected unit: its head, the original and the current day of the visit, and the findings."""

    code: str
    name: str
    head: str
    head_title: str
    visit_on: date | None
    first_visit_on: date | None
    task_id: UUID
    task_status: TaskStatus
    report: SentDocument | None  # the report it sent for the inspection
    answers: tuple[InspectionAnswer, ...]

    def counted(self, *verdicts: Verdict) -> int:
        return sum(answer.verdict in verdicts for answer in self.answers)

    @property
    def answered(self) -> int:
        return sum(answer.verdict is not None for answer in self.answers)


@dataclass(frozen=True)
class InspectionSheet:
    id: UUID
    title: str
    state: InspectionState
    directive_code: str
    directive_name: str
    directive_subject: str
    directive_issued_on: date | None
    issuer: str
    document_code: str
    decision_number: str | None
    decision_on: date | None
    unit: str  # the unit that inspects and follows up
    unit_code: str
    starts_on: date
    ends_on: date
    planned_at: datetime
    planned_by: str
    begun_at: datetime | None
    sent_at: datetime | None
    ended_at: datetime | None
    summary: str
    reason: str
    team: tuple[TeamMember, ...]
    questions: tuple[Question, ...]
    units: tuple[InspectedSheet, ...]
    shows_findings: bool
    points: tuple[Any, ...] = ()  # what blocks the closing, in words
    history: tuple[HistoryLine, ...] = field(default_factory=tuple)

    @property
    def answered(self) -> int:
        return sum(unit.answered for unit in self.units)

    @property
    def total(self) -> int:
        return len(self.units) * len(self.questions)

    @property
    def corrections(self) -> tuple[tuple[InspectedSheet, InspectionAnswer, Correction], ...]:
        return tuple(
            (unit, answer, correction)
            for unit in self.units
            for answer in unit.answers
            for correction in answer.corrections
        )

    def counted(self, *verdicts: Verdict) -> int:
        return sum(unit.counted(*verdicts) for unit in self.units)
