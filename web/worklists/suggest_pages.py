"""What a field for a unit, a person or a directive offers while one types: a few names, for the page's script."""

from collections.abc import Callable

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlmodel import Session

from models.organization.register_lists import suggest_people, suggest_units
from web.request.request_context import RequestContext, Signed
from workflows.rules.rights_table import Right
from workflows.worklists.directive_list import suggest_directives

router = APIRouter(prefix="/suggest")
MOST = 8
_LONGEST = 100
"""Characters of a query that are looked for: no name is longer than a field of it is wide."""
_Offers = list[tuple[str, str]]
"""What the field takes, and what stands beside it."""


@router.get("/units")
def units(context: Signed, q: str = "") -> JSONResponse:
    """Return active units by name; outside contacts only to who may choose them: an administrator."""
    context.require(Right.SEE_WORK)
    with_outside = context.principal.may(Right.EDIT_TEMPLATES)
    return _answer(context, q, lambda session, text: suggest_units(session, text, MOST, with_outside=with_outside))


@router.get("/people")
def people(context: Signed, q: str = "") -> JSONResponse:
    """Return active people by code, to who may choose anybody."""
    if not context.principal.may(Right.INSPECT):
        context.require(Right.EDIT_REGISTER)

    def found(session: Session, text: str) -> _Offers:
        listed = suggest_people(session, text, MOST)
        return [(code, f"{name}, {unit}" if unit else name) for code, name, unit in listed]

    return _answer(context, q, found)


@router.get("/directives")
def directives(context: Signed, q: str = "") -> JSONResponse:
    """Return the directives that somebody may open, by number, the newest first."""
    context.require(Right.SEE_BOARD)
    return _answer(context, q, lambda session, text: suggest_directives(session, context.principal, text, MOST))


def _answer(context: RequestContext, q: str, ask: Callable[[Session, str], _Offers]) -> JSONResponse:
    text = q.strip()[:_LONGEST]
    with context.reading() as session:
        offers = ask(session, text) if text else []
    return JSONResponse([{"value": value, "beside": beside} for value, beside in offers])
