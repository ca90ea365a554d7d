"""Background jobs: long work that people ask for, see, cancel and repeat, and that a worker takes and does.

A worker writes its progress in the transaction of the work itself, under a lease. After a kill the next worker goes on
from there.
"""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.database.ids import new_id
from models.database.leases import Lease, claim, is_ready, release, renew, settle
from models.database.rows import insert_new, table_of, update_one
from models.database.session import transaction
from models.errors import NotFound, Refused
from models.i18n import _
from models.operations.background_job import LAUNCH, SCAN, TO_DO, BackgroundJob, BackgroundJobState, JobPart
from models.settings import Settings
from workflows.access.rights import Principal, open_directive
from workflows.rules.rights_table import Right

LEASE = timedelta(minutes=2)
"""A worker holds a background job for this time without progress. One step takes far less."""
ATTEMPTS = 5
"""A background job is given up after it has killed this many processes."""
_TELL_EVERY = 0.5  # seconds between two commits that write nothing but progress

STATE_WORDS = {
    BackgroundJobState.QUEUED: _("waiting to begin"),
    BackgroundJobState.RUNNING: _("under way now"),
    BackgroundJobState.DONE: _("finished"),
    BackgroundJobState.FAILED: _("failed"),
    BackgroundJobState.CANCELLED: _("cancelled"),
}


class Stopped(Exception):
    """This process is about to end. The background job waits for the next one."""


def ask(
    session: Session,
    kind: str,
    given: Mapping[str, Any],
    *,
    asked_by: UUID,
    now: datetime,
    starts_at: datetime | None = None,
    job_id: UUID | None = None,
) -> BackgroundJob:
    """Queue a background job with the JSON values of `given`.

    A `job_id` that exists already returns that job: the form was sent twice.
    """
    job = BackgroundJob(
        id=job_id or new_id(),
        kind=kind,
        given=dict(given),
        asked_by=asked_by,
        asked_at=now,
        not_before=max(starts_at or now, now),
    )
    insert_new(session, table_of(BackgroundJob), [job.model_dump()])
    stored = session.get_one(BackgroundJob, job.id)
    if stored.asked_by != asked_by or stored.kind != kind:
        raise Refused("this form is too old, or came from another site: open the page again and repeat it")
    return stored


def find_background_job(session: Session, principal: Principal, job_id: UUID) -> BackgroundJob:
    """People see their own background jobs, administrators all. Raises NotFound for any other."""
    job = session.get(BackgroundJob, job_id)
    if job is None or not (job.asked_by == principal.person.id or principal.may(Right.RUN_JOBS)):
        raise NotFound("there is no such background job")
    return job


def list_background_jobs(
    session: Session, principal: Principal, *, kinds: Collection[str] = (), limit: int = 20
) -> list[BackgroundJob]:
    """Return somebody's own background jobs, the newest first. No `kinds` means all kinds."""
    query = select(BackgroundJob).where(BackgroundJob.asked_by == principal.person.id)
    if kinds:
        query = query.where(col(BackgroundJob.kind).in_(kinds))
    return list(
        session.exec(query.order_by(col(BackgroundJob.asked_at).desc(), col(BackgroundJob.id).desc()).limit(limit))
    )


def cancel(session: Session, job: BackgroundJob, *, now: datetime) -> None:
    """Cancel a background job. Raises Refused where it has begun."""
    changed = update_one(
        session,
        update(BackgroundJob)
        .where(col(BackgroundJob.id) == job.id, col(BackgroundJob.state) == BackgroundJobState.QUEUED)
        .values(state=BackgroundJobState.CANCELLED, finished_at=now),
    )
    if not changed:
        raise Refused("it has begun already and can no longer be cancelled")


def resume(session: Session, principal: Principal, job: BackgroundJob, *, now: datetime) -> None:
    """Queue a failed launch or a failed reading of a scan once more. Raises Refused for any other background job.

    A launch needs the right to launch that directive now, or to run jobs. It is not enough to have asked for it once.
    """
    if job.kind == LAUNCH and not principal.may(Right.RUN_JOBS):
        open_directive(session, principal, str(job.given["directive"]), Right.LAUNCH)
    changed = update_one(
        session,
        update(BackgroundJob)
        .where(
            col(BackgroundJob.id) == job.id,
            col(BackgroundJob.state) == BackgroundJobState.FAILED,
            col(BackgroundJob.kind).in_((LAUNCH, SCAN)),
        )
        .values(state=BackgroundJobState.QUEUED, not_before=now, finished_at=None, attempts=0, error=""),
    )
    if not changed:
        raise Refused("only a launch or the reading of a scan that failed can be done again")


