"""Browsers that show notifications, to a real HTTP server that plays the push service and opens what it gets."""

from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy.orm import undefer
from sqlmodel import col, select, update

from models.channels.channel import ChannelMessage, MessageState, PushSubscription
from models.database.ids import new_id
from models.database.session import reading, transaction
from models.errors import BadInput, DondocError, NotFound, Refused
from models.organization.account import Proof, WebSession
from tests.office import ON, Office
from tests.workflows.channels.browsers import HEAD, OTHER, SOON, Browser, encoded, launched, subscribed, switch_on
from tests.workflows.channels.channels import COORDINATOR, Channels
from tests.workflows.channels.gateway_server import Gateway as Server
from workflows.access.accounts.sessions import end_sessions, open_session
from workflows.access.rights import Forbidden
from workflows.channels.choices import (
    MOST_BROWSERS,
    browser_key,
    list_browsers,
    push_key,
    subscribe,
    switch_push,
    unsubscribe,
)

pytestmark = pytest.mark.long


def signed_in(office: Office, code: str) -> UUID:
    """The id of a sign-in of somebody."""
    with transaction(office.engine) as session:
        open_session(session, office.person(code), Proof.PASSWORD, now=ON)
    with reading(office.engine) as session:
        mine = select(WebSession.id).where(WebSession.person_id == office.person(code).id)
        return session.exec(mine).one()


def rows(channels: Channels) -> list[PushSubscription]:
    with reading(channels.office.engine) as session:
        return list(session.exec(select(PushSubscription).options(undefer("*"))))


@pytest.fixture
def browser(channels: Channels, server: Server) -> Browser:
    """The head's browser, subscribed."""
    switch_on(channels)
    browser = Browser(f"{server.url}/push/abc")
    subscribed(channels, browser)
    return browser


def test_only_the_browser_can_read_what_it_is_told(channels: Channels, server: Server, browser: Browser) -> None:
    launched(channels)
    (path, headers, body) = server.told[0]
    assert path == "/push/abc" and channels.states() == [MessageState.SENT]
    assert headers["content-encoding"] == "aes128gcm" and headers["ttl"] and b"06/2004" not in body
    told = browser.read(body)
    task = channels.office.task("4")
    assert told["link"].endswith(f"/tasks/{task.id.hex[-12:]}") and "06/2004/CT-BBCVT" in told["text"]
    assert "miễn" not in told["text"] and len(told["text"]) <= 160 and not told["text"].startswith("Đôn đốc")
    with pytest.raises(Exception, match=r".+"):
        Browser("x").read(body)


def test_we_are_named_by_our_own_key(channels: Channels, server: Server, browser: Browser) -> None:
    launched(channels)
    scheme, _space, parts = server.told[0][1]["authorization"].partition(" ")
    named = dict(part.split("=", 1) for part in parts.split(","))
    with reading(channels.office.engine) as session:
        assert scheme == "vapid" and named["k"] == browser_key(session)
    point = urlsafe_b64decode(named["k"] + "=")
    key: dict[str, str | list[str]] = {"kty": "EC", "crv": "P-256", "x": encoded(point[1:33]), "y": encoded(point[33:])}
    claims = jwt.decode(named["t"], ECKey.import_key(key), algorithms=["ES256"]).claims
    assert claims["aud"] == server.url and claims["sub"].startswith("mailto:")
    assert 0 < claims["exp"] - SOON.timestamp() <= 24 * 3600


@pytest.mark.parametrize("status", [404, 410])
def test_a_gone_browser_is_told_no_more(channels: Channels, server: Server, browser: Browser, status: int) -> None:
    server.answers = [status]
    launched(channels)
    (row,) = rows(channels)
    assert row.ended_at == SOON and row.keys is None and row.ended_because == "service"
    assert channels.states() == [MessageState.FAILED]
    subscribed(channels, browser)
    assert len(rows(channels)) == 2, "it may subscribe again"


def test_a_push_service_that_fails_for_now_is_tried_again(channels: Channels, server: Server, browser: Browser) -> None:
    server.answers = [429, 502]
    launched(channels)
    channels.send(SOON + timedelta(minutes=1))
    channels.send(SOON + timedelta(minutes=6))
    assert channels.states() == [MessageState.SENT] and len(server.told) == 3
    (message,) = channels.messages()
    assert message.letter_id is not None
    assert {headers["topic"] for _path, headers, _body in server.told} == {message.letter_id.hex}
    assert rows(channels)[0].failed_at is None


