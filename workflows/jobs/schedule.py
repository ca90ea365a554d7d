"""The clock of `dondoc serve` and `dondoc clock`: it asks the rows what is due. The only import of APScheduler.

It keeps no dates. When a job runs next stands in the job's row, and what a tick has to do in the tasks' own; so any
number of clocks may ring, and one that was off makes up for what it missed.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Engine

from models.database.server_clock import server_clock
from models.database.session import reading, transaction
from models.errors import reason_of
from models.operations.logs import get_log
from models.operations.system_job import Job, JobName
from workflows.jobs.system_jobs import ensure_jobs, take_due

RING_SECONDS = 1
"""So often it asks: a code that somebody waits for, or a job ordered on a page, begins within this and a little."""
_STEP = timedelta(seconds=10)  # a wall clock that has stepped back by more than this
_log = get_log(__name__)


class RunJob(Protocol):
    """Runs a job at the real moment `now` (UTC); `planned` is the one it was taken at, by which it is told apart."""

    def __call__(self, name: JobName, /, *, now: datetime, planned: datetime) -> object: ...


class JobClock:
    """Runs each job when its row says so, one after another, until `stop`; letters leave beside the others.

    The tick runs once at the start. `every`: the pace in seconds of jobs without an expression. `beside`: what else is
    asked each time, by name, each with the moment (UTC), beside the jobs and never twice at once.

    One of several clocks has `hand_over`, which says whether a job is done elsewhere; what is not is run here. Letters
    are never handed over.
    """

    def __init__(
        self,
        engine: Engine,
        run: RunJob,
        *,
        every: int,
        stop: threading.Event | None = None,
        hand_over: Callable[[JobName, datetime], bool] | None = None,
        beside: Mapping[str, Callable[[datetime], object]] | None = None,
    ) -> None:
        self._engine, self._run, self._every, self._hand_over = engine, run, every, hand_over
        self._stop = stop or threading.Event()
        jobs: list[JobName] = [name for name in JobName if name is not JobName.DELIVER]
        asks: dict[str, Callable[[datetime], object]] = {
            "jobs": partial(self._do_due, jobs),
            "letters": partial(self._do_due, [JobName.DELIVER]),
            **(beside or {}),
        }
        self._silent: set[str] = set()
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(len(asks))},
            timezone=UTC,
            # the library's own grace of a second would silently skip a late ring; and one that lasts is ordinary
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )
        for name, ask in asks.items():
            self._scheduler.add_job(self._ring, "interval", seconds=RING_SECONDS, args=(name, ask), id=name)
        self._watch = threading.Thread(target=self._keep_ringing, name="clock", daemon=True)

    def start(self) -> None:
        """Start; the first tick comes at once."""
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        with transaction(self._engine) as session:
            ensure_jobs(session)
            tick = session.get_one(Job, JobName.TICK)
            if not tick.is_paused:
                tick.next_run_at = datetime.now(UTC)
                session.add(tick)
        self._scheduler.start()
        self._watch.start()

    def stop(self) -> None:
        """Let what is running end, then stop."""
        self._stop.set()
        if self._watch.is_alive():
            self._watch.join()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def _ring(self, name: str, ask: Callable[[datetime], object]) -> None:
        if self._stop.is_set():
            return
        try:
            ask(datetime.now(UTC))
            self._silent.discard(name)
        except Exception:  # as a rule the database, which is back by the next time
            if name not in self._silent:
                _log.warning("clock_failed", asked=name, exc_info=True)
            self._silent.add(name)

    def _do_due(self, names: list[JobName], _now: datetime) -> None:
        while not self._stop.is_set():
            with reading(self._engine) as session:  # clocks of machines that differ must not take turns all the time
                now = server_clock(session) or datetime.now(UTC)
            name = take_due(self._engine, names, now=now, every=self._every)
            if name is None:
                return
            if self._hand_over is None or name is JobName.DELIVER or not self._hand_over(name, now):
                self._do(name, planned=now)

    def _do(self, name: JobName, *, planned: datetime) -> None:
        if self._stop.is_set():
            return
        try:
            self._run(name, now=datetime.now(UTC), planned=planned)
        except Exception as fault:  # logged with its trace, recorded and alerted where it happened
            _log.warning("job_left", job=name.value, reason=reason_of(fault))

    def _keep_ringing(self) -> None:
        """When the wall clock steps back, APScheduler alone would wait until it has caught up."""
        while not self._stop.wait(RING_SECONDS):
            now = datetime.now(UTC)
            for job in self._scheduler.get_jobs():
                if job.next_run_time is not None and job.next_run_time > now + _STEP:
                    job.modify(next_run_time=now)
