"""Whom a name means at sign-in, and what stands in the way of somebody who tries too often."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, func, or_, select

from models.errors import Refused
from models.i18n import _n
from models.organization.person import Person

_MINUTE = timedelta(minutes=1)


def find_by_name(session: Session, name: str) -> Person | None:
    """Return the active person with this code or mail address; None where there is none, or an address is several
    people's.
    """
    given = name.strip().lower()
    if not given:
        return None
    same = or_(func.lower(Person.code) == given, func.lower(Person.email) == given)
    found = session.exec(select(Person).where(same, col(Person.is_active)).limit(3)).all()
    exact = [person for person in found if person.code.lower() == given]
    if exact:
        return exact[0]
    return found[0] if len(found) == 1 else None


class TooOften(Refused):
    """Too many tries from here: nothing is looked at until a moment (UTC)."""

    def __init__(self, until: datetime, now: datetime) -> None:
        left = until - now
        if left > _MINUTE:
            wait = _n("{count} minute", "{count} minutes", count=-(-left // _MINUTE))
        else:
            wait = _n("{count} second", "{count} seconds", count=max(1, round(left.total_seconds())))
        super().__init__("too many tries from here: please wait {wait}, or have a code sent by mail", wait=wait)
        self.until = until
