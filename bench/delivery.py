"""Delivery of many letters, settling included, beside yagmail alone sending the same words to the same sink.

The floor is one reused `yagmail.SMTP` object whose `send(to, subject, [text, html, .ics])` is called once a letter:
yagmail's own making of the message (`prettify_html=False`: without its CSS inliner) and its own conversation, for which
`send` connects anew each time, and secures the line and logs in where the server asks for that. Not in it: finding out
what is to be said and to whom, wording it, and any database; its words are ours, composed beforehand, and no name of
this machine is looked up per connection.

Ours is a delivery over the usual number of lines (`workflows.delivery.mail_lines`) on a fresh database as the product
opens it: grouping notices into letters, reading their facts, re-checks, wording, the mark before and the settling after
each, and the conversation.
One letter is sent beforehand and not counted: an engine meets each of its statements once in the life of a service.

Beside both, the least that a letter can cost in one process, whoever hands it over: our own conversation, worded
beforehand, and one update by the bare driver that the disk has before the next letter. It tells which limits can be
held at all.

The limit stands on the server that organisations have, with STARTTLS and a log-in, 5 ms away, as near as a real one is.
The same on loopback shows the work alone, and a bare one is where yagmail loses least; no office has either.
"""

import email
import gc
import io
import statistics
import tempfile
import time
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import col, select

from bench.databases import Databases, PostgresServer, SqliteFiles
from bench.mail_servers import SECURE, MailServer, Post, running
from bench.register import CODE, DUE_ON, ON, fill_register
from bench.sink import Seen, Sink
from models.database.session import reading, transaction
from models.directives.directive import find_directive
from models.letters.letter import Notice
from models.settings import Settings
from notifications.smtp.transport import Outcome, Sender
from workflows.delivery.deliver import deliver
from workflows.delivery.mail_lines import MailLines
from workflows.jobs.simulate import RecordedSender
from workflows.launch.launch_plan import default_coordinator
from workflows.launch.launch_tasks import launch
from workflows.operations.setup import set_up
from workflows.organization.working_calendar import load_calendar

EARLY = (ON, ON + timedelta(seconds=1))
"""When one letter each leaves beforehand: one for every process that is going to deliver."""
THEN = ON + timedelta(seconds=2)
"""When all the others are to leave."""
REPEATS = 5
CONNECTIONS_LIMIT = 2.0
"""Connections for every 50 letters, at most: one a line."""


@dataclass(frozen=True)
class Words:
    """One letter as yagmail is given it."""

    to: str
    subject: str
    text: str
    html: str
    calendar: bytes


@dataclass(frozen=True)
class Measured:
    """Seconds for all letters by the clock and of the sending process's CPU, in the order in which they were taken, and
    connections per 50 letters.
    """

    server: MailServer
    database: str
    letters: int
    floor: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)
    floor_cpu: list[float] = field(default_factory=list)
    our_cpu: list[float] = field(default_factory=list)
    connections: list[float] = field(default_factory=list)
    least: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """Our median rate over the floor's."""
        return statistics.median(self.floor) / statistics.median(self.ours)

    @property
    def is_over(self) -> bool:
        """Whether a limit is crossed."""
        return self.ratio < (self.server.limit or 0.0) or max(self.connections) > CONNECTIONS_LIMIT


@dataclass(frozen=True)
class Taken:
    """Seconds by the clock, and of this process's CPU."""

    seconds: float
    cpu: float


def measure(server: MailServer = SECURE, *, letters: int | None = None, repeats: int = REPEATS) -> list[Measured]:
    """Floor and ours by turns, ours on a fresh SQLite and a fresh PostgreSQL; a turn beforehand is not counted."""
    letters = letters or server.letters
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="dondoc-bench-", ignore_cleanup_errors=True))
        )
        postgres = PostgresServer(folder, lambda engine: fill(engine, letters))
        stack.callback(postgres.stop)
        databases: list[Databases] = [SqliteFiles(folder, lambda engine: fill(engine, letters)), postgres]
        post, sink = stack.enter_context(running(server, folder))
        with databases[0].fresh() as engine:
            worded = _worded(engine, post.settings)[:letters]
        words = [_words(*one) for one in worded]
        measured = [Measured(server, one.name, letters) for one in databases]
        for turn in range(repeats + 1):
            floor = _floor(post, words)
            _expect(sink, letters)
            for one, database in zip(measured, databases, strict=True):
                with database.fresh() as engine:
                    sender = _warm(engine, post, sink)
                    taken = _ours(engine, post, letters)
                    seen = _expect(sink, letters)
                    least = _least(engine, sender, worded)
                _expect(sink, letters)
                if turn:
                    _note(one, floor, taken, seen)
                    one.least.append(least)
    return measured


