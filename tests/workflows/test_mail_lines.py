"""A mail server that keeps one waiting: others leave meanwhile, jobs go on, and a program told to stop stops."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.run import Run
from models.database.session import reading, transaction
from models.letters.letter import Letter, LetterKind, LetterState
from models.operations.alert import Alert, AlertKind
from models.settings import MailSettings
from notifications.outbox.attempts import BEAT, LEASE, WAITING_LEASE
from notifications.outbox.claims import LINES, ONE_MORE_AFTER, claim, may_begin
from notifications.smtp.clocks import Clocks
from notifications.smtp.sender import YagmailSender
from notifications.smtp.transport import Attempt, Meanwhile, Outcome, Watch, idle, watch_nothing
from tests.notifications.smtp_servers import DRIP, HANG, ScriptedServer
from tests.office import ON, Office, furnish
from workflows.delivery import deliver as delivering
from workflows.delivery.deliver import Delivered, deliver
from workflows.delivery.mail_lines import MailLines
from workflows.jobs.simulate import RecordedSender
from workflows.jobs.tick import run_tick, tick_parts

MINUTE = timedelta(minutes=1)
PATIENCE = 20.0  # seconds of the real clock, on a busy machine


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    made = furnish(engine, tmp_path)
    made.launch("4")
    return made


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds are hundredths."""
    monkeypatch.setattr("notifications.smtp.line.LOOK_SECONDS", 0.01)
    monkeypatch.setattr(delivering, "KEPT_WAITING_SECONDS", 0.05)
    monkeypatch.setattr(delivering, "SLOW_SECONDS", 0.2)
    monkeypatch.setattr(delivering, "LAST_WORD_SECONDS", 0.1)


@pytest.fixture
def lines() -> Iterator[MailLines]:
    made = MailLines(threading.Event())
    yield made
    made.close()


class Scans(ScriptedServer):
    """Answers the dot of the first letters only once it is told to."""

    def __init__(self, letters: int) -> None:
        super().__init__()
        self.left, self.go_on = letters, threading.Event()
        self.waiting = threading.Semaphore(0)

    def answer(self, step: str) -> str:
        if step == "DOT" and self.left > 0:
            self.left -= 1
            self.waiting.release()
            self.go_on.wait(PATIENCE)
        return super().answer(step)


def through(
    office: Office, lines: MailLines, server: ScriptedServer, now: datetime = ON, *, connections: int | None = None
) -> Delivered:
    mail = MailSettings(mode="smtp", port=server.port, connections=connections)
    settings = office.settings.model_copy(update={"mail": mail})
    return lines.deliver(
        office.engine,
        settings,
        lambda: nullcontext(YagmailSender(mail)),
        now=now,
        calendar=office.calendar,
        for_seconds=60,
    )


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


def test_others_leave_while_one_letter_waits_for_its_answer(office: Office, lines: MailLines) -> None:
    office.launch("2")
    with Scans(1) as server:
        done = through(office, lines, server)
        count = len(states(office))
        assert done.sent == count - 1 > 3, "all but the one that the server still reads"
        assert states(office) == ["claimed"] + ["sent"] * (count - 1)
        server.go_on.set()
        late = lines.join()
    assert states(office) == ["sent"] * count and late.sent == 1
    assert len(server.messages) == count, "each once"


def test_a_few_lines_wait_at_once_and_no_more(office: Office, lines: MailLines) -> None:
    office.launch("2")
    with Scans(1000) as server:
        done = through(office, lines, server)
        assert (done.sent, server.connections, states(office).count("claimed")) == (0, LINES, LINES)
        assert through(office, lines, server, ON + timedelta(seconds=30)) == Delivered(), "they wait for their turn"
        assert server.connections == LINES
        through(office, lines, server, ON + ONE_MORE_AFTER + MINUTE)
        assert server.connections == LINES + 1, "one looks whether the server is well again"
        server.left = 0
        server.go_on.set()
        lines.join()
    count = len(states(office))
    assert len(server.messages) == count and states(office) == ["sent"] * count


def test_a_server_of_one_conversation_gets_one(office: Office, lines: MailLines) -> None:
    with Scans(1) as server:
        through(office, lines, server, connections=1)
        assert through(office, lines, server, ON + MINUTE, connections=1) == Delivered()
        assert server.connections == 1
        server.go_on.set()
        lines.join()
    assert states(office) == ["sent"] * len(states(office))


@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "RCPT"])
def test_a_tick_ends_while_the_server_drips(office: Office, lines: MailLines, step: str) -> None:
    with ScriptedServer(**{step: DRIP}) as server:
        mail = MailSettings(mode="smtp", port=server.port)
        settings = office.settings.model_copy(update={"mail": mail})
        parts = tick_parts(office.engine, settings, for_seconds=60, lines=lines)
        assert run_tick(office.engine, parts, now=ON)["sent"] == 0
        with reading(office.engine) as session:
            assert session.exec(select(Run.finished_at).where(col(Run.key).startswith("tick:"))).all() == [ON]
        lines.close()
    assert set(states(office)) == {"queued"}, "nothing of them was handed over"


