"""The demo's accounts: one for each place in the office, ready to sign in with. Only where the data is the demo's."""

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
"""No secret: it stands on the demo's own sign-in page."""
HEAD = "vu.thi.uoc"
"""Who heads the demo's late starter: at its end late, returned, new and accepted tasks wait for them."""
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
    """Give those people of the demo a password who have none; nothing where this is no demo."""
    for one in demo_accounts(session):
        person = session.exec(select(Person).where(Person.code == one.code)).one()
        account = session.get(Account, person.id)
        if account is None or account.password_hash is None:
            set_password(session, person.id, PASSWORD, now=now)


def demo_accounts(session: Session) -> list[DemoAccount]:
    """None where this is anybody's real data, or a demo that is still being played."""
    mark = session.get(Installation, DEMO)
    if mark is None or mark.value == RUNNING:
        return []
    people = {person.code: person for person in session.exec(select(Person).where(col(Person.code).in_(_PEOPLE)))}
    return [
        DemoAccount(code, people[code].full_name, place)
        for code, place in _PEOPLE.items()
        if code in people and people[code].is_active
    ]
