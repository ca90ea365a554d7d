"""A tick on very many open tasks, beside the bare driver doing what a careful engineer would write for it by hand.

The floor has, in the sweep's own batches, one transaction each: what is due with every column that decides it, locked
as the sweep locks it; which rungs were told; the templates; who is told (directives, units and those above, people,
absences); the notices, the coordinator's digest, the next checks guarded by revision; the open alerts; commit. Rows
are written by executemany on SQLite and by one statement over arrays on PostgreSQL, the fastest ways there are, and the
notices lie ready in the driver's form, so the floor decides nothing, makes no id and converts nothing. A tick that
sweeps writes no history. What else a tick looks at, however little is due, is not in the floor: it is the idle tick.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, text

from bench.databases import Databases, PostgresServer, SqliteFiles
from bench.open_tasks import DUE, DUE_SINCE, IDLE, NOW, fill
from bench.seconds import HEADING, Measured, Taken, line, seconds
from bench.tick_floor import Recorded, make_floor, stored
from models.session import transaction
from models.settings import Settings
from notifications.recorded import RecordedSender
from workflows.sweep import BATCH
from workflows.tick import tick

MANY, FEW = 1_000_000, 10_000
SCALES = (100_000, 1_000_000, 10_000_000)
LIMITS = {"SQLite": 1.5, "PostgreSQL": 2.5}
"""A tick may take this many times the bare SQL of its rows."""
IDLE_LIMIT = 1.5
"""An idle tick on MANY tasks may take this many times one on FEW."""
FLAT = 1.2
"""A tick may take this many times one on a hundredth of the open tasks, with as many due."""
REPEATS, IDLE_REPEATS = 5, 21
_LAUNCHES = "SELECT launch_id FROM task WHERE id IN (SELECT task_id FROM notice WHERE state = 'pending')"


def print_section(tasks: int = MANY) -> bool:
    """Measures on both databases and prints; whether a limit is crossed."""
    print(f"\nA tick on {tasks:,} open tasks of which {DUE:,} are due (next check + notice), medians in seconds")
    print(f"(the floor: driver SQL with the same selects in the same batches of {BATCH:,}); and an idle tick,")
    print(f"beside one on {FEW:,} tasks\n")
    print(HEADING)
    over = False
    with tempfile.TemporaryDirectory(prefix="dondoc-bench-", ignore_cleanup_errors=True) as folder:
        settings = Settings(data=Path(folder))
        for databases in _both(Path(folder)):
            with ExitStack() as stack:
                many, few = (stack.enter_context(databases.filled(partial(fill, tasks=n))) for n in (tasks, FEW))
                busy = measure(databases.name, many, settings, tasks=tasks)
                idle = measure_idle(databases.name, many, few, settings, tasks=tasks)
                for what, one in (("busy", busy), ("idle", idle)):
                    over |= one.is_over
                    print(line(one, what), flush=True)
    return over


def print_scales(scales: tuple[int, ...] = SCALES) -> bool:
    """A tick with as many due on ever more open tasks, a database at a time; whether one is not flat or over."""
    print(
        f"\nA tick with {DUE:,} due on ever more open tasks, medians; at the end, its cost and cpu beside the first\n"
    )
    print(HEADING)
    over = False
    with tempfile.TemporaryDirectory(prefix="dondoc-bench-", ignore_cleanup_errors=True) as folder:
        settings = Settings(data=Path(folder))
        for databases in _both(Path(folder)):
            first: Measured | None = None
            for tasks in scales:
                with databases.filled(partial(fill, tasks=tasks)) as engine:
                    one = measure(databases.name, engine, settings, tasks=tasks)
                first = first or one
                wall, cpu = (
                    statistics.median(now) / statistics.median(then)
                    for now, then in ((one.ours, first.ours), (one.ours_cpu, first.ours_cpu))
                )
                over |= one.is_over or wall > FLAT
                print(f"{line(one, f'{tasks:.0e}')}   {wall:.2f}x {cpu:.2f}x", flush=True)
    return over


def _both(folder: Path) -> Iterator[Databases]:
    yield SqliteFiles(folder)
    server = PostgresServer(folder)
    try:
        yield server
    finally:
        server.stop()


def measure(database: str, engine: Engine, settings: Settings, *, tasks: int, repeats: int = REPEATS) -> Measured:
    """A tick with DUE tasks due and its floor by turns, undone after each; one of each beforehand is not counted."""
    recorded = _record(engine, settings)
    ours, floors = [], []
    for turn in range(repeats + 1):
        run = make_floor(engine, recorded, now=NOW, batch=BATCH)
        with seconds(engine) as floor:
            done = run()
        assert done == DUE, done
        _undo(engine)
        taken = _timed_tick(engine, settings, NOW, DUE)
        _undo(engine)
        if turn:
            ours.append(taken)
            floors.append(floor)
    return Measured.of(database, tasks, LIMITS[database], floors, ours)


def measure_idle(
    database: str, many: Engine, few: Engine, settings: Settings, *, tasks: int, repeats: int = IDLE_REPEATS
) -> Measured:
    """A tick with nothing due, on many tasks and on few, by turns."""
    ours, floors = [], []
    for turn in range(repeats + 3):
        moment = IDLE + timedelta(seconds=turn)
        taken = [_timed_tick(engine, settings, moment, 0) for engine in (many, few)]
        if turn >= 3:
            ours.append(taken[0])
            floors.append(taken[1])
    return Measured.of(database, tasks, IDLE_LIMIT, floors, ours)


def _timed_tick(engine: Engine, settings: Settings, now: datetime, due: int) -> Taken:
    with seconds(engine) as taken:
        outcome = tick(engine, settings, now=now, sender=RecordedSender())
    assert outcome.checked == due and outcome.letters == 0, outcome
    return taken


def _record(engine: Engine, settings: Settings) -> Recorded:
    _timed_tick(engine, settings, NOW, DUE)
    recorded = Recorded.read(engine, f"launch_id IN ({_LAUNCHES})")
    assert len(recorded.notices) == DUE, len(recorded.notices)
    _undo(engine)
    return recorded


def _undo(engine: Engine) -> None:
    """As before the tick; what is left of it in the journal is written away, so that nobody pays for it later."""
    with transaction(engine) as session:
        set_back = f"UPDATE task SET next_check_at = :due WHERE launch_id IN ({_LAUNCHES})"
        session.execute(text(set_back), {"due": stored(engine, DUE_SINCE)})
        session.execute(text("DELETE FROM notice WHERE state = 'pending'"))
        session.execute(text("DELETE FROM letter WHERE state = 'queued'"))
        session.execute(text("DELETE FROM run WHERE key LIKE 'tick:%'"))
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM task, notice")  # what the turns before left must not add up
            connection.exec_driver_sql("CHECKPOINT")
    else:
        pooled = engine.raw_connection()  # the checkpoint does nothing inside a transaction
        pooled.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        pooled.close()


def main() -> int:
    """`python -m bench.ticking --tasks 100000 1000000`: how a tick's cost goes with the open tasks; 1 where over."""
    parser = argparse.ArgumentParser(prog="bench.ticking", description="A tick on ever more open tasks.")
    parser.add_argument("--tasks", type=int, nargs="+", default=SCALES, help="how many are open, in turn")
    return int(print_scales(tuple(parser.parse_args().tasks)))


if __name__ == "__main__":
    sys.exit(main())
