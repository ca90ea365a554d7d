"""What needs the caller, what fits some words, and the official figures."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from sqlmodel import col, select

from models.audit import Audit
from models.person import Person
from models.task import TaskStatus, WaitKind
from web.api.caller import Reads
from web.api.paging import Cursor, Limit, Page, read_cursor, write_cursor
from web.api.shapes import Shape
from workflows.rules.need import Need
from workflows.rules.rights import Right
from workflows.search import search
from workflows.work import read_work

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


class Deed(Shape):
    """A line of the audit."""

    id: UUID
    recorded_at: datetime
    actor: str | None = Field(description="A person's code; None: the system, the command line")
    action: str = Field(examples=["signed_in"])
    object: str
    facts: dict[str, Any]
    address: str


@router.get("/work")
def work(
    caller: Reads,
    need: Annotated[Need | None, Query(description="Only what needs this")] = None,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> WorkShape:
    """The caller's own list, with that of those they stand in for."""
    with caller.reading() as session:
        found = read_work(
            session, caller.place, now=caller.now, calendar=caller.calendar(session), shown=need, page=page
        )
    return WorkShape(
        total=found.total,
        counts=dict(found.counts),
        items=[Todo.model_validate(one) for one in found.lines],
        page=found.page,
        last_page=found.last_page,
    )


@router.get("/search")
def find(
    caller: Reads,
    q: Annotated[
        str,
        Query(max_length=200, description="Words of the unit, the duty, the directive; digits", examples=["vnpt 2"]),
    ],
    cursor: Annotated[str | None, Query(max_length=500, description="`next` of the page before")] = None,
    limit: Limit = 25,
) -> Page[FoundShape]:
    """Tasks that fit, as far as the caller may see them. Words with marks fit these very marks only."""
    with caller.reading() as session:
        found = search(session, caller.place, q, now=caller.now, after=cursor, limit=limit)
    return Page[FoundShape](items=[FoundShape.model_validate(one) for one in found.tasks], next=found.next)


@router.get("/audit")
def audit(caller: Reads, cursor: Cursor = None, limit: Limit = 100) -> Page[Deed]:
    """Who changed what in the installation, in the order of the deeds."""
    caller.require(Right.SEE_AUDIT)
    after = read_cursor(cursor)
    with caller.reading() as session:
        query = (
            select(Audit, Person.code)
            .outerjoin(Person, col(Person.id) == col(Audit.actor_id))
            .order_by(col(Audit.id))
            .limit(limit + 1)
        )
        rows = session.exec(query.where(col(Audit.id) > after) if after else query).all()
    items = [
        Deed(
            id=one.id, recorded_at=one.recorded_at, actor=code, action=one.action, object=one.object,
            facts=one.facts, address=one.address,
        )
        for one, code in rows[:limit]
    ]  # fmt: skip
    return Page[Deed](items=items, next=write_cursor(items[-1].id) if len(rows) > limit else None)
