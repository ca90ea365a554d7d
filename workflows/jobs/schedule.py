"""The clock of `dondoc serve` and `dondoc clock`: each second it runs the system jobs that are due.

The clock remembers nothing. The database says when a job runs next and which tasks a tick has to look at. So any number
of clocks may run at once, and a clock that was off catches up. This is the only module that imports APScheduler.
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
"""Seconds between two questions to the database. A sign-in code or a job started on a page waits little longer."""
_LARGEST_DELAY = timedelta(seconds=10)
"""A ring planned further ahead than this shows that the wall clock was set back."""
_log = get_log(__name__)


class RunJob(Protocol):
    """Runs a job. `now` is the real moment (UTC); `planned` is when the job was taken, which identifies the run."""

    def __call__(self, name: JobName, /, *, now: datetime, planned: datetime) -> object: ...


class JobClock:
    """Runs each job when its row says so, one after another, until `stop`. Letters are sent in a thread of their own.

    The tick runs once at the start. `every` is the pace in seconds of jobs without a cron expression. `beside` holds
    further work by name: each function gets the moment (UTC) at every ring, in a thread of its own.

    Where several clocks run, `hand_over` gives a job to a worker and returns whether one took it. A job that no worker
    took runs here, and so does sending.
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
        duties: dict[str, Callable[[datetime], object]] = {
            "jobs": partial(self._run_due_jobs, jobs),
            "letters": partial(self._run_due_jobs, [JobName.DELIVER]),
            **(beside or {}),
        }
        self._failing: set[str] = set()
        """The duties whose failure is in the log already."""
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(len(duties))},
            timezone=UTC,
            # the library's own grace of a second would skip a late ring without a word; long jobs are ordinary
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )
        for name, duty in duties.items():
            self._scheduler.add_job(self._ring, "interval", seconds=RING_SECONDS, args=(name, duty), id=name)
        self._watch = threading.Thread(target=self._keep_ringing, name="clock", daemon=True)

    def start(self) -> None:
        """Start the threads. The first tick runs at once."""
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
        """Wait for the running jobs, then stop."""
        self._stop.set()
        if self._watch.is_alive():
            self._watch.join()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def _ring(self, name: str, duty: Callable[[datetime], object]) -> None:
        if self._stop.is_set():
            return
        try:
            duty(datetime.now(UTC))
            self._failing.discard(name)
        except Exception:  # usually the database is away, and back at the next ring
            if name not in self._failing:
                _log.warning("clock_failed", asked=name, exc_info=True)
            self._failing.add(name)

    def _run_due_jobs(self, names: list[JobName], _now: datetime) -> None:
        while not self._stop.is_set():
            # the database's clock: machines whose clocks differ would take the same job in turn
            with reading(self._engine) as session:
                now = server_clock(session) or datetime.now(UTC)
            name = take_due(self._engine, names, now=now, every=self._every)
            if name is None:
                return
            is_handed_over = name is not JobName.DELIVER and self._hand_over is not None and self._hand_over(name, now)
            if not is_handed_over:
                self._run_here(name, planned=now)

    def _run_here(self, name: JobName, *, planned: datetime) -> None:
        if self._stop.is_set():
            return
        try:
            self._run(name, now=datetime.now(UTC), planned=planned)
        except Exception as error:  # `run_job` has logged its traceback and raised an alert
            _log.warning("job_left", job=name.value, reason=reason_of(error))

    def _keep_ringing(self) -> None:
        """Plan the rings anew when the wall clock was set back. APScheduler alone would wait until it has caught up."""
        while not self._stop.wait(RING_SECONDS):
            now = datetime.now(UTC)
            for job in self._scheduler.get_jobs():
                if job.next_run_time is not None and job.next_run_time > now + _LARGEST_DELAY:
                    job.modify(next_run_time=now)
