"""The mailed links of invitations and password resets. Opening one shows a form; sending the form sets the password."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from models.errors import BadInput, DondocError
from models.i18n import _
from models.organization.account import MailedPurpose, Proof
from web.account.entrance import enter
from web.request.form_input import FormInput, Verbatim
from web.request.request_context import Guest, RequestContext
from web.request.signed_cookies import caller_of
from workflows.access.accounts.mailed import ask, open_link, use_link
from workflows.access.accounts.passwords import set_password
from workflows.access.accounts.sign_in import end_others
from workflows.access.accounts.ways_in import end_tokens
from workflows.rules.password_policy import SHORTEST

router = APIRouter()


class FirstPassword(FormInput):
    password: Verbatim = ""


class Forgotten(FormInput):
    name: str = ""  # an e-mail address or a user name


SentPassword = Annotated[FirstPassword, Depends(FirstPassword.sent)]


@router.get("/invitation/{token}")
def invitation_page(token: str, context: Guest) -> Response:
    return _form(context, token, MailedPurpose.INVITATION)


@router.post("/invitation/{token}")
def accept_invitation(token: str, context: Guest, form: SentPassword) -> Response:
    return _set(context, token, MailedPurpose.INVITATION, form.password)


@router.get("/reset/{token}")
def reset_page(token: str, context: Guest) -> Response:
    return _form(context, token, MailedPurpose.RESET)


@router.post("/reset/{token}")
def reset(token: str, context: Guest, form: SentPassword) -> Response:
    """Set the new password, end all sessions and access tokens, and sign the person in."""
    return _set(context, token, MailedPurpose.RESET, form.password)


def _form(
    context: RequestContext, token: str, purpose: MailedPurpose, error: DondocError | None = None
) -> HTMLResponse:
    with context.reading() as session:
        _secret, person = open_link(session, context.site.key, token, purpose, now=context.now)
    return context.page(
        "account/choose_password.html",
        error=error,
        owner=person,
        shortest=SHORTEST,
        is_first=purpose is MailedPurpose.INVITATION,
    )


def _set(context: RequestContext, token: str, purpose: MailedPurpose, password: str) -> Response:
    address = context.address
    with context.submit(lambda error: _form(context, token, purpose, error)) as session:  # if refused, the link stays
        person = use_link(session, context.site.key, token, purpose, now=context.now)
        set_password(session, person.id, password, now=context.now, by=person.id, address=address)
        end_others(session, person, now=context.now, by=person.id, address=address)
        if purpose is MailedPurpose.RESET:  # somebody else may have had the old password
            end_tokens(session, person, now=context.now, by=person.id, address=address)
        return enter(context, session, person, Proof.CODE)


@router.get("/forgotten")
def forgotten_page(context: Guest) -> Response:
    return context.page("account/forgotten.html")


@router.post("/forgotten")
def ask_for_reset(context: Guest, form: Annotated[Forgotten, Depends(Forgotten.sent)]) -> Response:
    """Mail the link to the person of this name. The answer is the same if there is nobody."""
    name = form.name[:254]
    if not name:
        error = BadInput("name: give your e-mail address or user name; the link goes there")
        return context.page("account/forgotten.html", error=error)
    with context.transaction() as session:
        quota = context.settings.mail.letters_per_day
        ask(session, name, MailedPurpose.RESET, caller_of(context), now=context.now, letters_per_day=quota)
    message = _("If {name} is known here, a letter with a link is on its way to the address in the register.")
    return context.go("/sign-in", message, is_repeated=True, name=name)
