"""Small deeds on a person's page: roles, absences, and an address that may be written to again."""

from collections.abc import Callable
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session
from starlette.datastructures import FormData

from models.errors import DondocError, NotFound
from models.i18n import _
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from models.text.localtime import read_day, write_date
from web.account.account_pages import prove_again
from web.admin.people.people_pages import person_sheet
from web.request.having_right import MayEditRegister
from web.request.request_context import Posted, RequestContext, text
from workflows.access.accounts.mailed import invite
from workflows.access.accounts.totp import remove_totp
from workflows.organization.register.absence import add_absence, end_absence
from workflows.organization.register.person_sheet import find_person
from workflows.organization.register.retirement import trust_address
from workflows.organization.register.roles import give_role, take_role
from workflows.organization.register.spreadsheet.register_columns import COLUMN_WORDS

router = APIRouter()
_ABSENCE = ("stand_in", "starts_on", "ends_on", "reason")


@router.post("/admin/people/{code}/roles")
def give(context: MayEditRegister, code: str, form: Posted) -> Response:
    role, unit = text(form, "role"), text(form, "unit")
    try:
        prove_again(context, form)
        with context.transaction() as session:
            give_role(session, find_person(session, code).code, role, unit, context.hand)
    except DondocError as error:
        return person_sheet(context, code, error, {"role": role, "unit": unit})
    return context.go(f"/admin/people/{code}", _("The role is given."))


@router.post("/admin/people/{code}/roles/{role}/{unit}/end")
def take(context: MayEditRegister, code: str, role: str, unit: str, form: Posted) -> Response:
    said = _("The role is removed.")
    return _do(context, code, said, lambda session, one: take_role(session, one.code, role, unit, context.hand), form)


@router.post("/admin/people/{code}/absences")
def be_away(context: MayEditRegister, code: str, form: Posted) -> Response:
    given = {name: text(form, name) for name in _ABSENCE}
    try:
        first, last = (read_day(COLUMN_WORDS[name], given[name]) for name in ("starts_on", "ends_on"))
        with context.transaction() as session:
            person, stand_in = find_person(session, code), resolve_person(session, given["stand_in"])
            add_absence(
                session,
                person_code=person.code,
                stand_in_code=stand_in.code,
                starts_on=first,
                ends_on=last,
                reason=given["reason"],
                hand=context.hand,
            )
    except DondocError as error:
        return person_sheet(context, code, error, given)
    said = _("Recorded: {stand_in} stands in from {first} to {last}.")
    return context.go(
        f"/admin/people/{code}", said, stand_in=stand_in.full_name, first=write_date(first), last=write_date(last)
    )


@router.post("/admin/people/{code}/absences/{absence_id}/end")
def be_back(context: MayEditRegister, code: str, absence_id: UUID, form: Posted) -> Response:
    def end(session: Session, person: Person) -> None:
        if end_absence(session, absence_id, hand=context.hand).person_id != person.id:
            raise NotFound("there is no such page")

    return _do(context, code, _("The absence is ended."), end)


@router.post("/admin/people/{code}/trust-address")
def trust(context: MayEditRegister, code: str, form: Posted) -> Response:
    said = _("Letters go to this address again.")
    return _do(context, code, said, lambda session, one: trust_address(session, one.code, context.hand))


@router.post("/admin/people/{code}/invite")
def invite_by_mail(context: MayEditRegister, code: str, form: Posted) -> Response:
    """Mail a link by which they choose their first password; one mailed earlier is void."""

    def mail(session: Session, person: Person) -> None:
        invite(session, person, now=context.now, by=context.person.id)

    return _do(context, code, _("The invitation is on its way."), mail, form)


@router.post("/admin/people/{code}/second-step/end")
def end_second_step(context: MayEditRegister, code: str, form: Posted) -> Response:
    """End the second step of somebody who lost the device; they sign in without it, and set up another."""

    def end(session: Session, person: Person) -> None:
        remove_totp(session, person, now=context.now, by=context.person.id, address=context.address)

    return _do(context, code, _("The second sign-in step is removed."), end, form)


def _do(
    context: RequestContext,
    code: str,
    said: str,
    deed: Callable[[Session, Person], object],
    proof: FormData | None = None,
) -> Response:
    """Do something to a person, and say so on their page. `proof`: where who does it proves once more who they are."""
    try:
        if proof is not None:
            prove_again(context, proof)
        with context.transaction() as session:
            deed(session, find_person(session, code))
    except DondocError as error:
        return person_sheet(context, code, error)
    return context.go(f"/admin/people/{code}", said)
