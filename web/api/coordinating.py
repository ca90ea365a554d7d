"""Calls for coordinators: decisions that wait for them, and one action on many tasks."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from models.database.ids import new_id
from models.errors import BadInput
from models.organization.unit import UnitKind
from web.api.caller import Coordinates, Reads
from web.api.directives.launches import BackgroundJobShape
from web.api.repeats import OnceRoute
from web.api.shapes import Body, Shape
from web.api.tasks.board_calls import State
from workflows.access.rights import open_directive
from workflows.rules.figures.bulk_choice import BULK_ACTIONS
from workflows.rules.rights_table import Right
from workflows.rules.tasks.actions import Action
from workflows.worklists.board.board_rows import BoardFilter
from workflows.worklists.board.bulk_action import ask_bulk
from workflows.worklists.board.bulk_check import TAIL, Picked, check_bulk
from workflows.worklists.inbox import InboxFilter, read_inbox
from workflows.worklists.inbox_asks import Ask

router = APIRouter(tags=["coordinating"], route_class=OnceRoute)


class WaitingShape(Shape):
    """A decision to make."""

    kind: Ask
    ref: UUID = Field(description="The row that asks; for a question, its message")
    task_id: UUID | None = Field(description="null for a question on a directive as a whole")
    since: datetime
    waits: int = Field(description="Working days")
    directive_code: str
    path: str
    title: str
    unit: str
    unit_code: str
    due_at: datetime | None
    is_late: bool
    is_drill: bool


class InboxShape(Shape):
    """What waits for the caller, by kind, the oldest first."""

    counts: dict[Ask, int]
    items: list[WaitingShape]
    page: int
    pages: int


class ManyWanted(Body):
    """An action on many tasks of a directive: those of the named units and tasks, or all that match the filter."""

    action: Action
    given: dict[str, Any] = Field(default={}, max_length=20, description="What the action takes")
    units: list[str] = Field(default=[], max_length=5000, description="Unit codes")
    tasks: list[str] = Field(default=[], max_length=5000, description="Ids, or their last twelve digits")
    duty: str = Field(default="", max_length=32)
    kind: UnitKind | None = None
    tag: str = Field(default="", max_length=64)
    supervisor: str = Field(default="", max_length=32, description="The code of the supervising unit")
    q: str = Field(default="", max_length=200, description="Words of the unit's name or code")
    state: State = Field(default="", examples=["open_overdue"])
    period: str = Field(default="", max_length=64, description="An occurrence, or `request`")
    dry_run: bool = Field(default=False, description="Only list the tasks that it would change")


class ManyChecked(Shape):
    """The tasks to act on, and those left out with the reason. A dry run starts no background job."""

    to_do: list[UUID]
    left_out: dict[str, str]
    background_job: BackgroundJobShape | None


@router.get("/inbox")
def inbox(
    caller: Reads,
    kind: Annotated[Ask | None, Query(description="Only this kind")] = None,
    directive: Annotated[str, Query(max_length=64, description="A directive's code")] = "",
    q: Annotated[str, Query(max_length=200, description="Words of the unit's name or code")] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> InboxShape:
    """Return the decisions that wait for the caller."""
    caller.require(Right.SEE_INBOX)
    with caller.reading() as session:
        wanted = InboxFilter(kind=kind, directive=directive, q=q.strip())
        inbox_page = read_inbox(session, caller.principal, wanted, page=page, **caller.moment(session))
    paging = inbox_page.paging
    return InboxShape.of(inbox_page, page=paging.page, pages=paging.pages)


@router.post("/directives/{code}/many")
def many(code: str, body: ManyWanted, caller: Coordinates) -> ManyChecked:
    """Act on many tasks in the background, each by itself: a refused one does not stop the others."""
    caller.require(Right.BULK)
    if body.action not in BULK_ACTIONS:
        raise BadInput(
            "action {action}: expected one of {allowed}", action=body.action.value, allowed=", ".join(BULK_ACTIONS)
        )
    task_tails = frozenset(task.replace("-", "").lower()[-TAIL:] for task in body.tasks)
    picked = Picked(frozenset(body.units), task_tails)
    wanted = BoardFilter(
        duty=(body.duty,) if body.duty else (),
        kind=body.kind,
        tag=body.tag,
        supervisor=body.supervisor,
        q=body.q,
        state=str(body.state),
        period=body.period,
    )
    with caller.transaction() as session:
        directive = open_directive(session, caller.principal, code, Right.BULK)
        checked = check_bulk(session, caller.principal, directive, wanted, picked, body.action, caller.now)
        background_job = None
        if not body.dry_run:
            job = ask_bulk(session, caller.principal, directive, checked, body.given, job_id=new_id(), now=caller.now)
            background_job = BackgroundJobShape.model_validate(job)
    return ManyChecked(
        to_do=[task.id for task in checked.to_do],
        left_out={str(task.id): str(task.why_not) for task in checked.left_out},
        background_job=background_job,
    )
