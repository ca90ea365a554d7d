"""What `dondoc doctor` meets at the site's address: real TLS on loopback, certificates of every kind."""

import http.server
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from models.i18n import translate
from models.settings import Settings
from models.text.localtime import local_date, write_date
from tests.notifications.smtp_servers import self_signed
from workflows.operations.doctor.finding import CheckedInstallation, Finding, State
from workflows.operations.doctor.network import https

NOW = datetime.now(UTC).replace(microsecond=0)  # OpenSSL asks the machine's clock
OLD = pytest.mark.skipif(not (ssl.HAS_TLSv1 and ssl.HAS_TLSv1_1), reason="this OpenSSL cannot speak TLS 1.1 at all")


class _Page(http.server.BaseHTTPRequestHandler):
    """Answers each GET with its server's status, and Location where it has one."""

    server: "_Web"

    def do_GET(self) -> None:
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


class _Web(http.server.ThreadingHTTPServer):
    status, location = 200, ""


@contextmanager
def web(context: ssl.SSLContext | None = None, status: int = 200, location: str = "") -> Iterator[int]:
    """A web server on loopback, with TLS where there is a context; gives its port."""
    with _Web(("127.0.0.1", 0), _Page) as server:
        server.status, server.location = status, location
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_port
        server.shutdown()


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])


@dataclass
class Visitor:
    """Who looks at the site, and whom they trust."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    plain_port: int = field(default_factory=closed_port)

    def trust(self, *, host: str = "localhost", until: datetime = NOW + timedelta(days=90)) -> ssl.SSLContext:
        """The server's side of a certificate that this machine trusts."""
        context, trusted = self_signed(self.folder, host=host, until=until)
        self.monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        return context

    def look(self, url: str | int, *, now: datetime = NOW, seconds: float = 2.0) -> Finding:
        """At an address, or at a port of localhost."""
        base_url = url if isinstance(url, str) else f"https://localhost:{url}"
        case = CheckedInstallation(Settings(data=self.folder, base_url=base_url), now)
        return https(case, plain_port=self.plain_port, seconds=seconds)


@pytest.fixture
def visitor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Visitor:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    return Visitor(tmp_path, monkeypatch)


def told(finding: Finding, state: State) -> tuple[str, str]:
    assert finding.state == state, finding
    return str(finding.words), str(finding.advice or "")


# Without TLS


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:8000"])
def test_a_demo_is_for_its_machine_alone_and_nothing_to_worry_about(visitor: Visitor, url: str) -> None:
    words, _advice = told(visitor.look(url), State.OK)
    assert words == f"{url}: for this machine alone, nobody elsewhere can open it"


@pytest.mark.parametrize("url", ["http://dondoc.mpt.example", "http://10.1.2.3:8000"])
def test_an_address_of_others_without_https_is_warned_of_and_nobody_is_asked(visitor: Visitor, url: str) -> None:
    words, advice = told(visitor.look(url), State.WARNING)
    assert words == f"base_url is {url}: pages and passwords travel unprotected"
    assert "reverse proxy" in advice and "base_url (DONDOC_BASE_URL) to https://" in advice


# A certificate that browsers take


def test_a_trusted_certificate_is_told_with_its_last_day(visitor: Visitor) -> None:
    until = NOW + timedelta(days=90, hours=1)
    with web(visitor.trust(until=until)) as port:
        finding = visitor.look(port)
    day = write_date(local_date(until))
    words, _advice = told(finding, State.OK)
    assert words == f"localhost:{port}: its certificate is trusted, and valid until {day}, 90 days more"
    assert day in translate(finding.words, "vi") and "90 ngày" in translate(finding.words, "vi")


@pytest.mark.parametrize(("days", "state"), [(14, State.OK), (13, State.WARNING), (1, State.WARNING)])
def test_a_certificate_that_expires_within_a_fortnight_is_warned_of(visitor: Visitor, days: int, state: State) -> None:
    until = NOW + timedelta(days=30)
    with web(visitor.trust(until=until)) as port:
        words, advice = told(visitor.look(port, now=until - timedelta(days=days)), state)
    if state is State.WARNING:
        assert f"expires on {write_date(local_date(until))}, in {days} day" in words and "renewed" in advice


# One that they refuse


def test_an_expired_certificate_is_refused(visitor: Visitor) -> None:
    with web(visitor.trust(until=NOW - timedelta(hours=1))) as port:
        words, advice = told(visitor.look(port), State.BROKEN)
    assert words == f"localhost:{port}: its certificate has expired: browsers refuse it" and "renewed" in advice


def test_a_certificate_that_has_expired_by_the_time_of_the_engine_is_broken(visitor: Visitor) -> None:
    until = NOW + timedelta(days=30)
    with web(visitor.trust(until=until)) as port:
        words, _advice = told(visitor.look(port, now=until), State.BROKEN)
    assert "has expired" in words


