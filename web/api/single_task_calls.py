"""Calls that create one task without a ready template: a difficulty with a directive, or a task typed by hand."""

from dataclasses import fields, replace
from datetime import date
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session

from models.database.ids import new_id
from models.directives.directive import Urgency
from models.organization.unit import Unit
from models.text.localtime import due_date
from web.api.caller import Acts, Coordinates, Reads
from web.api.directives.launches import GapShape
from web.api.repeats import OnceRoute
from web.api.shapes import Body, DirectiveShape, Shape
from web.request.cursor_paging import LocalDay
from workflows.launch.on_request import LONGEST_OBSTACLE, obstacle_addressees, report_obstacle_to
from workflows.launch.type_task import TypedResult, check_may_type, type_task, typed_documents
from workflows.rules.rights_table import Right
from workflows.templates.typed_task import KINDS, TypedTask

router = APIRouter(tags=["asking"], route_class=OnceRoute)


class DifficultyPlace(Shape):
    """A directive whose authority the caller's unit may ask about a difficulty."""

    directive: str = Field(examples=["ct-06-2004"])
    subject: str
    authority: str = Field(examples=["Văn phòng Bộ"])
    working_days: int = Field(description="Time that the authority has for its answer")


class DifficultyBody(Body):
    """What is difficult about a directive as a whole."""

    directive: str = Field(min_length=1, max_length=64)
    note: str = Field(min_length=1, max_length=LONGEST_OBSTACLE)


class TypedTaskBody(Body):
    """A task from a conclusion, a letter or a note. `document` names a document that was typed before."""

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


class TypedTaskShape(Shape):
    """The document, duty and task that were made. After a dry run: what would be made, and the gaps."""

    directive: str
    duty: str = Field(examples=["1"])
    unit: str
    task_id: UUID | None = Field(description="null after a dry run")
    due_on: date | None
    gaps: list[GapShape]


@router.get("/difficulties")
def difficulty_places(caller: Reads) -> list[DifficultyPlace]:
    """Return the directives whose authority the caller's unit may ask about a difficulty."""
    caller.require(Right.SEE_WORK)
    with caller.reading() as session:
        return [
            DifficultyPlace.of(addressee, directive=addressee.directive.code, subject=addressee.directive.subject)
            for addressee in obstacle_addressees(session, caller.person, caller.today)
        ]


@router.post("/difficulties", status_code=201)
def difficulty(body: DifficultyBody, caller: Acts) -> DifficultyPlace:
    """Report a difficulty to the authority. It becomes a task with a date for the answer."""
    with caller.transaction() as session:
        addressee = report_obstacle_to(caller.acting(session), body.directive, body.note)
        return DifficultyPlace.of(addressee, directive=addressee.directive.code, subject=addressee.directive.subject)


@router.get("/typed-tasks/documents")
def documents(caller: Reads) -> list[DirectiveShape]:
    """Return the newest documents typed by hand to which the caller may add a task."""
    caller.require(Right.LAUNCH)
    with caller.reading() as session:
        directives = typed_documents(session, caller.principal.speaks_for)
        return [DirectiveShape.model_validate(directive) for directive in directives]


@router.post("/typed-tasks", status_code=201)
def typed_task(body: TypedTaskBody, caller: Coordinates) -> TypedTaskShape:
    """Make a task typed by hand: its document, duty, template and launch at once. A secret document is refused."""
    caller.require(Right.LAUNCH)
    typed = _typed_task(body)
    with caller.dry_run() if body.dry_run else caller.transaction() as session:
        check_may_type(session, caller.principal, typed)
        result = type_task(caller.acting(session), typed, launch_id=new_id())
        return _typed_task_shape(session, result, is_made=not body.dry_run)


def _typed_task(body: TypedTaskBody) -> TypedTask:
    values = {field.name: getattr(body, field.name) for field in fields(TypedTask)}
    typed = TypedTask(**values | {"partners": tuple(body.partners)})
    if body.dry_run:  # its answer lists the gaps, so that they must not stop it
        return replace(typed, override=True, reason=body.reason or "–")
    return typed


def _typed_task_shape(session: Session, result: TypedResult, *, is_made: bool) -> TypedTaskShape:
    task = result.task
    assert task is not None and result.outcome is not None
    return TypedTaskShape(
        directive=result.directive.code,
        duty=result.duty.path,
        unit=session.get_one(Unit, task.lead_unit_id).name,
        task_id=task.id if is_made else None,
        due_on=due_date(task.due_at) if task.due_at else None,
        gaps=[GapShape.model_validate(gap) for gap in result.outcome.coverage.gaps],
    )
