"""Ours and the peers by turns: start N items for N units, then list those that are overdue.

Beside them the bare driver, which writes our rows and lists nothing: no program that keeps them can be quicker, so what
it takes says which limits can be held at all.
"""

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Engine

from bench.databases import PostgresServer, SqliteFiles
from bench.launching import launch_once, launch_within, record, write
from bench.register import DUE_ON, fill_register
from bench.results import ROOT, Direction, Result
from models.database.session import reading, transaction
from models.text.localtime import at_local
from workflows.access.rights import OPERATOR
from workflows.worklists.task_filter import EveryTaskFilter
from workflows.worklists.task_rows import TaskRow, list_tasks

INTERPRETER = ROOT / ".venv-peers" / "bin" / "python"
"""Of the peers' own environment: `make peers` builds it."""
REPEATS = 5
SECTION = "peers"
_FOUND_ON = at_local(DUE_ON + timedelta(days=14))


@dataclass(frozen=True)
class Peer:
    """A program that does the same; `flows` are so many items that one turn of it takes, where N would take hours."""

    name: str
    command: tuple[str, ...]
    limit: float
    flows: int | None = None
    repeats: int = REPEATS

    def items(self, units: int) -> int:
        """Of one turn."""
        return min(units, self.flows or units)


# limits: about two thirds of the least that a machine of two cores showed; 40, 10 and 1,000 never held on one (the bare
# driver writing our rows would not hold 40 and 10 on SQLite either)
ENGINES = (
    Peer("django-viewflow", (str(INTERPRETER), "-m", "bench.peers.viewflow"), 8.0),
    Peer("SpiffWorkflow", (str(INTERPRETER), "-m", "bench.peers.spiff"), 2.0),
)
FLOWS = (
    Peer("a Prefect flow per item", (sys.executable, "-m", "bench.peers.prefect_flow"), 500.0, flows=20, repeats=3),
)
"""By themselves, as Prefect's server is never quite idle; on SQLite, as its own database is, and next to it ours hardly
matters."""


@dataclass
class _Turns:
    """Seconds of a peer for N items, in the order in which they were taken."""

    peer: Peer
    child: "_Child"
    seconds: list[float] = field(default_factory=list)


def measure(units: int, *, repeats: int = REPEATS) -> Iterator[Result]:
    """Each peer on each database beside ours; one turn of each beforehand is not counted."""
    if not INTERPRETER.exists():
        raise SystemExit("the peers have no environment yet: make peers")
    with tempfile.TemporaryDirectory(prefix="dondoc-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        files = SqliteFiles(folder, partial(fill_register, units=units))
        for group in (ENGINES, FLOWS):
            url = f"sqlite:///{folder / '{peer}.sqlite'}"
            yield from _by_turns(group, files, url, folder, units, repeats)
        server = PostgresServer(folder, partial(fill_register, units=units))
        try:
            with ExitStack() as stack:
                # a database that holds no row of ours: each peer makes its tables in it
                empty = stack.enter_context(server.filled(lambda engine: None))
                url = empty.url.set(drivername="postgresql").render_as_string(hide_password=False)
                yield from _by_turns(ENGINES, server, url, folder, units, repeats)
        finally:
            server.stop()


def _by_turns(
    group: Sequence[Peer], databases: SqliteFiles | PostgresServer, url: str, folder: Path, units: int, repeats: int
) -> Iterator[Result]:
    ours, bare = list[float](), list[float]()
    parent, rows = record(databases.fresh, units)
    with ExitStack() as stack:
        turns = [
            _Turns(peer, stack.enter_context(_child(peer, url.replace("{peer}", peer.command[-1]), folder, units)))
            for peer in group
        ]
        for turn in range(repeats + 1):
            with databases.fresh() as engine:
                driver = write(engine, parent, rows).seconds
            taken = _ours(databases, units)
            if turn:
                ours.append(taken)
                bare.append(driver)
            for one in turns:
                if turn <= one.peer.repeats:
                    items = one.peer.items(units)
                    seconds = one.child.turn(items) * units / items
                    if turn:
                        one.seconds.append(seconds)
        if group is ENGINES:
            yield Result(
                SECTION,
                "beside the bare driver",
                units,
                tuple(ours),
                tuple(bare),
                databases.name,
                direction=Direction.AT_LEAST,
                against="our rows, no list",
            )
        for one in turns:
            yield Result(
                SECTION,
                f"beside {one.peer.name}",
                units,
                tuple(ours),
                tuple(one.seconds),
                databases.name,
                one.peer.limit,
                Direction.AT_LEAST,
                against=_told(one, units),
            )


def _told(one: _Turns, units: int) -> str:
    packages = ", ".join(f"{name} {number}" for name, number in one.child.versions.items())
    items = one.peer.items(units)
    return packages if items == units else f"{packages}; {items} flows, extrapolated to {units:,}"


def _ours(databases: SqliteFiles | PostgresServer, units: int) -> float:
    """What `dondoc launch` and `dondoc task list --status overdue` do, on a fresh copy of the register."""
    with databases.fresh() as engine:
        with transaction(engine) as session:  # first uses are not counted of the others either; nothing of it stays
            launch_within(session, units)
            session.rollback()
        assert not _late(engine)
        gc.collect()
        started = time.perf_counter()
        launch_once(engine, units)
        late = _late(engine)
        taken = time.perf_counter() - started
        assert len(late) == units, len(late)
    return taken


def _late(engine: Engine) -> list[TaskRow]:
    with reading(engine) as session:
        return list_tasks(session, OPERATOR, EveryTaskFilter(overdue=True), _FOUND_ON)


class _Child:
    """A peer that runs and answers turns."""

    def __init__(self, peer: Peer, process: "subprocess.Popen[str]", log: Path) -> None:
        self._peer, self._process, self._log = peer, process, log
        self.versions: dict[str, str] = self._read()["versions"]

    def turn(self, items: int) -> float:
        """Seconds to start so many items and to list them as overdue."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{items}\n")
        self._process.stdin.flush()
        told = self._read()
        if told["found"] != items:
            raise RuntimeError(f"{self._peer.name}: found {told['found']} overdue of {items}")
        return float(told["start"] + told["overdue"])

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                told: dict[str, Any] = json.loads(line)
                return told
        raise RuntimeError(f"{self._peer.name} ended: {self._log.read_text(errors='replace')[-2000:]}")


@contextmanager
def _child(peer: Peer, url: str, folder: Path, units: int) -> Iterator[_Child]:
    log = folder / f"{peer.command[-1]}.log"
    with log.open("a") as errors:
        process = _started(peer, url, units, errors)
    try:
        yield _Child(peer, process, log)
    finally:
        assert process.stdin is not None
        process.stdin.close()  # the end of its turns
        process.wait(30)
        assert process.stdout is not None
        process.stdout.close()


def _started(peer: Peer, url: str, units: int, errors: IO[str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*peer.command, str(units)],
        cwd=ROOT,
        env=os.environ | {"DONDOC_BENCH_DATABASE": url},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
    )
