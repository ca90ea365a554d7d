"""The clock of the database's server: one for all machines that share a database."""

from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session


def server_clock(session: Session) -> datetime | None:
    """Return the present moment in UTC, even in a long transaction; None on SQLite, which has this machine's clock."""
    if session.get_bind().dialect.name != "postgresql":
        return None
    moment: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return moment
