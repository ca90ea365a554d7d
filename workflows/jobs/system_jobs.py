"""The system jobs: which there are, when each runs, and changes of that."""

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
_EVER = datetime(2026, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TAKEN = timedelta(minutes=3)
"""So long after it was taken a job may begin, above what a clock waits for workers; then another clock takes it."""
TICK_PARTS = (JobName.OPEN_PERIODS, JobName.SUMMARIES)
"""The jobs whose work the tick does as well; the sweep has no job of its own."""


def ensure_jobs(session: Session) -> None:
    """Write the jobs that are not there yet, with their usual times; a repeat changes nothing."""
    rows: list[dict[str, Any]] = [
        {"name": name, "cron": cron, "is_paused": False, "last_outcome": {}, "last_error": ""}
        for name, cron in DEFAULT_CRONS.items()
    ]
    insert_new(session, table_of(Job), rows)


def list_jobs(session: Session, now: datetime, *, every: int = 60) -> list[Job]:
    """In the order of `JobName`, each with its next run after `now` (None: paused). For showing, not keeping.

    `every`: the pace in seconds of those without an expression. Jobs that were never written show their usual times.
    """
    kept = {job.name: job for job in session.exec(select(Job))}
    shown = []
    for name in JobName:
        job = Job.model_validate(
            kept[name].model_dump() if name in kept else {"name": name, "cron": DEFAULT_CRONS[name]}
        )
        job.next_run_at = None if job.is_paused else next_run(job.cron, now, every=every)
        shown.append(job)
    return shown


def read_job_name(text: str) -> JobName:
    """Written with - or _. NotFound names those there are."""
    try:
        return JobName(text.strip().lower().replace("-", "_"))
    except ValueError:
        raise NotFound(
            "job {name}: expected one of {allowed}", name=text, allowed=", ".join(written(one) for one in JobName)
        ) from None


def written(name: JobName) -> str:
    return name.value.replace("_", "-")


def left_to_their_jobs(jobs: Iterable[Job]) -> frozenset[JobName]:
    """Not done with a tick by the clock: what has a job that is paused or has another expression.

    Without this a pause or a later hour would change nothing, as the tick comes every minute, and letters after it.
    """
    return frozenset(
        job.name
        for job in jobs
        if job.name in (*TICK_PARTS, JobName.DELIVER) and (job.is_paused or job.cron != DEFAULT_CRONS[job.name])
    )


def set_cron(session: Session, name: JobName, cron: str | None, now: datetime, hand: AuditActor | None = None) -> Job:
    """Change when a job runs; None: at the pace of the settings. BadInput for one at which it would do nothing.

    Here as below, with a `hand` the audit gets a line; what is so already stays as it is, without one.
    """
    if cron is not None:
        try:
            cron = _CRON.validate_python(cron)
        except ValidationError as error:
            raise BadInput(
                "{field} {value}: {wrong}", field="cron", value=cron, wrong=fault_words(error.errors()[0])
            ) from error
        if next_fire(cron, _EVER) is None:
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
    return _kept(session, job, hand or AuditActor(now), "job_moved", {"before": before, "after": cron})


def pause(session: Session, name: JobName, now: datetime, hand: AuditActor | None = None) -> Job:
    """Stop a job's work from being done by the clock, in ticks too; by hand it still can."""
    job = lock_job(session, name)
    if job.is_paused:
        return job
    job.is_paused, job.next_run_at, job.watched_since = True, None, now
    return _kept(session, job, hand or AuditActor(now), "job_paused")


def resume(session: Session, name: JobName, now: datetime, hand: AuditActor | None = None) -> Job:
    job = lock_job(session, name)
    if not job.is_paused:
        return job
    job.is_paused, job.next_run_at, job.watched_since = False, None, now
    return _kept(session, job, hand or AuditActor(now), "job_resumed")


def ask_to_run(session: Session, name: JobName, now: datetime, hand: AuditActor | None = None) -> Job:
    """Have a running clock do the job once within seconds, also a paused one; else the next one to start."""
    job = lock_job(session, name)
    job.asked_at = now
    return _kept(session, job, hand or AuditActor(now), "job_asked_for")


def _kept(session: Session, job: Job, hand: AuditActor, action: str, facts: Mapping[str, Any] | None = None) -> Job:
    session.add(job)
    hand.note(session, action, written(job.name), facts)
    session.flush()
    return job


def lock_job(session: Session, name: JobName) -> Job:
    """Others wait for the row until this transaction ends."""
    ensure_jobs(session)
    return session.exec(select(Job).where(Job.name == name).with_for_update()).one()


def next_run(cron: str | None, after: datetime, *, every: int) -> datetime | None:
    """The next moment after an instant (UTC). None: never.

    Paces count from the epoch, so that every process and every start agrees on the moments.
    """
    if cron is not None:
        found = next_fire(cron, after)
        return None if found is None else found.astimezone(UTC)
    pace = timedelta(seconds=every)
    return after - (after - _EPOCH) % pace + pace


def take_due(engine: Engine, names: Collection[JobName], *, now: datetime, every: int) -> JobName | None:
    """Take the first of these jobs that is to run at `now` (UTC), for this clock alone; None where none is.

    Its row then says when it would run if this process died before the job begins: in `TAKEN`, or at its next moment.
    A job without a moment, as after a change, gets one here; so does one whose moment lies too late, as where the
    machine's clock stepped back.
    """
    with reading(engine) as session:
        wanted = [job.name for job in session.exec(select(Job)) if job.name in names and _wants(job, now, every)]
    for name in sorted(wanted, key=list(JobName).index):
        with transaction(engine) as session:
            job = lock_job(session, name)
            is_due = _is_due(job, now)
            if not _wants(job, now, every):
                continue  # another clock was quicker
            following = next_run(job.cron, now, every=every)
            if is_due and following is not None:
                following = min(following, now + TAKEN)
            job.asked_at, job.next_run_at = None, None if job.is_paused else following
            session.add(job)
        if is_due:
            return name
    return None


def _wants(job: Job, now: datetime, every: int) -> bool:
    """A clock must look at the job: it is due, or its row does not say rightly when it will be."""
    if _is_due(job, now) or job.is_paused:
        return _is_due(job, now)
    following = next_run(job.cron, now, every=every)
    return following is not None and (job.next_run_at is None or job.next_run_at > following)


def _is_due(job: Job, now: datetime) -> bool:
    if job.asked_at is not None:
        return True
    return not job.is_paused and job.next_run_at is not None and job.next_run_at <= now


def _reaches_morning(cron: str) -> bool:
    """The expression has moments at or after 08:00; before, the week's summary is not due."""
    fired = first = next_fire(cron, at_local(local_date(_EVER), time.min) - timedelta(seconds=1))
    while fired is not None and first is not None and fired.date() == first.date():  # all its days are alike
        if fired.time() >= MORNING:
            return True
        fired = next_fire(cron, fired)
    return False
