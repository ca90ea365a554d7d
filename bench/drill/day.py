"""A day of ticks, faster than it would pass: a clock that rings at the moments of a day to come, one after another.

`python -m bench.drill.day 2026-11-30 10` is such a clock. It submits each moment as `dondoc clock` does, under the same
key, goes on when that moment's tick has come to its end (or after so many seconds, as time does), and begins, after it
was killed, with the first moment that nobody has finished.
"""

import sys
import time
from datetime import date, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, select
from workflows.submit import Submitter

from bench.drill.story import moments, wait_for, waiting
from models.run import Run
from models.schedule import JobName
from models.session import open_engine, reading
from models.settings import Settings

AT_MOST = 60.0
"""Seconds for a moment: a clock waits for nobody longer than a minute."""
_LOOK = 0.3


def play_day(engine: Engine, day: date, step: timedelta, seconds: float) -> tuple[int, float]:
    """Waits for the day's last tick and letter. Returns how many of its ticks came to their end, and the seconds."""
    all_of_it = moments(day, step)
    took = wait_for(engine, "the day", lambda session: bool(_finished(session, all_of_it[-1:])), seconds)
    took += wait_for(engine, "the day's letters", lambda session: waiting(session, all_of_it[-1]) == 0, seconds)
    with reading(engine) as session:
        return len(_finished(session, all_of_it)), took


def _finished(session: Session, some: list[datetime]) -> set[str]:
    keys = [f"tick:{moment.isoformat()}" for moment in some]
    return set(session.exec(select(Run.key).where(col(Run.key).in_(keys), col(Run.finished_at).is_not(None))))


def ring(engine: Engine, submit: Submitter, day: date, step: timedelta) -> None:
    """Submits every moment of the day that is not over yet."""
    for moment in moments(day, step):
        until = time.monotonic() + AT_MOST
        is_new = True
        while time.monotonic() < until:
            with reading(engine) as session:
                if _finished(session, [moment]):
                    break
            if is_new:
                submit(JobName.TICK, moment)
                is_new = False
            time.sleep(_LOOK)


def main() -> None:
    """The clock."""
    settings = Settings()
    engine = open_engine(settings.url)
    ring(
        engine, Submitter(engine, settings), date.fromisoformat(sys.argv[1]), timedelta(minutes=int(sys.argv[2]))
    )  # fmt: skip


if __name__ == "__main__":
    main()
