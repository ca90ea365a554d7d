"""The register: units and people, read and edited by the rules that an import keeps."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from models.organization.person import Person
from models.organization.register_reads import resolve_person, resolve_unit
from models.organization.unit import Unit, UnitKind
from web.api.caller import Administers, Reads
from web.api.repeats import OnceRoute
from web.api.shapes import Body, Shape
from web.request.cursor_paging import Cursor, Limit, Page, read_cursor, write_cursor
from workflows.organization.register.editing import add_person, add_unit, change_person, change_unit
from workflows.organization.register.roles import refuse_from_programs
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


class Cells(Body):
    """Columns of a register file and their values, as a spreadsheet would have them."""

    cells: dict[str, str] = Field(
        max_length=30, examples=[{"code": "CTY-A", "name": "Công ty A", "kind": "enterprise", "tags": "telecom"}]
    )


class CellsChanged(Cells):
    """Columns to be changed. `seen`: the `mark` of what they were; 409 where somebody was first."""

    seen: str = Field(default="", max_length=64)


class Written(Shape):
    """What was written: the code, and the columns that changed."""

    code: str
    changed: list[str]


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


@router.post("/units", status_code=201)
def new_unit(body: Cells, caller: Administers) -> Written:
    """Add a unit."""
    caller.require(Right.EDIT_REGISTER)
    with caller.transaction() as session:
        entry = add_unit(session, body.cells, caller.hand)
    return Written(code=entry.code, changed=sorted(entry.changes))


@router.patch("/units/{code}")
def edit_unit(code: str, body: CellsChanged, caller: Administers) -> Written:
    """Change the columns given of a unit, and leave the rest."""
    caller.require(Right.EDIT_REGISTER)
    with caller.transaction() as session:
        entry = change_unit(session, resolve_unit(session, code).code, body.cells, caller.hand, seen=body.seen)
    return Written(code=entry.code, changed=sorted(entry.changes))


@router.post("/people", status_code=201)
def new_person(body: Cells, caller: Administers) -> Written:
    """Add a person."""
    caller.require(Right.EDIT_REGISTER)
    with caller.transaction() as session:
        entry = add_person(session, body.cells, caller.hand)
    return Written(code=entry.code, changed=sorted(entry.changes))


@router.patch("/people/{code}")
def edit_person(code: str, body: CellsChanged, caller: Administers) -> Written:
    """Change the columns given of a person, and leave the rest.

    Refused: another e-mail address of one's own person or of an administrator, as sign-in codes go there.
    """
    caller.require(Right.EDIT_REGISTER)
    with caller.transaction() as session:
        entry = change_person(session, resolve_person(session, code).code, body.cells, caller.hand, seen=body.seen)
        refuse_from_programs([entry], caller.person.id)
    return Written(code=entry.code, changed=sorted(entry.changes))
