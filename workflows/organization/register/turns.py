"""Serialise changes of the register, so that each begins from the result of the one before."""

from sqlmodel import Session

from models.database.session import hold_table


def hold_register(session: Session) -> None:
    """Lock the register against other changes until the commit. Readers, tasks and letters are not blocked.

    Call it before the change reads anything from the register.
    """
    hold_table(session, "unit", mode="SHARE ROW EXCLUSIVE")
