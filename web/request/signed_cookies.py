"""Signed cookies beside the session: who has signed in with this browser, and the steps of a sign-in under way.

The signature covers the cookie's name and its end, so no value can be forged, used in another step or used later.
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
_LIFETIMES = {
    BROWSER: timedelta(days=400),  # browsers keep none longer
    CODE: timedelta(minutes=20),
    SECOND_STEP: timedelta(minutes=5),
    SETTING_UP: timedelta(minutes=15),
    OIDC: timedelta(minutes=10),
    SETUP: timedelta(hours=12),
}
_MOST_PEOPLE = 5  # remembered of a shared browser: those who signed in last


def keep_signed(context: RequestContext, answer: Response, name: str, /, **facts: Any) -> None:
    ends = (context.now + _LIFETIMES[name]).timestamp()
    value = _signer(context, name).dumps([ends, facts])
    keep_cookie(answer, context.settings, _full_name(name), str(value), int(_LIFETIMES[name].total_seconds()))


def read_signed(context: RequestContext, name: str) -> dict[str, Any] | None:
    """Return the facts of a cookie, or None if it is missing, has ended or is forged."""
    cookie = context.request.cookies.get(cookie_name(context.settings, _full_name(name)))
    if not cookie:
        return None
    try:
        ends, facts = _signer(context, name).loads(cookie)
    except (BadSignature, ValueError, TypeError):
        return None
    return facts if context.now.timestamp() < ends else None


def forget_signed(context: RequestContext, answer: Response, *names: str) -> None:
    for name in names:
        forget_cookie(answer, context.settings, _full_name(name))


def caller_of(context: RequestContext) -> RequestOrigin:
    browser = read_signed(context, BROWSER) or {}
    return RequestOrigin(
        address=context.address,
        device=context.request.headers.get("user-agent", ""),
        browser=browser.get("mark", ""),
        known_to=frozenset(UUID(person_id) for person_id in browser.get("people", ())),
    )


def remember_browser(context: RequestContext, answer: Response, person: Person) -> None:
    """Keep in the browser that this person signed in with it. Their failures there are counted apart from others'."""
    browser = read_signed(context, BROWSER) or {"mark": secrets.token_urlsafe(16), "people": []}
    people = [person.id.hex, *(other for other in browser["people"] if other != person.id.hex)]
    keep_signed(context, answer, BROWSER, mark=browser["mark"], people=people[:_MOST_PEOPLE])


def _full_name(name: str) -> str:
    return f"dondoc-{name}"


def _signer(context: RequestContext, name: str) -> URLSafeSerializer:
    return signed(context.site.key, f"browser.{name}")
