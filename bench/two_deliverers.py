"""The same letters delivered by one process and by two, from one PostgreSQL to one server.

Notices are grouped into letters beforehand: one transaction does that, whoever it is. All else is a delivery's over one
line: facts, wording, mark, conversation, settling; both look at the same letters, and one of them has each. Each
process has sent a letter before; the time is from the moment when the first of them begins until the last has ended.
It has no limit: server, sink and both processes share the machine, which is measured as much as they are.
"""

import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Engine

from bench.databases import PostgresServer
from bench.delivery import EARLY, REPEATS, THEN, fill, send
from bench.keys import KEYS
from bench.mail_servers import SECURE, MailServer, Post, running
from bench.sink import Sink
from models.database.session import open_engine, transaction
from notifications.outbox.grouping import group

BATCHED = 800
"""Letters: several batches for each, else the rest of a division would be measured."""
WAIT_SECONDS = 600.0


@dataclass(frozen=True)
class Two:
    """Seconds for all letters, in the order in which they were taken, by one process and by two."""

    server: MailServer
    database: str
    letters: int
    one: list[float] = field(default_factory=list)
    two: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """The median rate of two over that of one."""
        return statistics.median(self.one) / statistics.median(self.two)


class _Deliverer:
    """A process that delivers when told to."""

    def __enter__(self) -> Self:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_obey, args=(theirs,), daemon=True)
        self._process.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ours.send(None)
        self._process.join(WAIT_SECONDS)

    def warm(self, url: str, post: Post, early: int) -> None:
        """Opens the database and sends the early letter of that number."""
        self._ours.send((url, post, early))
        sent, _begun, _ended = self.answer()
        assert sent == 1, sent

    def go(self) -> None:
        """Begins with all the others; `answer` tells the end."""
        self._ours.send("go")

    def answer(self) -> tuple[int, float, float]:
        """Letters sent, and the seconds (one clock for all processes) between which that was."""
        if not self._ours.poll(WAIT_SECONDS):
            raise RuntimeError("a deliverer did not answer")
        sent, begun, ended = self._ours.recv()
        return sent, begun, ended


def _obey(theirs: Connection) -> None:
    while (told := theirs.recv()) is not None:
        url, post, early = told
        engine, sender = open_engine(url, KEYS), post.sender()
        theirs.send((send(engine, post.settings, sender, EARLY[early]), 0.0, 0.0))
        if theirs.recv() == "go":
            begun = time.perf_counter()
            sent = send(engine, post.settings, sender, THEN)
            theirs.send((sent, begun, time.perf_counter()))
        engine.dispose()


def measure_two(server: MailServer = SECURE, *, letters: int = BATCHED, repeats: int = REPEATS) -> Two:
    """One process and two by turns, on a fresh PostgreSQL each; a turn beforehand is not counted."""
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="dondoc-bench-", ignore_cleanup_errors=True))
        )
        databases = PostgresServer(folder, lambda engine: _grouped(engine, letters))
        stack.callback(databases.stop)
        post, sink = stack.enter_context(running(server, folder))
        both = [stack.enter_context(_Deliverer()) for _ in EARLY]
        found = Two(server, databases.name, letters)
        for turn in range(repeats + 1):
            for taken, crew in ((found.one, both[:1]), (found.two, both)):
                with databases.fresh() as engine:
                    seconds = _deliver(engine, post, sink, crew, letters)
                if turn:
                    taken.append(seconds)
    return found


def _grouped(engine: Engine, letters: int) -> None:
    fill(engine, letters)
    with transaction(engine) as session:
        while group(session, now=THEN, next_slot=lambda _kind, slot: slot):
            pass


def _deliver(engine: Engine, post: Post, sink: Sink, crew: Sequence[_Deliverer], letters: int) -> float:
    url = engine.url.render_as_string(hide_password=False)
    for early, one in enumerate(crew):
        one.warm(url, post, early)
    for moment in EARLY[len(crew) :]:  # those of the absent leave too
        assert send(engine, post.settings, post.sender(), moment) == 1
    sink.seen()
    for one in crew:
        one.go()
    answers = [one.answer() for one in crew]
    assert sum(sent for sent, _begun, _ended in answers) == letters, answers
    assert sink.seen().letters == letters
    return max(ended for *_rest, ended in answers) - min(begun for _sent, begun, _ended in answers)
