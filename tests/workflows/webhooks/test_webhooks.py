"""Webhooks, to a real HTTP server on this machine: what is told, when, how often, and what is never."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import certifi
import pytest
from sqlalchemy import Engine
from sqlmodel import select
from standardwebhooks import Webhook as Verifier

from models.database.session import reading, transaction
from models.errors import BadInput, DondocError
from models.organization.access import CallState, Webhook, WebhookCall
from models.text.localtime import local_date
from notifications.channels.http_client import check_url, find_address
from tests.notifications.smtp_servers import self_signed
from tests.office import ON, Office, furnish
from workflows.access.rights import Forbidden, Principal, read_principal
from workflows.channels.make_webhook_calls import make_calls
from workflows.channels.webhooks import call_again, make_webhook, switch_webhook

LATER = ON + timedelta(days=3)


class Other(HTTPServer):
    """The other system: keeps what it was told, and answers with the next of `answers` (200 once they are used up)."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Ear)
        self.told: list[tuple[dict[str, str], str]] = []
        self.answers: list[int] = []
        self.meanwhile: Callable[[], object] = lambda: None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server_port}/dondoc"


class _Ear(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        if self.path == "/trickle":
            return self._trickle()
        if self.path == "/endless":
            return self._endless()
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        other = self.server
        assert isinstance(other, Other)
        other.told.append(({name.lower(): value for name, value in self.headers.items()}, body))
        other.meanwhile()
        self.send_response(other.answers.pop(0) if other.answers else 200)
        self.send_header("content-length", "0")
        self.end_headers()

    def _trickle(self) -> None:
        """An answer whose headers come byte by byte, and would end well after some seconds."""
        with suppress(OSError):  # cut
            for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"." * 200 + b"\r\ncontent-length: 0\r\n\r\n":
                self.wfile.write(bytes([byte]))
                time.sleep(0.05)

    def _endless(self) -> None:
        self.send_response(500)
        self.end_headers()
        with suppress(OSError):
            for _megabyte in range(200):
                self.wfile.write(b"x" * (1 << 20))

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def other() -> Iterator[Other]:
    server = Other()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    office = furnish(engine, tmp_path)
    office.settings = office.settings.model_copy(update={"webhooks_to_private": True})
    return office


def place_of(office: Office, code: str) -> Principal:
    with reading(office.engine) as session:
        return read_principal(session, office.person(code), local_date(ON))


def listen(office: Office, url: str, **given: Any) -> Webhook:
    with transaction(office.engine) as session:
        wanted: dict[str, Any] = {"name": "Trục liên thông", "events": [], "directive": None} | given
        return make_webhook(
            session, place_of(office, "dang.thu.thuy"), url=url, settings=office.settings, now=ON, **wanted
        )


def call(office: Office, now: datetime) -> int:
    return make_calls(office.engine, office.settings, now=now)


def calls(office: Office) -> list[WebhookCall]:
    with reading(office.engine) as session:
        return list(session.exec(select(WebhookCall)))


def test_an_event_is_told_once_signed_and_without_a_word_of_the_duty(office: Office, other: Other) -> None:
    hook = listen(office, other.url, events=["accepted"])
    office.launch("4")
    task = office.task("4")
    office.act(task, "accept", "ta.ba.toan", LATER, note="riêng")
    assert call(office, LATER) == 1
    assert call(office, LATER + timedelta(days=1)) == 0
    headers, body = other.told[0]
    told = json.loads(body)
    assert (told["type"], told["data"]["duty"], told["data"]["unit"]) == ("dondoc.accepted", "4", "VU-KHTC")
    assert told["data"]["to_status"] == "accepted"
    assert "riêng" not in body and "miễn" not in body and "Tạ Bá" not in body
    assert headers["webhook-id"] == f"msg_{calls(office)[0].id.hex}"
    secret = hook.secret
    signed = {name: headers[name] for name in ("webhook-id", "webhook-timestamp", "webhook-signature")}
    late = Verifier(secret)
    late._Webhook__verify_timestamp = lambda header: LATER  # type: ignore[attr-defined]  # the test's clock is another
    assert late.verify(body, signed) == told
    with pytest.raises(Exception, match="signature"):
        late.verify(body.replace("accepted", "approved"), signed)


def test_a_launch_is_told_task_by_task(office: Office, other: Other) -> None:
    listen(office, other.url, events=["assigned"])
    office.launch("2")
    with reading(office.engine) as session:
        queued = len(session.exec(select(WebhookCall)).all())
    assert queued > 20
    assert call(office, ON) == queued == len(other.told)
    assert len({headers["webhook-id"] for headers, _body in other.told}) == queued


def test_a_refused_call_is_tried_again_later_and_given_up_in_sight(office: Office, other: Other) -> None:
    listen(office, other.url, events=["accepted"])
    office.launch("4")
    office.act(office.task("4"), "accept", "ta.ba.toan", LATER)
    other.answers = [500, 302]
    call(office, LATER)
    assert (call(office, LATER), len(other.told)) == (0, 1)  # not yet
    call(office, LATER + timedelta(minutes=1))
    assert [one.status for one in calls(office)] == [302]
    call(office, LATER + timedelta(hours=1))
    assert ([one.state for one in calls(office)], len(other.told)) == ([CallState.DONE], 3)
    assert len({headers["webhook-id"] for headers, _body in other.told}) == 1


def test_what_is_given_up_can_be_called_again(office: Office, other: Other) -> None:
    listen(office, other.url, events=["accepted"])
    office.launch("4")
    office.act(office.task("4"), "accept", "ta.ba.toan", LATER)
    other.answers = [503] * 9
    for days in range(9):
        call(office, LATER + timedelta(days=days))
    assert [one.state for one in calls(office)] == [CallState.FAILED]
    with transaction(office.engine) as session:
        call_again(session, place_of(office, "dang.thu.thuy"), calls(office)[0].id, now=LATER + timedelta(days=20))
    assert call(office, LATER + timedelta(days=20)) == 1
    assert [one.state for one in calls(office)] == [CallState.DONE]


def test_who_says_gone_is_called_no_more(office: Office, other: Other) -> None:
    listen(office, other.url)
    office.launch("4")
    other.answers = [410]
    call(office, ON)
    told = len(other.told)
    office.act(office.task("4"), "accept", "ta.ba.toan", LATER)
    call(office, LATER)
    assert len([one for one in calls(office) if one.queued_at == LATER]) == 0
    assert told == len(other.told) or told + 1 == len(other.told)


def test_an_event_that_was_taken_back_is_not_told(office: Office, other: Other) -> None:
    listen(office, other.url)
    with pytest.raises(DondocError):
        office.launch("no-such-duty")
    assert calls(office) == []


def test_while_one_process_holds_a_call_no_other_makes_it(office: Office, other: Other) -> None:
    listen(office, other.url, events=["accepted"])
    office.launch("4")
    office.act(office.task("4"), "accept", "ta.ba.toan", LATER)
    with transaction(office.engine) as session:
        held = session.exec(select(WebhookCall)).one()
        held.state, held.lease_until, held.lease_token = CallState.CLAIMED, LATER + timedelta(minutes=5), 1
        session.add(held)
    assert call(office, LATER + timedelta(minutes=1)) == 0
    assert call(office, LATER + timedelta(minutes=6)) == 1


def test_switched_off_it_hears_nothing_of_that_time(office: Office, other: Other) -> None:
    hook = listen(office, other.url)
    boss = place_of(office, "dang.thu.thuy")
    with transaction(office.engine) as session:
        switch_webhook(session, boss, hook.id, on=False, now=ON)
    office.launch("4")
    with transaction(office.engine) as session:
        switch_webhook(session, boss, hook.id, on=True, now=ON)
    office.act(office.task("4"), "accept", "ta.ba.toan", LATER)
    call(office, LATER)
    assert [json.loads(body)["type"] for _headers, body in other.told] == ["dondoc.accepted"]


class _Polite(BaseHTTPRequestHandler):
    """Keeps a connection open for the next call."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


def test_webhook_without_certificate_reuses_no_other_connection(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = self_signed(tmp_path, host="localhost")
    monkeypatch.setattr(certifi, "where", lambda: str(trusted))
    with ThreadingHTTPServer(("127.0.0.1", 0), _Polite) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        port = server.server_port
        own, strange = (listen(office, f"https://{host}:{port}/").id for host in ("localhost", "127.0.0.1"))
        office.launch("4")
        office.act(office.task("4"), "accept", "ta.ba.toan", LATER)
        call(office, LATER)
        server.shutdown()
    made = calls(office)
    assert {one.state for one in made if one.webhook_id == own} == {CallState.DONE}
    refused = [one for one in made if one.webhook_id == strange]
    assert len(refused) > 1 and {one.state for one in refused} == {CallState.QUEUED}
    assert all("CERTIFICATE_VERIFY_FAILED" in one.error for one in refused), [one.error for one in refused]


def test_a_webhook_leads_out_of_the_house(office: Office) -> None:
    for url in ("http://example.vn/", "ftp://example.vn/", "https://", "https://user:word@example.vn/", "https://x:0/"):
        with pytest.raises(BadInput, match="https address"):
            check_url(url, private_allowed=False)
    for host in ("127.0.0.1", "10.1.2.3", "169.254.169.254", "localhost", "::1"):
        with pytest.raises(BadInput, match="own network"):
            find_address(host, 443, private_allowed=False)
        with pytest.raises(BadInput, match="own network"):
            check_url(f"https://[{host}]/" if ":" in host else f"https://{host}/", private_allowed=False)
    assert check_url("https://8.8.8.8/x", private_allowed=False) and check_url("http://10.1.2.3/", private_allowed=True)


@pytest.mark.parametrize(
    "host",
    [
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:100.64.0.1"),  # mapped
        *("::127.0.0.1", "::192.168.1.1"),  # compatible
        *("::ffff:0:127.0.0.1", "::ffff:0:10.1.2.3"),  # translated
        *("64:ff9b::7f00:1", "64:ff9b::a01:203", "64:ff9b::a9fe:a9fe"),  # NAT64
        *("64:ff9b:1::a01:203", "64:ff9b:1:a01:2:300::", "64:ff9b:1::808:808"),  # NAT64 of a house's own
        *("2002:7f00:1::", "2002:a01:203::1", "2002:a9fe:a9fe::1"),  # 6to4
        *("2001:0:4136:e378:8000:63bf:f5fe:fdfc", "2001:0:a01:203::1"),  # Teredo
        *("fec0::1", "fd00::1", "fe80::1", "::"),
    ],
)
def test_no_way_of_writing_an_address_leads_into_the_house(host: str) -> None:
    with pytest.raises(BadInput, match="own network"):
        check_url(f"https://[{host}]/", private_allowed=False)
    with pytest.raises(BadInput, match="own network"):
        find_address(host, 443, private_allowed=False)


@pytest.mark.parametrize("host", ["2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_an_address_outside_is_called_however_it_is_written(host: str) -> None:
    assert check_url(f"https://[{host}]/", private_allowed=False)
    assert find_address(host, 443, private_allowed=False)


def test_an_address_inside_the_house_is_not_called_even_where_a_name_leads_there(office: Office, other: Other) -> None:
    listen(office, other.url, events=["accepted"])
    office.launch("4")
    office.act(office.task("4"), "accept", "ta.ba.toan", LATER)
    office.settings = office.settings.model_copy(update={"webhooks_to_private": False})
    call(office, LATER)
    assert other.told == []
    assert "own network" in calls(office)[0].error


@pytest.mark.parametrize(
    "url",
    [
        *("https://[::1/", "https://example.vn:0/", "https://example.vn:99999/", "https://a@example.vn/"),
        *(
            f"https://{'a' * 64}.vn/",
            "https://a..vn/",
            "https://example.vn/\x7f",
            "//example.vn/",
            "https:///x",
            "https://example.vn/a b",
        ),
    ],
)
def test_an_address_that_is_none_is_refused_when_it_is_given(office: Office, url: str) -> None:
    with pytest.raises(BadInput, match="expected an https address"):
        listen(office, url)


@pytest.mark.parametrize("given", [{"name": " "}, {"events": ["nonsense"]}, {"directive": "none"}])
def test_a_webhook_that_cannot_be_is_refused(office: Office, given: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        listen(office, "https://example.vn/", **given)


def test_only_an_administrator_makes_webhooks(office: Office) -> None:
    with transaction(office.engine) as session, pytest.raises(Forbidden):
        make_webhook(
            session,
            place_of(office, "le.thi.c"),
            name="x",
            url="https://example.vn/",
            events=[],
            directive=None,
            settings=office.settings,
            now=ON,
        )


@pytest.mark.parametrize(
    "url", ["http://bộ.example/dondoc", f"http://{'a' * 64}.example/", "http://a..example/", "http://localhost/\x7f"]
)
def test_uncallable_webhook_is_given_up_and_delays_no_other(office: Office, other: Other, url: str) -> None:
    bad, good = listen(office, other.url, events=["accepted"]), listen(office, other.url, events=["accepted"])
    with transaction(office.engine) as session:
        session.get_one(Webhook, bad.id).url = url
    office.launch("4")
    office.act(office.task("4"), "accept", "ta.ba.toan", LATER)
    assert call(office, LATER) == 2
    assert len(other.told) == 1
    states = {one.webhook_id: one.state for one in calls(office)}
    assert states == {bad.id: CallState.QUEUED, good.id: CallState.DONE}
    assert all(one.error for one in calls(office) if one.webhook_id == bad.id)


def test_dripping_webhook_is_left_and_called_later(
    office: Office, other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications.channels.http_client.SECONDS", 0.4)
    listen(office, other.url.replace("/dondoc", "/trickle"), events=["accepted"])
    office.launch("4")
    office.act(office.task("4"), "accept", "ta.ba.toan", LATER)
    assert call(office, LATER) == 1
    (one,) = calls(office)
    assert (one.state, one.status) == (CallState.QUEUED, None) and one.error


def test_of_an_endless_answer_only_the_beginning_is_read(office: Office, other: Other) -> None:
    listen(office, other.url.replace("/dondoc", "/endless"), events=["accepted"])
    office.launch("4")
    office.act(office.task("4"), "accept", "ta.ba.toan", LATER)
    assert call(office, LATER) == 1
    (one,) = calls(office)
    assert (one.state, one.status, one.error) == (CallState.QUEUED, 500, "x" * 500)


def test_what_waits_for_one_that_says_gone_is_given_up(
    office: Office, other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows.channels.make_webhook_calls.BATCH", 1)
    listen(office, other.url)
    office.launch("2")
    other.answers = [410]
    call(office, ON)
    assert len(other.told) == 1
    assert {one.state for one in calls(office)} == {CallState.FAILED}


def test_a_call_under_way_while_its_webhook_is_switched_off_is_not_tried_again(office: Office, other: Other) -> None:
    hook = listen(office, other.url, events=["accepted"])
    office.launch("4")
    office.act(office.task("4"), "accept", "ta.ba.toan", LATER)

    def switch_off() -> None:
        with transaction(office.engine) as session:
            switch_webhook(session, place_of(office, "dang.thu.thuy"), hook.id, on=False, now=LATER)

    other.answers, other.meanwhile = [500], switch_off
    call(office, LATER)
    call(office, LATER + timedelta(hours=1))
    assert len(other.told) == 1
    assert [one.state for one in calls(office)] == [CallState.FAILED]