def test_whoever_is_told_to_stop_leaves_a_letter_uncertain_that_the_server_has(
    office: Office, lines: MailLines
) -> None:
    office.launch("2")
    with ScriptedServer(DOT=HANG) as server:
        through(office, lines, server)
        eventually(lambda: len(server.messages) == LINES)
        began = time.monotonic()
        lines.close()
        assert time.monotonic() - began < 5
    found = states(office)
    assert found.count("uncertain") == LINES and set(found) == {"uncertain", "queued"}


def test_administrators_are_told_once_of_a_slow_server_and_of_its_end(office: Office, lines: MailLines) -> None:
    with Scans(2) as server:
        through(office, lines, server)
        eventually(lambda: bool(slow_alerts(office)))
        (alert,) = slow_alerts(office)
        assert alert.subject == f"127.0.0.1:{server.port}" and alert.ended_at is None
        assert "seconds" in alert.facts
        server.go_on.set()
        lines.join()
        office.launch("3", on=ON + MINUTE)
        through(office, lines, server, ON + 2 * MINUTE)
        lines.join()
    (alert,) = slow_alerts(office)
    assert alert.ended_at is not None


class Waits:
    """A sender whose server takes so many seconds over each answer, by a clock of its own."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.passed = seconds, 0.0
        self.clocks = Clocks(lambda: self.passed, lambda: self.passed)
        self.kept = RecordedSender()
        self.asked: Watch = watch_nothing
        self.meanwhile: Callable[[float], None] = lambda passed: None
        self.announce = self.kept.announce

    def __enter__(self) -> "Waits":
        return self

    def __exit__(self, *_how: object) -> None:
        pass

    def watch(self, watch: Watch) -> None:
        self.asked = watch

    def send(self, to_address: str, content: bytes, meanwhile: Meanwhile = idle) -> Attempt:
        until = self.passed + self.seconds
        while self.passed < until:
            self.passed += 0.5
            if not self.asked(True):
                return Attempt(Outcome.UNCERTAIN, reply="stopped")
            self.meanwhile(self.passed)
        return self.kept.send(to_address, content, meanwhile)


def test_a_letter_that_is_waited_for_is_nobody_elses(office: Office) -> None:
    """Ten minutes at each of two letters: longer than the lease that their mark gave them."""
    sender = Waits(600)
    waiting: set[str] = set()

    def look(passed: float) -> None:
        if passed % 30:
            return
        now = ON + timedelta(seconds=passed)
        with transaction(office.engine) as session:
            if passed % 600 > 60:
                held = session.exec(
                    select(Letter).where(col(Letter.lease_until) > now + WAITING_LEASE - 3 * BEAT)
                ).all()
                assert len(held) == 1
                waiting.add(str(held[0].id))
                assert held[0].id not in {one.letter_id for one in claim(session, now=now, limit=1000)}
            session.rollback()

    sender.meanwhile = look
    deliver(office.engine, office.settings, sender, now=ON, calendar=office.calendar, clocks=sender.clocks)
    count = len(states(office))
    assert states(office) == ["sent"] * count and len(sender.kept.letters) == count == len(waiting)


def test_one_that_died_while_it_waited_counts_no_longer(office: Office) -> None:
    with transaction(office.engine) as session:
        assert may_begin(session, moment=ON, most=1)
    sender = Waits(3600)

    def dies(passed: float) -> None:
        if passed > 100:
            raise KeyboardInterrupt

    sender.meanwhile = dies
    with pytest.raises(KeyboardInterrupt):
        deliver(office.engine, office.settings, sender, now=ON, calendar=office.calendar, clocks=sender.clocks)
    with transaction(office.engine) as session:
        assert not may_begin(session, moment=ON + 2 * MINUTE, most=1)
        assert may_begin(session, moment=ON + 6 * MINUTE, most=1)
        assert LEASE < WAITING_LEASE
    assert LetterState.CLAIMED in {letter.state for letter in office.letters()}


def test_a_job_is_not_held_by_a_server_that_takes_its_time(
    office: Office, lines: MailLines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each letter is quick enough, and all of them together take long."""
    monkeypatch.setattr(delivering, "KEPT_WAITING_SECONDS", PATIENCE)
    monkeypatch.setattr("workflows.delivery.mail_lines.HELD_SECONDS", 0.1)
    with Scans(1) as server:
        assert through(office, lines, server) == Delivered()
        assert through(office, lines, server, connections=1) == Delivered(), "the line of the run before is at it"
        server.go_on.set()
        assert lines.join().sent == len(states(office)) == len(server.messages)
    assert server.connections == 1
