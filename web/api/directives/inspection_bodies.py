"""What the API takes to move an inspection on."""

from datetime import datetime
from uuid import UUID

from pydantic import Base64Bytes, Field

from models.inspections.inspection import InspectionState, Verdict
from models.organization.unit import UnitKind
from web.api.shapes import Body, Shape
from web.request.cursor_paging import LocalDay
from workflows.inspections.find import MOST_FILES


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


class FileGiven(Body):
    """A file that shows a finding."""

    name: str = Field(max_length=255, examples=["biên bản.pdf"])
    content: Base64Bytes = Field(max_length=64 * 1024 * 1024)


class FindingGiven(Body):
    """What was found of one question. `seen`: its revision as read, 0 before the first."""

    question: int = Field(ge=1, description="Its number in the checklist")
    verdict: Verdict
    words: str = Field(default="", max_length=4000)
    settled: str = Field(default="", max_length=4000, description="How it was put right on the spot")
    files: list[FileGiven] = Field(default=[], max_length=MOST_FILES)
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


class Words(Body):
    """The words that go with it."""

    words: str = Field(min_length=1, max_length=8000)


class Settled(Words):
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
