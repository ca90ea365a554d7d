"""Calls that list units and people, as every official sees them. `register_files` changes them."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from models.organization.register_lists import ListPart, PersonFilter, UnitFilter, list_people, list_units
from models.organization.unit import UnitKind
from web.api.caller import Reads
from web.api.repeats import OnceRoute
from web.api.shapes import Shape
from web.request.cursor_paging import Cursor, Limit, Page, read_cursor, write_cursor
from workflows.rules.rights_table import Right

router = APIRouter(tags=["register"], route_class=OnceRoute)


class UnitShape(Shape):
    """A unit. Outside units, such as the police, never get letters automatically."""

    id: UUID
    code: str = Field(examples=["TCT-T"])
    name: str
    kind: UnitKind
    is_outside: bool
    is_active: bool


class PersonInRegister(Shape):
    """A person of the register, as every official sees them, without addresses."""

    id: UUID
    code: str = Field(examples=["le.thi.c"])
    full_name: str
    title: str
    is_active: bool


@router.get("/units")
def units(caller: Reads, cursor: Cursor = None, limit: Limit = 100) -> Page[UnitShape]:
    """Return all units, the oldest entries first."""
    with caller.reading() as session:
        part = ListPart(limit + 1, after=read_cursor(cursor), in_order_of_coming=True)
        rows = list_units(session, UnitFilter(), part)
    items = [UnitShape.model_validate(row.unit) for row in rows[:limit]]
    return Page[UnitShape](items=items, next=write_cursor(items[-1].id) if len(rows) > limit else None)


@router.get("/people")
def people(caller: Reads, cursor: Cursor = None, limit: Limit = 100) -> Page[PersonInRegister]:
    """Return all people, the oldest entries first."""
    caller.require(Right.SEE_BOARD)
    with caller.reading() as session:
        part = ListPart(limit + 1, after=read_cursor(cursor), in_order_of_coming=True)
        rows = list_people(session, PersonFilter(), part)
    items = [PersonInRegister.model_validate(row.person) for row in rows[:limit]]
    return Page[PersonInRegister](items=items, next=write_cursor(items[-1].id) if len(rows) > limit else None)
