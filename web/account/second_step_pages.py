"""Setting the second step up, and turning it off."""

import segno
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from models.errors import BadInput, DondocError
from models.i18n import _
from models.organization.account import Account
from web.account.account_pages import prove_again
from web.request.request_context import Entered, Posted, RequestContext, text
from web.request.signed_cookies import SETTING_UP, caller_of, forget, keep, kept
from workflows.access.accounts.by_password import count_second_step
from workflows.access.accounts.sign_in import is_fresh
from workflows.access.accounts.throttle import Counted, forgive
from workflows.access.accounts.totp import (
    begin_totp,
    confirm_totp,
    is_totp_code,
    remove_totp,
    totp_address,
    totp_secret,
)

router = APIRouter()


@router.get("/account/second-step")
def second_step_page(visit: Entered) -> Response:
    """Return whether it is on, and what to do."""
    return _page(visit)


def _page(visit: RequestContext, error: DondocError | None = None) -> HTMLResponse:
    """Show the key, only to a person who has just proved once more who they are, in this browser."""
    showing_key = (kept(visit, SETTING_UP) or {}).get("person") == visit.person.id.hex
    with visit.reading() as session:
        account = session.get(Account, visit.person.id) or Account(person_id=visit.person.id)
        key = totp_secret(session, account) if showing_key and account.totp_confirmed_at is None else None
    address = totp_address(key, visit.person) if key else ""
    assert visit.session_row is not None
    return visit.page(
        "account/second_step_setup.html",
        visit.fault(error) if error else 200,
        error=error,
        is_on=account.totp_confirmed_at is not None,
        since=account.totp_confirmed_at,
        key=key,
        address=address,
        picture=_picture(address) if address else "",
        asks_password=account.password_hash is not None,
        is_fresh=is_fresh(visit.session_row, visit.now),
    )


def _picture(address: str) -> str:
    """Return a QR code as SVG: black on white in both colour schemes, or cameras would not read it."""
    made = segno.make(address, micro=False, error="m")
    return made.svg_inline(border=4, dark="#000", light="#fff", svgclass=None, lineclass=None, omitsize=True)


@router.post("/account/second-step/begin")
def begin(visit: Entered, form: Posted) -> Response:
    """Return a fresh key, to be read by the app."""
    try:
        prove_again(visit, form)
        with visit.transaction() as session:
            begin_totp(session, visit.person)
    except DondocError as error:
        return _page(visit, error)
    answer = visit.go("/account/second-step")
    keep(visit, answer, SETTING_UP, person=visit.person.id.hex)
    return answer


@router.post("/account/second-step/confirm")
def confirm(visit: Entered, form: Posted) -> Response:
    """Turn the second step on once the app shows the right digits."""
    try:
        counted = _count(visit)
        with visit.transaction() as session:
            address = caller_of(visit).address
            is_right = confirm_totp(session, visit.person, text(form, "code"), now=visit.now, address=address)
            if is_right:
                forgive(session, counted, visit.now)
    except DondocError as error:
        return _page(visit, error)
    if not is_right:
        return _page(visit, BadInput("code: not the six digits that the app shows now"))
    answer = visit.go("/account", _("The second step is on: it is asked for at each sign-in."))
    forget(visit, answer, SETTING_UP)
    return answer


@router.post("/account/second-step/off")
def turn_off(visit: Entered, form: Posted) -> Response:
    """Off, by whoever has the app."""
    try:
        counted = _count(visit)
        with visit.transaction() as session:
            if not is_totp_code(session, visit.person.id, text(form, "code"), now=visit.now):
                raise BadInput("code: not the six digits that the app shows now")
            forgive(session, counted, visit.now)
            by, address = visit.person.id, caller_of(visit).address
            remove_totp(session, visit.person, now=visit.now, by=by, address=address)
    except DondocError as error:
        return _page(visit, error)
    return visit.go("/account", _("The second step is off."))


def _count(visit: RequestContext) -> tuple[Counted, ...]:
    with visit.transaction() as session:
        return count_second_step(session, visit.person, caller_of(visit), visit.now)
