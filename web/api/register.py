"""The register: units and people, read and edited by the rules that an import keeps; absences; offices."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from models.errors import NotFound
from models.localtime import local_date
from models.person import Absence, Person, Role
from models.register_reads import resolve_person, resolve_unit
from models.unit import Unit, UnitKind
from web.api.caller import Acts, Administers, Reads
from web.api.paging import Cursor, Limit, Page, read_cursor, write_cursor
from web.api.repeats import OnceRoute
from web.api.shapes import Shape
from workflows.register import add_absence, end_absence, hand_over, retire_person
from workflows.register.editing import add_person, add_unit, change_person, change_unit
from workflows.register.exporting import columns_of
from workflows.register.roles import give_role, take_role
from workflows.rules.rights import Right

router = APIRouter(tags=["register"], route_class=OnceRoute)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class UnitShape(Shape):
    """A unit. The police are outside and are never written to automatically."""

    id: UUID
    code: str = Field(examples=["VNPT"])
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


class Cells(_Body):
    """Columns of a register file and their values, as a spreadsheet would have them."""

    cells: dict[str, str] = Field(
        max_length=30, examples=[{"code": "CTY-A", "name": "Công ty A", "kind": "enterprise", "tags": "telecom"}]
    )


class Written(Shape):
    """What was written: the code, and the columns that changed."""

    code: str
    changed: list[str]


class RoleChange(_Body):
    """A role for a unit."""

    role: Role
    unit: str = Field(min_length=1, max_length=300)


class HandoverWanted(_Body):
    """Who takes an office over, from which local day."""

    to: str = Field(min_length=1, max_length=64, description="A person's code")
    on: date | None = Field(default=None, description="From this local day on; today where none is given")


class AbsenceWanted(_Body):
    """Local days, both included, and who stands in."""

    person: str | None = Field(default=None, max_length=64, description="The caller where none; others: administrators")
    stand_in: str = Field(min_length=1, max_length=64)
    starts_on: date
    ends_on: date
    reason: str = Field(default="", max_length=500)


class AbsenceShape(Shape):
    """An absence."""

    id: UUID
    person: str
    stand_in: str
    starts_on: date
    ends_on: date
    reason: str


@router.get("/units")
def units(caller: Reads, cursor: Cursor = None, limit: Limit = 100) -> Page[UnitShape]:
    """The units there are, in the order of their coming in."""
    with caller.reading() as session:
        rows = _page(session, Unit, read_cursor(cursor), limit)
    items = [UnitShape.model_validate(one) for one in rows[:limit]]
    return Page[UnitShape](items=items, next=write_cursor(items[-1].id) if len(rows) > limit else None)


@router.get("/people")
def people(caller: Reads, cursor: Cursor = None, limit: Limit = 100) -> Page[PersonInRegister]:
    """The people there are, in the order of their coming in."""
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
    """A new unit."""
    caller.require(Right.EDIT_REGISTER)
    with caller.transaction() as session:
        entry = add_unit(session, body.cells, caller.hand)
    return Written(code=entry.code, changed=sorted(entry.changes))


@router.patch("/units/{code}")
def edit_unit(code: str, body: Cells, caller: Administers) -> Written:
    """Changes the columns given of a unit, and leaves the rest."""
    caller.require(Right.EDIT_REGISTER)
    with caller.transaction() as session:
        entry = change_unit(session, resolve_unit(session, code).code, body.cells, caller.hand)
    return Written(code=entry.code, changed=sorted(entry.changes))


@router.post("/people", status_code=201)
def new_person(body: Cells, caller: Administers) -> Written:
    """A new person."""
    caller.require(Right.EDIT_REGISTER)
    with caller.transaction() as session:
        entry = add_person(session, body.cells, caller.hand)
    return Written(code=entry.code, changed=sorted(entry.changes))


@router.patch("/people/{code}")
def edit_person(code: str, body: Cells, caller: Administers) -> Written:
    """Changes the columns given of a person, and leaves the rest."""
    caller.require(Right.EDIT_REGISTER)
    with caller.transaction() as session:
        entry = change_person(session, resolve_person(session, code).code, body.cells, caller.hand)
    return Written(code=entry.code, changed=sorted(entry.changes))


@router.post("/people/{code}/retire", status_code=204)
def retire(code: str, caller: Administers) -> None:
    """Retires a person: they act no more and get no letter. Offices are handed over first."""
    caller.require(Right.EDIT_REGISTER)
    with caller.transaction() as session:
        retire_person(session, code, caller.now, caller.hand)


@router.post("/people/{code}/roles", status_code=204)
def give(code: str, body: RoleChange, caller: Administers) -> None:
    """Gives a person a role for a unit."""
    caller.require(Right.EDIT_REGISTER)
    with caller.transaction() as session:
        give_role(session, code, body.role.value, body.unit, caller.hand)


@router.delete("/people/{code}/roles", status_code=204)
def take(code: str, body: RoleChange, caller: Administers) -> None:
    """Takes a role back."""
    caller.require(Right.EDIT_REGISTER)
    with caller.transaction() as session:
        take_role(session, code, body.role.value, body.unit, caller.hand)


@router.post("/units/{code}/offices/{office}", status_code=204)
def change_office(
    code: str, office: Literal["head", "deputy", "focal_point"], body: HandoverWanted, caller: Administers
) -> None:
    """Hands an office over: letters that wait go to the new person."""
    caller.require(Right.EDIT_REGISTER)
    with caller.transaction() as session:
        hand_over(
            session,
            unit_code=code,
            office=office,
            to_code=body.to,
            effective_on=body.on or local_date(caller.now),
            now=caller.now,
            hand=caller.hand,
        )


@router.get("/register/columns")
def columns(caller: Reads) -> dict[str, list[str]]:
    """The columns of units, people and absences."""
    caller.require(Right.EDIT_REGISTER)
    return {table: list(columns_of(table)) for table in ("units", "people", "absences")}


@router.get("/absences")
def absences(caller: Reads) -> list[AbsenceShape]:
    """The caller's absences, and those in which they stand in, from today on."""
    mine = (Absence.person_id == caller.person.id) | (Absence.stand_in_id == caller.person.id)
    with caller.reading() as session:
        rows = session.exec(
            select(Absence).where(mine, col(Absence.ends_on) >= local_date(caller.now)).order_by(col(Absence.starts_on))
        ).all()
        return [_absence(session, one) for one in rows]


