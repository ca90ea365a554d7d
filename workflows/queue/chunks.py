"""Chunks of a background job: shares of its work that any process takes, one at a time, until none is left.

A chunk is taken for a short while in a transaction of its own, and its work is one more that ends with its mark: a
process that dies in between has done nothing, and the chunk is taken again. Who ends the last one ends the errand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, case, func, text, update
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlmodel import Session, col, select

from models.database.leases import Lease, LostLease, claim, is_ready, settle
from models.database.rows import update_one
from models.database.session import transaction
from models.errors import Overtaken
from models.operations.background_job import TO_TAKE, BackgroundJob, BackgroundJobState, ChunkState, JobChunk
from workflows.queue.background_jobs import LEASE

CHUNK_LEASE = timedelta(seconds=30)
"""So long a process has for a chunk, and longer each time it is tried; far above what one takes."""
_MOST = 1000  # nobody needs to know more exactly how many wait


@dataclass(frozen=True)
class Taken:
    """A chunk in one process's hands."""

    job_id: UUID
    kind: str
    number: int
    size: int
    lease_token: int
    attempts: int
    content: Mapping[str, Any]
    error: str  # of the last time

    @property
    def lease(self) -> Lease:
        """Return the lease under which it is settled."""
        return Lease((self.job_id, self.number), self.lease_token)


def take_chunk(engine: Engine, *, now: datetime, only: UUID | None = None) -> Taken | None:
    """Take the next chunk that may be done at `now` (UTC), of any background job or of one; None where there is none.

    Background jobs take turns, chunk by chunk: a small one does not wait for all of a big one that began before it.
    """
    with transaction(engine) as session:
        query = (
            select(JobChunk, BackgroundJob.kind)
            .join(BackgroundJob, col(BackgroundJob.id) == col(JobChunk.errand_id))
            .where(*_may_be_taken(now))
            .order_by(col(JobChunk.number), col(JobChunk.errand_id))
            .limit(1)
            .with_for_update(skip_locked=True, of=JobChunk)
        )
        if only is not None:
            query = query.where(JobChunk.errand_id == only)
        found = session.exec(query).first()
        if found is None:
            return None
        chunk, kind = found
        key, token, attempts = (chunk.errand_id, chunk.number), chunk.lease_token + 1, chunk.attempts + 1
        until = now + CHUNK_LEASE * attempts
        # release 0.2.0, which may be at work until an upgrade is finished, looks at `ready_at` alone
        claim(session, JobChunk, [key], until=until, state=ChunkState.RUNNING, ready_at=until)
        _keep_going(session, chunk.errand_id, until)
        return Taken(chunk.errand_id, kind, chunk.number, chunk.size, token, attempts, chunk.content, chunk.error)


def end_chunk(
    session: Session, taken: Taken, *, now: datetime, outcome: Mapping[str, Any] | None = None, error: str = ""
) -> BackgroundJob | None:
    """Mark a chunk as done, or with an `error` as failed for good, in the transaction of its work.

    Return the job where that was the last one: the caller ends it in the same transaction. LostLease: another
    process has the chunk, or the job is over.
    """
    state = ChunkState.FAILED if error else ChunkState.DONE
    ended = {"state": state, "ready_at": None, "outcome": dict(outcome or {}), "error": error[:1000]}
    settle(session, JobChunk, taken.lease, **ended)
    # the background job's row is locked from here to the commit: of two that end the last two chunks, the later sees it
    mine = update(BackgroundJob).where(
        col(BackgroundJob.id) == taken.job_id, col(BackgroundJob.state) == BackgroundJobState.RUNNING
    )
    least = now + LEASE  # others may have a chunk in hand for longer
    lease = case((col(BackgroundJob.lease_until) > least, col(BackgroundJob.lease_until)), else_=least)
    done = mine.values(done=BackgroundJob.done + (0 if error else taken.size), lease_until=lease)
    if not update_one(session, done.execution_options(synchronize_session=False)):
        raise LostLease
    return session.get_one(BackgroundJob, taken.job_id, populate_existing=True) if is_over(session, taken) else None


def put_back(session: Session, taken: Taken, *, again: datetime, error: str) -> None:
    """Let a chunk that failed for the time being wait until it is tried again. LostLease: another process has it."""
    settle(session, JobChunk, taken.lease, state=ChunkState.WAITING, ready_at=again, error=error[:1000])
    _keep_going(session, taken.job_id, again)


def _keep_going(session: Session, job_id: UUID, until: datetime) -> None:
    """A job with a chunk that waits or is in hand until a moment is not one whose processes have all died."""
    late = col(BackgroundJob.state) == BackgroundJobState.RUNNING, col(BackgroundJob.lease_until) < until
    session.execute(
        update(BackgroundJob)
        .where(col(BackgroundJob.id) == job_id, *late)
        .values(lease_until=until + LEASE)
        .execution_options(synchronize_session=False)
    )


def is_temporary(fault: Exception) -> bool:
    """Return whether the same chunk may go well next time: somebody was in its way, or the database away."""
    return isinstance(fault, Overtaken | OperationalError | InterfaceError | IntegrityError)


def is_over(session: Session, taken: Taken) -> bool:
    """Return whether no chunk of its background job is left to be done."""
    left = select(JobChunk.number).where(JobChunk.errand_id == taken.job_id, TO_TAKE).limit(1)
    return session.exec(left).first() is None


def end_background_job(
    session: Session,
    job_id: UUID,
    state: BackgroundJobState,
    *,
    now: datetime,
    outcome: Mapping[str, Any],
    error: str = "",
) -> None:
    """End a background job that was done in chunks, once. LostLease where it is over."""
    changed = update_one(
        session,
        update(BackgroundJob)
        .where(col(BackgroundJob.id) == job_id, col(BackgroundJob.state) == BackgroundJobState.RUNNING)
        .values(state=state, lease_until=None, finished_at=now, outcome=dict(outcome), error=error[:1000])
        .execution_options(synchronize_session=False),
    )
    if not changed:
        raise LostLease


def chunks_waiting(session: Session, now: datetime) -> int:
    """Return how many chunks may be taken at `now` (UTC), of all background jobs, 1,000 at most. Reads only."""
    query = (
        select(JobChunk.number)
        .join(BackgroundJob, col(BackgroundJob.id) == col(JobChunk.errand_id))
        .where(*_may_be_taken(now))
    )
    return session.exec(select(func.count()).select_from(query.limit(_MOST).subquery())).one()


def let_go_when_silent(session: Session) -> None:
    """Have the server end this transaction if its process falls silent: one whose machine has died holds its rows."""
    if session.connection().dialect.name == "postgresql":
        seconds = int(CHUNK_LEASE.total_seconds())
        session.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = '{seconds}s'"))


def _may_be_taken(now: datetime) -> tuple[Any, ...]:
    return TO_TAKE, is_ready(JobChunk, now), col(BackgroundJob.state) == BackgroundJobState.RUNNING
