"""The clock of the database's server: one for all machines that share a database."""

from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session


def server_clock(session: Session) -> datetime | None:
    """In UTC, also within a long transaction; None on SQLite, whose clock is this machine's."""
    if session.get_bind().dialect.name != "postgresql":
        return None
    told: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return told
