"""Background jobs: ask for long work, look at it, cancel it, and take it to do it.

A verb writes its progress together with what it has done, under its lease: after a kill the next one goes on there.
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
"""So long one worker holds a background job without a word of progress; far above what one step takes."""
ATTEMPTS = 5
"""A background job that so many processes died of is given up."""
_TELL_EVERY = 0.5  # seconds between two looks at the progress that are worth a commit of their own

STATE_WORDS = {
    BackgroundJobState.QUEUED: _("waiting to begin"),
    BackgroundJobState.RUNNING: _("under way now"),
    BackgroundJobState.DONE: _("finished"),
    BackgroundJobState.FAILED: _("failed"),
    BackgroundJobState.CANCELLED: _("cancelled"),
}


class Stopped(Exception):
    """The process is about to end: the background job waits for the next one."""


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
    """Queue a background job (JSON values in `given`). An id that is there already is that job: a form sent twice."""
    row = BackgroundJob(
        id=job_id or new_id(),
        kind=kind,
        given=dict(given),
        asked_by=asked_by,
        asked_at=now,
        not_before=max(starts_at or now, now),
    )
    insert_new(session, table_of(BackgroundJob), [row.model_dump()])
    found = session.get_one(BackgroundJob, row.id)
    if found.asked_by != asked_by or found.kind != kind:
        raise Refused("this form is too old, or came from another site: open the page again and repeat it")
    return found


def find_background_job(session: Session, principal: Principal, job_id: UUID) -> BackgroundJob:
    """Somebody's own; administrators see all. NotFound for anybody else's."""
    found = session.get(BackgroundJob, job_id)
    if found is None or not (found.asked_by == principal.person.id or principal.may(Right.RUN_JOBS)):
        raise NotFound("there is no such background job")
    return found


def list_background_jobs(
    session: Session, principal: Principal, *, kinds: Collection[str] = (), limit: int = 20
) -> list[BackgroundJob]:
    """Somebody's own background jobs (of these kinds, or of all), the newest first."""
    query = select(BackgroundJob).where(BackgroundJob.asked_by == principal.person.id)
    if kinds:
        query = query.where(col(BackgroundJob.kind).in_(kinds))
    return list(
        session.exec(query.order_by(col(BackgroundJob.asked_at).desc(), col(BackgroundJob.id).desc()).limit(limit))
    )


def cancel(session: Session, job: BackgroundJob, *, now: datetime) -> None:
    """Take back a background job that has not begun. Refused for one that has."""
    changed = update_one(
        session,
        update(BackgroundJob)
        .where(col(BackgroundJob.id) == job.id, col(BackgroundJob.state) == BackgroundJobState.QUEUED)
        .values(state=BackgroundJobState.CANCELLED, finished_at=now),
    )
    if not changed:
        raise Refused("it has begun already and can no longer be cancelled")


def resume(session: Session, principal: Principal, job: BackgroundJob, *, now: datetime) -> None:
    """Have a launch that failed done after all, or a scan read once more. Refused for any other background job.

    Of a launch only administrators, and who may launch the directive now: having asked once is no right for ever.
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
    """One process's go at a background job. `progress` goes into the transaction of the work that it counts."""

    engine: Engine
    settings: Settings
    job: BackgroundJob
    now: datetime  # when the go began, UTC
    stop: Callable[[], bool] = lambda: False
    _began: float = field(default_factory=time.monotonic)
    _told: float = 0.0

    @property
    def moment(self) -> datetime:
        """The present, by the clock that the go began with (UTC)."""
        return self.now + timedelta(seconds=time.monotonic() - self._began)

    def progress(self, session: Session, done: int, total: int, outcome: Mapping[str, Any] | None = None) -> None:
        """Write how far it is, and hold the job on. LostLease: another process has it. Stopped: this one ends."""
        if self.stop():
            raise Stopped
        values: dict[str, Any] = {"done": done, "total": total}
        if outcome is not None:
            values["outcome"] = dict(outcome)
        renew(session, BackgroundJob, self._lease, until=self.moment + LEASE, **values)

    def tell(self, done: int, total: int) -> None:
        """Progress of work that writes nothing: a transaction of its own, but not too many of them."""
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
        """Give it back as if it had not been taken; what was done of it stays done."""
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
    """Take the next job that is ready at `now` (UTC), or this one; None where there is none. Launches come first."""
    with transaction(engine) as session:
        query = _waiting(now, 1)
        if only is not None:
            query = query.where(BackgroundJob.id == only)
        found = session.exec(query.with_for_update(skip_locked=True)).first()
        if found is None:
            return None
        claim(session, BackgroundJob, [(found.id,)], until=now + LEASE, state=BackgroundJobState.RUNNING)
        session.refresh(found)
        session.expunge(found)
        return JobRun(engine, settings, found, now, stop)


def waiting(session: Session, *, now: datetime, limit: int) -> list[BackgroundJob]:
    """They may begin at `now` (UTC), or their process has fallen silent. Launches come first."""
    return list(session.exec(_waiting(now, limit)))


def _waiting(now: datetime, limit: int) -> SelectOfScalar[BackgroundJob]:
    return (
        select(BackgroundJob)
        .where(TO_DO, is_ready(BackgroundJob, now))
        .order_by(col(BackgroundJob.kind) != LAUNCH, col(BackgroundJob.not_before), col(BackgroundJob.id))
        .limit(limit)
    )
