"""One run of a system job, recorded in its row whichever process it is in, and alerted when it fails."""

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
    """Run a job at the real moment `now` (UTC) and record how it went; raise what failed, once it is recorded.

    ClockHeld, and nothing is done or recorded, where that moment is not to be believed. `kept` says whether
    NTP keeps the clock that gave it; else the kernel is asked.

    `planned`: the moment (UTC) it was to run at, by which a tick is told from another, where that is not `now`.
    Letters leave by the job that delivers, by no tick: without a sender as the settings say, with `lines` over these.
    Each part is done by way of `call`.

    A run at any other moment than the real one is for the plain verbs: here it would look as if the clock stood still.
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
                left = record.without | {JobName.DELIVER}
                parts = tick_parts(engine, settings, without=left, lines=lines)
                counts = run_tick(engine, parts, now=now, planned=planned, call=call)
            else:
                with span(name.value):
                    counts = call(name.value, partial(_part_of(engine, settings, name, sender, lines), now))
            is_idle = not any(counts.values())
            counts |= {f"without_{part}": 1 for part in sorted(record.without)}
            record.done(counts)
        except ClockHeld:
            raise
        except Exception as fault:
            _log.error("job_failed", seconds=record.seconds, exc_info=True)
            try:
                record.fail(reason_of(fault))
            except Exception:  # the first fault is the one to tell
                _log.error("job_unrecorded", exc_info=True)
            raise
        (_log.debug if is_idle else _log.info)("job_done", seconds=record.seconds, **counts)
        return counts


def _part_of(
    engine: Engine, settings: Settings, name: JobName, sender: OpenSender | None, lines: MailLines | None
) -> Part:
    """The one part that another job than the tick does."""
    if name is JobName.PURGE:
        return lambda now: asdict(purge(engine, settings, now=now))
    return tick_parts(engine, settings, sender, for_seconds=DELIVERY_SECONDS, lines=lines)[name.value]


def run_alone(engine: Engine, settings: Settings, name: JobName, *, clock: Callable[[], datetime]) -> Counts:
    """Run a job by the real `clock` (UTC) in a process of its own, and after a tick deliver what it wrote.

    It waits for the end of every conversation: to leave a letter that the server has would send it twice.
    """
    lines = MailLines(waits=True)
    counts = run_job(engine, settings, name, now=clock(), lines=lines)
    if name is JobName.TICK and not counts.get("without_deliver"):
        counts |= run_job(engine, settings, JobName.DELIVER, now=clock(), lines=lines)
    return counts


def send_account_letters(
    engine: Engine, settings: Settings, sender: OpenSender | None, lines: MailLines, now: datetime
) -> None:
    """Send the letters of accounts beside whatever job is running: who waits for a code waits for no digest.

    It is no run of a job, and has no record. Nothing leaves while the delivery is paused. Where every line is busy,
    the next one that is free sends them before all others.
    """
    only = (LetterKind.ACCOUNT,)
    with reading(engine) as session:
        if not is_waiting(session, now=now, kinds=only):
            return
        job = session.get(Job, JobName.DELIVER)
        calendar = load_calendar(session)
    if job is not None and job.is_paused:
        return
    opens = sender_opener(settings, sender)
    lines.deliver(engine, settings, opens, now=now, calendar=calendar, only=only)


class JobRecord:
    """The record of one run in the job's row, which other processes write to as well."""

    def __init__(self, engine: Engine, settings: Settings, name: JobName, now: datetime) -> None:
        self._engine, self._settings, self._name, self._now = engine, settings, name, now
        self._began = time.monotonic()
        self.without: frozenset[JobName] = frozenset()  # what is left to its own job

    @property
    def seconds(self) -> float:
        return round(time.monotonic() - self._began, 3)

    def begin(self) -> None:
        """Write that it runs, after a look at whether the clock had stopped before."""
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
        """Write what it did, and end the alert of those that failed before."""
        end = self._end
        with transaction(self._engine) as session:
            self._write(session, end, last_state=JobState.DONE, last_done_at=end, last_outcome=counts, last_error="")
            # also one who overtook us may not have finished: this run did
            session.execute(
                update(Job)
                .where(col(Job.name) == self._name, (col(Job.last_done_at) < end) | col(Job.last_done_at).is_(None))
                .values(last_done_at=end)
            )
            end_alert(session, AlertKind.JOB_FAILED, self._name.value, now=end)
            if self._name is JobName.TICK:
                end_alert(session, AlertKind.CLOCK_STOPPED, now=end)  # it is back
                if JobName.DELIVER not in self.without:  # what it wrote leaves at once
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
        """Write the end of the run, unless another run has begun since."""
        session.execute(
            update(Job)
            .where(col(Job.name) == self._name, col(Job.last_started_at) == self._now)
            .values(last_finished_at=end, last_seconds=(end - self._now).total_seconds(), **values)
        )
