"""A difficulty with a directive as a whole, put to its authority by the head of a unit that it addresses."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from models.errors import DondocError
from models.i18n import _
from web.launch.asked import form_id
from web.request.form_input import FormInput
from web.request.having_right import MaySeeWork
from web.request.request_context import RequestContext, Signed
from workflows.launch.difficulties import open_to_difficulties, put_difficulty

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
        places = open_to_difficulties(session, context.person, context.today)
    return context.page("difficulty.html", error=error, places=places, chosen=chosen, note=note)


@router.post("")
def put_it(context: Signed, given: Annotated[DifficultyForm, Depends(DifficultyForm.sent)]) -> Response:
    chosen, note = given.directive, given.note
    with context.submit(lambda error: _form(context, chosen, note, error)) as session:
        one = put_difficulty(context.acting(session), chosen, note, request_id=form_id(given.nonce))
    return context.go("/work", _("The obstacle was reported to {unit}."), is_repeated=True, unit=one.authority)
