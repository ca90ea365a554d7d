"""Directives: those one may open, and one with its duties."""

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
from workflows.worklists.directive_list import Listing, follow_directives

router = APIRouter(prefix="/directives", tags=["directives"], route_class=CallRoute)


class TallyShape(Shape):
    """How many tasks that the caller oversees stand where; drills and what was withdrawn are left out."""

    total: int
    done: int
    open: int
    overdue: int
    not_accepted: int
    waiting: int = Field(description="For somebody's decision")
    undated: int


class DirectiveLine(DirectiveShape):
    """A directive in a list, and how its tasks stand."""

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
    """Return the directives whose board the caller may open, in the order of their coming in."""
    wanted = Listing(words=q.strip(), mine=mine, open=open)
    with caller.reading() as session:
        found = follow_directives(
            session, caller.principal, wanted, now=caller.now, after=read_cursor(cursor), limit=limit + 1
        )
    items = [DirectiveLine.model_validate(one) for one in found[:limit]]
    return Page[DirectiveLine](items=items, next=write_cursor(found[limit - 1].id) if len(found) > limit else None)


@router.get("/{code}")
def directive(code: str, caller: Reads) -> DirectiveWhole:
    """Return one directive, its text and its duties in their order."""
    with caller.reading() as session:
        found = open_directive(session, caller.principal, code)
        duties = duties_of(session, found, None)
    return DirectiveWhole.of(found, duties=duties)


@router.post("/{code}/archive", response_class=FileResponse, responses=BYTES)
def archive(code: str, caller: Coordinates) -> FileResponse:
    """Return the whole file of a directive as one zip that can be checked without this software; written to the
    audit.
    """
    return archive_answer(caller, caller.principal, caller.hand, code)
