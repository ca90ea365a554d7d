"""Every way a mail server can misbehave, through a real SMTP conversation: how the outbox names it, what arrives."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine
from sqlmodel import select

from models.database.session import reading
from models.i18n import translate
from models.letters.letter import Letter, LetterKind, LetterState
from models.letters.letter_reads import list_letters
from models.settings import MailSettings
from notifications.outbox.attempts import RESEND_UNCERTAIN_AFTER
from notifications.outbox.explain import explain, outcome_words
from notifications.smtp.sender import YagmailSender
from tests.notifications.smtp_servers import DROP, HANG, ScriptedServer, self_signed, strict_server
from tests.office import ON, Office, furnish
from workflows.delivery.deliver import deliver

pytestmark = pytest.mark.long

HEAD = "luong.thi.ngan"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    made = furnish(engine, tmp_path)
    made.launch("4")
    for code in ("le.thi.c", "ta.ba.toan", "phan.ngoc.son"):  # so that there is one letter to look at
        made.change_person(code, is_active=False)
    return made


def run(office: Office, port: int, now: datetime, context: ssl.SSLContext | None = None, **mail: Any) -> None:
    options: dict[str, Any] = {"mode": "smtp", "host": "127.0.0.1", "port": port}
    options |= {"timeout_seconds": 20, "dot_seconds": 2}
    settings = office.settings.model_copy(update={"mail": MailSettings(**options | mail)})
    sender = YagmailSender(settings.mail, context)
    deliver(office.engine, settings, sender, now=now, calendar=office.calendar)


def row(office: Office) -> dict[str, Any]:
    """The head's letter as `dondoc outbox list` shows it."""
    with reading(office.engine) as session:
        wanted = office.person(HEAD).id
        (found,) = [
            one
            for one in list_letters(session, recipient_id=wanted)
            if session.get_one(Letter, one["id"]).kind is LetterKind.ASSIGNED
        ]
    return found


def shown(office: Office) -> tuple[str, str, str]:
    """(state, last attempt, explanation), in English."""
    found = row(office)
    return found["state"], translate(outcome_words(found), "en"), translate(explain(found), "en")


def ids(server: ScriptedServer) -> list[bytes]:
    """The Message-IDs of the copies for the head that the server has kept."""
    return [
        next(line for line in message.splitlines() if line.lower().startswith(b"message-id:"))
        for message in server.messages
        if f"<{HEAD}@".encode() in message.partition(b"\r\nSubject:")[0]
    ]


def test_deferred_is_tried_again_after_the_pause(office: Office) -> None:
    with ScriptedServer(RCPT=["450 greylisted, come back"]) as server:
        run(office, server.port, ON)
        state, attempt, told = shown(office)
        assert (state, attempt) == ("queued", "put off by the server 450") and "greylisted" in told
        run(office, server.port, ON + timedelta(minutes=1))
        assert shown(office)[:2] == ("sent", "accepted by the server 250") and len(ids(server)) == 1


def test_refused_is_failed_and_says_what_to_do(office: Office) -> None:
    with ScriptedServer(RCPT="550 5.1.1 no such user") as server:
        run(office, server.port, ON)
        state, attempt, told = shown(office)
        assert (state, attempt) == ("failed", "refused for good 550")
        assert "no such user" in told and "outbox resend" in told
        run(office, server.port, ON + timedelta(hours=3))
        assert server.commands.count("DATA") == 0


@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
def test_a_line_dropped_before_the_letter_is_retried_and_arrives_once(office: Office, step: str) -> None:
    with ScriptedServer(**{step: [DROP, DROP]}) as server:
        run(office, server.port, ON)
        assert shown(office)[:2] == ("queued", "put off by the server")
        now = ON
        while shown(office)[0] == "queued":
            now += timedelta(minutes=1)
            run(office, server.port, now)
        assert shown(office)[:2] == ("sent", "accepted by the server 250") and len(ids(server)) == 1


