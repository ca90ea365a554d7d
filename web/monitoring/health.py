"""Answers for monitors: whether the process is alive and ready, and its version."""

from datetime import datetime
from importlib.metadata import version
from typing import NamedTuple

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from models.database.schema_state import SchemaState, state_of
from models.database.session import reading
from models.operations.engine_reads import Pulse, oldest_waiting, read_pulse
from web.request.site import Site, TheSite
from workflows.queue.send_hold import read_send_hold

router = APIRouter()


@router.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/version")
def tell_version() -> dict[str, str]:
    return {"name": "dondoc", "version": version("dondoc")}


@router.get("/ready")
def ready(site: TheSite) -> JSONResponse:
    """Answer 200 if the database has this program's schema, the last tick is recent and letters may leave; else 503.

    Prefect does not count, as the engine works without it.
    """
    state = _read_state(site)
    clock = state.pulse.state(site.now()) if state.pulse is not None else "unknown"
    is_ready = state.database == clock == "ok" and not state.is_held
    facts = {
        "status": "ready" if is_ready else "not ready",
        "database": state.database,
        "clock": clock,
        "fenced": state.is_held,
        "last_tick": _iso(state.pulse.last_at if state.pulse is not None else None),
        "oldest_letter_waiting": _iso(state.oldest_letter),
    }
    return JSONResponse(facts, 200 if is_ready else 503)


class _State(NamedTuple):
    """The database's state. The other facts are known only if it is "ok"; `is_held`: a send hold keeps letters back."""

    database: str
    pulse: Pulse | None = None
    oldest_letter: datetime | None = None
    is_held: bool = False


def _read_state(site: Site) -> _State:
    try:
        state = state_of(site.engine.execution_options(reading_only=True))
        if state is not SchemaState.CURRENT:
            return _State(state.value if state in (SchemaState.TOO_OLD, SchemaState.NEWER) else "not migrated")
        with reading(site.engine) as session:
            now = site.now()
            pulse = read_pulse(session, now=now, tick_seconds=site.settings.tick_seconds)
            return _State("ok", pulse, oldest_waiting(session, now), read_send_hold(session) is not None)
    except SQLAlchemyError:
        return _State("not reachable")


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
