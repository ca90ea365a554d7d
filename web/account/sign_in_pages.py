"""Sign in with a password or with a code by mail, take the second step, and sign out."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from pydantic import AfterValidator

from models.errors import BadInput, DondocError, Refused
from models.i18n import _
from models.organization.account import MailedPurpose, Proof
from models.organization.person import Person
from web.account.entrance import enter, open_door
from web.letters.mailbox_pages import may_show
from web.request.cookies import SESSION, forget_cookie
from web.request.form_input import Code, FormInput, Posted, Ticked, Verbatim
from web.request.navigation import local_path
from web.request.request_context import Entered, Guest, RequestContext
from web.request.signed_cookies import CODE, SECOND_STEP, caller_of, forget_signed, keep_signed, read_signed
from web.request.visitors import is_asked_here
from workflows.access.accounts.mailed import ask, redeem_code
from workflows.access.accounts.passwords import begin_try, count_second_step, end_try, note_failure
from workflows.access.accounts.sign_in import leave
from workflows.access.accounts.throttle import forgive
from workflows.access.accounts.totp import is_totp_code
from workflows.operations.demo_accounts import demo_accounts

router = APIRouter()
_LONGEST_NAME = 254


class SignInForm(FormInput):
    """`next` is the address to go to after the sign-in."""

    name: Annotated[str, AfterValidator(lambda given: given[:_LONGEST_NAME])] = ""
    password: Verbatim = ""
    next: Annotated[str, AfterValidator(lambda given: given or "/")] = "/"
    remember: Ticked = False


SentSignIn = Annotated[SignInForm, Depends(SignInForm.sent)]
SentCode = Annotated[Code, Depends(Code.sent)]


@router.get("/sign-in")
def sign_in_page(context: Guest, next: str = "/", left: bool = False) -> Response:
    """Ask for name and password, or offer a code by mail. `left`: a user of the sign-in service has just signed out."""
    if context.site.wants_setup:
        return context.go("/setup")
    return context.go(next) if context.principal_or_none else sign_in_form(context, next, has_left=left)


def sign_in_form(
    context: RequestContext, next: str, name: str = "", error: DondocError | None = None, *, has_left: bool = False
) -> HTMLResponse:
    demo = []
    if is_asked_here(context.request, context.settings):  # the page shows the password of the demo accounts
        with context.reading() as session:
            demo = demo_accounts(session)
    return context.page(
        "account/sign_in.html",
        next=local_path(next),
        name=name,
        error=error,
        oidc=context.settings.oidc,
        has_left=has_left,
        demo=demo,
        has_mailbox=bool(demo) and may_show(context),
    )


@router.post("/sign-in")
def sign_in(context: Guest, form: SentSignIn) -> Response:
    """Sign in with a password. The answer to a wrong name is the same as to a wrong password."""
    name, next = form.name, form.next
    caller = caller_of(context)
    with context.again(lambda error: sign_in_form(context, next, name, error)):
        with context.transaction() as session:
            try_ = begin_try(session, name, caller, context.now)
        checked = try_.check(form.password)
    with context.transaction() as session:
        person = end_try(session, try_, checked, caller, context.now)
        if person is not None:
            return enter(context, session, person, Proof.PASSWORD, next=next, remembered=form.remember)
    return sign_in_form(context, next, name, BadInput("name, password: they do not match"))


@router.post("/sign-in/code")
def ask_for_code(context: Guest, form: SentSignIn) -> Response:
    """Mail a code to the person of this name. The answer is the same if there is nobody."""
    name, next = form.name, form.next
    if not name:
        error = BadInput("name: give your e-mail address or user name; the code goes there")
        return sign_in_form(context, next, error=error)
    with context.transaction() as session:
        quota = context.settings.mail.letters_per_day
        secret_id = ask(
            session, name, MailedPurpose.SIGN_IN, caller_of(context), now=context.now, letters_per_day=quota
        )
    answer = context.go("/sign-in/code")
    keep_signed(context, answer, CODE, id=secret_id.hex, name=name, next=next, remembered=form.remember)
    return answer


@router.get("/sign-in/code")
def code_page(context: Guest) -> Response:
    waiting = read_signed(context, CODE)
    return _code_form(context, waiting) if waiting else context.go("/sign-in")


def _code_form(context: RequestContext, waiting: dict[str, str], error: DondocError | None = None) -> HTMLResponse:
    mailbox = may_show(context)
    return context.page("account/code.html", waiting=waiting, error=error, has_mailbox=mailbox)


@router.post("/sign-in/code/enter")
def enter_code(context: Guest, form: SentCode) -> Response:
    waiting = read_signed(context, CODE)
    if waiting is None:
        return sign_in_form(context, "/", error=Refused("the code is too old: ask for another"))
    with context.transaction() as session:
        done = redeem_code(session, context.site.key, UUID(waiting["id"]), form.code, now=context.now)
        if done.person is not None:
            next, remembered = waiting["next"], waiting["remembered"]
            return enter(context, session, done.person, Proof.CODE, next=next, remembered=remembered)
    if done.is_void:
        void = Refused("this code is void after so many tries: ask for another")
        answer: Response = sign_in_form(context, waiting["next"], waiting["name"], void)
        forget_signed(context, answer, CODE)
        return answer
    wrong = BadInput("code: not the digits of the letter, or one used before or too old; look at the newest letter")
    return _code_form(context, waiting, wrong)


@router.get("/sign-in/second-step")
def second_step_page(context: Guest) -> Response:
    return _second_step_form(context) if read_signed(context, SECOND_STEP) else context.go("/sign-in")


def _second_step_form(context: RequestContext, error: DondocError | None = None) -> HTMLResponse:
    return context.page("account/second_step.html", error=error)


@router.post("/sign-in/second-step")
def second_step(context: Guest, form: SentCode) -> Response:
    waiting = read_signed(context, SECOND_STEP)
    if waiting is None:
        return sign_in_form(context, "/", error=Refused("the second step took too long: sign in again"))
    caller = caller_of(context)
    with context.submit(lambda error: _second_step_form(context, error)) as session:
        person = session.get_one(Person, UUID(waiting["person"]))
        failures = count_second_step(session, person, caller, context.now)
    with context.transaction() as session:
        person = session.get_one(Person, person.id)
        if person.is_active and is_totp_code(session, person.id, form.code, now=context.now):
            forgive(session, failures, context.now)
            return open_door(
                context,
                session,
                person,
                Proof(waiting["proof"]),
                next=waiting["next"],
                remembered=waiting["remembered"],
                with_totp=True,
            )
        note_failure(session, person, failures, caller, context.now)
    return _second_step_form(context, BadInput("code: not the six digits that the app shows now"))


@router.post("/sign-out")
def sign_out(context: Entered, form: Posted) -> Response:
    """End this session. Users of the sign-in service are told that the service still knows them."""
    by_service = context.own_session.proof is Proof.OIDC and context.settings.oidc is not None
    with context.transaction() as session:
        leave(session, context.person, context.own_session.id, now=context.now, address=context.address)
    address = "/sign-in?left=1" if by_service else "/sign-in"
    answer = context.go(address, _("You are signed out."), is_repeated=True)
    forget_cookie(answer, context.settings, SESSION)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'  # the browser's back button would show its pages
    return answer
