"""Do background jobs: each by the verb of its kind, once, by one process at a time."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from models.database.leases import LostLease
from models.database.session import transaction
from models.errors import DondocError, Refused, reason_of
from models.i18n import LANGUAGES
from models.operations.background_job import BULK, COMING, LAUNCH, PREVIEW, SCAN
from models.operations.logs import get_log, log_keys
from models.operations.traces import span
from models.organization.person import Person
from models.settings import Settings
from workflows.jobs.coming_letters import forecast
from workflows.jobs.launch_preview import preview
from workflows.jobs.read_scans import read_in_background
from workflows.launch.failed_launches import tell_failed
from workflows.launch.launch_order import launch_in_background
from workflows.queue.background_jobs import ATTEMPTS, JobRun, Stopped, take_background_job
from workflows.worklists.board.bulk_action import bulk

BACKGROUND_JOBS = "errands"
"""What the doing of them is called in Prefect."""
Verb = Callable[[JobRun], Any]
"""Does a background job, and finishes it in its own last transaction."""
VERBS: dict[str, Verb] = {
    LAUNCH: launch_in_background,
    PREVIEW: preview,
    BULK: bulk,
    COMING: forecast,
    SCAN: read_in_background,
}


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

    Return how many jobs were taken up, and how many failed. In real time by the clock: later ones begin at their own
    moment.
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
            failed += not _do(turn, alone=only is None)
    return {"errands": jobs, "errands_failed": failed}


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
        _log.info("background_job_done")
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
