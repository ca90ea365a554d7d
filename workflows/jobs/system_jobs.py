"""The system jobs: when each runs next, and how an administrator changes, pauses or starts one."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Engine
from sqlmodel import Session, select

from models.database.rows import insert_new, table_of
from models.database.session import reading, transaction
from models.errors import BadInput, NotFound
from models.operations.system_job import DEFAULT_CRONS, Job, JobName
from models.text.cron import Cron, next_fire
from models.text.faults import fault_words
from models.text.localtime import MORNING, at_local, local_date
from workflows.access.audit_log import AuditActor

_CRON: TypeAdapter[str] = TypeAdapter(Cron)
_SAMPLE_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
"""Any moment from which to try a cron expression."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TAKEN = timedelta(minutes=3)
"""The time that a taken job has to begin; then another clock takes it. Longer than a clock waits for workers."""
TICK_PARTS = (JobName.OPEN_PERIODS, JobName.SUMMARIES)
"""The jobs whose work each tick does as well."""


def ensure_jobs(session: Session) -> None:
    """Write the missing jobs with their default times."""
    rows: list[dict[str, Any]] = [
        {"name": name, "cron": cron, "is_paused": False, "last_outcome": {}, "last_error": ""}
        for name, cron in DEFAULT_CRONS.items()
    ]
    insert_new(session, table_of(Job), rows)


def list_jobs(session: Session, now: datetime, *, every: int = 60) -> list[Job]:
    """Return copies of the jobs in the order of `JobName`, each with its next run after `now` (None: paused).

    `every` is the pace in seconds of jobs without a cron expression. A job without a row gets its default time.
    """
    rows = {job.name: job.model_dump() for job in session.exec(select(Job))}
    jobs = []
    for name in JobName:
        job = Job.model_validate(rows.get(name, {"name": name, "cron": DEFAULT_CRONS[name]}))
        job.next_run_at = None if job.is_paused else next_run(job.cron, now, every=every)
        jobs.append(job)
    return jobs


def read_job_name(text: str) -> JobName:
    """Read a job's name written with - or _. Raise NotFound with the list of names."""
    try:
        return JobName(text.strip().lower().replace("-", "_"))
    except ValueError:
        raise NotFound(
            "job {name}: expected one of {allowed}", name=text, allowed=", ".join(written(job) for job in JobName)
        ) from None


def written(name: JobName) -> str:
    return name.value.replace("_", "-")


def left_to_their_jobs(jobs: Iterable[Job]) -> frozenset[JobName]:
    """Return the jobs whose work the clock's ticks leave out: those that are paused or run at another time.

    The tick runs every minute. Without this, pausing one of these jobs or moving it to a later hour would do nothing.
    """
    return frozenset(
        job.name
        for job in jobs
        if job.name in (*TICK_PARTS, JobName.DELIVER) and (job.is_paused or job.cron != DEFAULT_CRONS[job.name])
    )


def set_cron(
    session: Session, name: JobName, cron: str | None, now: datetime, audit_actor: AuditActor | None = None
) -> Job:
    """Change when a job runs; a `cron` of None means the pace of the settings. Raise BadInput for a useless time.

    This function and the next ones write a line of the audit log, but not where nothing changes.
    """
    if cron is not None:
        try:
            cron = _CRON.validate_python(cron)
        except ValidationError as error:
            raise BadInput(
                "{field} {value}: {wrong}", field="cron", value=cron, wrong=fault_words(error.errors()[0])
            ) from error
        if next_fire(cron, _SAMPLE_MOMENT) is None:
            raise BadInput("cron {value}: no day is like that; expected something like 0 8 * * 1-5", value=cron)
        if name is JobName.SUMMARIES and not _reaches_morning(cron):
            raise BadInput(
                "cron {value}: before 08:00 no summary is due; expected something like 0 9 * * 1", value=cron
            )
    job = lock_job(session, name)
    if job.cron == cron:
        return job
    before, job.cron = job.cron, cron
    job.next_run_at, job.watched_since = None, now
    return _save(session, job, audit_actor or AuditActor(now), "job_moved", {"before": before, "after": cron})


