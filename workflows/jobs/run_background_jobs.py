"""Do background jobs: each by the verb of its kind, once; what goes in chunks, by many processes at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import Session, col, select

from models.database.back_off import CHUNK, next_attempt
from models.database.leases import LostLease
from models.database.session import gc_paused, reading, transaction
from models.errors import DondocError, Refused, reason_of
from models.i18n import LANGUAGES, translate
from models.operations.background_job import (
    BULK,
    COMING,
    LAUNCH,
    PREVIEW,
    SCAN,
    BackgroundJob,
    BackgroundJobState,
    ChunkState,
    JobChunk,
)
from models.operations.logs import get_log, log_keys
from models.operations.traces import span
from models.organization.person import Person
from models.settings import Settings
from workflows.jobs.coming_letters import forecast
from workflows.jobs.launch_preview import preview
from workflows.jobs.read_scans import read_in_background
from workflows.launch.failed_launches import tell_failed
from workflows.launch.launch_in_chunks import count_created, do_launch_chunk, end_launch_of, plan_chunks
from workflows.queue.background_jobs import ATTEMPTS, JobRun, Stopped, take_background_job
from workflows.queue.chunks import (
    Taken,
    end_background_job,
    end_chunk,
    is_temporary,
    let_go_when_silent,
    put_back,
    take_chunk,
)
from workflows.worklists.board.bulk_action import bulk

BACKGROUND_JOBS = "errands"
"""What the doing of them is called in Prefect."""
Verb = Callable[[JobRun], Any]
"""Does a background job and finishes it in its own last transaction; one that goes in chunks is only planned."""
VERBS: dict[str, Verb] = {LAUNCH: plan_chunks, PREVIEW: preview, BULK: bulk, COMING: forecast, SCAN: read_in_background}


@dataclass(frozen=True)
class Chunked:
    """How the chunks of a kind of job are done, each in a transaction with its mark, and what ends the job."""

    do: Callable[[Session, UUID, Mapping[str, Any]], dict[str, Any]]
    end: Callable[..., None]  # (session, job, *, now)
    count: Callable[[Session, BackgroundJob], int]  # what has been made so far


CHUNKED = {LAUNCH: Chunked(do_launch_chunk, end_launch_of, count_created)}
_log = get_log(__name__)


def run_background_jobs(
    engine: Engine,
    settings: Settings,
    *,
    now: datetime,
    only: UUID | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> dict[str, int]:
    """Do what may be done at `now` (UTC), or only one background job, until `stop` says so or others do what is left.

    Return how many jobs were taken up, how many failed, and how many chunks were done. In real time by the clock:
    later ones begin at their own moment.
    """
    doing = _Doing(engine, settings, now, only, stop)
    while not stop() and doing.step():
        pass
    return {"errands": doing.jobs, "errands_failed": doing.failed, "chunks": doing.chunks}


@dataclass
class _Doing:
    engine: Engine
    settings: Settings
    now: datetime
    only: UUID | None
    stop: Callable[[], bool]
    jobs: int = 0
    failed: int = 0
    chunks: int = 0
    _began: float = field(default_factory=monotonic)

    @property
    def moment(self) -> datetime:
        return self.now + timedelta(seconds=monotonic() - self._began)

    def step(self) -> bool:
        """Take the next step; return whether there was one.

        What goes in chunks is planned first, so that others can help; then chunks, then the rest, one by one.
        """
        return self._take(CHUNKED) or self._take_chunk() or self._take(VERBS.keys() - CHUNKED)

    def _take(self, kinds: Any) -> bool:
        turn = take_background_job(
            self.engine, self.settings, now=self.moment, only=self.only, kinds=list(kinds), stop=self.stop
        )
        if turn is None:
            return False
        self.jobs += 1
        facts = {"background_job": str(turn.job.id), "kind": turn.job.kind}
        with log_keys(**facts), span("background job", facts):
            self.failed += not _do(turn, alone=self.only is None)
        return True

    def _take_chunk(self) -> bool:
        taken = take_chunk(self.engine, now=self.moment, only=self.only)
        if taken is None:
            return False
        facts = {"background_job": str(taken.job_id), "kind": taken.kind}
        with log_keys(**facts, chunk=taken.number), span("chunk", facts):
            self._do_chunk(taken)
        return True

    def _do_chunk(self, taken: Taken) -> None:
        """Do it and marks it. One that was in somebody's way is put back; what fails for good is written down."""
        try:
            if taken.attempts > CHUNK.attempts:
                raise Refused("it was given up: {count} times a process died while doing it", count=CHUNK.attempts)
            with gc_paused(), transaction(self.engine) as session:
                let_go_when_silent(session)
                outcome = CHUNKED[taken.kind].do(session, taken.job_id, taken.content)
                last = end_chunk(session, taken, now=self.moment, outcome=outcome)
                if last is not None:
                    self._end(session, last)
            self.chunks += 1
        except LostLease:
            _log.warning("chunk_taken_over")
        except Exception as fault:
            reason = reason_of(fault)
            again = next_attempt(CHUNK, taken.attempts, self.moment) if is_temporary(fault) else None
            if again is not None:
                _log.warning("chunk_put_back", attempt=taken.attempts, reason=reason)
                self._mark(lambda session: put_back(session, taken, again=again, error=reason))
                return
            _log.exception("chunk_failed")
            if isinstance(fault, DondocError):
                reason = fault.tell(_language(self.engine, taken.job_id))
            self._mark(lambda session: self._fail_chunk(session, taken, reason))

    def _mark(self, mark: Callable[[Session], None]) -> None:
        try:
            with transaction(self.engine) as session:
                mark(session)
        except LostLease:
            _log.warning("chunk_taken_over")

    def _fail_chunk(self, session: Session, taken: Taken, error: str) -> None:
        last = end_chunk(session, taken, now=self.moment, error=error)
        if last is not None:
            self._end(session, last)

    def _end(self, session: Session, job: BackgroundJob) -> None:
        """Its last chunk is over: it has ended well, or it says what was made, what was not, and why."""
        of_it = (JobChunk.errand_id == job.id, JobChunk.state == ChunkState.FAILED)
        error = session.exec(select(JobChunk.error).where(*of_it).order_by(col(JobChunk.number))).first()
        if error is None:
            CHUNKED[job.kind].end(session, job, now=self.moment)
            _log.info("background_job_done")
            return
        created = CHUNKED[job.kind].count(session, job)
        told = translate(
            "{done} of {total} were done, {left} were not: {reason}",
            session.get_one(Person, job.asked_by).language,
            done=job.done,
            total=job.total,
            left=job.total - job.done,
            reason=error,
        )
        outcome = job.outcome | {"created": created}
        end_background_job(session, job.id, BackgroundJobState.FAILED, now=self.moment, outcome=outcome, error=told)
        if self.only is None:
            tell_failed(session, job, {"": told}, now=self.moment)
        self.failed += 1


