"""Tasks that no template stood ready for: one typed by hand, and a difficulty with a directive as a whole."""

from dataclasses import fields
from datetime import date
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from models.database.ids import new_id
from models.directives.directive import Urgency
from models.organization.unit import Unit
from models.text.localtime import due_date
from web.api.caller import Acts, Coordinates, Reads
from web.api.directives.launches import GapShape
from web.api.repeats import OnceRoute
from web.api.shapes import Body, DirectiveShape, Shape
from web.request.cursor_paging import LocalDay
from workflows.launch.difficulties import LONGEST, open_to_difficulties, put_difficulty
from workflows.launch.type_task import TypedResult, check_may_type, type_task, typed_documents
from workflows.rules.rights_table import Right
from workflows.templates.typed_task import KINDS, TypedTask

router = APIRouter(tags=["asking"], route_class=OnceRoute)


class DifficultyPlace(Shape):
    """A directive whose authority the caller's unit may put a difficulty to."""

    directive: str = Field(examples=["ct-06-2004"])
    subject: str
    authority: str = Field(examples=["Văn phòng Bộ"])
    working_days: int = Field(description="So many the authority has for its answer")


class Difficulty(Body):
    """What is difficult about a directive as a whole."""

    directive: str = Field(min_length=1, max_length=64)
    note: str = Field(min_length=1, max_length=LONGEST)


class TaskTyped(Body):
    """A task from a conclusion, a letter or a note. Of a document typed before, `document` says which."""

    lead: str = Field(max_length=300, description="The lead unit: code, name or alias", examples=["TCT-T"])
    title: str = Field(max_length=300, description="The task in a few words")
    quote: str = Field(max_length=8000, description="The assigning sentence")
    result: str = Field(max_length=500, description="The required result", examples=["báo cáo bằng văn bản"])
    follows: str = Field(default="", max_length=32, description="The code of the unit that follows a new document up")
    kind: str = Field(default=KINDS[0], max_length=100, description=f"One of: {', '.join(KINDS)}")
    number: str = Field(default="", max_length=64)
    issued_on: LocalDay | None = None
    issuer: str = Field(default="", max_length=300)
    subject: str = Field(default="", max_length=1000)
    urgency: Urgency = Urgency.NORMAL
    secrecy: str = Field(default="none", max_length=32, description="None but `none` may enter a networked system")
    document: str = Field(default="", max_length=64, description="The code of a document typed before")
    partners: list[str] = Field(default=[], max_length=500, description="Coordinating units")
    due_on: LocalDay | None = Field(default=None, description="The last permitted local day")
    fixed_by_document: bool = Field(default=False, description="The date stands in the document itself")
    classified_mail: bool = Field(default=False, description="The result comes by classified mail")
    override: bool = Field(default=False, description="Launch in spite of gaps in the coverage")
    reason: str = Field(default="", max_length=2000, description="Why it is launched in spite of gaps")
    dry_run: bool = Field(default=False, description="Only say what it would make")


class TypedShape(Shape):
    """What was made, or would be: the document, its duty, the task. `gaps` are told by a dry run."""

    directive: str
    duty: str = Field(examples=["1"])
    unit: str
    task_id: UUID | None = Field(description="None after a dry run")
    due_on: date | None
    gaps: list[GapShape]


@router.get("/difficulties")
def difficulty_places(caller: Reads) -> list[DifficultyPlace]:
    """Return the directives whose authority the caller's unit may put a difficulty to."""
    caller.require(Right.SEE_WORK)
    with caller.reading() as session:
        return [
            DifficultyPlace.of(one, directive=one.directive.code, subject=one.directive.subject)
            for one in open_to_difficulties(session, caller.person, caller.today)
        ]


@router.post("/difficulties", status_code=201)
def difficulty(body: Difficulty, caller: Acts) -> DifficultyPlace:
    """Put a difficulty to the authority, as a task of its own with a date for the answer."""
    with caller.transaction() as session:
        put = put_difficulty(caller.acting(session), body.directive, body.note)
        return DifficultyPlace.of(put, directive=put.directive.code, subject=put.directive.subject)


@router.get("/typed-tasks/documents")
def documents(caller: Reads) -> list[DirectiveShape]:
    """Return the newest documents that were typed by hand, to which the caller may add a task."""
    caller.require(Right.LAUNCH)
    with caller.reading() as session:
        found = typed_documents(session, caller.principal.speaks_for)
        return [DirectiveShape.model_validate(one) for one in found]


@router.post("/typed-tasks", status_code=201)
def typed_task(body: TaskTyped, caller: Coordinates) -> TypedShape:
    """Type a task by hand: its document, duty, template and launch at once. Nothing secret is stored."""
    caller.require(Right.LAUNCH)
    given = {one.name: getattr(body, one.name) for one in fields(TypedTask)} | {"partners": tuple(body.partners)}
    if body.dry_run:  # gaps are told, not refused
        given |= {"override": True, "reason": body.reason or "–"}
    with caller.dry_run() if body.dry_run else caller.transaction() as session:
        typed = TypedTask(**given)
        check_may_type(session, caller.principal, typed)
        done = type_task(caller.acting(session), typed, launch_id=new_id())
        unit = session.get_one(Unit, done.task.lead_unit_id).name if done.task else ""
        return _typed(done, unit, is_made=not body.dry_run)


def _typed(done: TypedResult, unit: str, *, is_made: bool) -> TypedShape:
    assert done.task is not None and done.outcome is not None
    return TypedShape(
        directive=done.directive.code,
        duty=done.duty.path,
        unit=unit,
        task_id=done.task.id if is_made else None,
        due_on=due_date(done.task.due_at) if done.task.due_at else None,
        gaps=[GapShape.model_validate(one) for one in done.outcome.coverage.gaps],
    )
