"""Error pages: what was refused, to whom it belongs, how to get it, and a way on."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

from models.database.session import OF_THE_DATABASE
from models.errors import BadInput, DondocError, NotFound
from models.i18n import _, translate
from web.api.problems import BROKEN_DOWN, problem_of
from web.request.faults import (
    RETRY,
    UNFIT,
    NotSignedIn,
    OwesSecondStep,
    ShownAgain,
    status_of,
    wait_header,
    words_of_absence,
)
from web.request.given_values import wrong_choice
from web.request.navigation import TODAY, address_before, address_of, came_from
from web.request.request_context import RequestContext, chosen_language, guest
from web.request.site import Site
from web.setup import NeedsCode
from workflows.access.rights import Forbidden, holders, is_by_role
from workflows.rules.rights_table import Right

HEADINGS = {
    403: _("You do not have the right to do this"),
    404: _("There is nothing at this address"),
    405: _("This address does not accept this request"),
    409: _("This is not possible now"),
    413: _("Too much was sent"),
    422: _("Something entered is not right"),
    429: _("Too many requests"),
    500: _("Something went wrong here"),
    503: _("Not available at this moment"),
}
ADVICE = {
    404: _("The address may be mistyped, or you may not see this page. Search by unit, duty or number."),
    409: _("Open the page again: it shows what has changed, and what can be done now."),
}
_ICONS = {403: "user-x", 404: "search", 429: "clock", 500: "triangle-alert", 503: "clock"}


def answer_errors(app: FastAPI, headers: Callable[[], dict[str, str]]) -> None:
    """Have the site answer errors as pages, in the reader's language. `headers` are what every answer carries."""

    @app.exception_handler(NotSignedIn)
    def sign_in(request: Request, _error: NotSignedIn) -> Response:
        return RedirectResponse("/setup", 303) if app.state.site.wants_setup else to_sign_in(request)

    @app.exception_handler(OwesSecondStep)
    async def set_up_second_step(_request: Request, _error: OwesSecondStep) -> Response:
        return RedirectResponse("/account/second-step", 303)

    @app.exception_handler(NeedsCode)
    async def ask_for_code(_request: Request, _error: NeedsCode) -> Response:
        return RedirectResponse("/setup", 303)

    @app.exception_handler(ShownAgain)
    async def show_again(_request: Request, shown: ShownAgain) -> Response:
        return shown.answer

    @app.exception_handler(DondocError)
    def tell(request: Request, error: DondocError) -> Response:
        context = guest(request, app.state.site)
        facts = whose(context, error.right) if isinstance(error, Forbidden) and error.right else {}
        code = status_of(error)
        answer = context.page("message.html", code, **(words_of(request, code, error.tell(context.language)) | facts))
        answer.headers.update(wait_header(error))
        return answer

    @app.exception_handler(Exception)
    def break_down(request: Request, _error: Exception) -> Response:
        """A fault of ours: its trace is in the log (uvicorn's line), none of it in the answer. Ask no database."""
        site: Site = app.state.site
        answer = bare_page(site, request, site.settings.language, 500, translate(BROKEN_DOWN, site.settings.language))
        answer.headers.update(headers())  # it is made outside of `guard`
        return answer

    @app.exception_handler(RequestValidationError)
    def misread(request: Request, error: RequestValidationError) -> Response:
        """A wrong choice of a list, or an address cut short, or with a word for a number."""
        return tell(request, wrong_choice(error.errors()[0]) or NotFound("there is no such page"))

    @app.exception_handler(DataError)
    def unfit(request: Request, _error: DataError) -> Response:
        return tell(request, BadInput(UNFIT))

    def put_off(request: Request, error: Exception) -> Response:
        """Ask no database: it is away."""
        site: Site = app.state.site
        words = words_of_absence(request, error)
        language = chosen_language(request, site.settings, site.settings.language)
        answer = bare_page(site, request, language, 503, translate(words, language))
        answer.headers.update(RETRY)
        return answer

    for kind in OF_THE_DATABASE:
        app.add_exception_handler(kind, put_off)

    @app.exception_handler(HTTPException)
    def refuse(request: Request, error: HTTPException) -> Response:
        """An unknown address, or a way of asking that a page does not know."""
        if error.status_code == 404:
            missing = NotFound("there is no such page")
            # an address of the API that no mount takes: a line break
            return problem_of(request, missing) if request.url.path.startswith("/api/") else tell(request, missing)
        site: Site = app.state.site
        language = guest(request, site).language
        answer = bare_page(site, request, language, error.status_code, translate(_NO_SUCH_WAY, language))
        answer.headers.update(error.headers or {})
        return answer


def to_sign_in(request: Request) -> RedirectResponse:
    """Lead to the sign-in page, and back to what was asked for."""
    wanted = address_of(request)
    back = f"?next={quote(wanted)}" if request.method == "GET" and wanted != "/" else ""
    return RedirectResponse(f"/sign-in{back}", 303)


_NO_SUCH_WAY = _("the page was asked for in a way that it does not know: open it again, and repeat the step there")


def bare_page(site: Site, request: Request, language: str, code: int, message: str) -> HTMLResponse:
    """It asks neither the database nor who is there."""
    return site.page("message.html", language, request, code, **words_of(request, code, message))


def words_of(request: Request, code: int, message: str) -> dict[str, Any]:
    return {
        "heading": HEADINGS.get(code, HEADINGS[422]),
        "advice": ADVICE.get(code, ""),
        "picture": _ICONS.get(code, "circle-alert"),
        "message": message,
        "back": address_before(request),
        "came_from": came_from(request, TODAY),
        "holders": None,
    }


def whose(context: RequestContext, right: Right) -> dict[str, Any]:
    principal = context.principal
    with context.reading() as session:
        return {
            "holders": holders(session, principal, right),
            "administrators": holders(session, principal, Right.EDIT_REGISTER),
            "by_role": is_by_role(right),
            "gives_roles": principal.may(Right.EDIT_REGISTER),
        }
