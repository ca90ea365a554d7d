"""Run background jobs: each by the function of its kind, once, in one process at a time.

`BackgroundRunner` looks for them every second.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pkgutil import resolve_name
from threading import Event
from time import monotonic
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from models.database.leases import LostLease
from models.database.session import reading, transaction
from models.errors import DondocError, Refused, reason_of
from models.i18n import LANGUAGES
from models.operations.background_job import BULK, COMING, LAUNCH, PREVIEW, BackgroundJob
from models.operations.logs import get_log, log_keys
from models.operations.traces import span
from models.organization.person import Person
from models.rooms import NOT_INSTALLED, Place, room_adding
from models.settings import Settings
from workflows.jobs.clock.clock_ahead import is_believed
from workflows.jobs.run_names import RunName, name_background_job
from workflows.jobs.tick import Call, Counts, plainly
from workflows.launch.failed_launches import tell_failed
from workflows.queue.background_jobs import ATTEMPTS, JobRun, Stopped, take_background_job, waiting

Verb = Callable[[JobRun], Any]
"""Runs a background job, and finishes it in its last transaction."""
VERBS = {
    LAUNCH: "workflows.launch.launch_order:launch_in_background",
    PREVIEW: "workflows.jobs.launch_preview:preview",
    BULK: "workflows.worklists.board.bulk_action:bulk",
    COMING: "workflows.jobs.coming_letters:forecast",
}
"""The functions of the core by kind, imported on first use. Rooms add theirs as `background.<kind>`."""

_log = get_log(__name__)


def run_background_jobs(
    engine: Engine,
    settings: Settings,
    *,
    now: datetime,
    only: UUID | None = None,
    is_watched: bool = False,
    stop: Callable[[], bool] = lambda: False,
) -> dict[str, int]:
    """Run the jobs that may run at `now` (UTC), or only one, until none is left or `stop` returns true.

    Return the numbers of jobs and of failures. Time goes on in between: each job begins at its own moment.
    `is_watched`: the person who ordered it waits for it, so that no alert is needed if it fails.
    """
    began, jobs, failed = monotonic(), 0, 0
    while not stop():
        moment = now + timedelta(seconds=monotonic() - began)
        turn = take_background_job(engine, settings, now=moment, only=only, stop=stop)
        if turn is None:
            break
        jobs += 1
        facts = {"background_job": str(turn.job.id), "kind": turn.job.kind}
        with log_keys(**facts), span("background job", facts):
            failed += not _run(turn, is_watched=is_watched)
    return {"background_jobs": jobs, "background_jobs_failed": failed}


def run_background_job(
    engine: Engine, settings: Settings, job_id: UUID, *, now: datetime, stop: Callable[[], bool] = lambda: False
) -> dict[str, int]:
    """Run one job at `now` (UTC), unless another process has it. Return the counts of its outcome."""
    run_background_jobs(engine, settings, now=now, only=job_id, stop=stop)
    with reading(engine) as session:
        outcome = session.get_one(BackgroundJob, job_id).outcome
    return {name: count for name, count in outcome.items() if isinstance(count, int)}


def verb_of(kind: str) -> Verb:
    """Return the function of a kind of job. Raise Refused if its room is not installed."""
    if kind in VERBS:
        return cast(Verb, resolve_name(VERBS[kind]))
    place = Place[Verb](f"background.{kind}")
    room = room_adding(place.name) if place.only is None else None
    if room is not None:
        raise Refused(NOT_INSTALLED, what=room.title, extra=room.extra)
    return cast(Verb, place.only)


def _run(turn: JobRun, *, is_watched: bool) -> bool:
    """Run a job. Return False if it failed, after recording that."""
    try:
        if turn.job.attempts > ATTEMPTS:
            raise Refused("it was given up: {count} times a process died while doing it", count=ATTEMPTS)
        verb_of(turn.job.kind)(turn)
    except LostLease:
        _log.warning("background_job_taken_over")
        return True
    except Stopped:
        with transaction(turn.engine) as session:
            turn.release(session)
        return True
    except DondocError as error:
        _fail(turn, {language: error.tell(language) for language in LANGUAGES}, is_watched=is_watched)
    except (OperationalError, InterfaceError):
        raise  # the database is away; the job is tried again when its lease is over
    except Exception as error:
        _log.exception("background_job_failed")
        _fail(turn, {"": reason_of(error)}, is_watched=is_watched)
    else:
        _log.info("background_job_done")
        return True
    return False


def _fail(turn: JobRun, reasons: Mapping[str, str], *, is_watched: bool) -> None:
    """Record the failure. `reasons` holds the reason by language, or one reason under ""."""
    try:
        with transaction(turn.engine) as session:
            language = session.get_one(Person, turn.job.asked_by).language
            turn.fail(session, reasons.get(language) or reasons[""])
            if not is_watched:
                tell_failed(session, turn.job, reasons, now=turn.moment)
    except LostLease:
        _log.warning("background_job_taken_over")


HandOver = Callable[[BackgroundJob, RunName], bool]
"""Hands a background job to the workers. Returns False if there are none."""
_MOST = 50


def without_prefect(_name: RunName, do: Callable[[Call], Counts]) -> Counts:
    """Run in this process, without showing the run in Prefect."""
    return do(plainly)


class BackgroundRunner:
    """Runs waiting jobs one after the other: `hand_over` gives them to workers, else `run` runs them here."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        stop: Event,
        *,
        run: Callable[[RunName, Callable[[Call], Counts]], Counts] = without_prefect,
        hand_over: HandOver = lambda job, name: False,
    ) -> None:
        self._engine, self._settings, self._stop, self._run, self._hand_over = engine, settings, stop, run, hand_over

    def look(self, now: datetime) -> None:
        """Hand over all jobs that may begin at `now` (UTC), or run the first one that no worker takes."""
        with reading(self._engine) as session:
            jobs = [(job, name_background_job(session, job)) for job in waiting(session, now=now, limit=_MOST)]
        if not jobs or not is_believed(self._engine, now):
            return  # with a wrong clock, a launch of a later day would begin today
        for job, name in jobs:
            if self._stop.is_set():
                return
            if not self._hand_over(job, name):
                self._run(name, self._doing(job.id, now))
                return

    def _doing(self, only: UUID, now: datetime) -> Callable[[Call], Counts]:
        stop = self._stop.is_set
        return lambda _call: run_background_job(self._engine, self._settings, only, now=now, stop=stop)
