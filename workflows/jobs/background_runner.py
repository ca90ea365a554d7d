"""Has background jobs done, which the clock asks about every second: by workers, through Prefect, or without it."""

from collections.abc import Callable
from datetime import datetime
from threading import Event
from uuid import UUID

from sqlalchemy import Engine

from models.database.session import reading
from models.operations.background_job import BackgroundJob
from models.settings import Settings
from workflows.jobs.clock.clock_ahead import is_believed
from workflows.jobs.run_background_jobs import run_background_job
from workflows.jobs.run_names import RunName, name_background_job
from workflows.jobs.tick import Call, Counts, plainly
from workflows.queue.background_jobs import waiting

HandOver = Callable[[BackgroundJob, RunName], bool]
"""Hands a background job to the workers; False where there are none."""
_MOST = 50


def without_prefect(_name: RunName, do: Callable[[Call], Counts]) -> Counts:
    """Do a run in this process, seen by nobody."""
    return do(plainly)


class BackgroundRunner:
    """Does what waits, one job after the other; `run` does one in this process, unless `hand_over` finds workers."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        stop: Event,
        *,
        run: Callable[[RunName, Callable[[Call], Counts]], Counts] = without_prefect,
        hand_over: HandOver = lambda job, name: False,
    ) -> None:
        self._engine, self._settings, self._stop, self._run, self._hand_over = engine, settings, stop, run, hand_over

    def look(self, now: datetime) -> None:
        """Do the first that may begin at `now` (UTC), and hand over all that workers take."""
        with reading(self._engine) as session:
            jobs = [(job, name_background_job(session, job)) for job in waiting(session, now=now, limit=_MOST)]
        if not jobs or not is_believed(self._engine, now):
            return  # in the second case, a launch planned for a later day would begin today
        for job, name in jobs:
            if self._stop.is_set():
                return
            if not self._hand_over(job, name):
                self._run(name, self._doing(job.id, now))
                return

    def _doing(self, only: UUID, now: datetime) -> Callable[[Call], Counts]:
        stop = self._stop.is_set
        return lambda _call: run_background_job(self._engine, self._settings, only, now=now, stop=stop)
