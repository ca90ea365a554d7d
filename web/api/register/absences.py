"""Calls about absences: the caller's own, and for editors of the register those of others."""

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
    """An absence to record, in local days, with its stand-in."""

    person: str | None = Field(
        default=None,
        max_length=64,
        description="A person's code; without it, the caller. Others need scope `administer`",
    )
    stand_in: str = Field(
        min_length=1, max_length=64, description="A person's code; for the caller's own absence, of their unit"
    )
    starts_on: LocalDay
    ends_on: LocalDay = Field(description="The last day of the absence")
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
        listed = absences_of(session, caller.person.id, caller.today)
    return [
        AbsenceShape.of(absence, person=absence.person.code, stand_in=absence.stand_in.code)
        for absence in reversed(listed)
        if not absence.is_over
    ]


@router.post("", status_code=201)
def new_absence(body: AbsenceWanted, caller: Acts) -> AbsenceShape:
    """Record an absence. The stand-in gets the letters and may act. For another person it needs scope `administer`."""
    is_own = body.person in (None, caller.person.code)
    caller.require(Right.RECORD_ABSENCE if is_own else Right.EDIT_REGISTER)
    if not is_own:
        caller.require_scope(Scope.ADMINISTER)
    with caller.transaction() as session:
        absence = _add_own(session, caller, body) if is_own else _add_for_other(session, caller, body)
        person, stand_in = session.get_one(Person, absence.person_id), session.get_one(Person, absence.stand_in_id)
        return AbsenceShape.of(absence, person=person.code, stand_in=stand_in.code)


def _add_own(session: Session, caller: Caller, body: AbsenceWanted) -> Absence:
    return be_away(
        session,
        caller.person,
        stand_in=body.stand_in,
        starts_on=body.starts_on,
        ends_on=body.ends_on,
        reason=body.reason,
        audit_actor=caller.audit_actor,
        today=caller.today,
    )


def _add_for_other(session: Session, caller: Caller, body: AbsenceWanted) -> Absence:
    return add_absence(
        session,
        person_code=body.person or "",
        stand_in_code=body.stand_in,
        starts_on=body.starts_on,
        ends_on=body.ends_on,
        reason=body.reason,
        audit_actor=caller.audit_actor,
    )


@router.delete("/{absence_id}", status_code=204)
def end(absence_id: UUID, caller: Acts) -> None:
    """End an absence: the person is back from today on. For another person it needs scope `administer`."""
    with caller.transaction() as session:
        absence = session.get(Absence, absence_id)
        is_own = absence is not None and absence.person_id == caller.person.id
        if absence is None or not (is_own or caller.principal.may(Right.EDIT_REGISTER)):
            raise NotFound("there is no such absence")
        if is_own:
            be_back(session, caller.person, absence_id, audit_actor=caller.audit_actor)
            return
        caller.require_scope(Scope.ADMINISTER)
        end_absence(session, absence_id, audit_actor=caller.audit_actor)
