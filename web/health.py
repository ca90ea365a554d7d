"""For machines that watch: is the process alive, is it ready, which version."""

from datetime import datetime, timedelta
from importlib.metadata import version

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from models.run import Run
from models.schema import is_current
from models.session import reading
from web.site import Site, TheSite

router = APIRouter()
_LATE_AFTER = 5  # paces of the clock


@router.api_route("/health", methods=["GET", "HEAD"])
def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.api_route("/version", methods=["GET", "HEAD"])
def tell_version() -> dict[str, str]:
    """Which version runs."""
    return {"name": "dondoc", "version": version("dondoc")}


@router.api_route("/ready", methods=["GET", "HEAD"])
def ready(site: TheSite) -> JSONResponse:
    """200 where the database is there and up to date and the last tick is recent; else 503 and what is wrong."""
    database, ticked = _look(site)
    late = site.now() - timedelta(seconds=_LATE_AFTER * site.settings.tick_seconds)
    clock = "no tick yet" if ticked is None else "late" if ticked < late else "ok"
    told = {
        "status": "ready" if database == clock == "ok" else "not ready",
        "database": database,
        "clock": clock,
        "last_tick": ticked.isoformat() if ticked else None,
    }
    return JSONResponse(told, 200 if told["status"] == "ready" else 503)


def _look(site: Site) -> tuple[str, datetime | None]:
    try:
        if not is_current(site.engine.execution_options(reading_only=True)):
            return "not migrated", None
        with reading(site.engine) as session:
            return "ok", last_tick(session, site.now())
    except SQLAlchemyError:
        return "not reachable", None


def last_tick(session: Session, now: datetime) -> datetime | None:
    """When the newest finished tick was (UTC), whichever process did it; those run ahead of the clock do not count."""
    newest = (
        select(Run.finished_at)
        .where(col(Run.key).startswith("tick:"), col(Run.key) <= f"tick:{now.isoformat()}")
        .where(col(Run.finished_at).is_not(None))
        .order_by(col(Run.key).desc())
        .limit(1)
    )
    return session.exec(newest).first()