@router.post("/absences", status_code=201)
def new_absence(body: AbsenceWanted, caller: Acts) -> AbsenceShape:
    """Records an absence: letters go to the stand-in, who acts meanwhile."""
    caller.require(Right.RECORD_ABSENCE)
    if body.person not in (None, caller.person.code):
        caller.require(Right.EDIT_REGISTER)
    with caller.transaction() as session:
        absence = add_absence(
            session,
            person_code=body.person or caller.person.code,
            stand_in_code=body.stand_in,
            starts_on=body.starts_on,
            ends_on=body.ends_on,
            reason=body.reason,
        )
        caller.hand.note(session, "absence_recorded", about=body.person or caller.person.code)
        return _absence(session, absence)


@router.delete("/absences/{absence_id}", status_code=204)
def be_back(absence_id: UUID, caller: Acts) -> None:
    """Ends an absence: back from today on."""
    with caller.transaction() as session:
        absence = session.get(Absence, absence_id)
        if absence is None or (absence.person_id != caller.person.id and not caller.place.may(Right.EDIT_REGISTER)):
            raise NotFound("there is no such absence")
        end_absence(session, absence_id, today=local_date(caller.now))
        caller.hand.note(session, "absence_ended", about=str(absence_id))


def _absence(session: Session, one: Absence) -> AbsenceShape:
    return AbsenceShape(
        id=one.id,
        person=session.get_one(Person, one.person_id).code,
        stand_in=session.get_one(Person, one.stand_in_id).code,
        starts_on=one.starts_on,
        ends_on=one.ends_on,
        reason=one.reason,
    )
