"""Who holds what: offices of units, roles, the open tasks of an officer; retiring somebody, and their address."""

from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from models.organization.person import Role
from models.organization.register_reads import resolve_person, resolve_unit
from web.admin.people.person_form import find_person, tasks_in_hand
from web.api.caller import Administers, Reads
from web.api.repeats import OnceRoute
from web.api.shapes import Body, Shape
from web.request.cursor_paging import LocalDay
from workflows.access.accounts.mailed import invite as mail_invitation
from workflows.organization.register.handover import hand_over
from workflows.organization.register.retirement import leave_vacant, retire_person, trust_address
from workflows.organization.register.roles import give_role, take_role
from workflows.rules.rights_table import Right

router = APIRouter(tags=["register"], route_class=OnceRoute)
Office = Literal["head", "deputy", "focal_point"]


class RoleChange(Body):
    """A role for a unit."""

    role: Role
    unit: str = Field(min_length=1, max_length=300)


class HandoverWanted(Body):
    """Who takes an office over, from which local day."""

    to: str = Field(min_length=1, max_length=64, description="A person's code")
    on: LocalDay | None = Field(default=None, description="From this local day on; today where none is given")


class InHand(Shape):
    """How many open tasks of a unit are in somebody's hand."""

    unit: str = Field(description="The lead unit's code")
    name: str
    tasks: int


class TasksWanted(Body):
    """Who takes the open tasks of one unit over, from today on."""

    unit: str = Field(min_length=1, max_length=300)
    to: str = Field(min_length=1, max_length=64, description="A person's code")


@router.post("/people/{code}/retire", status_code=204)
def retire(code: str, caller: Administers) -> None:
    """Retire a person: they act no more and get no letter. Offices are handed over first."""
    caller.require(Right.EDIT_REGISTER)
    with caller.transaction() as session:
        retire_person(session, code, caller.now, caller.hand)


@router.post("/people/{code}/roles", status_code=204)
def give(code: str, body: RoleChange, caller: Administers) -> None:
    """Give a person a role for a unit."""
    caller.require(Right.EDIT_REGISTER)
    with caller.transaction() as session:
        give_role(session, code, body.role.value, body.unit, caller.hand)


@router.delete("/people/{code}/roles", status_code=204)
def take(code: str, body: RoleChange, caller: Administers) -> None:
    """Take a role back."""
    caller.require(Right.EDIT_REGISTER)
    with caller.transaction() as session:
        take_role(session, code, body.role.value, body.unit, caller.hand)


@router.post("/units/{code}/offices/{office}", status_code=204)
def change_office(code: str, office: Office, body: HandoverWanted, caller: Administers) -> None:
    """Hand an office over: letters that wait go to the new person."""
    caller.require(Right.EDIT_REGISTER)
    with caller.transaction() as session:
        hand_over(
            session,
            unit_code=code,
            office=office,
            to_code=body.to,
            effective_on=body.on or caller.today,
            now=caller.now,
            hand=caller.hand,
        )


@router.delete("/units/{code}/offices/{office}", status_code=204)
def vacate_office(code: str, office: Office, caller: Administers) -> None:
    """Leave an office without a holder. Refused for the head of a unit that leads open tasks."""
    caller.require(Right.EDIT_REGISTER)
    with caller.transaction() as session:
        leave_vacant(session, resolve_unit(session, code).code, office, caller.hand)


@router.get("/people/{code}/tasks")
def in_hand(code: str, caller: Reads) -> list[InHand]:
    """Return the open tasks that were assigned on to somebody, counted by unit."""
    caller.require(Right.EDIT_REGISTER)
    with caller.reading() as session:
        held = tasks_in_hand(session, find_person(session, code).id)
    return [InHand(unit=unit.code, name=unit.name, tasks=count) for unit, count in held]


@router.post("/people/{code}/tasks/hand-over", status_code=204)
def hand_tasks_over(code: str, body: TasksWanted, caller: Administers) -> None:
    """Give all open tasks that an officer has of one unit to another of its people."""
    caller.require(Right.EDIT_REGISTER)
    with caller.transaction() as session:
        hand_over(
            session,
            unit_code=resolve_unit(session, body.unit).code,
            office="officer",
            from_code=find_person(session, code).code,
            to_code=resolve_person(session, body.to).code,
            effective_on=caller.today,
            now=caller.now,
            hand=caller.hand,
        )


@router.post("/people/{code}/trust-address", status_code=204)
def trust(code: str, caller: Administers) -> None:
    """Let letters go again to an address that a mail server had refused."""
    caller.require(Right.EDIT_REGISTER)
    with caller.transaction() as session:
        trust_address(session, find_person(session, code).code, caller.hand)


@router.post("/people/{code}/invite", status_code=204)
def invite(code: str, caller: Administers) -> None:
    """Mail a link by which they choose their first password; one mailed earlier is void."""
    caller.require(Right.EDIT_REGISTER)
    with caller.transaction() as session:
        mail_invitation(session, find_person(session, code), now=caller.now, by=caller.person.id)
