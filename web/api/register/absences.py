"""Absences: one's own, by the rules of one's own page; those of others, for who edits the register."""

from datetime import date
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from sqlmodel import Session

from models.errors import NotFound
from models.organization.person import Absence, Person
from models.organization.register_reads import absences_of
from web.api.caller import Acts, Caller, Reads
from web.api.repeats import OnceRoute
from web.api.shapes import Body, Shape
from web.request.cursor_paging import LocalDay
from workflows.access.access_tokens import Scope
from workflows.organization.register.absence import add_absence, be_away, be_back, end_absence
from workflows.rules.rights_table import Right

router = APIRouter(prefix="/absences", tags=["register"], route_class=OnceRoute)


class AbsenceWanted(Body):
    """Local days, both included, and who stands in."""

    person: str | None = Field(default=None, max_length=64, description="The caller where none; others: administrators")
    stand_in: str = Field(min_length=1, max_length=64, description="A person's code; for oneself of one's own unit")
    starts_on: LocalDay
    ends_on: LocalDay
    reason: str = Field(default="", max_length=500)


class AbsenceShape(Shape):
    """An absence."""

    id: UUID
    person: str
    stand_in: str
    starts_on: date
    ends_on: date
    reason: str


@router.get("")
def absences(caller: Reads) -> list[AbsenceShape]:
    """Return the caller's absences, and those in which they stand in, from today on."""
    with caller.reading() as session:
        found = absences_of(session, caller.person.id, caller.today)
    return [
        AbsenceShape.of(one, person=one.person.code, stand_in=one.stand_in.code)
        for one in reversed(found)
        if not one.is_over
    ]


@router.post("", status_code=201)
def new_absence(body: AbsenceWanted, caller: Acts) -> AbsenceShape:
    """Record an absence: letters go to the stand-in, who acts meanwhile. Somebody else's needs scope `administer`."""
    is_own = body.person in (None, caller.person.code)
    caller.require(Right.RECORD_ABSENCE if is_own else Right.EDIT_REGISTER)
    if not is_own:
        caller.require_scope(Scope.ADMINISTER)
    with caller.transaction() as session:
        made = _own(session, caller, body) if is_own else _of_other(session, caller, body)
        person, stand_in = (session.get_one(Person, one).code for one in (made.person_id, made.stand_in_id))
        return AbsenceShape.of(made, person=person, stand_in=stand_in)


def _own(session: Session, caller: Caller, body: AbsenceWanted) -> Absence:
    return be_away(
        session,
        caller.person,
        stand_in=body.stand_in,
        starts_on=body.starts_on,
        ends_on=body.ends_on,
        reason=body.reason,
        hand=caller.hand,
        today=caller.today,
    )


def _of_other(session: Session, caller: Caller, body: AbsenceWanted) -> Absence:
    return add_absence(
        session,
        person_code=body.person or "",
        stand_in_code=body.stand_in,
        starts_on=body.starts_on,
        ends_on=body.ends_on,
        reason=body.reason,
        hand=caller.hand,
    )


@router.delete("/{absence_id}", status_code=204)
def end(absence_id: UUID, caller: Acts) -> None:
    """End an absence: back from today on. Somebody else's needs scope `administer`."""
    with caller.transaction() as session:
        absence = session.get(Absence, absence_id)
        if absence is None or (absence.person_id != caller.person.id and not caller.principal.may(Right.EDIT_REGISTER)):
            raise NotFound("there is no such absence")
        if absence.person_id == caller.person.id:
            be_back(session, caller.person, absence_id, hand=caller.hand)
            return
        caller.require_scope(Scope.ADMINISTER)
        end_absence(session, absence_id, hand=caller.hand)
