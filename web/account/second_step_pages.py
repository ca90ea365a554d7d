"""The second sign-in step: set it up with an app, and turn it off."""

from typing import Annotated

import segno
from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from models.errors import BadInput, DondocError
from models.i18n import _
from models.organization.account import Account
from web.account.account_pages import SentAgain, prove_again
from web.request.form_input import Code
from web.request.request_context import Entered, RequestContext
from web.request.signed_cookies import SETTING_UP, caller_of, forget_signed, keep_signed, read_signed
from workflows.access.accounts.passwords import count_second_step
from workflows.access.accounts.sign_in import is_fresh
from workflows.access.accounts.throttle import CountedFailure, forgive
from workflows.access.accounts.totp import begin_totp, confirm_totp, is_totp_code, remove_totp, totp_address

router = APIRouter()


@router.get("/account/second-step")
def second_step_page(context: Entered) -> Response:
    return _page(context)


def _page(context: RequestContext, error: DondocError | None = None) -> HTMLResponse:
    """Show the setting. The key is shown only after `begin`, in the browser where the password was given again."""
    showing_key = (read_signed(context, SETTING_UP) or {}).get("person") == context.person.id.hex
    with context.reading() as session:
        account = session.get(Account, context.person.id) or Account(person_id=context.person.id)
        key = account.totp_secret if showing_key and account.totp_confirmed_at is None else None
    address = totp_address(key, context.person) if key else ""
    return context.page(
        "account/second_step_setup.html",
        error=error,
        is_on=account.totp_confirmed_at is not None,
        since=account.totp_confirmed_at,
        key=key,
        address=address,
        picture=_picture(address) if address else "",
        asks_password=account.password_hash is not None,
        is_fresh=is_fresh(context.own_session, context.now),
    )


def _picture(address: str) -> str:
    """Return a QR code as SVG, black on white in both colour schemes, as cameras need it."""
    code = segno.make(address, micro=False, error="m")
    return code.svg_inline(border=4, dark="#000", light="#fff", svgclass=None, lineclass=None, omitsize=True)


@router.post("/account/second-step/begin")
def begin(context: Entered, form: SentAgain) -> Response:
    with context.again(lambda error: _page(context, error)):
        prove_again(context, form)
        with context.transaction() as session:
            begin_totp(session, context.person)
    answer = context.go("/account/second-step")
    keep_signed(context, answer, SETTING_UP, person=context.person.id.hex)
    return answer


@router.post("/account/second-step/confirm")
def confirm(context: Entered, form: Annotated[Code, Depends(Code.sent)]) -> Response:
    with context.again(lambda error: _page(context, error)):
        failures = _count_failure(context)
        with context.transaction() as session:
            address = context.address
            is_right = confirm_totp(session, context.person, form.code, now=context.now, address=address)
            if is_right:
                forgive(session, failures, context.now)
    if not is_right:
        return _page(context, BadInput("code: not the six digits that the app shows now"))
    answer = context.go("/account", _("The second step is on: it is asked for at each sign-in."))
    forget_signed(context, answer, SETTING_UP)
    return answer


@router.post("/account/second-step/off")
def turn_off(context: Entered, form: Annotated[Code, Depends(Code.sent)]) -> Response:
    with context.again(lambda error: _page(context, error)):
        failures = _count_failure(context)
        with context.transaction() as session:
            if not is_totp_code(session, context.person.id, form.code, now=context.now):
                raise BadInput("code: not the six digits that the app shows now")
            forgive(session, failures, context.now)
            by, address = context.person.id, context.address
            remove_totp(session, context.person, now=context.now, by=by, address=address)
    return context.go("/account", _("The second step is off."))


def _count_failure(context: RequestContext) -> tuple[CountedFailure, ...]:
    """Count the try as a failure before it is checked. A right code is forgiven afterwards."""
    with context.transaction() as session:
        return count_second_step(session, context.person, caller_of(context), context.now)
