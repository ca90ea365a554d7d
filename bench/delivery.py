"""Delivery of many letters, settling included, beside yagmail alone sending the same words to the same sink.

The floor is one reused `yagmail.SMTP` object whose `send(to, subject, [text, html, .ics])` is called once a letter:
yagmail's own making of the message (`prettify_html=False`: without its CSS inliner) and its own conversation, for which
`send` connects anew each time, and secures the line and logs in where the server asks for that. Not in it: finding out
what is to be said and to whom, wording it, and any database; its words are ours, composed beforehand, and no name of
this machine is looked up per connection.

Ours is a delivery over the usual number of lines (`workflows.delivery.mail_lines`) on a fresh database as the product
opens it: grouping notices into letters, reading their facts, re-checks, wording, the mark before and the settling after
each, and the conversation.
Two letters are sent beforehand and not counted.

The limit stands on the server that organisations have, with STARTTLS and a log-in, 5 ms away, as near as a real one is.
The same on loopback shows the work alone, and a bare one is where yagmail loses least; no office has either.
"""

import email
import gc
import io
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
from notifications.smtp.transport import Sender
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
    """Seconds for all letters in the order in which they were taken, and connections per 50 letters."""

    server: MailServer
    database: str
    letters: int
    floor: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)
    connections: list[float] = field(default_factory=list)


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
            words = [_words(*one) for one in _worded(engine, post.settings)[:letters]]
        measured = [Measured(server, one.name, letters) for one in databases]
        for turn in range(repeats + 1):
            floor = _floor(post, words)
            _expect(sink, letters)
            for one, database in zip(measured, databases, strict=True):
                with database.fresh() as engine:
                    _warm(engine, post, sink)
                    ours = _ours(engine, post, letters)
                    seen = _expect(sink, letters)
                if turn:
                    one.floor.append(floor)
                    one.ours.append(ours)
                    one.connections.append(seen.connections * 50 / one.letters)
    return measured


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


def _floor(post: Post, words: list[Words]) -> float:
    yag = post.yagmail()
    gc.collect()
    started = time.perf_counter()
    for one in words:
        attached = io.BytesIO(one.calendar)
        attached.name = "thoi-han.ics"
        yag.send(one.to, one.subject, [one.text, one.html, attached], prettify_html=False)
    taken = time.perf_counter() - started
    yag.close()
    return taken


def _warm(engine: Engine, post: Post, sink: Sink) -> None:
    """An engine meets each of its statements once in the life of a service."""
    sender = post.sender()
    for early in EARLY:
        assert send(engine, post.settings, sender, early) == 1
    sink.seen()


def _ours(engine: Engine, post: Post, letters: int) -> float:
    gc.collect()
    started = time.perf_counter()
    sent = send_over_lines(engine, post, THEN)
    taken = time.perf_counter() - started
    assert sent == letters, sent
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
