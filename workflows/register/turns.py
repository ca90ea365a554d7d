"""Changes of the register come one after the other: each is made upon what the one before has left."""

from sqlalchemy import text
from sqlmodel import Session


def hold_register(session: Session) -> None:
    """Until the commit nobody else changes it; it is read as ever, and tasks and letters go on.

    Asked for before anything is read of it that the change is made upon.
    """
    if session.connection().dialect.name == "postgresql":  # SQLite has one writer at a time
        session.execute(text("LOCK TABLE unit IN SHARE ROW EXCLUSIVE MODE"))
