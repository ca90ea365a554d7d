"""One's own account: language, password, where one is signed in, the links in one's letters, what is kept of one."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

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
from web.request.visitors import device_name
from workflows.access.accounts.passwords import begin_try, end_try, set_password
from workflows.access.accounts.preferences import set_language
from workflows.access.accounts.sign_in import end_others, is_fresh, live_sessions, void_links
from workflows.rules.password_policy import SHORTEST

router = APIRouter()
AGAIN_FIRST = _("for this, sign out and in again first: your last sign-in was some time ago")


class Again(FormInput):
    """The base of forms by which somebody proves once more who they are: the present password."""

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
        sessions=[(one, device_name(one.device)) for one in sessions],
        here=context.own_session.id,
        is_fresh=is_fresh(context.own_session, context.now),
        oidc=context.settings.oidc,
        shortest=SHORTEST,
    )


@router.post("/account/language")
def choose_language(context: Signed, given: Annotated[ChosenLanguage, Depends(ChosenLanguage.sent)]) -> Response:
    with context.submit(lambda error: account_form(context, error)) as session:
        set_language(session, context.person.id, given.language)
    context.language = given.language
    answer = context.go("/account", _("The language is set."))
    forget_cookie(answer, context.settings, LANGUAGE)  # this browser's own choice would hide it
    return answer


@router.post("/account/password")
def choose_password(context: Signed, given: Annotated[NewPassword, Depends(NewPassword.sent)]) -> Response:
    """Set another password, or the first one; sessions in other browsers end."""
    caller = caller_of(context)
    with context.again(lambda error: account_form(context, error)):
        prove_again(context, given)
        with context.transaction() as session:
            person = context.person
            set_password(session, person.id, given.password, now=context.now, by=person.id, address=caller.address)
            keep = context.own_session.id
            end_others(session, person, now=context.now, by=person.id, keep=keep, address=caller.address)
    return context.go("/account", _("The password is set; other browsers have been signed out."))


def prove_again(context: RequestContext, given: Again) -> None:
    """Ask for the password once more before a change of how one signs in. Refused unless just signed in."""
    caller = caller_of(context)
    with context.reading() as session:
        account = session.get(Account, context.person.id)
    if account is None or account.password_hash is None:
        if not is_fresh(context.own_session, context.now):
            raise Refused(AGAIN_FIRST)
        return
    with context.transaction() as session:
        try_ = begin_try(session, context.person.code, caller, context.now)
    checked = try_.check(given.current)
    with context.transaction() as session:
        right = end_try(session, try_, checked, caller, context.now) is not None
    if not right:
        raise BadInput("present password: it is another one")


def again_facts(context: RequestContext) -> dict[str, bool]:
    """`ui.again` asks these of a page on which `prove_again` will be."""
    with context.reading() as session:
        account = session.get(Account, context.person.id)
    return {
        "own_password": account is not None and account.password_hash is not None,
        "is_fresh": is_fresh(context.own_session, context.now),
    }


@router.post("/account/sessions")
def end_sessions(context: Signed, given: Annotated[EndedSession, Depends(EndedSession.sent)]) -> Response:
    """End one session, or all but this one; who proves once more who they are."""
    is_others, wanted = given.session == "others", id_or_none(given.session)
    with context.again(lambda error: account_form(context, error)):
        if wanted is None and not is_others:
            raise BadInput("there is no such session")
        prove_again(context, given)
    with context.transaction() as session:
        ended = end_others(
            session,
            context.person,
            now=context.now,
            by=context.person.id,
            only=wanted,
            keep=context.own_session.id if is_others else None,
            address=context.address,
        )
    return context.go("/account", _("Sessions ended: {count}"), count=ended)


@router.post("/account/data")
def take_my_data(context: Signed, _form: Posted) -> Response:
    """Everything that is kept of oneself, as one archive; only soon after signing in, as it is a great deal at once."""
    if not is_fresh(context.own_session, context.now):
        return account_form(context, Refused(AGAIN_FIRST))
    return person_answer(context, context.person, context.hand)


@router.post("/account/links")
def void_my_links(context: Signed, form: Posted) -> Response:
    with context.transaction() as session:
        void_links(session, context.person, now=context.now, address=context.address)
    return context.go("/account", _("The links in the letters sent to you until now are void."))
