"""A tick on very many open tasks, beside the bare driver advancing the same rows and writing the same notices."""

import gc
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from bench.databases import Databases, PostgresServer, SqliteFiles
from bench.open_tasks import DUE, DUE_SINCE, IDLE, NOW, fill
from models.session import transaction
from models.settings import Settings
from notifications.recorded import RecordedSender
from workflows.sweep import BATCH
from workflows.tick import tick

MANY, FEW = 1_000_000, 10_000
LIMITS = {"SQLite": 2.5, "PostgreSQL": 4.0}
"""A tick may take this many times the bare SQL of its rows."""
IDLE_LIMIT = 1.5
"""An idle tick on MANY tasks may take this many times one on FEW."""
REPEATS, IDLE_REPEATS = 5, 21
_LAUNCHES = "SELECT launch_id FROM task WHERE id IN (SELECT task_id FROM notice WHERE state = 'pending')"


@dataclass(frozen=True)
class Recorded:
    """What one tick wrote, as the driver reads it: the next check by task, and the notices."""

    next_checks: dict[Any, Any]
    columns: list[str]
    notices: list[tuple[Any, ...]]


@dataclass(frozen=True)
class Measured:
    """Seconds, in the order in which they were taken."""

    database: str
    ours: list[float]
    floor: list[float]
    limit: float

    @property
    def ratio(self) -> float:
        """Median of ours over the median of the floor."""
        return statistics.median(self.ours) / statistics.median(self.floor)

    @property
    def is_over(self) -> bool:
        """Whether the limit is crossed."""
        return self.ratio > self.limit


def print_section() -> bool:
    """Measures on both databases and prints; whether a limit is crossed."""
    print(f"\nA tick on {MANY:,} open tasks of which {DUE:,} are due (next check + notice), medians in seconds")
    print(f"(the floor: driver SQL in the same batches of {BATCH:,}); and an idle tick, beside one on {FEW:,} tasks\n")
    print(f"{'database':<12}{'':<6}{'floor':>10}{'tick':>10}{'ratio':>8}{'limit':>8}")
    measured = []
    with tempfile.TemporaryDirectory(prefix="dondoc-bench-", ignore_cleanup_errors=True) as folder:
        settings = Settings(data=Path(folder))
        for databases in _both(Path(folder)):
            with ExitStack() as stack:
                many, few = (stack.enter_context(databases.filled(partial(fill, tasks=tasks))) for tasks in (MANY, FEW))
                for what, one in (
                    ("busy", measure_busy(databases.name, many, settings)),
                    ("idle", measure_idle(databases.name, many, few, settings)),
                ):
                    measured.append(one)
                    floor, ours = statistics.median(one.floor), statistics.median(one.ours)
                    over = "  over the limit" if one.is_over else ""
                    print(
                        f"{one.database:<12}{what:<6}{floor:>10.3f}{ours:>10.3f}{one.ratio:>7.2f}x{one.limit:>7.1f}x{over}",
                        flush=True,
                    )
    return any(one.is_over for one in measured)


def _both(folder: Path) -> Iterator[Databases]:
    yield SqliteFiles(folder)
    server = PostgresServer(folder)
    try:
        yield server
    finally:
        server.stop()


def measure_busy(database: str, engine: Engine, settings: Settings, *, repeats: int = REPEATS) -> Measured:
    """A tick with DUE tasks due and its floor by turns, undone after each; one of each beforehand is not counted."""
    recorded = _record(engine, settings)
    ours, floors = [], []
    for turn in range(repeats + 1):
        floor = _timed_floor(engine, recorded)
        _undo(engine)
        taken = _timed_tick(engine, settings, NOW, DUE)
        _undo(engine)
        if turn:
            ours.append(taken)
            floors.append(floor)
    return Measured(database, ours, floors, LIMITS[database])


