"""The bodies that the API takes on inspections, and the answers that it gives."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Base64Bytes, Field

from models.inspections.inspection import InspectionState, Verdict
from models.organization.unit import UnitKind
from models.tasks.task import TaskStatus
from web.api.shapes import Body, Shape
from web.request.cursor_paging import LocalDay
from workflows.inspections.findings import MOST_FILES
from workflows.inspections.inspection_rows import InspectedSheet, InspectionSheet


class Visiting(Body):
    """A unit, and the day of its visit."""

    unit: str = Field(description="Code, name or alias", examples=["TCT-T"])
    on: LocalDay


class Planning(Body):
    """An inspection to be planned: every unit is told of its visit by letter, with the checklist."""

    title: str = Field(min_length=1, max_length=300, examples=["Kiểm tra việc thực hiện Chỉ thị 06"])
    starts_on: LocalDay
    ends_on: LocalDay
    lead: str = Field(description="The head of the team: code or name", examples=["duong.thanh.tung"])
    members: list[str] = Field(default=[], max_length=100)
    units: list[str] = Field(default=[], max_length=5000, description="By code, name or alias; on the first day")
    kinds: list[UnitKind] = Field(default=[], max_length=20)
    tags: list[str] = Field(default=[], max_length=20)
    visits: list[Visiting] = Field(default=[], max_length=5000, description="Units with a day of their own")
    duties: list[str] = Field(default=[], max_length=100, description="Questions: duties of the directive")
    questions: list[str] = Field(default=[], max_length=100, description="Questions of the team's own")
    decision_number: str = Field(default="", max_length=64)
    decision_on: LocalDay | None = None
    override: bool = False
    reason: str = Field(default="", max_length=2000)
    dry_run: bool = Field(default=False, description="Only say what would be planned")


class Planned(Shape):
    """The inspection, and the units told."""

    id: UUID
    units: list[str]


class FindingFile(Body):
    """A file that shows a finding."""

    name: str = Field(max_length=255, examples=["biên bản.pdf"])
    content: Base64Bytes = Field(max_length=64 * 1024 * 1024)


class FindingGiven(Body):
    """What was found of one question. `seen`: its revision as read, 0 before the first."""

    question: int = Field(ge=1, description="Its number in the checklist")
    verdict: Verdict
    words: str = Field(default="", max_length=4000)
    settled: str = Field(default="", max_length=4000, description="How it was put right on the spot")
    files: list[FindingFile] = Field(default=[], max_length=MOST_FILES)
    seen: int | None = None


class FindingsGiven(Body):
    """What was found at a unit."""

    findings: list[FindingGiven] = Field(min_length=1, max_length=100)


class Recorded(Shape):
    """How many findings changed."""

    changed: int


class Demanded(Body):
    """What a unit must put right."""

    text: str = Field(min_length=1, max_length=8000, description="Word for word")
    title: str = Field(min_length=1, max_length=300)
    result: str = Field(min_length=1, max_length=500, description="What shows that it is done")
    due: LocalDay
    override: bool = False
    reason: str = Field(default="", max_length=2000)
    seen: int | None = Field(default=None, description="The finding's revision as read")


class FindingWords(Body):
    """The words that go with it."""

    words: str = Field(min_length=1, max_length=8000)


class Settled(FindingWords):
    """How it was put right. `seen`: the finding's revision as read."""

    seen: int | None = None


class MovedTo(Body):
    """A visit's new day, and why."""

    on: LocalDay
    reason: str = Field(min_length=1, max_length=450)


class Stands(Shape):
    """How the inspection stands now."""

    state: InspectionState
    at: datetime


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


def show_inspection(sheet: InspectionSheet) -> InspectionWhole:
    return InspectionWhole.of(
        sheet, points=[str(point) for point in sheet.points], units=[_inspected(unit) for unit in sheet.units]
    )


def _inspected(unit: InspectedSheet) -> InspectedShape:
    answers = [AnswerShape.of(answer, question=answer.question.number) for answer in unit.answers]
    return InspectedShape.of(unit, answers=answers)
