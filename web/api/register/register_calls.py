"""Units and people as every official sees them; they are changed by `register_files`."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from models.organization.person import Person
from models.organization.unit import Unit, UnitKind
from web.api.caller import Reads
from web.api.repeats import OnceRoute
from web.api.shapes import Shape
from web.request.cursor_paging import Cursor, Limit, Page, read_cursor, write_cursor
from workflows.rules.rights_table import Right

router = APIRouter(tags=["register"], route_class=OnceRoute)


class UnitShape(Shape):
    """A unit. The police are outside and are never written to automatically."""

    id: UUID
    code: str = Field(examples=["TCT-T"])
    name: str
    kind: UnitKind
    is_outside: bool
    is_active: bool


class PersonInRegister(Shape):
    """A person of the register, as every official sees them: no address."""

    id: UUID
    code: str = Field(examples=["le.thi.c"])
    full_name: str
    title: str
    is_active: bool


@router.get("/units")
def units(caller: Reads, cursor: Cursor = None, limit: Limit = 100) -> Page[UnitShape]:
    """Return the units there are, in the order of their coming in."""
    with caller.reading() as session:
        rows = _page(session, Unit, read_cursor(cursor), limit)
    items = [UnitShape.model_validate(one) for one in rows[:limit]]
    return Page[UnitShape](items=items, next=write_cursor(items[-1].id) if len(rows) > limit else None)


@router.get("/people")
def people(caller: Reads, cursor: Cursor = None, limit: Limit = 100) -> Page[PersonInRegister]:
    """Return the people there are, in the order of their coming in."""
    caller.require(Right.SEE_BOARD)
    with caller.reading() as session:
        rows = _page(session, Person, read_cursor(cursor), limit)
    items = [PersonInRegister.model_validate(one) for one in rows[:limit]]
    return Page[PersonInRegister](items=items, next=write_cursor(items[-1].id) if len(rows) > limit else None)


def _page(session: Session, table: Any, after: UUID | None, limit: int) -> list[Any]:
    query = select(table).order_by(col(table.id)).limit(limit + 1)
    where: tuple[ColumnElement[bool], ...] = () if after is None else (col(table.id) > after,)
    return list(session.exec(query.where(*where)).all())