def _note(one: Measured, floor: Taken, ours: Taken, seen: Seen) -> None:
    one.floor.append(floor.seconds)
    one.floor_cpu.append(floor.cpu)
    one.ours.append(ours.seconds)
    one.our_cpu.append(ours.cpu)
    one.connections.append(seen.connections * 50 / one.letters)


def fill(engine: Engine, letters: int) -> None:
    """A duty was just launched to so many units and two more: a letter with an .ics for each head, two early."""
    set_up(engine, now=ON)
    fill_register(engine, units=letters + len(EARLY))
    with transaction(engine) as session:
        directive = find_directive(session, CODE)
        launch(
            session,
            directive,
            on=ON,
            coordinator_id=default_coordinator(session, directive),
            due_on=DUE_ON,
            calendar=load_calendar(session),
        )
        found = session.exec(select(Notice).order_by(col(Notice.id))).all()
        for notice in found:
            notice.slot = THEN
        for notice, early in zip(found, EARLY, strict=False):
            notice.slot = early


def _worded(engine: Engine, settings: Settings) -> list[tuple[str, bytes]]:
    """The letters of a database, delivered to nobody: address and message."""
    recorded = RecordedSender()
    send(engine, settings, recorded, THEN)
    return recorded.letters


def _words(address: str, content: bytes) -> Words:
    message = email.message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    (calendar,) = message.iter_attachments()
    assert text is not None
    assert html is not None
    payload = calendar.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return Words(address, message["Subject"], text.get_content(), html.get_content(), payload)


def _floor(post: Post, words: list[Words]) -> Taken:
    yag = post.yagmail()
    gc.collect()
    started, cpu = time.perf_counter(), time.process_time()
    for one in words:
        attached = io.BytesIO(one.calendar)
        attached.name = "thoi-han.ics"
        yag.send(one.to, one.subject, [one.text, one.html, attached], prettify_html=False)
    taken = Taken(time.perf_counter() - started, time.process_time() - cpu)
    yag.close()
    return taken


def _warm(engine: Engine, post: Post, sink: Sink) -> Sender:
    """A sender that has sent, by an engine that has delivered."""
    sender = post.sender()
    for early in EARLY:
        assert send(engine, post.settings, sender, early) == 1
    sink.seen()
    return sender


def _ours(engine: Engine, post: Post, letters: int) -> Taken:
    gc.collect()
    started, cpu = time.perf_counter(), time.process_time()
    sent = send_over_lines(engine, post, THEN)
    taken = Taken(time.perf_counter() - started, time.process_time() - cpu)
    assert sent == letters, sent
    return taken


def _least(engine: Engine, sender: Sender, worded: list[tuple[str, bytes]]) -> float:
    pooled = engine.raw_connection()
    driver = pooled.driver_connection
    assert driver is not None
    cursor, mark = driver.cursor(), "%s"
    if engine.dialect.name == "sqlite":
        cursor.execute("PRAGMA synchronous=FULL")  # as a letter's state is written
        mark = "?"
    cursor.execute("CREATE TABLE least (id integer PRIMARY KEY, state text)")
    cursor.executemany(f"INSERT INTO least VALUES ({mark}, 'queued')", [(n,) for n in range(len(worded))])
    driver.commit()
    gc.collect()
    started = time.perf_counter()
    with sender:
        for n, (address, content) in enumerate(worded):
            assert sender.send(address, content).outcome is Outcome.ACCEPTED
            cursor.execute(f"UPDATE least SET state = 'sent' WHERE id = {mark}", (n,))
            driver.commit()
    taken = time.perf_counter() - started
    pooled.close()
    return taken


def send(engine: Engine, settings: Settings, sender: Sender, now: datetime) -> int:
    """Delivers what may leave at `now` (UTC); how many letters did."""
    with reading(engine) as session:
        calendar = load_calendar(session)
    return deliver(engine, settings, sender, now=now, calendar=calendar).sent


def send_over_lines(engine: Engine, post: Post, now: datetime) -> int:
    """The same over the lines that a process has."""
    with reading(engine) as session:
        calendar = load_calendar(session)
    lines, opens = MailLines(waits=True), lambda: nullcontext(post.sender())
    return lines.deliver(engine, post.settings, opens, now=now, calendar=calendar, for_seconds=3600).sent


def _expect(sink: Sink, letters: int) -> Seen:
    seen = sink.seen()
    assert seen.letters >= letters, seen
    return seen
