"""The search for tasks, and the suggestions that a field shows while the reader types."""

from collections.abc import Callable
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, JSONResponse
from sqlmodel import Session

from models.errors import BadInput
from models.organization.register_lists import suggest_people, suggest_units
from web.request.having_right import MaySeeBoard, MaySeeWork
from web.request.request_context import RequestContext, Signed
from workflows.rules.rights_table import Right
from workflows.worklists.directive_list import suggest_directives
from workflows.worklists.search import Results, search

router = APIRouter()
MOST = 8
_LONGEST_QUERY = 100  # characters
_Suggestions = list[tuple[str, str]]
"""Values of a field, each with the words that are shown beside it."""


@router.get("/search")
def search_page(context: MaySeeWork, q: str = "", after: str = "") -> HTMLResponse:
    """Show a page of results. `after` is the cursor of the page before."""
    query, error, results = q.strip(), None, Results((), None)
    if query:
        try:
            with context.reading() as session:
                results = search(session, context.principal, query, now=context.now, after=after)
        except BadInput as fault:
            error = fault
    more = f"/search?{urlencode({'q': query, 'after': results.next})}" if results.next else None
    return context.page("search.html", query=query, found=results.tasks, more=more, is_first=not after, error=error)


@router.get("/suggest/units")
def units(context: MaySeeWork, q: str = "") -> JSONResponse:
    principal = context.principal
    return _suggest_units(context, q, with_outside=principal.may(Right.LAUNCH) or principal.may(Right.EDIT_TEMPLATES))


@router.get("/suggest/leads")
def leads(context: MaySeeWork, q: str = "") -> JSONResponse:
    return _suggest_units(context, q, with_outside=False)


@router.get("/suggest/people")
def people(context: Signed, q: str = "") -> JSONResponse:
    if not context.principal.may(Right.INSPECT):
        context.require(Right.EDIT_REGISTER)

    def read_people(session: Session, text: str) -> _Suggestions:
        people = suggest_people(session, text, MOST)
        return [(code, f"{name}, {unit}" if unit else name) for code, name, unit in people]

    return _suggest(context, q, read_people)


@router.get("/suggest/directives")
def directives(context: MaySeeBoard, q: str = "") -> JSONResponse:
    return _suggest(context, q, lambda session, text: suggest_directives(session, context.principal, text, MOST))


def _suggest_units(context: RequestContext, q: str, *, with_outside: bool) -> JSONResponse:
    return _suggest(context, q, lambda session, text: suggest_units(session, text, MOST, with_outside=with_outside))


def _suggest(context: RequestContext, q: str, read: Callable[[Session, str], _Suggestions]) -> JSONResponse:
    text = q.strip()[:_LONGEST_QUERY]
    with context.reading() as session:
        suggestions = read(session, text) if text else []
    return JSONResponse([{"value": value, "beside": beside} for value, beside in suggestions])