@pytest.mark.parametrize(("host", "asked"), [("dondoc.mpt.example", "localhost"), ("localhost", "127.0.0.1")])
def test_a_certificate_of_another_name_is_refused(visitor: Visitor, host: str, asked: str) -> None:
    with web(visitor.trust(host=host)) as port:
        words, advice = told(visitor.look(f"https://{asked}:{port}"), State.BROKEN)
    assert words == f"{asked}:{port}: its certificate is for another name: browsers refuse it"
    assert f"names {asked}" in advice


def test_an_authority_nobody_knows_is_refused_until_this_machine_trusts_it(visitor: Visitor) -> None:
    context, trusted = self_signed(visitor.folder, host="localhost", until=NOW + timedelta(days=90))
    with web(context) as port:
        words, advice = told(visitor.look(port), State.BROKEN)
        assert words == f"localhost:{port}: its certificate is not trusted: self-signed certificate"
        assert "the organisation's own authority" in advice and "SSL_CERT_FILE" in advice
        visitor.monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        told(visitor.look(port), State.OK)


# Old TLS, none, nobody


def aged(context: ssl.SSLContext, newest: ssl.TLSVersion) -> ssl.SSLContext:
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, newest
    return context


@OLD
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_a_site_with_nothing_newer_than_tls_1_1_is_refused(visitor: Visitor) -> None:
    with web(aged(visitor.trust(), ssl.TLSVersion.TLSv1_1)) as port:
        words, advice = told(visitor.look(port), State.BROKEN)
    assert words.startswith(f"localhost:{port} does not speak TLS 1.2 or newer: ") and "TLS 1.2 and 1.3" in advice


@OLD
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_a_site_that_still_speaks_tls_1_1_beside_newer_is_warned_of(visitor: Visitor) -> None:
    with web(aged(visitor.trust(), ssl.TLSVersion.TLSv1_3)) as port:
        words, advice = told(visitor.look(port), State.WARNING)
    assert words == f"localhost:{port} still speaks TLS 1.1 or older" and "TLS 1.2 and 1.3 alone" in advice


def test_plain_http_where_tls_should_be_is_told(visitor: Visitor) -> None:
    with web() as port:
        words, advice = told(visitor.look(port), State.BROKEN)
    assert f"localhost:{port} does not speak TLS 1.2 or newer" in words and "base_url" in advice


@pytest.mark.parametrize(
    ("status", "location", "state"),
    [
        (200, "", State.WARNING),
        (303, "/sign-in", State.WARNING),
        (308, "https://localhost/", State.OK),
        (403, "", State.OK),
    ],
    ids=["a page", "leads to one", "leads to https", "refuses"],
)
def test_pages_over_plain_http_are_warned_of_unless_they_lead_to_https(
    visitor: Visitor, status: int, location: str, state: State
) -> None:
    with web(visitor.trust()) as port, web(status=status, location=location) as visitor.plain_port:
        words, advice = told(visitor.look(port), state)
    if state is State.WARNING:
        assert words == "localhost shows pages over plain http too" and "from http to https" in advice


def test_several_troubles_are_told_together(visitor: Visitor) -> None:
    with web(visitor.trust(until=NOW + timedelta(days=3))) as port, web() as visitor.plain_port:
        words, advice = told(visitor.look(port), State.WARNING)
    assert "expires on" in words and "plain http" in words and "renewed" in advice and "from http to https" in advice


def test_an_address_where_nobody_answers_may_be_this_machines_trouble_alone(visitor: Visitor) -> None:
    port = closed_port()
    words, advice = told(visitor.look(port), State.WARNING)
    assert (
        words.startswith(f"localhost:{port} cannot be reached from this machine: ") and "Connect call failed" in words
    )
    assert "in a browser elsewhere" in advice


def test_an_address_that_takes_the_call_and_says_nothing_is_not_waited_for(visitor: Visitor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        words, _advice = told(visitor.look(mute.getsockname()[1], seconds=0.1), State.WARNING)
    assert words.endswith("cannot be reached from this machine: no answer within 0.1 seconds")


def test_a_name_server_that_hangs_is_not_waited_for(visitor: Visitor) -> None:
    over, answered = threading.Event(), threading.Event()

    def hang(*_: Any, **__: Any) -> Any:
        over.wait(30)
        answered.set()
        raise socket.gaierror(socket.EAI_AGAIN, "late")

    visitor.monkeypatch.setattr(socket, "getaddrinfo", hang)
    finding = visitor.look("https://dondoc.mpt.example", seconds=0.1)
    assert not answered.is_set()
    over.set()
    words, _advice = told(finding, State.WARNING)
    assert words == "dondoc.mpt.example:443 cannot be reached from this machine: no answer within 0.1 seconds"
