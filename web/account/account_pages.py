"""The reader's own account: language, password, sessions, the links in letters, data kept about them, the tour."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from models.errors import BadInput, DondocError, Refused
from models.i18n import _
from models.organization.account import Account
from models.organization.unit import Unit
from web.account.archive_file import person_answer
from web.request.cookies import LANGUAGE, forget_cookie
from web.request.form_input import FormInput, Posted, Verbatim
from web.request.given_values import id_or_none
from web.request.request_context import RequestContext, Signed
from web.request.signed_cookies import caller_of
from web.request.tour import step_address, steps_of
from web.request.visitors import device_name
from workflows.access.accounts.passwords import begin_try, end_try, set_password
from workflows.access.accounts.preferences import leave_tour, set_language
from workflows.access.accounts.sign_in import end_others, is_fresh, live_sessions, void_links
from workflows.rules.password_policy import SHORTEST

router = APIRouter()
AGAIN_FIRST = _("for this, sign out and in again first: your last sign-in was some time ago")


class Again(FormInput):
    """The base of forms that ask for the present password, as a proof of who sends them."""

    current: Verbatim = ""


class NewPassword(Again):
    password: Verbatim = ""


class EndedSession(Again):
    session: str = ""
    """Its id, or "others"."""


class ChosenLanguage(FormInput):
    language: str = ""


SentAgain = Annotated[Again, Depends(Again.sent)]


@router.get("/account")
def account_page(context: Signed) -> Response:
    return account_form(context)


def account_form(context: RequestContext, error: DondocError | None = None) -> HTMLResponse:
    person = context.person
    with context.reading() as session:
        account = session.get(Account, person.id) or Account(person_id=person.id)
        sessions = live_sessions(session, person.id, now=context.now)
        unit = session.get(Unit, person.unit_id) if person.unit_id else None
    return context.page(
        "account/account.html",
        error=error,
        account=account,
        unit=unit,
        sessions=[(row, device_name(row.device)) for row in sessions],
        here=context.own_session.id,
        is_fresh=is_fresh(context.own_session, context.now),
        oidc=context.settings.oidc,
        shortest=SHORTEST,
    )


@router.post("/account/language")
def choose_language(context: Signed, form: Annotated[ChosenLanguage, Depends(ChosenLanguage.sent)]) -> Response:
    with context.submit(lambda error: account_form(context, error)) as session:
        set_language(session, context.person.id, form.language)
    context.language = form.language
    answer = context.go("/account", _("The language is set."))
    forget_cookie(answer, context.settings, LANGUAGE)  # the browser's own choice would override the account's
    return answer


@router.post("/account/password")
def choose_password(context: Signed, form: Annotated[NewPassword, Depends(NewPassword.sent)]) -> Response:
    """Set the password, and end the sessions in other browsers."""
    caller = caller_of(context)
    with context.again(lambda error: account_form(context, error)):
        prove_again(context, form)
        with context.transaction() as session:
            person = context.person
            set_password(session, person.id, form.password, now=context.now, by=person.id, address=caller.address)
            keep = context.own_session.id
            end_others(session, person, now=context.now, by=person.id, keep=keep, address=caller.address)
    return context.go("/account", _("The password is set; other browsers have been signed out."))


def prove_again(context: RequestContext, form: Again) -> None:
    """Check the password once more before a change of how one signs in. BadInput if it is wrong.

    Without a password, raise Refused unless the person has signed in just now.
    """
    caller = caller_of(context)
    with context.reading() as session:
        account = session.get(Account, context.person.id)
    if account is None or account.password_hash is None:
        if not is_fresh(context.own_session, context.now):
            raise Refused(AGAIN_FIRST)
        return
    with context.transaction() as session:
        try_ = begin_try(session, context.person.code, caller, context.now)
    checked = try_.check(form.current)
    with context.transaction() as session:
        right = end_try(session, try_, checked, caller, context.now) is not None
    if not right:
        raise BadInput("present password: it is another one")


def again_facts(context: RequestContext) -> dict[str, bool]:
    """Return what `ui.again` needs on a page whose form calls `prove_again`."""
    with context.reading() as session:
        account = session.get(Account, context.person.id)
    return {
        "own_password": account is not None and account.password_hash is not None,
        "is_fresh": is_fresh(context.own_session, context.now),
    }


@router.post("/account/sessions")
def end_sessions(context: Signed, form: Annotated[EndedSession, Depends(EndedSession.sent)]) -> Response:
    """End one session, or all but this one. The reader proves once more who they are."""
    is_others, session_id = form.session == "others", id_or_none(form.session)
    with context.again(lambda error: account_form(context, error)):
        if session_id is None and not is_others:
            raise BadInput("there is no such session")
        prove_again(context, form)
    with context.transaction() as session:
        ended = end_others(
            session,
            context.person,
            now=context.now,
            by=context.person.id,
            only=session_id,
            keep=context.own_session.id if is_others else None,
            address=context.address,
        )
    return context.go("/account", _("Sessions ended: {count}"), count=ended)


@router.post("/account/data")
def take_my_data(context: Signed, _form: Posted) -> Response:
    """Return all data kept about the reader in one archive. As it is sensitive, the sign-in must be recent."""
    if not is_fresh(context.own_session, context.now):
        return account_form(context, Refused(AGAIN_FIRST))
    return person_answer(context, context.person, context.audit_actor)


@router.post("/account/links")
def void_my_links(context: Signed, form: Posted) -> Response:
    with context.transaction() as session:
        void_links(session, context.person, now=context.now, address=context.address)
    return context.go("/account", _("The links in the letters sent to you until now are void."))


@router.post("/tour/leave")
def leave_tour_for_good(context: Signed, _form: Posted) -> RedirectResponse:
    return _set_tour_left(context, context.now, "/")


@router.post("/tour/again")
def show_tour_again(context: Signed, _form: Posted) -> RedirectResponse:
    return _set_tour_left(context, None, step_address(steps_of(context.principal)[0], 1))


def _set_tour_left(context: RequestContext, left_at: datetime | None, to: str) -> RedirectResponse:
    with context.transaction() as session:
        leave_tour(session, context.person.id, left_at)
    return context.go(to)
