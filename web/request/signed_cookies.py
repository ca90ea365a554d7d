"""What a browser keeps beside its session: that people have signed in with it, and how far a sign-in has come.

Each is a cookie under our signature, with its own end: it cannot be made up, moved to another step, or used later.
"""

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from fastapi import Response
from itsdangerous import BadSignature, URLSafeSerializer

from models.organization.person import Person
from web.request.cookies import cookie_name, forget_cookie, keep_cookie, signed
from web.request.request_context import RequestContext
from workflows.access.accounts.throttle import RequestOrigin

BROWSER, CODE, SECOND_STEP, SETTING_UP, OIDC = "browser", "code", "second-step", "setting-up", "oidc"
SETUP = "setup"  # the installation's own first set-up
LASTS = {
    BROWSER: timedelta(days=400),  # browsers keep none longer
    CODE: timedelta(minutes=20),
    SECOND_STEP: timedelta(minutes=5),
    SETTING_UP: timedelta(minutes=15),
    OIDC: timedelta(minutes=10),
    SETUP: timedelta(hours=12),
}
_PEOPLE = 5  # of a browser that several share; whoever was longest away is a new one again


def keep(context: RequestContext, answer: Response, mark: str, /, **what: Any) -> None:
    ends = (context.now + LASTS[mark]).timestamp()
    value = _signer(context, mark).dumps([ends, what])
    keep_cookie(answer, context.settings, _name(mark), str(value), int(LASTS[mark].total_seconds()))


def kept(context: RequestContext, mark: str) -> dict[str, Any] | None:
    """None where the browser keeps nothing, where that has ended, or was not written by us."""
    cookie = context.request.cookies.get(cookie_name(context.settings, _name(mark)))
    if not cookie:
        return None
    try:
        ends, what = _signer(context, mark).loads(cookie)
    except (BadSignature, ValueError, TypeError):
        return None
    return what if context.now.timestamp() < ends else None


def forget(context: RequestContext, answer: Response, *marks: str) -> None:
    for mark in marks:
        forget_cookie(answer, context.settings, _name(mark))


def caller_of(context: RequestContext) -> RequestOrigin:
    browser = kept(context, BROWSER) or {}
    return RequestOrigin(
        address=context.address,
        device=context.request.headers.get("user-agent", ""),
        browser=browser.get("mark", ""),
        known_to=frozenset(UUID(one) for one in browser.get("people", ())),
    )


def mark_browser(context: RequestContext, answer: Response, person: Person) -> None:
    """Have the browser remember that somebody signed in with it: their own failures are counted apart from others'."""
    browser = kept(context, BROWSER) or {"mark": secrets.token_urlsafe(16), "people": []}
    people = [person.id.hex, *(one for one in browser["people"] if one != person.id.hex)]
    keep(context, answer, BROWSER, mark=browser["mark"], people=people[:_PEOPLE])


def _name(mark: str) -> str:
    return f"dondoc-{mark}"


def _signer(context: RequestContext, mark: str) -> URLSafeSerializer:
    return signed(context.site.key, f"browser.{mark}")
