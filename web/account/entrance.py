"""The end of every way to sign in: the second step if the person has one, then a session."""

from typing import Any

from fastapi.responses import RedirectResponse
from sqlmodel import Session

from models.organization.account import Proof
from models.organization.person import Person
from web.request.cookies import SESSION, keep_cookie
from web.request.request_context import RequestContext
from web.request.signed_cookies import CODE, OIDC, SECOND_STEP, caller_of, forget_signed, keep_signed, remember_browser
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
    """Let a person in who has proved who they are, or ask for the second step first.

    After a sign-in service there is no second step here: the service asks for the steps that its organisation wants.
    """
    if proof is not Proof.OIDC and has_totp(session, person.id):
        answer = context.go("/sign-in/second-step")
        waiting: dict[str, Any] = {"person": person.id.hex, "proof": proof.value, "next": next}
        keep_signed(context, answer, SECOND_STEP, **waiting, remembered=remembered)
        forget_signed(context, answer, CODE)
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
    """Open a session in this browser, and end the one that it had."""
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
    remember_browser(context, answer, person)
    forget_signed(context, answer, CODE, SECOND_STEP, OIDC)
    return answer
