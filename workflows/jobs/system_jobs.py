"""The system jobs: which there are, when each runs, and changes of that."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session, select

from models.database.rows import insert_new, table_of
from models.errors import BadInput, NotFound
from models.operations.system_job import DEFAULT_CRONS, Job, JobName
from models.text.cron import Cron, last_fire, next_fire
from models.text.faults import fault_words
from models.text.localtime import MORNING, at_local, local_date
from workflows.access.audit_log import AuditActor

_CRON: TypeAdapter[str] = TypeAdapter(Cron)
_EVER = datetime(2026, 1, 1, tzinfo=UTC)
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
    """Return the jobs in the order of `JobName`, each with its next run after `now` (None: paused). For showing, not
    keeping.

    `every`: the pace in seconds of those without an expression. Jobs that were never written show their usual times.
    """
    kept = {job.name: job for job in session.exec(select(Job))}
    shown = []
    for name in JobName:
        job = Job.model_validate(
            kept[name].model_dump() if name in kept else {"name": name, "cron": DEFAULT_CRONS[name]}
        )
        job.next_run_at = None if job.is_paused else next_run(name, job.cron, now, every=every)
        shown.append(job)
    return shown


def read_job_name(text: str) -> JobName:
    """Return a job by its name, written with - or _. NotFound names those there are."""
    try:
        return JobName(text.strip().lower().replace("-", "_"))
    except ValueError:
        raise NotFound(
            "job {name}: expected one of {allowed}", name=text, allowed=", ".join(written(one) for one in JobName)
        ) from None


def written(name: JobName) -> str:
    """Return a job's name as one types it."""
    return name.value.replace("_", "-")


def left_to_their_jobs(jobs: Iterable[Job]) -> frozenset[JobName]:
    """Return what is not done with a tick by the clock: what has a job that is paused or has another expression.

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
    """Let a job run by the clock again."""
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
    """Return a job's row, which others wait for until this transaction ends."""
    ensure_jobs(session)
    return session.exec(select(Job).where(Job.name == name).with_for_update()).one()


def next_run(name: JobName, cron: str | None, after: datetime, *, every: int) -> datetime | None:
    """Return when a job runs next after an instant (UTC). None: never.

    Paces count from the epoch, so that every process and every start agrees on the moments; the delivery's lie half
    way between those of the ticks, after which letters leave too.
    """
    if cron is not None:
        found = next_fire(cron, after)
        return None if found is None else found.astimezone(UTC)
    pace = timedelta(seconds=every)
    return after - (after - _start(name, pace)) % pace + pace


def planned_moment(name: JobName, cron: str | None, now: datetime, *, every: int) -> datetime:
    """Return the moment a job was last to run at, at or before `now` (UTC): the same for every clock, however late it
    rings.

    It is what a run is called by, so that any number of clocks hand over one run for each moment. An expression that
    has had no moment yet gives the beginning of the present second.
    """
    if cron is not None:
        found = last_fire(cron, now)
        return now.replace(microsecond=0) if found is None else found.astimezone(UTC)
    pace = timedelta(seconds=every)
    return now - (now - _start(name, pace)) % pace


def _start(name: JobName, pace: timedelta) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + (pace / 2 if name is JobName.DELIVER else timedelta())


def _reaches_morning(cron: str) -> bool:
    """Return whether an expression has moments at or after 08:00; before, the week's summary is not due."""
    fired = first = next_fire(cron, at_local(local_date(_EVER), time.min) - timedelta(seconds=1))
    while fired is not None and first is not None and fired.date() == first.date():  # all its days are alike
        if fired.time() >= MORNING:
            return True
        fired = next_fire(cron, fired)
    return False


def due_jobs(jobs: Sequence[Job], now: datetime) -> set[JobName]:
    """Return those whose time passed while nobody ran them."""
    return {job.name for job in jobs if not job.is_paused and job.next_run_at is not None and job.next_run_at <= now}
