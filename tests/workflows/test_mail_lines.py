"""A mail server that keeps one waiting: others leave meanwhile, jobs go on, and a program told to stop stops."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.run import Run
from models.database.session import reading, transaction
from models.letters.letter import LetterKind
from models.operations.alert import Alert, AlertKind
from models.operations.system_job import JobName
from models.settings import MailSettings, Settings
from notifications.smtp import sender as smtp
from notifications.smtp.sender import YagmailSender
from tests.notifications.smtp_servers import DEAF, DRIP, HANG, ScriptedServer
from tests.office import ON, Office, furnish
from workflows.access.accounts.mailed import queue_test
from workflows.delivery import deliver as delivering
from workflows.delivery import mail_lines
from workflows.delivery import mail_trouble as trouble
from workflows.delivery.deliver import Delivered
from workflows.delivery.mail_lines import MailLines
from workflows.jobs.run_job import run_job, send_account_letters

pytestmark = pytest.mark.long

MINUTE = timedelta(minutes=1)
PATIENCE = 60.0  # seconds of the real clock, on a busy machine


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    made = furnish(engine, tmp_path)
    made.launch("4")
    return made


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds are hundredths."""
    monkeypatch.setattr(mail_lines, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(mail_lines, "LAST_WORD_SECONDS", 0.1)
    monkeypatch.setattr(delivering, "FRESH_SECONDS", 0.02)
    for module in (delivering, trouble):
        monkeypatch.setattr(module, "SLOW_SECONDS", 0.2)


@pytest.fixture
def lines() -> Iterator[MailLines]:
    made = MailLines()
    yield made
    made.close()


class Scans(ScriptedServer):
    """Answers the dot of the first letters only once it is told to."""

    def __init__(self, letters: int) -> None:
        super().__init__()
        self.left, self.go_on = letters, threading.Event()

    def answer(self, step: str) -> str:
        if step == "DOT" and self.left > 0:
            self.left -= 1
            self.hangs.set()
            self.go_on.wait(300)
        return super().answer(step)


def mail_to(office: Office, server: ScriptedServer, **more: Any) -> Settings:
    return office.settings.model_copy(update={"mail": MailSettings(mode="smtp", port=server.port, **more)})


def through(
    office: Office,
    lines: MailLines,
    server: ScriptedServer,
    now: datetime = ON,
    *,
    for_seconds: float = PATIENCE,
    **mail: Any,
) -> Delivered:
    settings = mail_to(office, server, **mail)
    opens = lambda: nullcontext(YagmailSender(settings.mail))  # noqa: E731
    return lines.deliver(office.engine, settings, opens, now=now, calendar=office.calendar, for_seconds=for_seconds)


@contextmanager
def beside(office: Office, lines: MailLines, server: ScriptedServer, **mail: Any) -> Iterator[None]:
    """A delivery goes on beside the test."""
    job = threading.Thread(target=lambda: through(office, lines, server, **mail))
    job.start()
    yield
    job.join(2 * PATIENCE)
    assert not job.is_alive()


def states(office: Office) -> list[str]:
    """Of the letters about tasks; what tells administrators of a slow server leaves later."""
    return sorted(letter.state.value for letter in office.letters() if letter.kind is not LetterKind.ALERT)


def eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


def slow_alerts(office: Office) -> list[Alert]:
    with reading(office.engine) as session:
        return list(session.exec(select(Alert).where(Alert.kind == AlertKind.MAIL_SLOW)))


def test_all_lines_send_and_each_letter_leaves_once(office: Office, lines: MailLines) -> None:
    office.launch("2")
    with ScriptedServer() as server:
        done = through(office, lines, server)
        count = len(states(office))
        assert (done.letters, done.sent) == (count, count) and states(office) == ["sent"] * count
        assert len(server.messages) == count and server.connections <= 2


def test_others_leave_while_one_letter_waits_for_its_answer(office: Office, lines: MailLines) -> None:
    office.launch("2")
    with Scans(1) as server:
        done = through(office, lines, server, for_seconds=1)
        while done.sent < len(states(office)) - 1:
            done += through(office, lines, server, for_seconds=1)
        count = len(states(office))
        assert states(office) == ["claimed"] + ["sent"] * (count - 1), "all but the one that the server still reads"
        server.go_on.set()
        eventually(lambda: states(office) == ["sent"] * count)
        done += through(office, lines, server)
        assert done.sent == count, "what a line did later is told with the next delivery"
    assert len(server.messages) == count, "each once"


def test_there_are_never_more_conversations_than_lines(office: Office, lines: MailLines) -> None:
    office.launch("2")
    with Scans(1000) as server:
        with beside(office, lines, server, connections=3):
            eventually(lambda: server.connections == 3)
            assert through(office, lines, server, ON + MINUTE, connections=3) == Delivered()
            assert (server.connections, states(office).count("claimed")) == (3, 3)
            server.left = 0
            server.go_on.set()
        assert len(server.messages) == len(states(office)) and set(states(office)) == {"sent"}


def test_a_code_leaves_beside_a_delivery_that_is_kept_waiting(office: Office, lines: MailLines) -> None:
    with Scans(1) as server, beside(office, lines, server):
        assert server.hangs.wait(PATIENCE)
        eventually(lambda: states(office).count("sent") == len(states(office)) - 1)
        with transaction(office.engine) as session:
            queue_test(session, office.person("le.thi.c").id, ON + MINUTE)
        settings = mail_to(office, server)
        send_account_letters(office.engine, settings, lambda: YagmailSender(settings.mail), lines, ON + MINUTE)
        eventually(lambda: "sent" in {one.state.value for one in office.letters() if one.kind is LetterKind.ACCOUNT})
        server.go_on.set()


STEPS = ("CONNECT", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "BODY", "DOT")
SECURE: dict[str, dict[str, Any]] = {
    "STARTTLS": {"security": "starttls"},
    "AUTH": {"user": "dondoc", "password": SecretStr("secret")},
}


@pytest.mark.parametrize("how", [HANG, DRIP])
@pytest.mark.parametrize("step", STEPS)
def test_a_tick_by_cron_ends_wherever_the_server_holds_it(
    office: Office, monkeypatch: pytest.MonkeyPatch, step: str, how: str
) -> None:
    """And loses no letter, nor sends one twice that it knows to have arrived."""
    monkeypatch.setattr(smtp, "TEXT_SECONDS", 0.2 if step == "BODY" else PATIENCE)
    office.launch("2")
    script: dict[str, Any] = {step: DEAF if step == "BODY" and how == HANG else how}
    if step in SECURE:
        script["EHLO"] = "250-test\r\n250-STARTTLS\r\n250 AUTH PLAIN"
    with ScriptedServer(**script) as server:
        before = PATIENCE if step in ("BODY", "DOT") else 0.2
        settings = mail_to(office, server, timeout_seconds=before, dot_seconds=0.2, **SECURE.get(step, {}))
        run_job(office.engine, settings, JobName.TICK, now=ON)
        with reading(office.engine) as session:
            assert session.exec(select(Run.finished_at).where(col(Run.key).startswith("tick:"))).all() != [None]
        run_job(office.engine, settings, JobName.DELIVER, now=ON, lines=MailLines(waits=True))
        copies = len(server.messages)
    has_text = step in ("BODY", "DOT")
    found = Counter(states(office))
    assert set(found) == ({"queued", "uncertain"} if has_text else {"queued"})
    assert found["uncertain"] in ((2, 3) if has_text else (0,)), "two lines, and two failures in a row end a delivery"
    assert copies == (found["uncertain"] if step == "DOT" else 0)
    monkeypatch.setattr(smtp, "TEXT_SECONDS", PATIENCE)
    with ScriptedServer() as server:
        for minutes in (5, 20):
            settings = mail_to(office, server)
            lines = MailLines(waits=True)
            run_job(office.engine, settings, JobName.DELIVER, now=ON + minutes * MINUTE, lines=lines)
        assert set(states(office)) == {"sent"}
        assert max(Counter(_name(one) for one in server.messages).values()) == 1


def _name(message: bytes) -> bytes:
    return next(line for line in message.splitlines() if line.lower().startswith(b"message-id:"))


@pytest.mark.parametrize("step", ["CONNECT", "RCPT", "DATA"])
def test_whoever_is_told_to_stop_leaves_at_once_before_a_text(office: Office, lines: MailLines, step: str) -> None:
    with ScriptedServer(**{step: HANG}) as server:
        with beside(office, lines, server):
            assert server.hangs.wait(PATIENCE)
            lines.close()
        assert set(states(office)) == {"queued"} and server.messages == []


def test_whoever_is_told_to_stop_leaves_a_letter_uncertain_that_the_server_has(
    office: Office, lines: MailLines
) -> None:
    office.launch("2")
    with ScriptedServer(DOT=HANG) as server, beside(office, lines, server):
        eventually(lambda: len(server.messages) == 2)
        lines.close()
    assert Counter(states(office))["uncertain"] == 2 and set(states(office)) == {"uncertain", "queued"}


def test_an_answer_that_comes_while_the_program_ends_is_kept(
    office: Office, lines: MailLines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_lines, "LAST_WORD_SECONDS", PATIENCE)
    monkeypatch.setattr(mail_lines, "CLOSE_SECONDS", 2 * PATIENCE)
    with Scans(1) as server:
        with beside(office, lines, server, connections=1):
            assert server.hangs.wait(PATIENCE)
            closing = threading.Thread(target=lines.close)
            closing.start()
            server.go_on.set()
        closing.join(PATIENCE)
    assert Counter(states(office))["sent"] == 1 and "uncertain" not in states(office)


def test_administrators_are_told_once_of_a_slow_server_and_of_its_end(office: Office, lines: MailLines) -> None:
    with Scans(1) as server:
        with beside(office, lines, server):
            eventually(lambda: bool(slow_alerts(office)))
            (alert,) = slow_alerts(office)
            assert alert.subject == f"127.0.0.1:{server.port}" and alert.ended_at is None
            assert "seconds" in alert.facts
            server.go_on.set()
        office.launch("3", on=ON + MINUTE)
        through(office, lines, server, ON + 2 * MINUTE)
    (alert,) = slow_alerts(office)
    assert alert.ended_at is not None


def test_what_goes_wrong_on_a_line_is_told_by_the_job(
    office: Office, lines: MailLines, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def __enter__(self) -> "Broken":
            raise OSError("no such folder")

        def __exit__(self, *_how: object) -> None: ...

    with pytest.raises(OSError, match="no such folder"):
        lines.deliver(office.engine, office.settings, Broken, now=ON, calendar=office.calendar)  # type: ignore[arg-type]
    assert "mail_line_failed" in caplog.text, "and what went wrong on the other is not dropped"
    assert lines.deliver(
        office.engine, office.settings, lambda: nullcontext(office.sender), now=ON, calendar=office.calendar
    ).sent
