"""A difficulty with a directive as a whole, put to its authority by the head of a unit that it addresses."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from models.database.ids import new_id
from models.errors import DondocError
from models.i18n import _
from models.text.localtime import local_date
from web.launch.asked import form_id
from web.request.request_context import Posted, RequestContext, Signed, text
from workflows.launch.difficulties import LONGEST, open_to_difficulties, put_difficulty
from workflows.rules.rights_table import Right

router = APIRouter(prefix="/difficulty")


@router.get("")
def difficulty_page(visit: Signed, directive: str = "") -> HTMLResponse:
    """To whom, and what it is."""
    visit.require(Right.SEE_WORK)
    return _form(visit, directive, "")


def _form(visit: RequestContext, chosen: str, note: str, error: DondocError | None = None) -> HTMLResponse:
    with visit.reading() as session:
        places = open_to_difficulties(session, visit.person, local_date(visit.now))
    return visit.page(
        "difficulty.html",
        code=visit.fault(error) if error else 200,
        error=error,
        places=places,
        chosen=chosen,
        note=note,
        nonce=new_id(),
        longest=LONGEST,
    )


@router.post("")
def put_it(visit: Signed, form: Posted) -> Response:
    """Put it to the authority, once."""
    chosen, note = text(form, "directive"), text(form, "note")
    try:
        with visit.transaction() as session:
            one = put_difficulty(
                session,
                visit.person,
                chosen,
                note,
                now=visit.now,
                calendar=visit.calendar(session),
                request_id=form_id(form),
            )
    except DondocError as error:
        return _form(visit, chosen, note, error)
    return visit.go("/work", _("The obstacle was reported to {unit}."), is_repeated=True, unit=one.authority)
