"""What needs the caller, and what fits some words."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from models.tasks.task import TaskStatus, WaitKind
from web.api.caller import Reads
from web.api.shapes import Shape
from web.request.cursor_paging import Limit, Page
from workflows.rules.tasks.need import Need
from workflows.worklists.inbox_asks import Ask, count_inbox
from workflows.worklists.search import search
from workflows.worklists.work_list import read_work

router = APIRouter(tags=["finding"])


class Todo(Shape):
    """A task that needs somebody."""

    task_id: UUID
    directive: str
    duty_path: str = Field(examples=["2.a"])
    duty_title: str
    unit: str
    occurrence: str
    status: TaskStatus
    need: Need | None
    step: str | None = Field(description="The action to take next", examples=["accept"])
    for_whom: str | None = Field(description="The absent person one stands in for")
    is_drill: bool


class WorkShape(Shape):
    """What needs the caller now, first things first."""

    total: int
    counts: dict[Need, int]
    items: list[Todo]
    page: int
    last_page: int
    decisions: dict[Ask, int] = Field(description="What waits in /inbox, by kind", examples=[{"extension": 2}])
    contributions: int = Field(description="Other units' tasks that wait for the contribution of the caller's unit")


class FoundShape(Shape):
    """A task that fits. A coordinating unit is told neither its status nor what it waits for."""

    task_id: UUID
    directive: str
    path: str
    title: str
    unit: str
    occurrence: str
    due_at: datetime | None
    status: TaskStatus | None
    waiting: WaitKind | None
    is_late: bool
    is_drill: bool


@router.get("/work")
def work(
    caller: Reads,
    need: Annotated[Need | None, Query(description="Only what needs this")] = None,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> WorkShape:
    """Return the caller's own list, with that of those they stand in for."""
    with caller.reading() as session:
        found = read_work(session, caller.principal, shown=need, page=page, **caller.moment(session))
        decisions = count_inbox(session, caller.principal, **caller.moment(session))
    paging = found.paging
    return WorkShape.of(found, items=found.lines, decisions=decisions, page=paging.page, last_page=paging.pages)


@router.get("/search")
def find(
    caller: Reads,
    q: Annotated[
        str,
        Query(max_length=200, description="Words of the unit, the duty, the directive; digits", examples=["tct-t 2"]),
    ],
    cursor: Annotated[str | None, Query(max_length=500, description="`next` of the page before")] = None,
    limit: Limit = 25,
) -> Page[FoundShape]:
    """Return tasks that fit, as far as the caller may see them. Words with marks fit these very marks only."""
    with caller.reading() as session:
        found = search(session, caller.principal, q, now=caller.now, after=cursor, limit=limit)
    return Page[FoundShape](items=[FoundShape.model_validate(one) for one in found.tasks], next=found.next)
