"""Pages that hand over an office of a unit (head, deputy in charge, focal point) or an officer's open tasks."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from models.errors import BadInput, DondocError
from models.i18n import _
from models.text.localtime import read_day
from models.words import OFFICE_WORDS
from web.request.form_input import FormInput, Ticked
from web.request.having_right import MayEditRegister
from web.request.page_frame import admin_page
from web.request.request_context import RequestContext
from workflows.organization.register.handover import hand_over
from workflows.organization.register.person_sheet import find_person, people_of, tasks_in_hand
from workflows.organization.register.retirement import leave_vacant
from workflows.organization.register.unit_sheet import find_unit, read_unit

router = APIRouter()


class Succession(FormInput):
    """The successor in an office and the first day, or that it stays vacant. `seen`: the holder shown."""

    to: str = ""
    on: str = ""
    vacant: Ticked = False
    seen: str = ""


class HandedTasks(FormInput):
    unit: str = ""
    to: str = ""


@router.get("/admin/units/{code}/offices/{office}")
def office_page(context: MayEditRegister, code: str, office: str, to: str = "") -> HTMLResponse:
    """`to`: the code of a person who was added for this office just now."""
    return _office(context, code, office, to)


@router.post("/admin/units/{code}/offices/{office}")
def hand_office_over(
    context: MayEditRegister, code: str, office: str, form: Annotated[Succession, Depends(Succession.sent)]
) -> Response:
    with context.submit(lambda error: _office(context, code, office, form.to, form.on, error)) as session:
        unit = find_unit(session, code)
        if form.vacant:
            leave_vacant(session, unit.code, office, context.audit_actor, seen=form.seen)
        else:
            day = read_day(_("First day"), form.on)
            hand_over(
                session,
                unit_code=unit.code,
                office=office,
                to_code=_successor(form.to),
                effective_on=day,
                now=context.now,
                audit_actor=context.audit_actor,
                seen=form.seen,
            )
    message = _("Handed over: {office}.") if form.seen else _("Appointed: {office}.")
    return context.go(f"/admin/units/{code}", message, office=context.words(OFFICE_WORDS[office]))


def _office(
    context: RequestContext, code: str, office: str, to: str = "", on: str = "", error: DondocError | None = None
) -> HTMLResponse:
    with context.reading() as session:
        sheet = read_unit(session, code)
    if office not in sheet.offices:
        raise BadInput("office {office}: expected one of {allowed}", office=office, allowed=", ".join(sheet.offices))
    return admin_page(
        context,
        "office.html",
        unit=sheet.unit,
        office=office,
        words=OFFICE_WORDS[office],
        holder=sheet.offices[office],
        people=[
            (person.code, f"{person.full_name}, {person.title}" if person.title else person.full_name)
            for person in sheet.people
            if person.is_active
        ],
        to=to,
        on=on or context.today.isoformat(),
        error=error,
    )


@router.get("/admin/people/{code}/tasks")
def tasks_page(context: MayEditRegister, code: str) -> HTMLResponse:
    return _tasks(context, code)


@router.post("/admin/people/{code}/tasks")
def hand_tasks_over(
    context: MayEditRegister, code: str, form: Annotated[HandedTasks, Depends(HandedTasks.sent)]
) -> Response:
    with context.submit(lambda error: _tasks(context, code, error)) as session:
        person, unit = find_person(session, code), find_unit(session, form.unit)
        hand_over(
            session,
            unit_code=unit.code,
            office="officer",
            from_code=person.code,
            to_code=_successor(form.to),
            effective_on=context.today,
            now=context.now,
            audit_actor=context.audit_actor,
        )
    return context.go(f"/admin/people/{code}", _("The open tasks are handed over."))


def _tasks(context: RequestContext, code: str, error: DondocError | None = None) -> HTMLResponse:
    with context.reading() as session:
        person = find_person(session, code)
        held = tasks_in_hand(session, person.id)
        people = people_of(session, [unit.id for unit, _count in held])
    successors = {
        unit.code: [other for other in people if other.unit_id == unit.id and other.id != person.id]
        for unit, _count in held
    }
    return admin_page(context, "officer_tasks.html", person=person, held=held, successors=successors, error=error)


def _successor(code: str) -> str:
    if not code:
        raise BadInput(_("successor: name the person who takes over"))
    return code
