"""The last step of every way in: the second step where one is asked for, then a session."""

from typing import Any

from fastapi.responses import RedirectResponse
from sqlmodel import Session

from models.organization.account import Proof
from models.organization.person import Person
from web.request.cookies import SESSION, keep_cookie
from web.request.request_context import RequestContext
from web.request.signed_cookies import CODE, OIDC, SECOND_STEP, caller_of, forget, keep, mark_browser
from workflows.access.accounts.sessions import REMEMBERED
from workflows.access.accounts.sign_in import admit
from workflows.access.accounts.totp import has_totp


def enter(
    context: RequestContext,
    session: Session,
    person: Person,
    proof: Proof,
    *,
    next: str = "/",
    remembered: bool = False,
) -> RedirectResponse:
    """Let somebody in who has proved who they are; those with a second step are asked for it first.

    A sign-in service asks for whatever steps its own organisation wants.
    """
    if proof is not Proof.OIDC and has_totp(session, person.id):
        answer = context.go("/sign-in/second-step")
        waiting: dict[str, Any] = {"person": person.id.hex, "proof": proof.value, "next": next}
        keep(context, answer, SECOND_STEP, **waiting, remembered=remembered)
        forget(context, answer, CODE)
        return answer
    return open_door(context, session, person, proof, next=next, remembered=remembered)


def open_door(
    context: RequestContext,
    session: Session,
    person: Person,
    proof: Proof,
    *,
    next: str = "/",
    remembered: bool = False,
    with_totp: bool = False,
) -> RedirectResponse:
    """Open a new session in this browser; the one it had ends."""
    key = admit(
        session,
        person,
        proof,
        caller_of(context),
        context.settings,
        now=context.now,
        remembered=remembered,
        with_totp=with_totp,
        replacing=context.session_row,
    )
    answer = context.go(next)
    keep_cookie(answer, context.settings, SESSION, key, int(REMEMBERED.total_seconds()) if remembered else None)
    mark_browser(context, answer, person)
    forget(context, answer, CODE, SECOND_STEP, OIDC)
    return answer
