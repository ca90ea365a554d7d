"""Access for the reader's programs: tokens for the API, and the secret address of the calendar."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from models.database.session import reading
from models.errors import BadInput, DondocError
from models.i18n import _
from models.organization.account import Account
from web.account.account_pages import Again, prove_again
from web.request.form_input import Posted
from web.request.request_context import RequestContext, Signed
from web.request.site import TheSite
from workflows.access.access_tokens import SCOPE_WORDS, end_token, list_tokens, make_token
from workflows.access.accounts.sign_in import is_fresh
from workflows.access.calendar_feed import close_feed, feed_path, open_feed, read_calendar

router = APIRouter()
_DAYS = (30, 90, 365)


class NewToken(Again):
    name: str = ""
    scopes: tuple[str, ...] = Field(default=(), alias="scope")
    days: str = ""


@router.get("/account/tokens")
def tokens_page(context: Signed) -> HTMLResponse:
    return _tokens(context)


def _tokens(
    context: RequestContext,
    *,
    made: str = "",
    name: str = "",
    scopes: tuple[str, ...] = ("read",),
    error: DondocError | None = None,
) -> HTMLResponse:
    with context.reading() as session:
        tokens = list_tokens(session, context.person.id)
        account = session.get(Account, context.person.id)
    return context.page(
        "account/tokens.html",
        tokens=tokens,
        now=context.now,
        made=made,
        name=name,
        scopes=scopes,
        scope_words=SCOPE_WORDS,
        days=_DAYS,
        has_password=account is not None and account.password_hash is not None,
        is_fresh=is_fresh(context.own_session, context.now),
        error=error,
    )


@router.post("/account/tokens")
def make(context: Signed, form: Annotated[NewToken, Depends(NewToken.sent)]) -> HTMLResponse:
    """Make a token, and show its text this one time. The reader proves once more who they are."""
    name, scopes = form.name, form.scopes
    with context.again(lambda error: _tokens(context, name=name, scopes=scopes, error=error)):
        days = _read_days(form.days)
        prove_again(context, form)
        with context.transaction() as session:
            _token, made = make_token(
                session, context.principal, name, scopes, context.now + timedelta(days=days), now=context.now
            )
    return _tokens(context, made=made)


def _read_days(given: str) -> int:
    if given not in {str(days) for days in _DAYS}:
        raise BadInput("days {given}: expected one of {allowed}", given=given, allowed=_DAYS)
    return int(given)


@router.post("/account/tokens/{token_id}/end")
def end(token_id: UUID, context: Signed, form: Posted) -> Response:
    with context.transaction() as session:
        end_token(session, context.person.id, token_id, now=context.now)
    return context.go("/account/tokens", _("The token is revoked."))


@router.get("/account/calendar")
def calendar_page(context: Signed) -> HTMLResponse:
    with context.reading() as session:
        path = feed_path(session, context.person.id, context.site.key)
    address = f"{context.settings.base_url}{path}" if path else None
    return context.page("account/calendar.html", address=address)


@router.post("/account/calendar")
def new_calendar(context: Signed, form: Posted) -> Response:
    """Open a new address, which makes an older one void."""
    with context.transaction() as session:
        open_feed(session, context.principal, now=context.now)
    return context.go("/account/calendar", _("This is the new address. An older one is void."))


@router.post("/account/calendar/end")
def end_calendar(context: Signed, form: Posted) -> Response:
    with context.transaction() as session:
        close_feed(session, context.person.id, now=context.now)
    return context.go("/account/calendar", _("The address is no longer valid."))


@router.get("/calendar/{token}.ics")
def calendar(token: str, site: TheSite) -> Response:
    """Return the calendar to a program. The address is its key."""
    with reading(site.engine) as session:
        content = read_calendar(session, site.key, token, settings=site.settings, now=site.now())
    return Response(
        content, media_type="text/calendar; charset=utf-8", headers={"Cache-Control": "private, max-age=600"}
    )
