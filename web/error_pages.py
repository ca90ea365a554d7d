"""Answer errors as pages: what was refused, who may do it, how to get the right, and where to go from here."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

from models.database.session import DATABASE_ERRORS
from models.errors import BadInput, DondocError, NotFound
from models.i18n import _, translate
from web.api.problems import BROKEN_DOWN, problem_of
from web.request.faults import (
    RETRY,
    UNFIT,
    NotSignedIn,
    OtherPageFirst,
    ShownAgain,
    status_of,
    wait_header,
    words_of_absence,
)
from web.request.given_values import wrong_choice
from web.request.navigation import TODAY, address_before, address_of, came_from
from web.request.request_context import RequestContext, chosen_language, guest
from web.request.site import Site
from workflows.access.rights import Forbidden, find_holders, is_by_role
from workflows.rules.rights_table import Right

_HEADINGS = {
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
_ADVICE = {
    404: _("The address may be mistyped, or you may not see this page. Search by unit, duty or number."),
    409: _("Open the page again: it shows what has changed, and what can be done now."),
}
_ICONS = {403: "user-x", 404: "search", 429: "clock", 500: "triangle-alert", 503: "clock"}
_BAD_REQUEST = _("the page was asked for in a way that it does not know: open it again, and repeat the step there")


def answer_errors(app: FastAPI, headers: Callable[[], dict[str, str]]) -> None:
    """Answer the site's errors with pages in the reader's language. `headers` returns those of every answer."""
    handlers: dict[type[Exception], Callable[[Request, Any], Response]] = {
        NotSignedIn: _ask_to_sign_in,
        OtherPageFirst: _lead_to_other_page,
        ShownAgain: _show_form_again,
        DondocError: _show_error,
        RequestValidationError: _show_invalid_address,
        DataError: _show_refused_value,
        HTTPException: _show_http_error,
        Exception: partial(_show_unexpected_error, headers),
    }
    handlers |= dict.fromkeys(DATABASE_ERRORS, _show_database_away)
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def _ask_to_sign_in(request: Request, _error: NotSignedIn) -> Response:
    """Lead to the sign-in page, which leads back to this address."""
    if _site(request).wants_setup:
        return RedirectResponse("/setup", 303)
    address = address_of(request)
    back = f"?next={quote(address)}" if request.method == "GET" and address != "/" else ""
    return RedirectResponse(f"/sign-in{back}", 303)


def _lead_to_other_page(_request: Request, error: OtherPageFirst) -> Response:
    return RedirectResponse(error.address, 303)


def _show_form_again(_request: Request, error: ShownAgain) -> Response:
    return error.answer


def _show_error(request: Request, error: DondocError) -> Response:
    context = guest(request, _site(request))
    code = status_of(error)
    facts = _message_facts(request, code, error.tell(context.language))
    if isinstance(error, Forbidden) and error.right:
        facts |= _right_facts(context, error.right)
    answer = context.page("message.html", code, **facts)
    answer.headers.update(wait_header(error))
    return answer


def _show_invalid_address(request: Request, error: RequestValidationError) -> Response:
    """Answer an address with a choice that is not in its list, a number that is none, or a part cut off."""
    return _show_error(request, wrong_choice(error.errors()[0]) or NotFound("there is no such page"))


def _show_refused_value(request: Request, _error: DataError) -> Response:
    return _show_error(request, BadInput(UNFIT))


def _show_http_error(request: Request, error: HTTPException) -> Response:
    """Answer an unknown address, or a method that a page does not have."""
    if error.status_code == 404:
        missing = NotFound("there is no such page")
        is_api_call = request.url.path.startswith("/api/")  # one with a line break in its path reaches no mount
        return problem_of(request, missing) if is_api_call else _show_error(request, missing)
    site = _site(request)
    language = guest(request, site).language
    answer = bare_page(site, request, language, error.status_code, translate(_BAD_REQUEST, language))
    answer.headers.update(error.headers or {})
    return answer


def _show_unexpected_error(headers: Callable[[], dict[str, str]], request: Request, _error: Exception) -> Response:
    """Answer a programming error without asking the database. Uvicorn logs the trace; the answer shows none."""
    site = _site(request)
    answer = bare_page(site, request, site.settings.language, 500, translate(BROKEN_DOWN, site.settings.language))
    answer.headers.update(headers())  # this handler runs outside of `guard`
    return answer


def _show_database_away(request: Request, error: Exception) -> Response:
    site = _site(request)
    words = words_of_absence(request, error)
    language = chosen_language(request, site.settings, site.settings.language)
    answer = bare_page(site, request, language, 503, translate(words, language))
    answer.headers.update(RETRY)
    return answer


def _site(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


def bare_page(site: Site, request: Request, language: str, code: int, message: str) -> HTMLResponse:
    """Show a message without asking the database, and so without knowing the reader."""
    return site.page("message.html", language, request, code, **_message_facts(request, code, message))


def _message_facts(request: Request, code: int, message: str) -> dict[str, Any]:
    return {
        "heading": _HEADINGS.get(code, _HEADINGS[422]),
        "advice": _ADVICE.get(code, ""),
        "picture": _ICONS.get(code, "circle-alert"),
        "message": message,
        "back": address_before(request),
        "came_from": came_from(request, TODAY),
        "holders": None,
    }


def _right_facts(context: RequestContext, right: Right) -> dict[str, Any]:
    """Return who has the right, and who can give it."""
    principal = context.principal
    with context.reading() as session:
        return {
            "holders": find_holders(session, principal, right),
            "administrators": find_holders(session, principal, Right.EDIT_REGISTER),
            "by_role": is_by_role(right),
            "gives_roles": principal.may(Right.EDIT_REGISTER),
        }
