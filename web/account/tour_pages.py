"""Leaving the first steps for good, and seeing them again."""

from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import RedirectResponse

from web.request.form_input import Posted
from web.request.request_context import RequestContext, Signed
from web.request.tour import address, steps_of
from workflows.access.accounts.preferences import leave_tour

router = APIRouter(prefix="/tour")


@router.post("/leave")
def leave(context: Signed, _form: Posted) -> RedirectResponse:
    return _set(context, context.now, "/")


@router.post("/again")
def again(context: Signed, _form: Posted) -> RedirectResponse:
    return _set(context, None, address(steps_of(context.principal)[0], 1))


def _set(context: RequestContext, left_at: datetime | None, to: str) -> RedirectResponse:
    with context.transaction() as session:
        leave_tour(session, context.person.id, left_at)
    return context.go(to)