def pause(session: Session, name: JobName, now: datetime, audit_actor: AuditActor | None = None) -> Job:
    """Stop the clock from doing a job's work, in ticks too. A person can still run it by hand."""
    job = lock_job(session, name)
    if job.is_paused:
        return job
    job.is_paused, job.next_run_at, job.watched_since = True, None, now
    return _save(session, job, audit_actor or AuditActor(now), "job_paused")


def resume(session: Session, name: JobName, now: datetime, audit_actor: AuditActor | None = None) -> Job:
    job = lock_job(session, name)
    if not job.is_paused:
        return job
    job.is_paused, job.next_run_at, job.watched_since = False, None, now
    return _save(session, job, audit_actor or AuditActor(now), "job_resumed")


def ask_to_run(session: Session, name: JobName, now: datetime, audit_actor: AuditActor | None = None) -> Job:
    """Have a running clock, else the next one to start, run a job once; also a paused job."""
    job = lock_job(session, name)
    job.asked_at = now
    return _save(session, job, audit_actor or AuditActor(now), "job_asked_for")


def _save(
    session: Session, job: Job, audit_actor: AuditActor, action: str, facts: Mapping[str, Any] | None = None
) -> Job:
    session.add(job)
    audit_actor.note(session, action, written(job.name), facts)
    session.flush()
    return job


def lock_job(session: Session, name: JobName) -> Job:
    """Return a job's row, locked until this transaction ends."""
    ensure_jobs(session)
    return session.exec(select(Job).where(Job.name == name).with_for_update()).one()


def next_run(cron: str | None, after: datetime, *, every: int) -> datetime | None:
    """Return the first run after an instant (UTC), or None. A pace counts from the epoch, for all processes alike."""
    if cron is not None:
        run_at = next_fire(cron, after)
        return None if run_at is None else run_at.astimezone(UTC)
    pace = timedelta(seconds=every)
    return after - (after - _EPOCH) % pace + pace


def take_due(engine: Engine, names: Collection[JobName], *, now: datetime, every: int) -> JobName | None:
    """Take the first of these jobs that is due at `now` (UTC), for this clock alone; None if none is due.

    A taken job's row says when another clock may run it if this process dies: after `TAKEN`, or at its next run.
    A job without a next run, as after a change, gets one here. So does a job whose next run lies too late because the
    machine's clock was set back.
    """
    with reading(engine) as session:
        jobs = [job.name for job in session.exec(select(Job)) if job.name in names and _needs_clock(job, now, every)]
    for name in sorted(jobs, key=list(JobName).index):
        with transaction(engine) as session:
            job = lock_job(session, name)
            is_due = _is_due(job, now)
            if not _needs_clock(job, now, every):
                continue  # another clock was quicker
            following = next_run(job.cron, now, every=every)
            if is_due and following is not None:
                following = min(following, now + TAKEN)
            job.asked_at, job.next_run_at = None, None if job.is_paused else following
            session.add(job)
        if is_due:
            return name
    return None


def _needs_clock(job: Job, now: datetime, every: int) -> bool:
    """Return whether the job is due, or the next run in its row is missing or wrong."""
    if _is_due(job, now) or job.is_paused:
        return _is_due(job, now)
    following = next_run(job.cron, now, every=every)
    return following is not None and (job.next_run_at is None or job.next_run_at > following)


def _is_due(job: Job, now: datetime) -> bool:
    if job.asked_at is not None:
        return True
    return not job.is_paused and job.next_run_at is not None and job.next_run_at <= now


def _reaches_morning(cron: str) -> bool:
    """Return whether an expression has moments at or after 08:00. No weekly summary is due before that."""
    run_at = first_run = next_fire(cron, at_local(local_date(_SAMPLE_MOMENT), time.min) - timedelta(seconds=1))
    while run_at is not None and first_run is not None and run_at.date() == first_run.date():  # one day shows all times
        if run_at.time() >= MORNING:
            return True
        run_at = next_fire(cron, run_at)
    return False