def _do(turn: JobRun, *, alone: bool) -> bool:
    """Do it. False where it failed, which is written down and told. `alone`: nobody waits before the page."""
    try:
        if turn.job.attempts > ATTEMPTS:
            raise Refused("it was given up: {count} times a process died while doing it", count=ATTEMPTS)
        VERBS[turn.job.kind](turn)
    except LostLease:
        _log.warning("background_job_taken_over")
        return True
    except Stopped:
        with transaction(turn.engine) as session:
            turn.release(session)
        return True
    except DondocError as error:
        _fail(turn, {language: error.tell(language) for language in LANGUAGES}, alone=alone)
    except (OperationalError, InterfaceError):
        raise  # nothing can be written down now; when its lease is over it is tried again
    except Exception as fault:
        _log.exception("background_job_failed")
        _fail(turn, {"": reason_of(fault)}, alone=alone)
    else:
        _log.info("background_job_planned" if turn.job.kind in CHUNKED else "background_job_done")
        return True
    return False


def _fail(turn: JobRun, reasons: Mapping[str, str], *, alone: bool) -> None:
    """With the reason in each language, or in "" the one there is."""
    try:
        with transaction(turn.engine) as session:
            language = session.get_one(Person, turn.job.asked_by).language
            turn.fail(session, reasons.get(language) or reasons[""])
            if alone:
                tell_failed(session, turn.job, reasons, now=turn.moment)
    except LostLease:
        _log.warning("background_job_taken_over")


def _language(engine: Engine, job_id: UUID) -> str:
    with reading(engine) as session:
        return session.get_one(Person, session.get_one(BackgroundJob, job_id).asked_by).language
