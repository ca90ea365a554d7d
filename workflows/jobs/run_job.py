"""Run a system job once: check the clock, record the run in the job's row, and alert when it fails."""

import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Engine, update
from sqlmodel import Session, col, select

from models.database.session import reading, transaction
from models.errors import reason_of
from models.letters.letter import LetterKind
from models.operations.alert import AlertKind
from models.operations.logs import get_log, log_keys
from models.operations.system_job import DELIVERY_SECONDS, Job, JobName, JobState
from models.operations.traces import span
from models.settings import Settings
from notifications.outbox.claims import is_waiting
from notifications.smtp.transport import Sender
from workflows.delivery.mail_lines import MailLines, sender_opener
from workflows.jobs.cleanup.purge import purge
from workflows.jobs.clock.clock_ahead import ClockHeld, check_moment
from workflows.jobs.clock.clock_watch import check_behind, check_clock
from workflows.jobs.system_jobs import left_to_their_jobs, lock_job, next_run
from workflows.jobs.tick import Call, Counts, Part, plainly, run_tick, tick_parts
from workflows.organization.working_calendar import load_calendar
from workflows.queue.alerts import end_alert, raise_alert

OpenSender = Callable[[], Sender]
_log = get_log(__name__)


def run_job(
    engine: Engine,
    settings: Settings,
    name: JobName,
    *,
    now: datetime,
    planned: datetime | None = None,
    sender: OpenSender | None = None,
    lines: MailLines | None = None,
    call: Call = plainly,
    kept: Callable[[], bool] | None = None,
) -> Counts:
    """Run a job at the real moment `now` (UTC), and record its outcome. Raise its error after recording it.

    `planned` identifies a tick (UTC); the default is `now`. Only the job DELIVER sends letters: by `sender`, over
    `lines`, or else as the settings say. `call` calls each part. `kept` says whether NTP keeps this clock; by default
    the kernel is asked. Raise ClockHeld, without doing anything, if the moment is not credible.

    Do not call it with another moment than the real one: the watch over the clock would raise alerts.
    """
    record = JobRecord(engine, settings, name, now)
    facts = {"job": name.value, "moment": (planned or now).isoformat()}
    with log_keys(**facts), span(f"job {name.value}", facts):
        try:
            writes = name is JobName.DELIVER
            check_moment(engine, settings, now=now, sender=sender, lines=lines, kept=kept, writes=writes)
            record.begin()
            _log.debug("job_started")
            if name is JobName.TICK:
                skipped = record.without | {JobName.DELIVER}
                parts = tick_parts(engine, settings, without=skipped, lines=lines)
                counts = run_tick(engine, parts, now=now, planned=planned, call=call)
            else:
                with span(name.value):
                    counts = call(name.value, partial(_part_of(engine, settings, name, sender, lines), now))
            is_idle = not any(counts.values())
            counts |= {f"without_{part}": 1 for part in sorted(record.without)}
            record.done(counts)
        except ClockHeld:
            raise
        except Exception as error:
            _log.error("job_failed", seconds=record.seconds, exc_info=True)
            try:
                record.fail(reason_of(error))
            except Exception:  # the first error is the one to raise
                _log.error("job_unrecorded", exc_info=True)
            raise
        log_done = _log.debug if is_idle else _log.info
        log_done("job_done", seconds=record.seconds, **counts)
        return counts


def _part_of(
    engine: Engine, settings: Settings, name: JobName, sender: OpenSender | None, lines: MailLines | None
) -> Part:
    if name is JobName.PURGE:
        return lambda now: asdict(purge(engine, settings, now=now))
    return tick_parts(engine, settings, sender, for_seconds=DELIVERY_SECONDS, lines=lines)[name.value]


def run_alone(engine: Engine, settings: Settings, name: JobName, *, clock: Callable[[], datetime]) -> Counts:
    """Run a job by the real `clock` (UTC) in this process. After a tick, send its letters to the end."""
    lines = MailLines(waits=True)
    counts = run_job(engine, settings, name, now=clock(), lines=lines)
    if name is JobName.TICK and not counts.get("without_deliver"):
        counts |= run_job(engine, settings, JobName.DELIVER, now=clock(), lines=lines)
    return counts


def send_account_letters(
    engine: Engine, settings: Settings, sender: OpenSender | None, lines: MailLines, now: datetime
) -> None:
    """Send the letters of accounts beside any running job, so that a sign-in code does not wait for digests.

    This is no run of a job and has no record. Nothing leaves while delivery is paused. If all lines are busy, the next
    free one sends these letters first.
    """
    kinds = (LetterKind.ACCOUNT,)
    with reading(engine) as session:
        if not is_waiting(session, now=now, kinds=kinds):
            return
        job = session.get(Job, JobName.DELIVER)
        calendar = load_calendar(session)
    if job is not None and job.is_paused:
        return
    open_sender = sender_opener(settings, sender)
    lines.deliver(engine, settings, open_sender, now=now, calendar=calendar, only=kinds)


class JobRecord:
    """The record of one run in the job's row, which other processes also write to."""

    def __init__(self, engine: Engine, settings: Settings, name: JobName, now: datetime) -> None:
        self._engine, self._settings, self._name, self._now = engine, settings, name, now
        self._began = time.monotonic()
        self.without: frozenset[JobName] = frozenset()  # the parts that are left to their own jobs

    @property
    def seconds(self) -> float:
        return round(time.monotonic() - self._began, 3)

    def begin(self) -> None:
        """Check whether the clock had stopped, then record the start."""
        every = self._settings.tick_seconds
        with transaction(self._engine) as session:
            job = lock_job(session, self._name)
            if self._name is JobName.TICK:
                check_clock(session, job, now=self._now, fires=lambda after: next_run(job.cron, after, every=every))
                self.without = left_to_their_jobs(session.exec(select(Job)))
            job.last_started_at, job.last_state = self._now, JobState.RUNNING
            job.next_run_at = None if job.is_paused else next_run(job.cron, self._now, every=every)
            session.add(job)

    def done(self, counts: Counts) -> None:
        """Record the counts, and end the alert of former failures."""
        end = self._end
        with transaction(self._engine) as session:
            self._write(session, end, last_state=JobState.DONE, last_done_at=end, last_outcome=counts, last_error="")
            # a run that began later may still be at work, so this one counts as the newest that finished
            session.execute(
                update(Job)
                .where(col(Job.name) == self._name, (col(Job.last_done_at) < end) | col(Job.last_done_at).is_(None))
                .values(last_done_at=end)
            )
            end_alert(session, AlertKind.JOB_FAILED, self._name.value, now=end)
            if self._name is JobName.TICK:
                end_alert(session, AlertKind.CLOCK_STOPPED, now=end)  # the clock runs again
                if JobName.DELIVER not in self.without:  # its letters leave at once
                    session.execute(update(Job).where(col(Job.name) == JobName.DELIVER).values(next_run_at=end))
                check_behind(session, now=end, sends=JobName.DELIVER not in self.without)

    def fail(self, reason: str) -> None:
        end = self._end
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
        """Record the end of the run, unless another run has begun since."""
        session.execute(
            update(Job)
            .where(col(Job.name) == self._name, col(Job.last_started_at) == self._now)
            .values(last_finished_at=end, last_seconds=(end - self._now).total_seconds(), **values)
        )
