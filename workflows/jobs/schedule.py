"""The clock: runs the jobs by their rows while `dondoc serve` runs. The only import of APScheduler.

It keeps no dates of the domain: what is due is in the database, and a tick that was missed is made up by the next.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from sqlalchemy import Engine, update
from sqlmodel import Session, col, select

from models.database.rows import count_changed
from models.database.session import reading, transaction
from models.errors import reason_of
from models.operations.logs import get_log
from models.operations.system_job import DEFAULT_CRONS, Job, JobName
from models.text.localtime import ZONE
from workflows.jobs.system_jobs import TICK_PARTS, due_jobs, ensure_jobs, left_to_their_jobs, next_run, planned_moment

FOLLOW_SECONDS = 5.0  # changes made by others to the rows are picked up this often
_ASLEEP = timedelta(seconds=60)  # a longer stretch between two looks: the process was stopped, or the machine slept
_MAIL = "mail"
_log = get_log(__name__)


class RunJob(Protocol):
    """Runs a job at the real moment `now` (UTC); `planned` is the one it was to run at, where that counts."""

    def __call__(self, name: JobName, /, *, now: datetime, planned: datetime | None) -> object: ...


class JobTrigger(BaseTrigger):  # type: ignore[misc]
    """The moments of a job's own expression, or its pace. APScheduler's from_crontab takes 1 for Tuesday."""

    def __init__(self, name: JobName, cron: str | None, every: int) -> None:
        self.name, self.cron, self.every = name, cron, every

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """Return the first moment after the last one that fired, or after now."""
        found = next_run(self.name, self.cron, previous_fire_time or now, every=self.every)
        return None if found is None else found.astimezone(ZONE)


class Clock:
    """Runs a job at its moments (UTC), one job after another and never one twice at once, until `stop`.

    Only letters leave beside the others, from here and never by a worker: at their moments, and after each tick.
    The tick runs once at the start, and so does what was missed and is no part of the tick. `every`: the pace in
    seconds of jobs without an expression. `hurry` does, beside the jobs, what a nudge asks for.

    One of several clocks has `hand_over`: it is given the moment a job was planned for, which all clocks name alike,
    and says whether the job is done elsewhere. What is not is run here, told apart by that same moment.
    """

    def __init__(
        self,
        engine: Engine,
        run: RunJob,
        *,
        every: int,
        stop: threading.Event | None = None,
        hand_over: Callable[[JobName, datetime], bool] | None = None,
        hurry: Callable[[datetime], object] | None = None,
    ) -> None:
        self._engine, self._run, self._every, self._hurry, self._hand_over = engine, run, every, hurry, hand_over
        self._scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            # more threads would only wait for SQLite's one write lock; mail has its own, for which nobody waits
            executors={"default": ThreadPoolExecutor(1), _MAIL: ThreadPoolExecutor(1)},
            timezone=ZONE,
            # the library's own grace of a second would silently skip a late tick
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )
        self._known: dict[JobName, tuple[str | None, bool]] = {}
        self._stop = stop or threading.Event()
        # on the monotonic clock: when the wall clock steps back, APScheduler waits until it has caught up
        self._follower = threading.Thread(target=self._follow, name="clock", daemon=True)
        self._nudged = threading.Event()
        self._is_hurried = self._has_ticked = False
        self._hurrier = threading.Thread(target=self._hurry_on, name="clock hurry", daemon=True)
        self._looked_at = self._awake_since = datetime.now(UTC)

    def start(self) -> None:
        """Start; the first tick comes at once."""
        # a tick that takes longer than the pace is ordinary, not worth a warning each time
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        now = datetime.now(UTC)
        with transaction(self._engine) as session:
            ensure_jobs(session)
            jobs = session.exec(select(Job)).all()
        at_once = due_jobs(jobs, now) | {job.name for job in jobs if job.name is JobName.TICK and not job.is_paused}
        if JobName.TICK in at_once:
            at_once -= set(TICK_PARTS) - left_to_their_jobs(jobs)
        for order, job in enumerate(sorted(jobs, key=lambda job: list(JobName).index(job.name))):
            # of equal moments APScheduler takes the last one first
            self._set(job, now + timedelta(microseconds=order), at_once=job.name in at_once)
        self._scheduler.start()
        self._follower.start()
        self._hurrier.start()

    def nudge(self) -> None:
        """Have what somebody waits for, such as a mailed code, leave now and not with the next tick.

        Returns at once, from any thread; nudges that come while one is being followed are followed as one.
        """
        self._is_hurried = True
        self._nudged.set()

    def stop(self) -> None:
        """Let a running job end, then stop."""
        self._stop.set()
        self._nudged.set()
        for thread in (self._follower, self._hurrier):
            if thread.is_alive():
                thread.join()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def look(self, now: datetime) -> None:
        """Take over what others changed in the rows, and write the next runs that nobody has."""
        if now - self._looked_at > _ASLEEP:
            self._awake_since = now
        self._looked_at = now
        with reading(self._engine) as session:
            jobs = session.exec(select(Job)).all()
        for job in jobs:
            if self._known.get(job.name) != (job.cron, job.is_paused) or self._waits_too_long(job, now):
                self._set(job, now)
        stale, asked = [job for job in jobs if self._is_stale(job, now)], [job for job in jobs if job.asked_at]
        if stale or asked:
            with transaction(self._engine) as session:
                for job in stale:
                    self._write_next(session, job)
                mine = [(job.name, job.asked_at) for job in asked if self._take_over(session, job)]
            for name, at in mine:
                self._add(name, f"asked:{name.value}", args=(name, at), replace_existing=True)

    def next_run(self, name: JobName) -> datetime | None:
        """Return when a job is to run next (UTC); None while it is paused."""
        job = self._scheduler.get_job(name.value)
        return None if job is None or job.next_run_time is None else job.next_run_time.astimezone(UTC)

    def _follow(self) -> None:
        is_lost = False
        while not self._stop.wait(FOLLOW_SECONDS):
            try:
                self.look(datetime.now(UTC))
                is_lost = False
            except Exception:
                # a database is back by the next look, or the tick fails and tells the administrators; without this
                # thread no change would be followed, and nobody would hear of it
                if not is_lost:
                    _log.warning("schedule_unreadable", exc_info=True)
                is_lost = True

    def _hurry_on(self) -> None:
        while self._nudged.wait() and not self._stop.is_set():
            self._nudged.clear()  # before it is done: what is queued meanwhile nudges anew
            if self._has_ticked:
                self._has_ticked = False
                self._deliver()
            if self._hurry is None or not self._is_hurried:
                continue
            self._is_hurried = False
            try:
                self._hurry(datetime.now(UTC))
            except Exception:  # the next tick does it, and tells the administrators where that fails too
                _log.warning("hurry_failed", exc_info=True)

    def _deliver(self) -> None:
        """What a tick wrote leaves at once, unless letters have hours of their own."""
        if self._known.get(JobName.DELIVER) == (DEFAULT_CRONS[JobName.DELIVER], False):
            with suppress(JobLookupError):  # it has just been changed
                self._scheduler.modify_job(JobName.DELIVER.value, next_run_time=datetime.now(ZONE))

    def _ring(self, name: JobName, asked_at: datetime | None = None) -> None:
        planned: datetime | None = None  # a lone clock's run is called by its real moment
        if self._hand_over is not None and name is not JobName.DELIVER:
            cron, _is_paused = self._known[name]
            planned = asked_at or planned_moment(name, cron, datetime.now(UTC), every=self._every)
            if self._hand_over(name, planned):
                return
        if self._stop.is_set():
            return
        try:
            self._run(name, now=datetime.now(UTC), planned=planned)
        except Exception as fault:  # logged with its trace, recorded and alerted where it happened
            _log.warning("job_left", job=name.value, reason=reason_of(fault))
        if name is JobName.TICK:  # not from here: who shuts the scheduler down holds it, and waits for this thread
            self._has_ticked = True
            self._nudged.set()

    def _add(self, name: JobName, id_: str, trigger: BaseTrigger | None = None, **more: Any) -> None:
        executor = _MAIL if name is JobName.DELIVER else "default"
        self._scheduler.add_job(self._ring, trigger, id=id_, executor=executor, **more)

    def _set(self, job: Job, now: datetime, *, at_once: bool = False) -> None:
        """Have a job run by its row from now on."""
        if job.name in self._known:
            _log.info("schedule_changed", job=job.name.value, cron=job.cron, paused=job.is_paused)
        self._known[job.name] = (job.cron, job.is_paused)
        if self._scheduler.get_job(job.name.value) is not None:
            self._scheduler.remove_job(job.name.value)
        first = now if at_once else next_run(job.name, job.cron, now, every=self._every)
        if not job.is_paused and first is not None:
            trigger = JobTrigger(job.name, job.cron, self._every)
            self._add(job.name, job.name.value, trigger, args=(job.name,), next_run_time=first.astimezone(ZONE))

    def _waits_too_long(self, job: Job, now: datetime) -> bool:
        """Whether the planned run lies later than it should, as the wall clock stepped back."""
        planned, right = self.next_run(job.name), next_run(job.name, job.cron, now, every=self._every)
        return planned is not None and right is not None and planned > right + timedelta(seconds=1)

    def _is_stale(self, job: Job, now: datetime) -> bool:
        """Return whether a next run is to be written: none is there, or it passed while we were awake, the job in a
        queue.

        One that passed while nobody was awake stays until its job begins: the next start makes it up.
        """
        if job.is_paused:
            return False
        return job.next_run_at is None or self._awake_since <= job.next_run_at <= now

    def _take_over(self, session: Session, job: Job) -> bool:
        """Return whether it is this clock that does what somebody asked for; of several, one does."""
        taken = count_changed(
            session,
            update(Job).where(col(Job.name) == job.name, col(Job.asked_at) == job.asked_at).values(asked_at=None),
        )
        return bool(taken)

    def _write_next(self, session: Session, job: Job) -> None:
        same = col(Job.next_run_at).is_(None) if job.next_run_at is None else col(Job.next_run_at) == job.next_run_at
        session.execute(
            update(Job)
            .where(col(Job.name) == job.name, same, col(Job.is_paused).is_(False))
            .values(next_run_at=self.next_run(job.name))
        )
