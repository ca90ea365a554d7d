"""For machines that watch: is the process alive, is it ready, which version."""

from datetime import datetime
from importlib.metadata import version

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from models.database.schema_state import SchemaState, state_of
from models.database.session import reading
from models.operations.engine_reads import Pulse, oldest_waiting, read_pulse
from web.request.site import Site, TheSite
from workflows.queue.send_hold import read_fence

router = APIRouter()


@router.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/version")
def tell_version() -> dict[str, str]:
    return {"name": "dondoc", "version": version("dondoc")}


@router.get("/ready")
def ready(site: TheSite) -> JSONResponse:
    """200 where the database is of this program's schema, the last tick is recent and letters may leave; else 503.

    Prefect is not asked: the engine does its work without it.
    """
    database, pulse, oldest, is_held = _look(site)
    clock = pulse.state(site.now()) if pulse is not None else "unknown"
    told = {
        "status": "ready" if database == clock == "ok" and not is_held else "not ready",
        "database": database,
        "clock": clock,
        "fenced": is_held,
        "last_tick": _written(pulse.last_at if pulse is not None else None),
        "oldest_letter_waiting": _written(oldest),
    }
    return JSONResponse(told, 200 if told["status"] == "ready" else 503)


def _look(site: Site) -> tuple[str, Pulse | None, datetime | None, bool]:
    """The database's state; of a good one the clock's pulse, the oldest waiting letter, and whether letters are held
    after a restore.
    """
    try:
        state = state_of(site.engine.execution_options(reading_only=True))
        if state is not SchemaState.CURRENT:
            told = state.value if state in (SchemaState.TOO_OLD, SchemaState.NEWER) else "not migrated"
            return told, None, None, False
        with reading(site.engine) as session:
            now = site.now()
            pulse = read_pulse(session, now=now, tick_seconds=site.settings.tick_seconds)
            return "ok", pulse, oldest_waiting(session, now), read_fence(session) is not None
    except SQLAlchemyError:
        return "not reachable", None, None, False


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
