"""Calls about directives: the list, one with its duties, and its archive."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse
from pydantic import Field

from web.account.archive_file import archive_answer
from web.api.caller import Coordinates, Reads
from web.api.files import BYTES
from web.api.sent_calls import CallRoute
from web.api.shapes import DirectiveShape, DirectiveWhole, Shape
from web.request.cursor_paging import Cursor, Limit, Page, read_cursor, write_cursor
from workflows.access.rights import open_directive
from workflows.launch.launch_plan import duties_of
from workflows.worklists.directive_list import DirectiveFilter, follow_directives

router = APIRouter(prefix="/directives", tags=["directives"], route_class=CallRoute)


class TallyShape(Shape):
    """Counts of the tasks that the caller oversees, without drills and withdrawn tasks."""

    total: int
    done: int
    open: int
    overdue: int
    not_accepted: int
    waiting: int = Field(description="For somebody's decision")
    undated: int


class DirectiveLine(DirectiveShape):
    """A directive in a list, with the counts of its tasks."""

    tally: TallyShape


@router.get("")
def directives(
    caller: Reads,
    q: Annotated[str, Query(max_length=200, description="Words in its number and subject")] = "",
    mine: Annotated[bool, Query(description="Only those the caller coordinates")] = False,
    open: Annotated[bool, Query(description="Only those with open tasks")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[DirectiveLine]:
    """Return the directives whose board the caller may open, in the order in which they came in."""
    wanted = DirectiveFilter(words=q.strip(), mine=mine, open=open)
    with caller.reading() as session:
        listed = follow_directives(
            session, caller.principal, wanted, now=caller.now, after=read_cursor(cursor), limit=limit + 1
        )
    items = [DirectiveLine.model_validate(directive) for directive in listed[:limit]]
    return Page[DirectiveLine](items=items, next=write_cursor(listed[limit - 1].id) if len(listed) > limit else None)


@router.get("/{code}")
def directive(code: str, caller: Reads) -> DirectiveWhole:
    """Return one directive, its text and its duties in their order."""
    with caller.reading() as session:
        opened = open_directive(session, caller.principal, code)
        duties = duties_of(session, opened, None)
    return DirectiveWhole.of(opened, duties=duties)


@router.post("/{code}/archive", response_class=FileResponse, responses=BYTES)
def archive(code: str, caller: Coordinates) -> FileResponse:
    """Return a directive's archive: one zip, which can be checked without this software. The audit log records it."""
    return archive_answer(caller, caller.principal, caller.audit_actor, code)
