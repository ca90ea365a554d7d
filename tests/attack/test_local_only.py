"""What is there for this machine alone: no foreign name, proxy or network gets any of it, before or after base_url.

A page of `evil.example` whose name leads to 127.0.0.1 (DNS rebinding) is a browser on this machine that asks with the
Host of that page; a proxy set up before `base_url` is a connection of loopback with the proxy's headers.
"""

from email.message import EmailMessage
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from models.database.ids import new_id
from models.database.run import DEMO, Installation
from models.database.session import transaction
from models.settings import MailSettings, Settings
from tests.office import at, furnish
from tests.web.conftest import database_url, pytest_generate_tests  # noqa: F401
from tests.web.site import Reader
from web.app import FOR_MACHINES, create_app
from workflows.operations.demo_accounts import PASSWORD, make_demo_accounts

pytestmark = pytest.mark.long

HERE = "http://127.0.0.1:8000"
SECRET = "mã đăng nhập của một người khác"
LOCAL = ["127.0.0.1", "127.0.0.1:8000", "localhost", "localhost:8000", "[::1]:8000", "127.8.8.8:8000", "localhost."]
FOREIGN = [
    "evil.example",
    "evil.example:8000",
    "127.0.0.1.evil.example",
    "localhost.evil.example:8000",
    "evil.example@127.0.0.1.nip.io",
    "dondoc.localhost",
    "[",
    "0.0.0.0:8000",
    "10.0.0.5:8000",
]
PROXY = {
    "Forwarded": "for=203.0.113.5;host=dondoc.example",
    "X-Forwarded-For": "127.0.0.1",
    "X-Forwarded-Host": "dondoc.example",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Server": "proxy",
    "X-Forwarded-Port": "80",
    "X-Real-IP": "127.0.0.1",
    "Via": "1.1 proxy",
    "X-Client-IP": "203.0.113.5",
    "X-Original-Host": "dondoc.example",
    "True-Client-IP": "203.0.113.5",
    "CF-Connecting-IP": "203.0.113.5",
}


class Trial:
    """A demo that is served on this machine, with one letter in its mailbox."""

    def __init__(self, engine: Engine, folder: Path, **settings: Any) -> None:
        given: dict[str, Any] = {"base_url": HERE, "mail": MailSettings(mode="local")} | settings
        self.settings = Settings(data=folder, **given)
        self.app = create_app(engine, self.settings)
        self.app.state.site.now = lambda: at(2, hour=9)
        self.letter = self._keep()

    def _keep(self) -> str:
        message, name = EmailMessage(), str(new_id())
        message["Subject"], message["To"] = SECRET, "le.thi.c@mpt.example"
        message.set_content(SECRET)
        message.add_alternative(f"<html><head></head><body>{SECRET}</body></html>", subtype="html")
        self.settings.mailbox.mkdir(exist_ok=True)
        written = b"Delivered-To: le.thi.c@mpt.example\r\n" + message.as_bytes()
        (self.settings.mailbox / f"{name}.eml").write_bytes(written)
        return name

    def ask(
        self, path: str, host: str, method: str = "GET", client: str = "127.0.0.1", **headers: str
    ) -> httpx.Response:
        """Somebody at an address asks under a name."""
        browser = Reader(self.app, at=HERE, client=(client, 4711))
        return browser.ask(method, path, headers={"host": host, **headers})

    @property
    def kept_here(self) -> list[str]:
        return ["/mail", f"/mail/{self.letter}", f"/mail/{self.letter}/html", "/sign-in"]


@pytest.fixture
def trial(engine: Engine, tmp_path: Path) -> Trial:
    furnish(engine, tmp_path)
    with transaction(engine) as session:
        session.add(Installation(name=DEMO, value="2026-07-28"))
        session.flush()
        make_demo_accounts(session, now=at(2, hour=9))
    return Trial(engine, tmp_path)


def is_told(answer: httpx.Response) -> bool:
    """Whether an answer tells what is for this machine alone: a letter, or a password and a way to the mailbox."""
    return SECRET in answer.text or PASSWORD in answer.text or 'href="/mail"' in answer.text


def test_who_sits_at_the_machine_sees_the_mailbox_and_the_demos_password(trial: Trial) -> None:
    for host, path in product(LOCAL, trial.kept_here):
        answer = trial.ask(path, host)
        assert (host, path, answer.status_code, is_told(answer)) == (host, path, 200, True)


