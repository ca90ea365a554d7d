"""Report a difficulty with a directive as a whole to its authority. Heads of the addressed units may do so."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from models.errors import DondocError
from models.i18n import _
from web.launch.launch_form import form_id
from web.request.form_input import FormInput
from web.request.having_right import MaySeeWork
from web.request.request_context import RequestContext, Signed
from workflows.launch.on_request import obstacle_addressees, report_obstacle_to

router = APIRouter(prefix="/difficulty")


class DifficultyForm(FormInput):
    directive: str = ""
    note: str = ""
    nonce: str = ""


@router.get("")
def difficulty_page(context: MaySeeWork, directive: str = "") -> HTMLResponse:
    return _form(context, directive, "")


def _form(context: RequestContext, chosen: str, note: str, error: DondocError | None = None) -> HTMLResponse:
    with context.reading() as session:
        places = obstacle_addressees(session, context.person, context.today)
    return context.page("difficulty.html", error=error, places=places, chosen=chosen, note=note)


@router.post("")
def report(context: Signed, form: Annotated[DifficultyForm, Depends(DifficultyForm.sent)]) -> Response:
    chosen, note = form.directive, form.note
    with context.submit(lambda error: _form(context, chosen, note, error)) as session:
        difficulty = report_obstacle_to(context.acting(session), chosen, note, request_id=form_id(form.nonce))
    message = _("The obstacle was reported to {unit}.")
    return context.go("/work", message, is_repeated=True, unit=difficulty.authority)
