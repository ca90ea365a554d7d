"""The demo's accounts, one for each position in the office. They exist only with the demo's data."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models.database.run import DEMO, Installation
from models.i18n import Words, _
from models.organization.account import Account
from models.organization.person import Person
from workflows.access.accounts.passwords import set_password

RUNNING = "running"
PASSWORD = "dondoc-xem-thu"
"""The demo's sign-in page shows it, so it is no secret."""
HEAD = "vu.thi.uoc"
"""The head of `LATE_STARTER`, for whom late, returned, new and accepted tasks wait at the end of the demo."""
_PEOPLE = {
    HEAD: _("head of a unit"),
    "le.thi.c": _("coordinator"),
    "vu.huu.phuoc": _("records clerk"),
    "nguyen.minh.quan": _("observer"),
    "dang.thu.thuy": _("administrator"),
}


@dataclass(frozen=True)
class DemoAccount:
    code: str
    name: str
    place: Words
    password: str = PASSWORD


def make_demo_accounts(session: Session, *, now: datetime) -> None:
    """Set the password of the demo's people who have none. Without a demo, nothing happens."""
    for demo_account in demo_accounts(session):
        person = session.exec(select(Person).where(Person.code == demo_account.code)).one()
        account = session.get(Account, person.id)
        if account is None or account.password_hash is None:
            set_password(session, person.id, PASSWORD, now=now)


def demo_accounts(session: Session) -> list[DemoAccount]:
    """Return the accounts; none for real data, and none while the demo is being played."""
    demo = session.get(Installation, DEMO)
    if demo is None or demo.value == RUNNING:
        return []
    people = {person.code: person for person in session.exec(select(Person).where(col(Person.code).in_(_PEOPLE)))}
    return [
        DemoAccount(code, people[code].full_name, place)
        for code, place in _PEOPLE.items()
        if code in people and people[code].is_active
    ]