def test_under_a_foreign_name_there_is_no_mailbox_and_no_password(trial: Trial) -> None:
    for host, path in product(FOREIGN, trial.kept_here):
        answer = trial.ask(path, host)
        assert (host, path, is_told(answer)) == (host, path, False)
        assert answer.status_code in (403, 404) or path == "/sign-in"


def test_past_a_proxy_there_is_no_mailbox_and_no_password(trial: Trial) -> None:
    for (header, said), path in product(PROXY.items(), trial.kept_here):
        answer = trial.ask(path, "127.0.0.1:8000", **{header: said})
        assert (header, path, is_told(answer)) == (header, path, False)
        assert answer.status_code == (200 if path == "/sign-in" else 404)


def test_from_another_machine_there_is_no_mailbox_and_no_password(trial: Trial) -> None:
    for client, path in product(("10.0.0.7", "203.0.113.5", "::ffff:10.0.0.7"), trial.kept_here):
        assert not is_told(trial.ask(path, "127.0.0.1:8000", client=client)), (client, path)


def test_a_site_that_others_reach_shows_no_mailbox_even_here(trial: Trial, engine: Engine, tmp_path: Path) -> None:
    open_to_others: list[dict[str, Any]] = [
        {"base_url": "https://dondoc.example"},
        {"base_url": "http://dondoc.example"},
        {"host": "0.0.0.0"},
        {"mail": MailSettings(mode="smtp")},
    ]
    for given in open_to_others:
        served = Trial(engine, tmp_path, **given)
        for path in served.kept_here[:3]:
            assert (given, path, served.ask(path, "127.0.0.1:8000").status_code) == (given, path, 404)


def test_a_site_for_this_machine_answers_no_page_and_no_program_under_a_foreign_name(trial: Trial) -> None:
    """Else a foreign page signs in with a password that everybody knows, and acts as an administrator of the demo."""
    for method, path in (
        ("GET", "/"),
        ("GET", "/sign-in"),
        ("GET", "/setup"),
        ("GET", "/help"),
        ("POST", "/sign-in"),
        ("POST", "/setup"),
        ("GET", "/api/v1/me"),
        ("GET", "/api/v1/openapi.json"),
        ("POST", "/api/v1/tasks/x/accept"),
    ):
        answer = trial.ask(path, "evil.example:8000", method)
        assert (method, path, answer.status_code) == (method, path, 403)
        assert HERE in answer.text and "csrf" not in answer.text


def test_a_site_with_an_address_leads_pages_of_other_names_there(trial: Trial, engine: Engine, tmp_path: Path) -> None:
    for base_url in ("https://dondoc.example", "http://dondoc.example:8080"):
        served, head = Trial(engine, tmp_path, base_url=base_url), {"X-Forwarded-Proto": base_url.partition(":")[0]}
        for host in ("evil.example", "old-name.example:8000", "dondoc"):
            led = served.ask("/tasks?show=all", host, **head)
            assert (led.status_code, led.headers["location"]) == (308, f"{base_url}/tasks?show=all")
            assert served.ask("/sign-in", host, "POST", **head).status_code == 403
            assert served.ask("/api/v1/me", host, **head).status_code == 403
        for host in (
            "dondoc.example",
            "DONDOC.example:443",
            "127.0.0.1:8000",
            "10.0.0.5",
            "localhost",
            "[2001:db8::1]",
        ):
            assert served.ask("/sign-in", host, **head).status_code == 200


def test_a_site_open_to_the_network_without_an_address_answers_by_any_name(
    trial: Trial, engine: Engine, tmp_path: Path
) -> None:
    served = Trial(engine, tmp_path, host="0.0.0.0")
    answer = served.ask("/sign-in", "may-chu:8000", client="10.0.0.7")
    assert answer.status_code == 200 and not is_told(answer)


def test_machines_that_watch_ask_by_any_name_and_hear_of_nobody(trial: Trial) -> None:
    for path in FOR_MACHINES:
        answer = trial.ask(path, "watch.example", client="10.0.0.7")
        assert (path, answer.status_code in (200, 503)) == (path, True)
        assert not any(word in answer.text for word in ("@", "mpt.example", "le.thi.c", str(trial.settings.data)))
