"""One run of a system job, recorded in its row whichever process it is in, and alerted when it fails."""

import time
from collections.abc import Callable, Collection
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import Engine, update
from sqlmodel import Session, col, select

from models.database.session import transaction
from models.errors import reason_of
from models.operations.alert import AlertKind
from models.operations.logs import get_log, log_keys
from models.operations.system_job import DELIVERY_SECONDS, Job, JobName, JobState
from models.operations.traces import span
from models.settings import Settings
from notifications.smtp.transport import Sender
from workflows.delivery.mail_lines import MailLines
from workflows.jobs.cleanup.purge import purge
from workflows.jobs.clock.behind import check_behind
from workflows.jobs.clock.clock_ahead import ClockHeld, check_moment
from workflows.jobs.clock.clock_watch import check_clock, tick_ended
from workflows.jobs.system_jobs import left_to_their_jobs, lock_job, next_run
from workflows.jobs.tick import Part, Told, tick, tick_parts
from workflows.organization.working_calendar import load_calendar
from workflows.queue.alerts import end_alert, raise_alert

OpenSender = Callable[[], Sender]
Way = Callable[[JobName, datetime, "Recorded"], Told]
"""Another way to do a job than the plain verb, such as through Prefect. It must end in the same work done."""
_log = get_log(__name__)


def job_verb(
    engine: Engine,
    settings: Settings,
    name: JobName,
    sender: OpenSender | None = None,
    *,
    without: Collection[JobName] = (),
    planned: datetime | None = None,
    lines: MailLines | None = None,
) -> Part:
    """Return what a job does, as a function of the moment (UTC). Without a sender, letters leave as the settings say.

    `without`: the parts of a tick that are left to their own jobs. `planned`: the moment (UTC) that a tick's key bears,
    where that is not the one at which it runs. `lines`: letters leave beside the job.
    """
    if name is JobName.PURGE:
        return lambda now: asdict(purge(engine, settings, now=now))
    if name is JobName.TICK:
        return lambda now: asdict(
            tick(
                engine,
                settings,
                now=now,
                senders=sender,
                for_seconds=DELIVERY_SECONDS,
                without=without,
                planned=planned,
                lines=lines,
            )
        )
    return tick_parts(engine, settings, sender, for_seconds=DELIVERY_SECONDS, lines=lines)[name.value]


def run_job(
    engine: Engine,
    settings: Settings,
    name: JobName,
    *,
    now: datetime,
    sender: OpenSender | None = None,
    way: Way | None = None,
    planned: datetime | None = None,
    lines: MailLines | None = None,
    kept: Callable[[], bool] | None = None,
) -> Told:
    """Run a job at the real moment `now` (UTC) and record how it went; raises what failed, once it is recorded.

    ClockHeld, and nothing is done or recorded, where that moment is not to be believed. `kept` says whether
    NTP keeps the clock that gave it; else the kernel is asked.

    `planned`: the moment (UTC) it was to run at, by which a tick is told from another, where that is not `now`.

    A run at any other moment than the real one is for the plain verbs: here it would look as if the clock stood still.
    """
    record = Recorded(engine, settings, name, now)
    facts = {"job": name.value, "moment": (planned or now).isoformat()}
    with log_keys(**facts), span(f"job {name.value}", facts):
        try:
            check_moment(engine, settings, now=now, sender=sender, kept=kept)
            record.begin()
            _log.debug("job_started")
            if way is not None:
                told = way(name, now, record)
            else:
                left = record.without
                verb = job_verb(engine, settings, name, sender, without=left, planned=planned, lines=lines)
                told = verb(now)
            is_idle = not any(told.values())
            told |= {f"without_{part}": 1 for part in sorted(record.without)}
            record.done(told)
        except ClockHeld:
            raise
        except Exception as fault:
            _log.error("job_failed", seconds=record.seconds, way=record.way, exc_info=True)
            try:
                record.fail(reason_of(fault))
            except Exception:  # the first fault is the one to tell
                _log.error("job_unrecorded", exc_info=True)
            raise
        (_log.debug if is_idle else _log.info)("job_done", seconds=record.seconds, way=record.way, **told)
        return told


class Recorded:
    """The record of one run in the job's row, which other processes write to as well."""

    def __init__(self, engine: Engine, settings: Settings, name: JobName, now: datetime) -> None:
        self._engine, self._settings, self._name, self._now = engine, settings, name, now
        self._began = time.monotonic()
        self._failed = False
        self.way = "plain"  # for the log
        self.without: frozenset[JobName] = frozenset()  # parts of the tick that are left to their own jobs

    @property
    def seconds(self) -> float:
        """Return how long it has been running."""
        return round(time.monotonic() - self._began, 3)

    def begin(self) -> None:
        """Write that it runs, after a look at whether the clock had stopped before."""
        every = self._settings.tick_seconds
        with transaction(self._engine) as session:
            job = lock_job(session, self._name)
            if self._name is JobName.TICK:
                check_clock(
                    session, job, now=self._now, fires=lambda after: next_run(job.name, job.cron, after, every=every)
                )
                self.without = left_to_their_jobs(session.exec(select(Job)))
            job.last_started_at, job.last_state = self._now, JobState.RUNNING
            job.next_run_at = None if job.is_paused else next_run(job.name, job.cron, self._now, every=every)
            session.add(job)

    def done(self, told: Told) -> None:
        """Write what it did, and end the alert of those that failed before."""
        end = self._end
        with transaction(self._engine) as session:
            self._write(session, end, last_state=JobState.DONE, last_done_at=end, last_outcome=told, last_error="")
            # also one who overtook us may not have finished: this run did
            session.execute(
                update(Job)
                .where(col(Job.name) == self._name, (col(Job.last_done_at) < end) | col(Job.last_done_at).is_(None))
                .values(last_done_at=end)
            )
            end_alert(session, AlertKind.JOB_FAILED, self._name.value, now=end)
            if self._name is JobName.TICK:
                tick_ended(session, end)
                check_behind(session, now=end, sends=JobName.DELIVER not in self.without)

    def fail(self, reason: str) -> None:
        """Write that it failed and alerts the administrators; a second call for the same run does nothing."""
        if self._failed:
            return
        self._failed, end = True, self._end
        with transaction(self._engine) as session:
            self._write(session, end, last_state=JobState.FAILED, last_outcome={}, last_error=reason[:500])
            raise_alert(
                session,
                AlertKind.JOB_FAILED,
                self._name.value,
                now=end,
                calendar=load_calendar(session),
                facts={"reason": reason[:500]},
            )

    @property
    def _end(self) -> datetime:
        return self._now + timedelta(seconds=self.seconds)

    def _write(self, session: Session, end: datetime, **values: object) -> None:
        """Where another run has begun since, the row is that one's to write."""
        session.execute(
            update(Job)
            .where(col(Job.name) == self._name, col(Job.last_started_at) == self._now)
            .values(last_finished_at=end, last_seconds=(end - self._now).total_seconds(), **values)
        )
