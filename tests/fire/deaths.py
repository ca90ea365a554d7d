"""Deaths by name: a process ticks and kills itself with SIGKILL at one point of the work.

The points are found from outside, by what a transaction has said to the database and by what goes over the wire, so
that the product knows nothing of them.
"""

import os
import re
import select
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from tests.fire.processes import open_office, tick_at

BEFORE, AFTER = "before", "after"
_FINAL_DOT = b"\r\n.\r\n"


@dataclass(frozen=True)
class Commit:
    """Before or after the commit of the `nth` transaction that said all of these (the beginnings of statements)."""

    when: str
    said: tuple[str, ...]
    nth: int = 1


@dataclass(frozen=True)
class Statement:
    """Before the `nth` statement that begins so."""

    said: str
    nth: int = 1


@dataclass(frozen=True)
class Wire:
    """In the middle of the `nth` letter's bytes, or once the server has answered its final dot, unread."""

    whole: bool
    nth: int = 3


@dataclass(frozen=True)
class Death:
    """Where it dies, how many letters are in flight just then, and how many of them the server has accepted."""

    point: Commit | Wire
    in_flight: int = 0
    accepted: int = 0


_SWEPT = ("INSERT INTO notice", "UPDATE task_check SET at")
_GROUPED = ("INSERT INTO letter ", "UPDATE notice SET letter_id")
_MARKED = ("INSERT INTO letter_attempt",)
_SETTLED = ("UPDATE letter_attempt",)

DEATHS = {
    "the tick's key written": Death(Commit(AFTER, ("INSERT INTO run",))),
    "a period's tasks written, not committed": Death(Commit(BEFORE, ("INSERT INTO task",))),
    "a period opened": Death(Commit(AFTER, ("INSERT INTO task",))),
    "a batch swept, not committed": Death(Commit(BEFORE, _SWEPT)),
    "a batch swept": Death(Commit(AFTER, _SWEPT)),
    "the week's summaries queued, not committed": Death(Commit(BEFORE, ("INSERT INTO run", "INSERT INTO letter "))),
    "letters grouped, not committed": Death(Commit(BEFORE, _GROUPED)),
    "a letter marked, not committed": Death(Commit(BEFORE, _MARKED)),
    "a letter marked, nothing said to the server": Death(Commit(AFTER, _MARKED), in_flight=1),
    "in the middle of DATA": Death(Wire(whole=False), in_flight=1),
    "after the final dot, its reply not read": Death(Wire(whole=True), in_flight=1, accepted=1),
    "the server's 250 read, not committed": Death(Commit(BEFORE, _SETTLED, nth=2), in_flight=1, accepted=1),
    "some letters settled": Death(Commit(AFTER, _SETTLED, nth=3)),
    "some letters settled, the next one marked": Death(Commit(AFTER, _MARKED, nth=4), in_flight=1),
    "all letters settled, the tick not finished": Death(Commit(BEFORE, ("UPDATE run SET finished_at",))),
}


def die_ticking(name: str, url: str, folder: Path, port: int, moment: datetime) -> None:
    """The life of the process: one tick, which it does not survive."""
    office = open_office(url, folder, port)
    point = DEATHS[name].point
    if isinstance(point, Commit):
        _watch_commits(office.engine, point)
    else:
        _watch_the_wire(point)
    tick_at(office, moment)


LAUNCH_DEATHS: dict[str, Statement | Commit] = {
    "the directive locked, nothing written": Statement("INSERT INTO launch"),
    "the launch written, no task": Statement("INSERT INTO task"),
    "the tasks of one duty written": Statement("INSERT INTO task", nth=2),
    "all written, not committed": Commit(BEFORE, ("INSERT INTO task",)),
    "the launch committed": Commit(AFTER, ("INSERT INTO task",)),
}


def die_launching(point: str | int, url: str, folder: Path, launch: Callable[..., Any], *given: Any) -> None:
    """The life of a process that launches: it ends at a point by name, or before the nth statement that it says.

    One that comes to its end has exit code 0.
    """
    office = open_office(url, folder, 1)
    death = Statement("", nth=point) if isinstance(point, int) else LAUNCH_DEATHS[point]
    if isinstance(death, Statement):
        _watch_statements(office.engine, death)
    else:
        _watch_commits(office.engine, death)
    launch(office, *given)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _watch_commits(engine: Engine, point: Commit) -> None:
    patterns = [re.compile(said) for said in point.said]
    said: list[str] = []
    times = 0

    @event.listens_for(engine, "begin")
    def begun(_connection: Any) -> None:
        said.clear()

    @event.listens_for(engine, "before_cursor_execute")
    def saying(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement.replace('"', ""))

    def is_there() -> bool:
        nonlocal times
        times += all(any(pattern.match(statement) for statement in said) for pattern in patterns)
        return times == point.nth

    commit: Callable[[Any], None] = engine.dialect.do_commit

    def committing(connection: Any) -> None:
        there = is_there()
        if there and point.when == BEFORE:
            _die()
        commit(connection)
        if there:
            _die()

    engine.dialect.do_commit = committing  # type: ignore[method-assign,assignment]


def _watch_statements(engine: Engine, point: Statement) -> None:
    times = 0

    @event.listens_for(engine, "before_cursor_execute")
    def saying(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        nonlocal times
        times += statement.replace('"', "").startswith(point.said)
        if times == point.nth:
            _die()


def _watch_the_wire(point: Wire) -> None:
    send = socket.socket.sendall
    letters = 0

    def sending(wire: socket.socket, data: Any, *flags: Any) -> None:
        nonlocal letters
        letters += _FINAL_DOT in bytes(data[-len(_FINAL_DOT) :])
        if letters < point.nth:
            send(wire, data, *flags)
            return
        if point.whole:
            send(wire, data, *flags)
            select.select([wire], [], [], 30)
        else:
            send(wire, data[: len(data) // 2])
        _die()

    socket.socket.sendall = sending  # type: ignore[method-assign,assignment]
