"""The pages of the first set-up up to the first administrator: the code, the organisation, the account."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from models.errors import BadInput, DondocError
from models.i18n import _
from models.organization.account import Proof
from web.account.entrance import open_door
from web.request.form_input import Code, FormInput, Verbatim
from web.request.request_context import Guest, RequestContext
from web.request.signed_cookies import SETUP, forget, keep
from web.setup import STEPS, NeedsCode, look
from workflows.access.rights import holders
from workflows.operations.first_steps import UNIT_WORDS, Progress, is_code, make_administrator, name_organisation
from workflows.rules.password_policy import SHORTEST
from workflows.rules.rights_table import Right

router = APIRouter()


class Organisation(FormInput):
    ministry: str = ""
    ministry_code: str = ""
    office: str = ""
    office_code: str = ""
    coordinating: str = ""
    coordinating_code: str = ""


class Administrator(FormInput):
    full_name: str = ""
    email: str = ""
    title: str = ""
    unit: str = ""
    coordinates: str = ""
    password: Verbatim = ""
    again: Verbatim = ""


@router.get("/setup")
def setup_page(context: Guest) -> Response:
    """Show how far it is and the next step; or the code that is asked for first."""
    try:
        done = look(context)
    except NeedsCode:
        return context.page("setup/code.html")
    launchers = None
    if context.principal_or_none is not None:
        with context.reading() as session:
            launchers = holders(session, context.principal_or_none, Right.LAUNCH)
    return setup_answer(context, "start.html", done, launchers=launchers)


@router.post("/setup")
def show_code(context: Guest, given: Annotated[Code, Depends(Code.sent)]) -> Response:
    """Take the code; this browser may go on for some hours."""
    code = given.code
    with context.reading() as session:
        right = is_code(session, code)
    if not right:
        error = BadInput(_("code: it is not the one that `dondoc serve` printed when it was started"))
        return context.page("setup/code.html", error=error)
    answer = context.go("/setup")
    keep(context, answer, SETUP, code=code)
    return answer


def setup_answer(
    context: RequestContext, template: str, done: Progress, error: DondocError | None = None, **facts: Any
) -> HTMLResponse:
    following = next((step for step in STEPS if not getattr(done, step[0])), None)
    return context.page(
        f"setup/{template}",
        steps=[(name, path, words, getattr(done, name)) for name, path, words in STEPS],
        following=following,
        done=done,
        here=context.request.url.path,
        error=error,
        **facts,
    )


@router.get("/setup/organisation")
def organisation_page(context: Guest) -> Response:
    done = look(context)
    return _organisation(context, done, Organisation(ministry_code="BO", office_code="VP", office="Văn phòng Bộ"))


@router.post("/setup/organisation")
def organisation(context: Guest, given: Annotated[Organisation, Depends(Organisation.sent)]) -> Response:
    done = look(context)
    with context.submit(lambda error: _organisation(context, done, given, error)) as session:
        name_organisation(session, given.model_dump(), context.hand)
    return context.go("/setup/administrator" if not done.administrator else "/setup", _("Your organisation is saved."))


def _organisation(
    context: RequestContext, done: Progress, given: Organisation, error: DondocError | None = None
) -> HTMLResponse:
    return setup_answer(context, "organisation.html", done, error, given=given, unit_words=UNIT_WORDS)


@router.get("/setup/administrator")
def administrator_page(context: Guest) -> Response:
    done = look(context)
    return _administrator(context, done, Administrator(coordinates="on"))


@router.post("/setup/administrator")
def administrator(context: Guest, given: Annotated[Administrator, Depends(Administrator.sent)]) -> Response:
    """Make the account and sign this browser in; the code is void from now on."""
    done = look(context)
    with context.submit(lambda error: _administrator(context, done, given, error)) as session:
        person = make_administrator(
            session,
            given.model_dump(exclude={"password", "again"}),
            given.password,
            given.again,
            context.hand,
            coordinates=bool(given.coordinates),
        )
        answer = open_door(context, session, person, Proof.PASSWORD, next="/setup")
    forget(context, answer, SETUP)
    return answer


def _administrator(
    context: RequestContext, done: Progress, given: Administrator, error: DondocError | None = None
) -> HTMLResponse:
    return setup_answer(context, "administrator.html", done, error, given=given, shortest=SHORTEST)
