"""Do background jobs: each by the verb of its kind, once, by one process at a time."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pkgutil import resolve_name
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
from workflows.launch.failed_launches import tell_failed
from workflows.queue.background_jobs import ATTEMPTS, JobRun, Stopped, take_background_job

Verb = Callable[[JobRun], Any]
"""Does a background job, and finishes it in its own last transaction."""
VERBS = {
    LAUNCH: "workflows.launch.launch_order:launch_in_background",
    PREVIEW: "workflows.jobs.launch_preview:preview",
    BULK: "workflows.worklists.board.bulk_action:bulk",
    COMING: "workflows.jobs.coming_letters:forecast",
}
"""Where the verb of each kind of the core is: loaded once there is such a job, as each brings much along.

Those of rooms stand in their lists, as `background.<kind>`.
"""

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
    """Do what may be done at `now` (UTC), or only one background job, until `stop` says so or others do what is left.

    Return how many jobs were taken up, and how many failed. In real time by the clock: later ones begin at their own
    moment. `is_watched`: whoever asked waits for it, and needs no notice where it fails.
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
            failed += not _do(turn, is_watched=is_watched)
    return {"background_jobs": jobs, "background_jobs_failed": failed}


def run_background_job(
    engine: Engine, settings: Settings, job_id: UUID, *, now: datetime, stop: Callable[[], bool] = lambda: False
) -> dict[str, int]:
    """Do one at `now` (UTC), unless another process has it, and return the counts of what came of it."""
    run_background_jobs(engine, settings, now=now, only=job_id, stop=stop)
    with reading(engine) as session:
        told = session.get_one(BackgroundJob, job_id).outcome
    return {name: count for name, count in told.items() if isinstance(count, int)}


def verb_of(kind: str) -> Verb:
    """Refused where its room is not installed."""
    if kind in VERBS:
        return cast(Verb, resolve_name(VERBS[kind]))
    place = Place[Verb](f"background.{kind}")
    if place.only is None and (room := room_adding(place.name)) is not None:
        raise Refused(NOT_INSTALLED, what=room.title, extra=room.extra)
    return cast(Verb, place.only)


def _do(turn: JobRun, *, is_watched: bool) -> bool:
    """Do it. False where it failed, which is written down and told."""
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
        raise  # nothing can be written down now; when its lease is over it is tried again
    except Exception as fault:
        _log.exception("background_job_failed")
        _fail(turn, {"": reason_of(fault)}, is_watched=is_watched)
    else:
        _log.info("background_job_done")
        return True
    return False


def _fail(turn: JobRun, reasons: Mapping[str, str], *, is_watched: bool) -> None:
    """With the reason in each language, or in "" the one there is."""
    try:
        with transaction(turn.engine) as session:
            language = session.get_one(Person, turn.job.asked_by).language
            turn.fail(session, reasons.get(language) or reasons[""])
            if not is_watched:
                tell_failed(session, turn.job, reasons, now=turn.moment)
    except LostLease:
        _log.warning("background_job_taken_over")
