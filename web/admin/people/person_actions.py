"""Actions on a person's page: roles, absences, the address, an invitation, the second sign-in step."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from sqlmodel import Session

from models.errors import NotFound
from models.i18n import _
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from models.text.localtime import read_day, write_date
from web.account.absence_pages import AbsenceForm
from web.account.account_pages import Again, SentAgain, prove_again
from web.admin.people.people_pages import person_sheet
from web.request.form_input import Posted
from web.request.having_right import MayEditRegister
from web.request.request_context import RequestContext
from workflows.access.accounts.mailed import invite
from workflows.access.accounts.totp import remove_totp
from workflows.organization.register.absence import add_absence, end_absence
from workflows.organization.register.person_sheet import find_person
from workflows.organization.register.retirement import trust_address
from workflows.organization.register.roles import give_role, take_role
from workflows.organization.register.spreadsheet.register_columns import COLUMN_WORDS

router = APIRouter()


class GivenRole(Again):
    role: str = ""
    unit: str = ""


@router.post("/admin/people/{code}/roles")
def give(context: MayEditRegister, code: str, form: Annotated[GivenRole, Depends(GivenRole.sent)]) -> Response:
    with context.again(lambda error: person_sheet(context, code, error, form.model_dump(exclude={"current"}))):
        prove_again(context, form)
        with context.transaction() as session:
            give_role(session, find_person(session, code).code, form.role, form.unit, context.audit_actor)
    return context.go(f"/admin/people/{code}", _("The role is given."))


@router.post("/admin/people/{code}/roles/{role}/{unit}/end")
def take(context: MayEditRegister, code: str, role: str, unit: str, form: SentAgain) -> Response:
    def remove(session: Session, person: Person) -> None:
        take_role(session, person.code, role, unit, context.audit_actor)

    return _act(context, code, remove, _("The role is removed."), proof=form)


@router.post("/admin/people/{code}/absences")
def be_away(context: MayEditRegister, code: str, form: Annotated[AbsenceForm, Depends(AbsenceForm.sent)]) -> Response:
    with context.again(lambda error: person_sheet(context, code, error, form.model_dump())):
        first = read_day(COLUMN_WORDS["starts_on"], form.starts_on)
        last = read_day(COLUMN_WORDS["ends_on"], form.ends_on)
        with context.transaction() as session:
            person, stand_in = find_person(session, code), resolve_person(session, form.stand_in)
            add_absence(
                session,
                person_code=person.code,
                stand_in_code=stand_in.code,
                starts_on=first,
                ends_on=last,
                reason=form.reason,
                audit_actor=context.audit_actor,
            )
    message = _("Recorded: {stand_in} stands in from {first} to {last}.")
    return context.go(
        f"/admin/people/{code}", message, stand_in=stand_in.full_name, first=write_date(first), last=write_date(last)
    )


@router.post("/admin/people/{code}/absences/{absence_id}/end")
def be_back(context: MayEditRegister, code: str, absence_id: UUID, form: Posted) -> Response:
    def end(session: Session, person: Person) -> None:
        if end_absence(session, absence_id, audit_actor=context.audit_actor).person_id != person.id:
            raise NotFound("there is no such page")

    return _act(context, code, end, _("The absence is ended."))


@router.post("/admin/people/{code}/trust-address")
def trust(context: MayEditRegister, code: str, form: Posted) -> Response:
    def trust_again(session: Session, person: Person) -> None:
        trust_address(session, person.code, context.audit_actor)

    return _act(context, code, trust_again, _("Letters go to this address again."))


@router.post("/admin/people/{code}/invite")
def invite_by_mail(context: MayEditRegister, code: str, form: SentAgain) -> Response:
    """Mail a link to choose the first password. A link mailed earlier becomes void."""

    def mail(session: Session, person: Person) -> None:
        invite(session, person, now=context.now, by=context.person.id)

    return _act(context, code, mail, _("The invitation is on its way."), proof=form)


@router.post("/admin/people/{code}/second-step/end")
def end_second_step(context: MayEditRegister, code: str, form: SentAgain) -> Response:
    """Remove the second step of a person who lost the device. They sign in without it and set up another."""

    def end(session: Session, person: Person) -> None:
        remove_totp(session, person, now=context.now, by=context.person.id, address=context.address)

    return _act(context, code, end, _("The second sign-in step is removed."), proof=form)


def _act(
    context: RequestContext,
    code: str,
    act: Callable[[Session, Person], object],
    message: str,
    *,
    proof: Again | None = None,
) -> Response:
    """Run `act` on a person, and show the message on their page. With `proof`, ask for the password first."""
    with context.again(lambda error: person_sheet(context, code, error)):
        if proof is not None:
            prove_again(context, proof)
        with context.transaction() as session:
            act(session, find_person(session, code))
    return context.go(f"/admin/people/{code}", message)
