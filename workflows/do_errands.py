"""Do what was asked for: each errand by the verb of its kind, one after the other, once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from models.errand import BULK, LAUNCH, PREVIEW, Errand
from models.errors import DondocError, Refused
from models.logs import get_log, log_keys
from models.person import Person
from models.session import reading, transaction
from models.settings import Settings
from workflows.bulk import bulk
from workflows.errands import ATTEMPTS, LostLease, Stopped, Turn, claim
from workflows.launch_in_chunks import launch_in_chunks
from workflows.preview import preview
from workflows.run_job import reason_of

ERRANDS = "errands"
"""What the doing of them is called in Prefect."""
Verb = Callable[[Turn], Any]
"""Does an errand and finishes it in its own last transaction."""
VERBS: dict[str, Verb] = {
    LAUNCH: launch_in_chunks,
    PREVIEW: preview,
    BULK: bulk,
}
_log = get_log(__name__)


def do_errands(
    engine: Engine,
    settings: Settings,
    *,
    now: datetime,
    only: UUID | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> dict[str, int]:
    """Does every errand that may begin at `now` (UTC), or only one, until `stop` says so.

    Returns how many, and how many failed. In real time by the clock: later ones begin at their own moment.
    """
    told = {"errands": 0, "errands_failed": 0}
    began = monotonic()
    while not stop():
        moment = now + timedelta(seconds=monotonic() - began)
        turn = claim(engine, settings, now=moment, only=only, stop=stop)
        if turn is None:
            return told
        told["errands"] += 1
        with log_keys(errand=str(turn.errand.id), kind=turn.errand.kind):
            told["errands_failed"] += not _do(turn)
        if only is not None:
            return told
    return told


def _do(turn: Turn) -> bool:
    """Whether it was done. What fails is written down and told to who asked; the database being gone is raised."""
    try:
        if turn.errand.attempts > ATTEMPTS:
            raise Refused("it was given up: {count} times a process died while doing it", count=ATTEMPTS)
        VERBS[turn.errand.kind](turn)
    except LostLease:
        _log.warning("errand_taken_over")
        return True
    except Stopped:
        with transaction(turn.engine) as session:
            turn.release(session)
        return True
    except DondocError as error:
        _fail(turn, error.tell(_language(turn.engine, turn.errand)))
    except (OperationalError, InterfaceError):
        raise  # nothing can be written down now; when its lease is over it is tried again
    except Exception as fault:
        _log.exception("errand_failed")
        _fail(turn, reason_of(fault))
    else:
        _log.info("errand_done")
        return True
    return False


def _fail(turn: Turn, error: str) -> None:
    try:
        with transaction(turn.engine) as session:
            turn.fail(session, error)
    except LostLease:
        _log.warning("errand_taken_over")


def _language(engine: Engine, errand: Errand) -> str:
    with reading(engine) as session:
        return session.get_one(Person, errand.asked_by).language
