"""The register as an administrator looks through it: lists with filters, one unit or person with all that is known."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from models.organization.person import Role
from models.organization.register_lists import PER_PAGE, PersonState, UnitState, list_people, list_units
from models.organization.register_reads import resolve_unit
from models.organization.unit import UnitKind
from web.admin.people.person_form import find_person, read_person
from web.admin.people.unit_form import find_unit, read_unit
from web.api.caller import Reads
from web.api.shapes import Shape
from web.request.cursor_paging import PageNumber
from workflows.organization.register.editing import mark
from workflows.organization.register.spreadsheet.export_register import row_cells
from workflows.organization.register.spreadsheet.merged import stored_register
from workflows.rules.rights_table import Right

router = APIRouter(prefix="/register", tags=["register"])
Words = Annotated[str, Query(max_length=200, description="Words of the name or code")]


class UnitInList(Shape):
    """A unit in the list."""

    code: str = Field(examples=["TCT-T"])
    name: str
    kind: UnitKind
    is_outside: bool
    is_active: bool
    head: str | None
    supervisor: str | None
    tags: list[str]


class UnitList(Shape):
    """A page of units by name."""

    total: int
    items: list[UnitInList]
    page: int
    pages: int


class RoleOf(Shape):
    """A role for a unit."""

    role: Role
    unit: str = Field(description="A unit's code")


class PersonInList(Shape):
    """A person in the list, with their address: for who edits the register."""

    code: str = Field(examples=["le.thi.c"])
    full_name: str
    title: str
    unit: str | None
    email: str | None
    phone: str | None
    is_active: bool
    email_refused_at: datetime | None
    roles: list[RoleOf]


class PersonList(Shape):
    """A page of people by given name."""

    total: int
    items: list[PersonInList]
    page: int
    pages: int


class OfficeChange(Shape):
    """An office that changed hands."""

    office: str = Field(examples=["head"])
    before: str | None
    after: str
    on: date


class UnitWhole(Shape):
    """A unit: its row as a spreadsheet has it, and what it leads."""

    cells: dict[str, str]
    mark: str = Field(description="Send it as `seen` with a change: 409 where somebody was first")
    people: list[str] = Field(description="Codes of its people")
    below: list[str] = Field(description="Codes of the units under it")
    supervised: int
    open_tasks: int
    changes: list[OfficeChange]


class OfficeHeld(Shape):
    """An office that a person holds."""

    office: str = Field(examples=["head"])
    unit: str


class PersonWhole(Shape):
    """A person: their row as a spreadsheet has it, and what they hold."""

    cells: dict[str, str]
    mark: str = Field(description="Send it as `seen` with a change: 409 where somebody was first")
    email_refused_at: datetime | None
    email_doubted_at: datetime | None = Field(description="When an unproved report called the address dead")
    offices: list[OfficeHeld]
    roles: list[RoleOf]
    open_tasks: int = Field(description="Assigned on to them")
    last_seen: datetime | None = Field(description="When they were last at the site")


@router.get("/units")
def units(
    caller: Reads,
    q: Words = "",
    kind: UnitKind | None = None,
    tag: Annotated[str, Query(max_length=64)] = "",
    state: UnitState = UnitState.ACTIVE,
    page: PageNumber = 1,
) -> UnitList:
    """Return units by the Vietnamese alphabet, as far as the filters let them through."""
    caller.require(Right.EDIT_REGISTER)
    with caller.reading() as session:
        lines, total = list_units(session, text=q, kind=kind, tag=tag, state=state, page=page)
    items = [UnitInList.of(line.unit, head=line.head, supervisor=line.supervisor, tags=line.tags) for line in lines]
    return UnitList(total=total, items=items, page=page, pages=max(1, -(-total // PER_PAGE)))


@router.get("/units/{code}")
def unit(code: str, caller: Reads) -> UnitWhole:
    """Return all that is known of a unit."""
    caller.require(Right.EDIT_REGISTER)
    with caller.reading() as session:
        found = find_unit(session, code)
        sheet, entry = read_unit(session, found.code), stored_register(session).units[found.code]
    return UnitWhole.of(
        sheet,
        cells=row_cells("units", entry),
        mark=mark(entry.after),
        people=[one.code for one in sheet.people],
        below=[one.code for one in sheet.below],
    )


@router.get("/people")
def people(
    caller: Reads,
    q: Words = "",
    unit: Annotated[str, Query(max_length=300, description="Code, name or alias")] = "",
    role: Role | None = None,
    state: PersonState = PersonState.ACTIVE,
    page: PageNumber = 1,
) -> PersonList:
    """Return people by their given names, as far as the filters let them through."""
    caller.require(Right.EDIT_REGISTER)
    with caller.reading() as session:
        unit_id = resolve_unit(session, unit).id if unit.strip() else None
        lines, total = list_people(session, text=q, unit_id=unit_id, role=role, state=state, page=page)
    items = [
        PersonInList.of(one.person, unit=one.unit, roles=[RoleOf(role=a, unit=b) for a, b in one.roles])
        for one in lines
    ]
    return PersonList(total=total, items=items, page=page, pages=max(1, -(-total // PER_PAGE)))


@router.get("/people/{code}")
def person(code: str, caller: Reads) -> PersonWhole:
    """Return all that is known of a person, but for how they prove who they are."""
    caller.require(Right.EDIT_REGISTER)
    with caller.reading() as session:
        found = find_person(session, code)
        sheet = read_person(session, found.code, caller.today)
        entry = stored_register(session).people[found.code]
    return PersonWhole(
        cells=row_cells("people", entry),
        mark=mark(entry.after),
        email_refused_at=sheet.person.email_refused_at,
        email_doubted_at=sheet.person.email_doubted_at,
        offices=[OfficeHeld(office=office, unit=one.code) for office, one in sheet.offices],
        roles=[RoleOf(role=role, unit=one.code) for role, one in sheet.roles],
        open_tasks=sum(count for _unit, count in sheet.held),
        last_seen=sheet.last_seen,
    )