def test_signing_out_ends_it_and_an_idle_session_does_not(channels: Channels, server: Server) -> None:
    switch_on(channels)
    office = channels.office
    out, idle = signed_in(office, HEAD), signed_in(office, OTHER)
    subscribed(channels, Browser(f"{server.url}/push/out"), HEAD, out)
    subscribed(channels, Browser(f"{server.url}/push/idle"), OTHER, idle)
    with transaction(office.engine) as session:
        end_sessions(session, office.person(HEAD).id, now=ON)
        session.execute(update(WebSession).where(col(WebSession.id) == idle).values(expires_at=ON))
    office.launch("4", "2")
    office.tick(SOON)
    assert "/push/out" not in {path for path, *_call in server.told}
    ended = {row.id: row.ended_because for row in rows(channels)}
    assert sorted(ended.values()) == ["", "sign_out"]


def test_a_browser_has_one_person_at_a_time(channels: Channels, server: Server, browser: Browser) -> None:
    subscribed(channels, browser, OTHER)
    with reading(channels.office.engine) as session:
        assert not list_browsers(session, channels.office.person(HEAD).id)
        assert len(list_browsers(session, channels.office.person(OTHER).id)) == 1


def test_off_by_default_and_off_again(channels: Channels, server: Server) -> None:
    browser = Browser(f"{server.url}/push/abc")
    with reading(channels.office.engine) as session:
        assert browser_key(session) is None
    with pytest.raises(Refused):
        subscribed(channels, browser)
    switch_on(channels)
    subscribed(channels, browser)
    with reading(channels.office.engine) as session:
        key = push_key(session)
    server.answers = [503]
    launched(channels)
    with transaction(channels.office.engine) as session:
        switch_push(session, channels.principal(), on=False, now=SOON)
    assert channels.states() == [MessageState.FAILED] and channels.send(SOON + timedelta(minutes=5)) == 0
    with transaction(channels.office.engine) as session, pytest.raises(Refused):
        switch_push(session, channels.principal(), on=False, now=SOON)
    switch_on(channels)
    with reading(channels.office.engine) as session:
        assert push_key(session) == key, "browsers are subscribed to it"
    with transaction(channels.office.engine) as session, pytest.raises(Forbidden):
        switch_push(session, channels.principal(COORDINATOR), on=False, now=SOON)


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "http://localhost:1/push"},
        {"endpoint": "https://10.0.0.1/push"},
        {"endpoint": "javascript:alert(1)"},
        {"p256dh": "x"},
        {"p256dh": encoded(b"\4" + b"\1" * 64)},
        {"auth": encoded(b"short")},
        {"auth": "é"},
    ],
)
def test_what_no_browser_gives_is_refused(channels: Channels, server: Server, wrong: dict[str, str]) -> None:
    switch_on(channels)
    browser = Browser("https://push.example.com/abc")
    given: dict[str, Any] = {
        "endpoint": browser.endpoint,
        "p256dh": browser.p256dh,
        "auth": encoded(browser.auth),
    } | wrong
    settings = channels.office.settings.model_copy(update={"webhooks_to_private": False})
    person = channels.office.person(HEAD)
    with transaction(channels.office.engine) as session, pytest.raises(BadInput):
        subscribe(session, person, **given, session_id=new_id(), device="", settings=settings, now=ON)
    assert not rows(channels)


def test_nobody_ends_anothers_and_ten_are_the_most(channels: Channels, server: Server, browser: Browser) -> None:
    (row,) = rows(channels)
    with transaction(channels.office.engine) as session, pytest.raises(NotFound):
        unsubscribe(session, channels.office.person(OTHER).id, row.id, ON)
    for number in range(1, MOST_BROWSERS):
        subscribed(channels, Browser(f"{server.url}/push/{number}"))
    with pytest.raises(DondocError, match=str(MOST_BROWSERS)):
        subscribed(channels, Browser(f"{server.url}/push/more"))
    with transaction(channels.office.engine) as session:
        unsubscribe(session, channels.office.person(HEAD).id, row.id, ON)
    launched(channels)
    with reading(channels.office.engine) as session:
        told = set(session.exec(select(ChannelMessage.subscription_id)))
    assert row.id not in told and len(told) == MOST_BROWSERS - 1
