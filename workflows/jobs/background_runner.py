"""Does background jobs beside the clock under `dondoc serve`: through Prefect while its server answers, else without.

A thread of its own: a preview takes minutes, and no tick may wait for it.
"""

import threading
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import select

from models.database.session import reading
from models.errors import reason_of
from models.operations.background_job import BackgroundJob
from models.operations.logs import get_log
from models.settings import Settings
from workflows.jobs.clock.clock_ahead import is_believed
from workflows.jobs.flow_run import FlowRun, PrefectFailed, StartFlow
from workflows.jobs.run_background_jobs import BACKGROUND_JOBS, run_background_jobs
from workflows.queue.background_jobs import may_begin

LOOK_SECONDS = 3.0
"""So often it looks for jobs that nobody nudged it about: those of another process, those of a later day."""
_log = get_log(__name__)


class BackgroundRunner:
    """Waits for background jobs and does them, one after the other, until it is told to stop."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        stop: threading.Event,
        clock: Callable[[], datetime],
        *,
        flows: Callable[[], StartFlow | None] = lambda: None,
        hand_over: Callable[[datetime], bool] = lambda now: False,
    ) -> None:
        """`hand_over` gives what waits to workers, and says whether there are any; what it does not is done here.

        `flows` gives what starts flows, while Prefect answers.
        """
        self._engine, self._settings, self._flows, self._hand_over = engine, settings, flows, hand_over
        self._stop, self._clock = stop, clock
        self._nudged = threading.Event()
        self._thread = threading.Thread(target=self._run, name="background jobs", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def nudge(self) -> None:
        self._nudged.set()

    def join(self) -> None:
        """Wait for the job under way: it stops at its next step once the stop is set."""
        self._nudged.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        is_lost = False
        while not self._stop.is_set():
            try:
                self.look(self._clock())
                is_lost = False
            except Exception as fault:  # a database is back by the next look
                if not is_lost:
                    _log.warning("background_jobs_left", reason=reason_of(fault), exc_info=True)
                is_lost = True
            self._nudged.wait(LOOK_SECONDS)
            self._nudged.clear()

    def look(self, now: datetime) -> dict[str, int]:
        """Do what may begin at `now` (UTC), if there is anything."""
        with reading(self._engine) as session:
            if session.exec(select(BackgroundJob.id).where(may_begin(now)).limit(1)).first() is None:
                return {}
        if not is_believed(self._engine, now):
            return {}  # a launch planned for a later day would begin today
        if self._hand_over(now):
            return {}
        start = self._flows()
        if start is not None:
            run = FlowRun(BACKGROUND_JOBS, {BACKGROUND_JOBS: self._do}, now=now)
            try:
                with start(run) as flow:
                    return run.outcome(flow)
            except PrefectFailed as fault:
                _log.warning("prefect_failed", reason=str(fault), goes_on="plain")
        return self._do(now)

    def _do(self, now: datetime) -> dict[str, int]:
        return run_background_jobs(self._engine, self._settings, now=now, stop=self._stop.is_set)
