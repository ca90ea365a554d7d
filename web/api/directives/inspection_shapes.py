"""What the API says of inspections."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from models.inspections.inspection import InspectionState, Verdict
from models.tasks.task import TaskStatus
from web.api.shapes import Shape
from workflows.inspections.inspection_rows import InspectedSheet, InspectionSheet


class ListedShape(Shape):
    """An inspection in a list; counts are None for whoever sees only their own unit of it."""

    id: UUID
    title: str = Field(examples=["Kiểm tra việc thực hiện Chỉ thị 06"])
    state: InspectionState
    directive_code: str = Field(examples=["ct-06-2004"])
    decision_number: str | None = Field(examples=["12/QĐ-BBCVT"])
    lead: str
    starts_on: date
    ends_on: date
    units: int
    answered: int | None = Field(description="Questions answered, over all units")
    total: int | None
    open_corrections: int | None


class MemberShape(Shape):
    """Somebody of the team; the lead stands first."""

    code: str
    name: str
    title: str
    unit: str
    is_lead: bool


class QuestionShape(Shape):
    """A line of the checklist."""

    number: int
    text: str
    duty: str | None = Field(examples=["2.a"])
    quote: str | None = Field(description="The duty's own sentence")


class FileShape(Shape):
    """A file beside a finding."""

    id: UUID
    filename: str
    media_type: str
    size: int = Field(description="Bytes")


class DocumentShape(Shape):
    """A document that a unit sent."""

    number: str = Field(examples=["12/BC-TCT-T"])
    on: date


class CorrectionShape(Shape):
    """What a unit must put right: an ordinary task."""

    task_id: UUID
    title: str
    text: str
    product: str
    status: TaskStatus
    due_on: date | None
    original_due_on: date | None
    closed_at: datetime | None
    is_late: bool
    result: DocumentShape | None


class AnswerShape(Shape):
    """What was found of a question at a unit. `revision`: send it along as `seen`."""

    question: int
    verdict: Verdict | None
    words: str
    settled: str
    found_by: str
    found_at: datetime | None
    revision: int
    files: list[FileShape]
    corrections: list[CorrectionShape]


class InspectedShape(Shape):
    """A unit that is inspected; its task tells it of the visit."""

    code: str
    name: str
    head: str
    visit_on: date | None
    first_visit_on: date | None
    task_id: UUID
    task_status: TaskStatus
    report: DocumentShape | None = Field(description="The report it sent for the inspection")
    answers: list[AnswerShape]


class HistoryShape(Shape):
    """A line of the history."""

    recorded_at: datetime
    event: str
    words: str
    who: str | None
    due_on: date | None = Field(description="The day that it set")
    note: str


class InspectionWhole(Shape):
    """An inspection as it stands."""

    id: UUID
    title: str
    state: InspectionState
    directive_code: str
    document_code: str = Field(description="The inspection's own document: its tasks are tasks of this one")
    decision_number: str | None
    decision_on: date | None
    unit: str = Field(description="The unit that follows it up")
    starts_on: date
    ends_on: date
    planned_at: datetime
    planned_by: str
    begun_at: datetime | None
    sent_at: datetime | None
    ended_at: datetime | None
    summary: str
    reason: str
    shows_findings: bool
    team: list[MemberShape]
    questions: list[QuestionShape]
    units: list[InspectedShape]
    points: list[str] = Field(description="What keeps it from being closed")
    history: list[HistoryShape]


class CorrectionGiven(Shape):
    """The task that was given to the unit."""

    task: UUID


def whole(sheet: InspectionSheet) -> InspectionWhole:
    """Return the sheet as the API says it."""
    return InspectionWhole.of(
        sheet, points=[str(point) for point in sheet.points], units=[_inspected(unit) for unit in sheet.units]
    )


def _inspected(unit: InspectedSheet) -> InspectedShape:
    answers = [AnswerShape.of(one, question=one.question.number) for one in unit.answers]
    return InspectedShape.of(unit, answers=answers)
