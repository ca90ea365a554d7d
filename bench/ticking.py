"""A tick on very many open tasks, beside the bare driver doing what a careful engineer would write for it by hand.

The floor has, in the sweep's own batches, one transaction each: what is due with every column that decides it, locked
as the sweep locks it; which rungs were told; the templates; who is told (directives, units and those above, people,
absences); the notices, the coordinator's digest, the next checks of what is still due; the open alerts; commit. Rows
are written by executemany on SQLite and by one statement over arrays on PostgreSQL, the fastest ways there are, and the
notices lie ready in the driver's form, so the floor decides nothing, makes no id and converts nothing. A tick that
sweeps writes no history. What else a tick looks at, however little is due, is not in the floor: it is the idle tick.
"""

from datetime import datetime, timedelta

from sqlalchemy import Engine, text
from sqlmodel import Session

from bench.open_tasks import DUE, DUE_SINCE, IDLE, NOW
from bench.seconds import Measured, Taken, seconds
from bench.tick_floor import Recorded, make_floor, stored
from models.database.session import gc_paused, transaction
from models.settings import Settings
from workflows.escalation.sweep import BATCH
from workflows.jobs.simulate import RecordedSender
from workflows.jobs.tick import tick

LIMIT = 2.5
"""A tick may take this many times the bare SQL of its rows."""
IDLE_LIMIT = 1.5
"""An idle tick on very many tasks may take this many times one on few."""
FLAT_LIMIT = 1.2
"""A tick among very many open tasks may take this many times one with as many due among few."""
REPEATS, IDLE_REPEATS = 5, 21
_LAUNCHES = "SELECT launch_id FROM task WHERE id IN (SELECT task_id FROM notice WHERE state = 'pending')"


def measure(database: str, engine: Engine, settings: Settings, *, tasks: int, repeats: int = REPEATS) -> Measured:
    """A tick with DUE tasks due and its floor by turns, undone after each; one of each beforehand is not counted."""
    recorded = _record(engine, settings)
    ours, floors = [], []
    for turn in range(repeats + 1):
        run = make_floor(engine, recorded, now=NOW, batch=BATCH)
        with seconds(engine) as floor, gc_paused():  # as ours is
            done = run()
        assert done == DUE, done
        _undo(engine)
        taken = _timed_tick(engine, settings, NOW, DUE)
        _undo(engine)
        if turn:
            ours.append(taken)
            floors.append(floor)
    return Measured.of(database, tasks, LIMIT, floors, ours)


def measure_flat(
    database: str, many: Engine, few: Engine, settings: Settings, *, tasks: int, repeats: int = REPEATS
) -> Measured:
    """A tick with DUE tasks due among many and among few, by turns; one of each beforehand is not counted."""
    ours, floors = [], []
    for turn in range(repeats + 1):
        taken = []
        for engine in (many, few):
            taken.append(_timed_tick(engine, settings, NOW, DUE))
            _undo(engine)
        if turn:
            ours.append(taken[0])
            floors.append(taken[1])
    return Measured.of(database, tasks, FLAT_LIMIT, floors, ours)


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
    for engine in (many, few):  # another measurement is of the same moments, and a tick of one is made once
        with transaction(engine) as session:
            _forget_ticks(session)
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
        due = f"SELECT id FROM task WHERE launch_id IN ({_LAUNCHES})"
        set_back = f"UPDATE task_check SET at = :due WHERE task_id IN ({due})"
        session.execute(text(set_back), {"due": stored(engine, DUE_SINCE)})
        session.execute(text("DELETE FROM notice WHERE state = 'pending'"))
        session.execute(text("DELETE FROM letter WHERE state = 'queued'"))
        _forget_ticks(session)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM task, task_check, notice")  # what the turns before left must not add up
            connection.exec_driver_sql("CHECKPOINT")
    else:
        pooled = engine.raw_connection()  # the checkpoint does nothing inside a transaction
        pooled.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        pooled.close()


def _forget_ticks(session: Session) -> None:
    session.execute(text("DELETE FROM run WHERE key LIKE 'tick:%'"))
