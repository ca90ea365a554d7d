"""Directives: those one may open, and one with its duties."""

from fastapi import APIRouter
from sqlmodel import col, select

from models.directive import Directive, Duty
from web.api.caller import Reads
from web.api.paging import Cursor, Limit, Page, read_cursor, write_cursor
from web.api.shapes import DirectiveShape, DirectiveWhole, DutyShape
from workflows.rights import open_directive, visible_directives

router = APIRouter(prefix="/directives", tags=["directives"])


@router.get("")
def directives(caller: Reads, cursor: Cursor = None, limit: Limit = 50) -> Page[DirectiveShape]:
    """The directives whose board the caller may open, in the order of their coming in."""
    after = read_cursor(cursor)
    with caller.reading() as session:
        query = select(Directive).where(visible_directives(caller.place)).order_by(col(Directive.id)).limit(limit + 1)
        found = session.exec(query.where(col(Directive.id) > after) if after else query).all()
    items = [DirectiveShape.model_validate(one) for one in found[:limit]]
    return Page[DirectiveShape](items=items, next=write_cursor(found[limit - 1].id) if len(found) > limit else None)


@router.get("/{code}")
def directive(code: str, caller: Reads) -> DirectiveWhole:
    """One directive, its text and its duties in their order."""
    with caller.reading() as session:
        found = open_directive(session, caller.place, code)
        duties = session.exec(select(Duty).where(Duty.directive_id == found.id).order_by(col(Duty.position))).all()
    return DirectiveWhole(
        **DirectiveShape.model_validate(found).model_dump(),
        text=found.text,
        duties=[DutyShape.model_validate(one) for one in duties],
    )