def measure_idle(
    database: str, many: Engine, few: Engine, settings: Settings, *, repeats: int = IDLE_REPEATS
) -> Measured:
    """A tick with nothing due, on MANY tasks and on FEW, by turns."""
    ours, floors = [], []
    for turn in range(repeats + 3):
        moment = IDLE + timedelta(seconds=turn)
        taken = [_timed_tick(engine, settings, moment, 0) for engine in (many, few)]
        if turn >= 3:
            ours.append(taken[0])
            floors.append(taken[1])
    return Measured(database, ours, floors, IDLE_LIMIT)


def _timed_tick(engine: Engine, settings: Settings, now: datetime, due: int) -> float:
    gc.collect()
    started = time.perf_counter()
    outcome = tick(engine, settings, now=now, sender=RecordedSender())
    taken = time.perf_counter() - started
    assert outcome.checked == due and outcome.letters == 0, outcome
    return taken


def _record(engine: Engine, settings: Settings) -> Recorded:
    _timed_tick(engine, settings, NOW, DUE)
    pooled = engine.raw_connection()
    cursor = pooled.cursor()
    cursor.execute(f"SELECT id, next_check_at FROM task WHERE launch_id IN ({_LAUNCHES})")
    next_checks = dict(cursor.fetchall())
    cursor.execute("SELECT * FROM notice WHERE state = 'pending' ORDER BY id")
    names, found = [column[0] for column in cursor.description], cursor.fetchall()
    pooled.close()
    assert len(found) == DUE, len(found)
    # what is NULL in every row need not be written: the floor is to be as low as it can be
    kept = [index for index in range(len(names)) if any(row[index] is not None for row in found)]
    rows = [tuple(row[index] for index in kept) for row in found]
    _undo(engine)
    return Recorded(next_checks, [names[index] for index in kept], rows)


def _timed_floor(engine: Engine, recorded: Recorded) -> float:
    """The bare driver, in the batches of the sweep: ids of what is due, their next check, their notices, commit."""
    on_sqlite = engine.dialect.name == "sqlite"
    mark = "?" if on_sqlite else "%s"
    marks, names = ", ".join([mark] * len(recorded.columns)), ", ".join(f'"{name}"' for name in recorded.columns)
    select = f"SELECT id FROM task WHERE next_check_at <= {mark} ORDER BY next_check_at, id LIMIT {BATCH}"
    update = f"UPDATE task SET next_check_at = {mark} WHERE id = {mark}"
    insert = f"INSERT INTO notice ({names}) VALUES ({marks})"
    by_task = {row[recorded.columns.index("task_id")]: row for row in recorded.notices}
    pooled = engine.raw_connection()
    connection = pooled.driver_connection
    assert connection is not None
    cursor = connection.cursor()
    gc.collect()
    started, done = time.perf_counter(), 0
    while True:
        if on_sqlite:
            cursor.execute("BEGIN IMMEDIATE")
        cursor.execute(select, (_stored(engine, NOW),))
        ids = [row[0] for row in cursor.fetchall()]
        if ids:
            cursor.executemany(update, [(recorded.next_checks[task_id], task_id) for task_id in ids])
            cursor.executemany(insert, [by_task[task_id] for task_id in ids])
        cursor.execute("COMMIT") if on_sqlite else connection.commit()
        done += len(ids)
        if len(ids) < BATCH:
            break
    taken = time.perf_counter() - started
    pooled.close()
    assert done == DUE
    return taken


def _undo(engine: Engine) -> None:
    """As before the tick; what is left of it in the journal is written away, so that nobody pays for it later."""
    with transaction(engine) as session:
        set_back = f"UPDATE task SET next_check_at = :due WHERE launch_id IN ({_LAUNCHES})"
        session.execute(text(set_back), {"due": _stored(engine, DUE_SINCE)})
        session.execute(text("DELETE FROM notice WHERE state = 'pending'"))
        session.execute(text("DELETE FROM letter WHERE state = 'queued'"))
        session.execute(text("DELETE FROM run WHERE key LIKE 'tick:%'"))
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("CHECKPOINT")
    else:
        pooled = engine.raw_connection()  # the checkpoint does nothing inside a transaction
        pooled.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        pooled.close()


def _stored(engine: Engine, moment: datetime) -> Any:
    """As the driver stores it: text on SQLite."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f") if engine.dialect.name == "sqlite" else moment