def read_part(session: Session, job_id: UUID, name: str) -> dict[str, Any] | None:
    part = session.get(JobPart, (job_id, name))
    return part.content if part else None


@dataclass
class JobRun:
    """One process's run of a background job. Call `progress` in the transaction of the work that it counts."""

    engine: Engine
    settings: Settings
    job: BackgroundJob
    now: datetime  # when the run began, UTC
    stop: Callable[[], bool] = lambda: False
    _began: float = field(default_factory=time.monotonic)
    _told: float = 0.0

    @property
    def moment(self) -> datetime:
        """The present in UTC. Only the time since the beginning is measured here: `now` may be set by hand."""
        return self.now + timedelta(seconds=time.monotonic() - self._began)

    def progress(self, session: Session, done: int, total: int, outcome: Mapping[str, Any] | None = None) -> None:
        """Write the progress and renew the lease.

        Raises LostLease where another process has the job, Stopped where this process must end.
        """
        if self.stop():
            raise Stopped
        values: dict[str, Any] = {"done": done, "total": total}
        if outcome is not None:
            values["outcome"] = dict(outcome)
        renew(session, BackgroundJob, self._lease, until=self.moment + LEASE, **values)

    def tell(self, done: int, total: int) -> None:
        """Write the progress of work that writes nothing else, in a transaction of its own, at most twice a second."""
        if time.monotonic() - self._told >= _TELL_EVERY:
            self._told = time.monotonic()
            with transaction(self.engine) as session:
                self.progress(session, done, total)

    def finish(self, session: Session, outcome: Mapping[str, Any], parts: Mapping[str, Mapping[str, Any]]) -> None:
        rows = [{"errand_id": self.job.id, "name": name, "content": content} for name, content in parts.items()]
        insert_new(session, table_of(JobPart), rows)
        self._end(session, BackgroundJobState.DONE, outcome=dict(outcome))

    def fail(self, session: Session, error: str) -> None:
        self._end(session, BackgroundJobState.FAILED, error=error[:1000])

    def release(self, session: Session) -> None:
        """Give the job back to the queue. What was done of it stays done."""
        release(session, BackgroundJob, [self._lease], state=BackgroundJobState.QUEUED)

    @property
    def _lease(self) -> Lease:
        return Lease((self.job.id,), self.job.lease_token)

    def _end(self, session: Session, state: BackgroundJobState, **values: Any) -> None:
        settle(session, BackgroundJob, self._lease, state=state, finished_at=self.moment, **values)


def take_background_job(
    engine: Engine,
    settings: Settings,
    *,
    now: datetime,
    only: UUID | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> JobRun | None:
    """Take the next job that is ready at `now` (UTC), launches first. None where no job is ready.

    `only`: take this job or none.
    """
    with transaction(engine) as session:
        query = _waiting(now, 1)
        if only is not None:
            query = query.where(BackgroundJob.id == only)
        job = session.exec(query.with_for_update(skip_locked=True)).first()
        if job is None:
            return None
        claim(session, BackgroundJob, [(job.id,)], until=now + LEASE, state=BackgroundJobState.RUNNING)
        session.refresh(job)
        session.expunge(job)
        return JobRun(engine, settings, job, now, stop)


def waiting(session: Session, *, now: datetime, limit: int) -> list[BackgroundJob]:
    """Return jobs that may begin at `now` (UTC), or whose process has fallen silent. Launches come first."""
    return list(session.exec(_waiting(now, limit)))


def _waiting(now: datetime, limit: int) -> SelectOfScalar[BackgroundJob]:
    return (
        select(BackgroundJob)
        .where(TO_DO, is_ready(BackgroundJob, now))
        .order_by(col(BackgroundJob.kind) != LAUNCH, col(BackgroundJob.not_before), col(BackgroundJob.id))
        .limit(limit)
    )
