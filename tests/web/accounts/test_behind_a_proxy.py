"""Whose address counts: the peer's own, unless the peer is the proxy; then the last that is no proxy's."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

import httpx
import pytest
from sqlmodel import col, select

from models.database.session import reading
from models.organization.account import WebSession
from models.organization.audit import Audit
from tests.accounts.people import HEAD, PASSWORD
from tests.page import Page
from tests.web.accounts.house import House
from web.server import listen, serve_site

PROXY, STRANGER = "127.0.0.1", "127.0.0.2"  # uvicorn trusts this machine's first address unless told otherwise


class Visitor:
    """Somebody who asks over the net, from an address, with what they or their proxy put into the head."""

    def __init__(self, url: str, peer: str) -> None:
        self.url, self._transport = url, httpx.HTTPTransport(local_address=peer)

    def sign_in(self, password: str, *forwarded: str, proto: str = "http") -> httpx.Response:
        head = [("x-forwarded-for", one) for one in forwarded] + [("x-forwarded-proto", proto)]
        with httpx.Client(transport=self._transport, base_url=self.url, headers=head) as client:
            client.cookies.set("dondoc_language", "en")
            page = client.get("/sign-in").text
            csrf = Page(page).value("csrf")
            given = {"csrf": csrf, "name": HEAD, "password": password}
            own = {"origin": self.url, "sec-fetch-site": "same-origin"}
            return client.post("/sign-in", data=given, headers=own)


@pytest.fixture
def reach(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Visitor]]:
    """The site on a real socket, for visitors from one address of loopback or another."""
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    house.give_password()
    with _served(house) as url:
        yield lambda peer: Visitor(url, peer)


@contextmanager
def _served(house: House) -> Iterator[str]:
    stop = Event()
    with listen("127.0.0.1", 0) as bound:
        thread = Thread(target=serve_site, args=(house.app, bound, stop), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        stop.set()
        thread.join(10)


def addresses(house: House, action: str) -> list[str]:
    """Where the lines of the audit say that it was done from."""
    with reading(house.office.engine) as session:
        return [
            one.address for one in session.exec(select(Audit).where(Audit.action == action).order_by(col(Audit.id)))
        ]


def test_what_a_stranger_says_of_their_own_address_counts_for_nothing(
    house: House, reach: Callable[[str], Visitor]
) -> None:
    stranger = reach(STRANGER)
    said = ["10.0.0.1", "::1", PROXY, f"10.0.0.2, {PROXY}", "nonsense"]
    assert {stranger.sign_in("không phải", one).status_code for one in said} == {422}
    assert stranger.sign_in(PASSWORD, "10.0.0.9").status_code == 409  # five failures: another address does not help
    assert set(addresses(house, "sign_in_failed")) == {STRANGER}
    assert reach(PROXY).sign_in(PASSWORD, "10.0.0.9").status_code == 303  # and nobody has to wait for what they said
    assert addresses(house, "signed_in") == ["10.0.0.9"]


def test_of_what_a_proxy_hands_on_only_the_address_counts_that_it_saw_itself(
    house: House, reach: Callable[[str], Visitor]
) -> None:
    proxy, visitor = reach(PROXY), "203.0.113.9"
    made_up = ["10.0.0.1", "10.0.0.2, 10.0.0.3", PROXY, "203.0.113.10", "2001:db8::1"]
    assert {proxy.sign_in("không phải", f"{one}, {visitor}").status_code for one in made_up} == {422}
    assert proxy.sign_in(PASSWORD, f"10.0.0.9, {visitor}").status_code == 409
    assert proxy.sign_in(PASSWORD, "10.0.0.9", visitor).status_code == 409  # in a line of its own
    assert proxy.sign_in(PASSWORD, f"10.0.0.9, {visitor}:4711, {PROXY}").status_code == 409  # through two of ours
    assert set(addresses(house, "sign_in_failed")) == {visitor}
    assert proxy.sign_in(PASSWORD, f"{visitor}, 203.0.113.10").status_code == 303  # somebody else does not wait
    with reading(house.office.engine) as session:
        assert [one.address for one in session.exec(select(WebSession))] == ["203.0.113.10"]


def test_only_the_named_proxy_is_believed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.give_password()
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", STRANGER)
    with _served(house) as url:
        assert Visitor(url, STRANGER).sign_in(PASSWORD, "203.0.113.9").status_code == 303
        assert Visitor(url, PROXY).sign_in(PASSWORD, "203.0.113.9").status_code == 303
    assert addresses(house, "signed_in") == ["203.0.113.9", PROXY]


@pytest.mark.parametrize(("peer", "scheme"), [(STRANGER, "http"), (PROXY, "https")])
def test_only_a_proxy_says_by_which_scheme_one_came_and_no_cookie_goes_by_it(
    house: House, reach: Callable[[str], Visitor], peer: str, scheme: str
) -> None:
    visitor = reach(peer)
    with httpx.Client(transport=httpx.HTTPTransport(local_address=peer), base_url=visitor.url) as client:
        led = client.get("/account/", headers={"x-forwarded-proto": "https", "x-forwarded-host": "evil.example"})
    assert led.headers["location"] == visitor.url.replace("http:", f"{scheme}:") + "/account"
    entered = visitor.sign_in(PASSWORD, proto="https")
    assert "secure" not in entered.headers["set-cookie"].lower()  # `base_url` alone decides
    assert "strict-transport-security" not in entered.headers
