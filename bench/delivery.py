"""Delivery of many letters, settling included, beside yagmail alone sending the same words to the same sink.

The floor is one reused `yagmail.SMTP` object whose `send(to, subject, [text, html, .ics])` is called once a letter:
yagmail's own making of the message (`prettify_html=False`: without its CSS inliner) and its own conversation, for which
`send` connects anew each time. Not in it: finding out what is to be said and to whom, wording it, and any database; its
words are ours, composed beforehand, and no name of this machine is looked up per connection.

Ours is `workflows.deliver.deliver` on a fresh SQLite as the product opens it: grouping notices into letters, reading
their facts, re-checks, wording, the mark before and the settling after each, and the conversation. One letter is sent
beforehand and not counted: an engine meets each of its statements once in the life of a service.
"""

import email
import gc
import io
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import yagmail  # type: ignore[import-untyped]
from sqlalchemy import Engine
from sqlmodel import col, select

from bench.databases import SqliteFiles
from bench.register import CODE, DUE_ON, ON, fill_register
from bench.sink import Seen, Sink
from models.letter import Notice
from models.session import reading, transaction
from models.settings import MailSettings, Settings
from notifications.recorded import RecordedSender
from notifications.smtp import YagmailSender
from notifications.transport import Sender
from workflows.calendar import load_calendar
from workflows.deliver import deliver
from workflows.launch import default_coordinator, find_directive, launch
from workflows.setup import set_up

LETTERS = 500
THEN = ON + timedelta(seconds=1)
"""When all but the first letter are to leave."""
REPEATS = 5
LIMIT = 2.0
"""Letters are to be delivered at this many times the rate of the floor, at least."""
CONNECTIONS_LIMIT = 1.0
"""Connections for every 50 letters, at most."""


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
    """Seconds for all letters, in the order in which they were taken; connections per 50 letters, the worst turn."""

    letters: int
    floor: list[float]
    ours: list[float]
    connections: float

    @property
    def ratio(self) -> float:
        """Our median rate over the floor's."""
        return statistics.median(self.floor) / statistics.median(self.ours)

    @property
    def is_over(self) -> bool:
        """Whether a limit is crossed."""
        return self.ratio < LIMIT or self.connections > CONNECTIONS_LIMIT


def print_section() -> bool:
    """Measures and prints; whether a limit is crossed."""
    print(f"\nDelivery of {LETTERS} letters over SMTP (median of {REPEATS}, letters a second)\n")
    print(f"{'database':<12}{'yagmail':>12}{'deliver':>10}{'ratio':>8}{'limit':>8}{'connections/50':>17}{'limit':>8}")
    measured = measure()
    for one in measured:
        floor, ours = (one.letters / statistics.median(taken) for taken in (one.floor, one.ours))
        print(
            f"{'SQLite':<12}{floor:>12.0f}{ours:>10.0f}{one.ratio:>7.2f}x{LIMIT:>7.1f}x"
            f"{one.connections:>17.2f}{CONNECTIONS_LIMIT:>8.1f}{'  over the limit' if one.is_over else ''}",
            flush=True,
        )
    return any(one.is_over for one in measured)


def measure(*, letters: int = LETTERS, repeats: int = REPEATS) -> list[Measured]:
    """Floor and ours by turns, ours on a fresh database each; one turn of each beforehand is not counted."""
    with tempfile.TemporaryDirectory(prefix="dondoc-bench-", ignore_cleanup_errors=True) as folder, Sink() as sink:
        settings = Settings(data=Path(folder), mail=MailSettings(mode="smtp", host="127.0.0.1", port=sink.port))
        files = SqliteFiles(Path(folder), lambda engine: _launched(engine, letters + 1))
        with files.fresh() as engine:
            words = list(_words(engine, settings))[:letters]
        floors, ours, connections = [], [], 0.0
        for turn in range(repeats + 1):
            floor = _floor(settings.mail, words)
            _expect(sink.seen(), letters)
            with files.fresh() as engine:
                taken = _deliver(engine, settings, YagmailSender(settings.mail), letters)
            seen = _expect(sink.seen(), letters)
            if turn:
                floors.append(floor)
                ours.append(taken)
                connections = max(connections, seen.connections * 50 / letters)
    return [Measured(letters, floors, ours, connections)]


def _launched(engine: Engine, letters: int) -> None:
    """A duty was just launched to so many units: a letter with an .ics for each head, the first a second early."""
    set_up(engine, now=ON, empty=True)
    fill_register(engine, units=letters)
    with transaction(engine) as session:
        directive = find_directive(session, CODE)
        launch(
            session, directive, on=ON, coordinator_id=default_coordinator(session, directive), due_on=DUE_ON,
            calendar=load_calendar(session),
        )  # fmt: skip
        for notice in session.exec(select(Notice).order_by(col(Notice.id))).all()[1:]:
            notice.slot = THEN


def _words(engine: Engine, settings: Settings) -> Iterator[Words]:
    """What the letters of a database say, delivered to nobody."""
    recorded = RecordedSender()
    _deliver(engine, settings, recorded, 0)
    for address, content in recorded.letters:
        message = email.message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
        (calendar,) = message.iter_attachments()
        assert text is not None
        assert html is not None
        payload = calendar.get_payload(decode=True)
        assert isinstance(payload, bytes)
        yield Words(address, message["Subject"], text.get_content(), html.get_content(), payload)


def _floor(settings: MailSettings, words: list[Words]) -> float:
    yag: Any = yagmail.SMTP(
        user={settings.sender: settings.sender_name}, password="", host=settings.host, port=settings.port,
        smtp_ssl=False, smtp_starttls=False, smtp_skip_login=True, soft_email_validation=False,
        local_hostname="mpt.example",
    )  # fmt: skip
    gc.collect()
    started = time.perf_counter()
    for one in words:
        attached = io.BytesIO(one.calendar)
        attached.name = "thoi-han.ics"
        yag.send(one.to, one.subject, [one.text, one.html, attached], prettify_html=False)
    taken = time.perf_counter() - started
    yag.close()
    return taken


def _deliver(engine: Engine, settings: Settings, sender: Sender, letters: int) -> float:
    with reading(engine) as session:
        calendar = load_calendar(session)
    first = deliver(engine, settings, sender, now=ON, calendar=calendar)
    assert first.sent == 1, first
    gc.collect()
    started = time.perf_counter()
    done = deliver(engine, settings, sender, now=THEN, calendar=calendar)
    taken = time.perf_counter() - started
    assert done.sent >= letters, done
    return taken


def _expect(seen: Seen, letters: int) -> Seen:
    assert seen.letters >= letters, seen
    return seen
