"""The mailbox that letters come back to, against a real IMAP server."""

import ssl
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine
from sqlmodel import select

from models.database.session import reading
from models.letters.bounce import Bounce, BounceAside
from models.letters.letter import LetterState
from models.operations.alert import Alert, AlertKind
from models.settings import BounceSettings
from notifications.replies.imap import LARGEST, FolderPosition, ImapTrouble, messages_after
from tests.bounce_samples import holiday_answer, nested, postfix
from tests.dovecot import ADVICE, PASSWORD, USER, Dovecot, dovecot
from tests.office import COORDINATOR, ON, Office, at, furnish
from tests.workflows.bounced import HEAD, LATER, left, letter

pytestmark = pytest.mark.long

HERE = "127.0.0.1"


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with tempfile.TemporaryDirectory(prefix="dovecot-", dir="/tmp") as name:  # short: its sockets have long names
        Path(name).chmod(0o755)
        with dovecot(Path(name)) as started:
            yield started


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    office = furnish(engine, tmp_path)
    office.launch("4")
    return office


def box(server: Dovecot, **more: Any) -> BounceSettings:
    given: dict[str, Any] = {"security": "none", "port": server.port, "password": SecretStr(PASSWORD)} | more
    return BounceSettings(host=HERE, user=USER, **given)


def all_of(settings: BounceSettings, place: FolderPosition | None = None, context: ssl.SSLContext | None = None) -> Any:
    return list(messages_after(settings, place, context))


def test_bounce_in_mailbox_is_told_and_mailbox_untouched(office: Office, server: Dovecot) -> None:
    before = len(all_of(box(server)))
    server.deliver(nested(1000), b"x" * (LARGEST + 1000), holiday_answer(), postfix(left(office)))
    office.settings.bounces = box(server)
    told = office.tick(LATER)
    assert told.bounces == before + 4 and letter(office).state is LetterState.FAILED
    assert ("undeliverable", 0) in office.told(office.task(), COORDINATOR)
    assert server.flagged() == []
    with reading(office.engine) as session:
        asides = {one.aside for one in session.exec(select(Bounce))}
    assert {BounceAside.TOO_DEEP, BounceAside.TOO_LARGE, BounceAside.NOT_A_REPORT} <= asides


def test_it_is_looked_into_every_few_minutes_and_goes_on_where_it_had_come_to(office: Office, server: Dovecot) -> None:
    raw = left(office)
    office.settings.bounces = box(server, minutes=5)
    office.tick(LATER)
    server.deliver(postfix(raw))
    assert office.tick(LATER + timedelta(minutes=4)).bounces == 0
    assert office.tick(LATER + timedelta(minutes=5)).bounces == 1
    assert office.tick(LATER + timedelta(minutes=10)).bounces == 0
    assert office.person(HEAD).email_doubted_at == LATER + timedelta(minutes=5)


def test_minutes_are_the_clocks_however_a_tick_is_late(office: Office, server: Dovecot) -> None:
    raw = left(office)
    office.settings.bounces = box(server, minutes=1)
    office.tick(LATER + timedelta(seconds=2))
    server.deliver(postfix(raw))
    assert office.tick(LATER + timedelta(seconds=59)).bounces == 0
    assert office.tick(LATER + timedelta(seconds=60.1)).bounces == 1, "58 seconds after the last look"


def test_after_the_server_has_numbered_anew_all_is_read_again(server: Dovecot) -> None:
    server.deliver(holiday_answer())
    found = all_of(box(server))
    (place, _content) = found[-1]
    assert all_of(box(server), place) == []
    assert len(all_of(box(server), FolderPosition(place.validity + 1, place.uid))) == len(found)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_over_tls_the_certificate_is_checked(server: Dovecot, security: str) -> None:
    secured = box(server, security=security, port=server.tls_port if security == "tls" else server.port)
    assert all_of(secured, None, server.context) == all_of(box(server))
    with pytest.raises(ImapTrouble, match="certificate"):
        all_of(secured)


@pytest.mark.parametrize(
    ("wrong", "says"), [({"password": SecretStr("wrong")}, "AUTHENTICATIONFAILED"), ({"folder": "NO-SUCH"}, "NO-SUCH")]
)
def test_what_the_server_refuses_is_said_without_the_password(server: Dovecot, wrong: Any, says: str) -> None:
    with pytest.raises(ImapTrouble, match=says) as raised:
        all_of(box(server, **wrong))
    assert PASSWORD not in str(raised.value)


@pytest.mark.parametrize(("ci", "ends"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_missing_imap_server_fails_on_ci_and_advises_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ci: str, ends: type[BaseException]
) -> None:
    monkeypatch.setattr("tests.dovecot.DOVECOT", None)
    monkeypatch.setenv("CI", ci)
    with pytest.raises(ends, match=ADVICE), dovecot(tmp_path):
        pass


def test_unreachable_mailbox_alerts_and_delays_nothing(office: Office) -> None:
    office.settings.bounces = BounceSettings(host=HERE, port=1, user=USER, password=SecretStr("x"), security="none")
    assert office.tick(ON).letters > 0
    with reading(office.engine) as session:
        (alert,) = session.exec(select(Alert)).all()
    assert alert.kind is AlertKind.JOB_FAILED and alert.subject == "bounces_mailbox"
    assert HERE in alert.facts["reason"]
    office.tick(at(1, hour=8, minute=1))
    assert alert.times == 1, "not asked again every minute"


def test_a_password_never_goes_to_another_machine_in_the_clear() -> None:
    with pytest.raises(ImapTrouble, match="in the clear"):
        all_of(BounceSettings(host="imap.mpt.example", user=USER, password=SecretStr("x"), security="none"))


class _Answers:
    """A mailbox whose server withholds one message."""

    def __init__(self) -> None:
        self.folder, self.client = self, self

    def status(self, _folder: str, _names: list[str]) -> dict[str, int]:
        return {"UIDVALIDITY": 7}

    def set(self, _folder: str, readonly: bool) -> None:
        assert readonly

    def uids(self, _criteria: str, charset: None) -> list[str]:
        return ["3", "4", "5"]

    def uid(self, _command: str, uid: str, _parts: str) -> tuple[str, list[Any]]:
        return ("NO", [b"corrupt"]) if uid == "4" else ("OK", [(b"head", uid.encode()), b")"])

    def logout(self) -> None:
        pass

    def shutdown(self) -> None:
        pass


def test_a_message_that_the_server_withholds_stops_no_other_and_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("notifications.replies.imap._open", lambda *_given: _Answers())
    settings = BounceSettings(host=HERE, user=USER, password=SecretStr("x"))
    given: list[Any] = []
    with pytest.raises(ImapTrouble, match="message 4"):
        given.extend(messages_after(settings, None))
    assert given == [(FolderPosition(7, 3), b"3"), (FolderPosition(7, 3), b"5")]
