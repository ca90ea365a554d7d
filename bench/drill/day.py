"""A day of ticks, faster than it would pass: the office's time goes from moment to moment, and clocks ring.

`python -m bench.drill.day 10` is such a clock, one that rings every ten minutes of the office's time: it hands each
moment over as `dondoc clock` does, under the same key.
"""

import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from bench.drill.chaos import Kept
from bench.drill.office_time import move_to, office_now
from bench.drill.story import waiting
from commands.background import reach_prefect
from models.database.run import Run
from models.database.secret_keys import keys_of
from models.database.session import open_engine, reading
from models.operations.logs import start_logging
from models.operations.system_job import JobName
from models.settings import Settings
from workflows.delivery.deliver import PATIENCE
from workflows.delivery.mail_lines import MailLines
from workflows.jobs.prefect.hand_to_workers import WorkerHandover
from workflows.jobs.run_job import run_job

AT_MOST = 60.0
"""Seconds for a moment."""
QUIET = PATIENCE + 5
"""Seconds without a letter after which nobody hands any over, nor waits for the quota to do so."""
_LOOK = 0.3
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def play_day(engine: Engine, time_file: Path, letters: Path, day: list[datetime], *, clock: Kept) -> tuple[int, float]:
    """Lets the office's time go through the moments, each when the tick of the one before has come to its end, or after
    a minute, and once no letter waits or none arrives any more: the delivery that a killed tick had begun may outlive
    the tick that did its work again. Returns how many ticks came to their end, and the seconds it took.

    Whoever delivers counts seconds from the moment that it began with: were the time moved on meanwhile, its letters
    would not be of the minute in which the mail server sees them.

    `clock` is the one that nobody kills. RuntimeError where it has ended: no tick would come any more.
    """
    began = time.monotonic()
    for moment in day:
        if not clock.is_alive:
            raise RuntimeError(f"{clock.name} has ended by itself before {moment}: its log says why (--keep FOLDER)")
        move_to(time_file, moment)
        _wait(engine, letters, moment)
    left_over = 0
    while left_over < len(day) and not _is_calm(engine, day[-1]):  # what dead processes held waits for its lease
        left_over += 1
        moment = day[-1] + left_over * (day[1] - day[0])
        move_to(time_file, moment)
        _wait(engine, letters, moment)
    with reading(engine) as session:
        return len(_finished(session, day)), time.monotonic() - began


def _wait(engine: Engine, letters: Path, moment: datetime) -> None:
    until = time.monotonic() + AT_MOST
    while time.monotonic() < until and not _is_finished(engine, moment):
        time.sleep(_LOOK)
    ticked = time.time()  # its letters may only begin to leave
    while time.time() - max(ticked, letters.stat().st_mtime) < QUIET and not _is_calm(engine, moment):
        time.sleep(_LOOK)


def _is_finished(engine: Engine, moment: datetime) -> bool:
    with reading(engine) as session:
        return bool(_finished(session, [moment]))


def _is_calm(engine: Engine, by: datetime) -> bool:
    with reading(engine) as session:
        return waiting(session, by) == 0


def _finished(session: Session, some: list[datetime]) -> set[str]:
    keys = [f"tick:{moment.isoformat()}" for moment in some]
    return set(session.exec(select(Run.key).where(col(Run.key).in_(keys), col(Run.finished_at).is_not(None))))


def main() -> None:
    """The clock, until it is killed."""
    settings, step = Settings(), timedelta(minutes=int(sys.argv[1]))
    start_logging(sys.stderr, form=settings.log_format, level=settings.log_level)
    engine = open_engine(settings.url, keys_of(settings))
    handover = WorkerHandover(settings, reach_prefect(settings), threading.Event())
    lines, rung = MailLines(), None
    while True:
        now = office_now()
        planned = now - (now - _EPOCH) % step
        if planned != rung:
            if not handover.hand_over(JobName.TICK, planned):
                run_job(engine, settings, JobName.TICK, now=office_now(), planned=planned)
            rung = planned
        run_job(engine, settings, JobName.DELIVER, now=office_now(), lines=lines)
        time.sleep(_LOOK)


if __name__ == "__main__":
    main()
