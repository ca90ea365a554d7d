"""Search: the tasks that words find, and the names that a field offers while one types."""

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
_LONGEST = 100
"""Characters of a query that are looked for: no name is longer than a field of it is wide."""
_Offers = list[tuple[str, str]]
"""What a field takes, and what stands beside it."""


@router.get("/search")
def search_page(context: MaySeeWork, q: str = "", after: str = "") -> HTMLResponse:
    """`after` is the end of the page before."""
    query, error, found = q.strip(), None, Results((), None)
    if query:
        try:
            with context.reading() as session:
                found = search(session, context.principal, query, now=context.now, after=after)
        except BadInput as fault:
            error = fault
    more = f"/search?{urlencode({'q': query, 'after': found.next})}" if found.next else None
    return context.page("search.html", query=query, found=found.tasks, more=more, is_first=not after, error=error)


@router.get("/suggest/units")
def units(context: MaySeeWork, q: str = "") -> JSONResponse:
    return _units(context, q, with_outside=any(map(context.principal.may, (Right.LAUNCH, Right.EDIT_TEMPLATES))))


@router.get("/suggest/leads")
def leads(context: MaySeeWork, q: str = "") -> JSONResponse:
    return _units(context, q, with_outside=False)


@router.get("/suggest/people")
def people(context: Signed, q: str = "") -> JSONResponse:
    if not context.principal.may(Right.INSPECT):
        context.require(Right.EDIT_REGISTER)

    def found(session: Session, text: str) -> _Offers:
        listed = suggest_people(session, text, MOST)
        return [(code, f"{name}, {unit}" if unit else name) for code, name, unit in listed]

    return _answer(context, q, found)


@router.get("/suggest/directives")
def directives(context: MaySeeBoard, q: str = "") -> JSONResponse:
    return _answer(context, q, lambda session, text: suggest_directives(session, context.principal, text, MOST))


def _units(context: RequestContext, q: str, *, with_outside: bool) -> JSONResponse:
    return _answer(context, q, lambda session, text: suggest_units(session, text, MOST, with_outside=with_outside))


def _answer(context: RequestContext, q: str, ask: Callable[[Session, str], _Offers]) -> JSONResponse:
    text = q.strip()[:_LONGEST]
    with context.reading() as session:
        offers = ask(session, text) if text else []
    return JSONResponse([{"value": value, "beside": beside} for value, beside in offers])
