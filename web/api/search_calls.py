"""Calls that find tasks: those that need the caller, and those that match some words."""

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
from workflows.worklists.my_work import read_work
from workflows.worklists.search import search

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
    for_whom: str | None = Field(description="The absent person for whom the caller stands in")
    is_drill: bool


class WorkShape(Shape):
    """Tasks that need the caller now, the most urgent first."""

    total: int
    counts: dict[Need, int]
    items: list[Todo]
    page: int
    last_page: int
    decisions: dict[Ask, int] = Field(description="What waits in /inbox, by kind", examples=[{"extension": 2}])
    contributions: int = Field(description="Other units' tasks that wait for the contribution of the caller's unit")


class FoundShape(Shape):
    """A task that matches. A coordinating unit learns neither its status nor what it waits for."""

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
    """Return the tasks that need the caller, or a person for whom the caller stands in."""
    with caller.reading() as session:
        work_list = read_work(session, caller.principal, shown=need, page=page, **caller.moment(session))
        decisions = count_inbox(session, caller.principal, **caller.moment(session))
    paging = work_list.paging
    return WorkShape.of(work_list, items=work_list.lines, decisions=decisions, page=paging.page, last_page=paging.pages)


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
    """Return tasks that match, as far as the caller may see them. A word typed with tone marks must match them too."""
    with caller.reading() as session:
        results = search(session, caller.principal, q, now=caller.now, after=cursor, limit=limit)
    return Page[FoundShape](items=[FoundShape.model_validate(task) for task in results.tasks], next=results.next)
