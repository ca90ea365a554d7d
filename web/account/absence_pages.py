"""One's own absences: who stands in, from when to when, and what that does."""

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
    """From when to when, why, and who stands in (a person's code)."""

    starts_on: str = ""
    ends_on: str = ""
    stand_in: str = ""
    reason: str = ""


@router.get("/absences")
def absences_page(context: MayRecordAbsence) -> HTMLResponse:
    return _page(context)


@router.post("/absences")
def record_absence(context: MayRecordAbsence, given: Annotated[AbsenceForm, Depends(AbsenceForm.sent)]) -> Response:
    with context.again(lambda error: _page(context, given, error)):
        if not given.stand_in:
            raise BadInput("stand-in: choose who acts and gets the letters in your place")
        first, last = read_day(_("First day away"), given.starts_on), read_day(_("Last day away"), given.ends_on)
        with context.transaction() as session:
            be_away(
                session,
                context.person,
                stand_in=given.stand_in,
                starts_on=first,
                ends_on=last,
                reason=given.reason[:500],
                hand=context.hand,
                today=context.today,
            )
    said = _("Recorded: you are away from {first} to {last}.")
    return context.go("/absences", said, first=write_date(first), last=write_date(last))


@router.post("/absences/{absence_id}/end")
def end_absence_early(absence_id: UUID, context: MayRecordAbsence, form: Posted) -> Response:
    with context.submit(lambda error: _page(context, error=error)) as session:
        be_back(session, context.person, absence_id, hand=context.hand)
    return context.go("/absences", _("The absence is ended: letters come to you again."))


def _page(context: RequestContext, given: AbsenceForm | None = None, error: DondocError | None = None) -> HTMLResponse:
    today = context.today
    with context.reading() as session:
        found = absences_of(session, context.person.id, today)
        colleagues = people_of(session, context.person.unit_id) if context.person.unit_id else []
    return context.page(
        "absences.html",
        mine=[one for one in found if one.person.id == context.person.id],
        for_others=[one for one in found if one.person.id != context.person.id and not one.is_over],
        colleagues=[(one.code, one.full_name) for one in colleagues if one.id != context.person.id],
        given=given or AbsenceForm(),
        error=error,
    )
