"""What must hold after the drill, asked of the database and of the mail server's own log, never of the processes."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, text

from bench.drill.cluster import Quota
from bench.drill.sink import Log
from models.database.session import reading
from workflows.history.verify_history import verify


@dataclass(frozen=True)
class Check:
    """One promise and what was found."""

    promise: str
    found: str
    holds: bool


def check_all(engine: Engine, log: Log, *, units: int, quota: Quota) -> list[Check]:
    """Every promise in turn."""

    def one(statement: str) -> Any:
        with reading(engine) as session:
            return session.execute(text(statement)).scalar_one()

    return [*_tasks(one, units), *_letters(engine, one, log), *_quota(log, quota), *_rest(engine, one)]


def _tasks(one: Callable[[str], Any], units: int) -> Iterator[Check]:
    tasks = one("SELECT count(*) FROM task")
    keys = one("SELECT count(*) FROM (SELECT DISTINCT duty_id, assigned_unit_id, occurrence, parent_key FROM task) k")
    lines = one("SELECT count(*) FROM history WHERE event = 'assigned'")
    stray = one(
        "SELECT count(*) FROM history h"
        " WHERE task_id IS NOT NULL AND NOT EXISTS (SELECT FROM task WHERE id = h.task_id)"
    )
    yield Check(
        f"each of {units:,} units has its task, once", f"{tasks:,} tasks, {keys:,} keys", tasks == keys == units
    )
    yield Check(
        "each task has its line of assignment, and no line is without a task",
        f"{lines:,} lines, {stray:,} stray",
        lines == units and stray == 0,
    )


def _letters(engine: Engine, one: Callable[[str], Any], log: Log) -> Iterator[Check]:
    with reading(engine) as session:
        states = dict(session.execute(text("SELECT state, count(*) FROM letter GROUP BY state ORDER BY state")).all())
    waiting = one("SELECT count(*) FROM notice WHERE state = 'pending'")
    yield Check(
        "nothing is left in anybody's hands",
        f"letters {states}, {waiting} notices wait",
        set(states) <= {"sent", "empty"} and waiting == 0,
    )
    yield from check_arrivals(engine, log)


def check_arrivals(engine: Engine, log: Log) -> Iterator[Check]:
    """What the database says of its letters, beside what the mail server wrote down."""

    def one(statement: str) -> Any:
        with reading(engine) as session:
            return session.execute(text(statement)).scalar_one()

    with reading(engine) as session:
        kept = set(session.execute(text("SELECT message_id FROM letter WHERE state = 'sent'")).scalars())
        unsure = set(
            session.execute(
                text(
                    "SELECT DISTINCT l.message_id FROM letter l JOIN letter_attempt a ON a.letter_id = l.id"
                    " WHERE a.outcome = 'uncertain'"
                )
            ).scalars()
        )
    copies = Counter(arrival.message_id for arrival in log.arrivals)
    most = max(copies.values(), default=0)
    again = {message for message, times in copies.items() if times > 1}
    twice = one(
        "SELECT count(*) FROM (SELECT recipient_id, slot, kind, topic FROM letter"
        " GROUP BY 1, 2, 3, 4 HAVING count(*) > 1) k"
    )
    told = one(
        'SELECT count(*) FROM (SELECT task_id, anchor_id, rung, "offset", recipient_id FROM notice'
        " GROUP BY 1, 2, 3, 4, 5 HAVING count(*) > 1) k"
    )
    yield Check("no letter is opened twice, no rung told twice", f"{twice} letters, {told} notices", twice == told == 0)
    yield Check(
        "what is said to be sent reached the mail server, and nothing else did",
        f"{len(kept):,} sent, {len(copies):,} different ones arrived",
        kept <= set(copies) <= kept | unsure,
    )
    yield Check(
        "each arrived once; a second copy only of letters that a killed process left uncertain, same Message-ID",
        f"{len(again)} with a second copy, {len(unsure)} had been uncertain, most copies {most}",
        again <= unsure and most <= 2,
    )


def _quota(log: Log, quota: Quota) -> Iterator[Check]:
    most = log.most_in_a_minute()
    yield Check(
        f"at most {quota.per_minute:,} letters in any 60 seconds, by the mail server's clock",
        f"{most:,}",
        most <= quota.per_minute,
    )
    yield Check(
        f"at most {quota.at_once} connections at once for each of two clocks, by the mail server's count",
        str(log.at_once),
        log.at_once <= 2 * quota.at_once,
    )


def _rest(engine: Engine, one: Callable[[str], Any]) -> Iterator[Check]:
    errands = one("SELECT count(*) FROM errand WHERE state <> 'done'")
    launched = one("SELECT count(*) FROM history WHERE event = 'launched'")
    yield Check("the launch ended, once", f"{errands} unfinished, {launched} ended", errands == 0 and launched == 1)
    told = verify(engine)
    yield Check(
        "the history's chain is whole",
        f"{told.rows:,} lines under {told.seals:,} seals, {told.tail} not sealed yet"
        + ("" if told.broken is None else f"; broken: {told.broken}"),
        told.broken is None,
    )


def tell(checks: list[Check]) -> int:
    """Prints each with what was found; the exit code: 1 where one does not hold."""
    for one in checks:
        print(f"{'holds ' if one.holds else 'BROKEN'}  {one.promise}: {one.found}", flush=True)
    return int(not all(one.holds for one in checks))
