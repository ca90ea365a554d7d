"""The reader's own absences, and those in which the reader stands in."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from models.errors import BadInput, DondocError
from models.i18n import _
from models.organization.register_reads import absences_of, people_of
from models.text.localtime import read_day, write_date
from web.request.form_input import FormInput, Posted
from web.request.having_right import MayRecordAbsence
from web.request.request_context import RequestContext
from workflows.organization.register.absence import be_away, be_back

router = APIRouter()


class AbsenceForm(FormInput):
    starts_on: str = ""
    ends_on: str = ""
    stand_in: str = ""  # a person's code
    reason: str = ""


@router.get("/absences")
def absences_page(context: MayRecordAbsence) -> HTMLResponse:
    return _page(context)


@router.post("/absences")
def record_absence(context: MayRecordAbsence, form: Annotated[AbsenceForm, Depends(AbsenceForm.sent)]) -> Response:
    with context.again(lambda error: _page(context, form, error)):
        if not form.stand_in:
            raise BadInput("stand-in: choose who acts and gets the letters in your place")
        first, last = read_day(_("First day away"), form.starts_on), read_day(_("Last day away"), form.ends_on)
        with context.transaction() as session:
            be_away(
                session,
                context.person,
                stand_in=form.stand_in,
                starts_on=first,
                ends_on=last,
                reason=form.reason[:500],
                audit_actor=context.audit_actor,
                today=context.today,
            )
    message = _("Recorded: you are away from {first} to {last}.")
    return context.go("/absences", message, first=write_date(first), last=write_date(last))


@router.post("/absences/{absence_id}/end")
def end_absence_early(absence_id: UUID, context: MayRecordAbsence, form: Posted) -> Response:
    with context.submit(lambda error: _page(context, error=error)) as session:
        be_back(session, context.person, absence_id, audit_actor=context.audit_actor)
    return context.go("/absences", _("The absence is ended: letters come to you again."))


def _page(context: RequestContext, form: AbsenceForm | None = None, error: DondocError | None = None) -> HTMLResponse:
    today = context.today
    with context.reading() as session:
        absences = absences_of(session, context.person.id, today)
        people = people_of(session, context.person.unit_id) if context.person.unit_id else []
    me = context.person.id
    return context.page(
        "absences.html",
        mine=[absence for absence in absences if absence.person.id == me],
        for_others=[absence for absence in absences if absence.person.id != me and not absence.is_over],
        colleagues=[(person.code, person.full_name) for person in people if person.id != me],
        given=form or AbsenceForm(),
        error=error,
    )
