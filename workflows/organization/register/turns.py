"""Changes of the register come one after the other: each is made upon what the one before has left."""

from sqlmodel import Session

from models.database.session import hold_table


def hold_register(session: Session) -> None:
    """Until the commit nobody else changes it; it is read as ever, and tasks and letters go on.

    Asked for before anything is read of it that the change is made upon.
    """
    hold_table(session, "unit", mode="SHARE ROW EXCLUSIVE")