@pytest.mark.parametrize(
    ("step", "copies"), [("BODY", 0), ("DOT", 1)], ids=["in the middle of DATA", "after the final dot"]
)
@pytest.mark.parametrize("how", [DROP, HANG])
def test_letter_on_a_lost_line_is_uncertain_and_repeated_once(office: Office, step: str, copies: int, how: str) -> None:
    with ScriptedServer(**{step: [how]}) as server:
        run(office, server.port, ON)
        state, attempt, told = shown(office)
        assert (state, attempt) == ("uncertain", "uncertain") and "may or may not have arrived" in told
        assert len(ids(server)) == copies, "at most one copy"
        run(office, server.port, ON + timedelta(minutes=1))
        assert len(ids(server)) == copies, "nothing by itself before its time"
        run(office, server.port, ON + RESEND_UNCERTAIN_AFTER)
        assert shown(office)[0] == "sent"
        assert len(ids(server)) == copies + 1 and len(set(ids(server))) == 1


def test_421_after_the_dot_is_an_answer_the_letter_was_not_taken_and_is_tried_again(office: Office) -> None:
    with ScriptedServer(DOT=["421 shutting down"]) as server:
        run(office, server.port, ON)
        assert shown(office)[:2] == ("queued", "put off by the server 421")
        run(office, server.port, ON + timedelta(minutes=1))
        assert shown(office)[:2] == ("sent", "accepted by the server 250")


def test_a_server_that_falls_silent_before_the_letter_is_left_after_the_time_out(office: Office) -> None:
    with ScriptedServer(RCPT=[HANG]) as server:
        run(office, server.port, ON, timeout_seconds=0.5)
        state, attempt, told = shown(office)
        assert (state, attempt) == ("queued", "put off by the server") and "timed out" in told


@contextmanager
def _secure(tmp_path: Path) -> Iterator[tuple[Callable[..., None], list[Any], Path]]:
    context, trusted = self_signed(tmp_path)
    with strict_server(context, "dondoc", "secret") as (port, received):

        def deliver_to(office: Office, now: datetime, *, trust: bool, password: str = "secret") -> None:
            trusting = ssl.create_default_context(cafile=trusted) if trust else None
            run(
                office,
                port,
                now,
                trusting,
                security="starttls",
                user="dondoc",
                password=SecretStr(password),
                timeout_seconds=5,
            )

        yield deliver_to, received, trusted


def test_starttls_and_log_in_carry_the_letter(office: Office, tmp_path: Path) -> None:
    with _secure(tmp_path) as (deliver_to, received, _trusted):
        deliver_to(office, ON, trust=True)
        assert shown(office)[:2] == ("sent", "accepted by the server 250")
        assert len([to for to, _content in received if to == office.person(HEAD).email]) == 1


def test_a_bad_certificate_stops_every_letter_and_is_named(office: Office, tmp_path: Path) -> None:
    with _secure(tmp_path) as (deliver_to, received, _trusted):
        deliver_to(office, ON, trust=False)
        state, attempt, told = shown(office)
        assert (state, attempt) == ("queued", "put off by the server") and "certificate" in told
        assert not received
        deliver_to(office, ON + timedelta(minutes=1), trust=True)
        assert shown(office)[0] == "sent", "once the certificate is mended nothing is lost"


def test_a_refused_log_in_costs_no_letter_and_is_named(office: Office, tmp_path: Path) -> None:
    with _secure(tmp_path) as (deliver_to, received, _trusted):
        deliver_to(office, ON, trust=True, password="wrong-secret")
        state, attempt, told = shown(office)
        assert (state, attempt) == ("queued", "put off by the server 535")
        assert "refused the log-in" in told and "wrong-secret" not in told and not received


def test_at_most_one_connection_for_fifty_letters(engine: Engine, tmp_path: Path) -> None:
    office = furnish(engine, tmp_path)
    office.launch()
    with ScriptedServer() as server:
        run(office, server.port, ON)
        with reading(engine) as session:
            sent = len(session.exec(select(Letter).where(Letter.state == LetterState.SENT)).all())
        assert len(server.messages) == sent > 50
        assert server.connections <= -(-sent // 50)
