"""The parts of a run in their order: each measures with its own file and tells its figures as results."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench import delivery, launching, memory, ticking
from bench.databases import Databases, PostgresServer, SqliteFiles
from bench.mail_servers import DISTANT, PLAIN, SECURE
from bench.open_tasks import fill
from bench.peers import measuring as peers
from bench.reporting import measuring as reporting
from bench.results import Direction, Result
from bench.web import dataset
from bench.web import measuring as web
from models.settings import Settings


@dataclass(frozen=True)
class Scale:
    """How much a run measures: sizes in tasks; `launches` with the number of turns of each."""

    full: bool
    launches: Mapping[int, int]
    open_tasks: tuple[int, ...]
    board: int
    report: int
    units_of_peers: int


QUICK = Scale(False, {10_000: 5, 100_000: 1}, (10_000, 100_000), 20_000, 100_000, 2_000)
FULL = Scale(
    True, {10_000: 5, 100_000: 5, 1_000_000: 1}, (10_000, 100_000, 1_000_000, 10_000_000), 1_000_000, 1_000_000, 10_000
)
GB_A_MILLION = {"SQLite": 1.5, "PostgreSQL": 2.5}
"""Disk that a million open tasks need while they are written and swept, about."""
_FEW, _FLAT_FROM = 10_000, 100_000


def _launches(scale: Scale) -> Iterator[Result]:
    for units, turns in scale.launches.items():
        for one in launching.measure_all(units, repeats=turns):
            against = "executemany" if one.database == "SQLite" else "COPY"
            limit = one.limit if units >= min(launching.UNITS, max(scale.launches)) else None
            yield Result(
                "launch", "launch", units, tuple(one.ours), tuple(one.floor), one.database, limit, against=against
            )


def _ticks(scale: Scale) -> Iterator[Result]:
    with _temporary() as folder:
        settings = Settings(data=folder)
        for databases in _both(folder):
            with ExitStack() as kept:
                few = kept.enter_context(databases.filled(partial(fill, tasks=_FEW)))
                base = None
                for size in scale.open_tasks:
                    if not _has_room(folder, databases.name, size):
                        continue
                    with ExitStack() as stack:
                        made = databases.filled(partial(fill, tasks=size))
                        many = few if size == _FEW else (kept if size == _FLAT_FROM else stack).enter_context(made)
                        busy = ticking.measure(databases.name, many, settings, tasks=size)
                        ours, floor = tuple(busy.ours), tuple(busy.floor)
                        yield Result("tick", "busy", size, ours, floor, databases.name, busy.limit, against="bare SQL")
                        if size == _FLAT_FROM:
                            base = many
                        elif base is not None:
                            flat = ticking.measure_flat(databases.name, many, base, settings, tasks=size)
                            yield Result(
                                "tick",
                                "busy, flat",
                                size,
                                tuple(flat.ours),
                                tuple(flat.floor),
                                databases.name,
                                flat.limit,
                                against=f"{_FLAT_FROM:,} tasks",
                            )
                        if many is not few:
                            idle = ticking.measure_idle(databases.name, many, few, settings, tasks=size)
                            yield Result(
                                "tick",
                                "idle",
                                size,
                                tuple(idle.ours),
                                tuple(idle.floor),
                                databases.name,
                                idle.limit,
                                against=f"{_FEW:,} tasks",
                            )


def _deliveries(scale: Scale) -> Iterator[Result]:
    for server in (PLAIN, SECURE, DISTANT) if scale.full else (SECURE, DISTANT):
        for one in delivery.measure(server):
            yield Result(
                "delivery",
                server.name,
                one.letters,
                tuple(one.ours),
                tuple(one.floor),
                one.database,
                server.limit,
                Direction.AT_LEAST,
                against="yagmail's send",
            )
            yield Result(
                "delivery",
                "connections for 50 letters",
                one.letters,
                (max(one.connections),),
                (),
                one.database,
                delivery.CONNECTIONS_LIMIT,
                unit="",
            )


def _board(scale: Scale) -> Iterator[Result]:
    for name, kept in (("SQLite", dataset.on_sqlite), ("PostgreSQL", dataset.on_postgres)):
        with kept(dataset.kept_in(), scale.board, print) as url, _temporary() as data:
            for one in web.measure(url, data, ["board"]):
                if isinstance(one, web.Measured):
                    yield Result(
                        "board",
                        one.page,
                        scale.board,
                        (one.took,),
                        (one.sql + one.empty,),
                        name,
                        web.LIMIT,
                        against="its SQL and an empty page",
                    )


def _reports(scale: Scale) -> Iterator[Result]:
    with _temporary() as folder:
        server = PostgresServer(folder)
        try:
            with server.filled(partial(reporting.fill_histories, tasks=scale.report)) as engine:
                for one in reporting.measure(engine, 3):
                    yield Result(
                        "report",
                        one.what,
                        one.figures.total,
                        (one.took,),
                        (one.sql,),
                        server.name,
                        one.limit,
                        against="bare SQL",
                    )
        finally:
            server.stop()


def _peers(scale: Scale) -> Iterator[Result]:
    yield from peers.measure(scale.units_of_peers)


def _memory(scale: Scale) -> Iterator[Result]:
    yield from memory.measure(full=scale.full)


SECTIONS: Mapping[str, Callable[[Scale], Iterator[Result]]] = {
    "launch": _launches,
    "tick": _ticks,
    "delivery": _deliveries,
    "board": _board,
    "report": _reports,
    "peers": _peers,
    "memory": _memory,
}
ONLY_FULL = ("memory",)
"""Left out of the short run, unless asked for by name."""


def disk_needed(scale: Scale) -> float:
    """GB that the largest of the databases takes; one is made after the other."""
    return max(scale.open_tasks) / 1e6 * max(GB_A_MILLION.values())


@contextmanager
def _temporary() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="dondoc-bench-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def _both(folder: Path) -> Iterator[Databases]:
    yield SqliteFiles(folder)
    server = PostgresServer(folder)
    try:
        yield server
    finally:
        server.stop()


def _has_room(folder: Path, database: str, tasks: int) -> bool:
    needed, free = tasks / 1e6 * GB_A_MILLION[database], shutil.disk_usage(folder).free / 1e9
    if needed < free:
        return True
    print(f"{database}, {tasks:,} tasks: left out, as it needs {needed:.0f} GB and {free:.0f} GB are free", flush=True)
    return False
