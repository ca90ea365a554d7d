"""Who a person is at the organisation's sign-in service: linked by a verified address once, then by its subject."""

from datetime import datetime

from sqlmodel import Session, col, func, select

from models.errors import Refused
from models.organization.account import Account
from models.organization.person import Person
from workflows.access.accounts.oidc import Identity
from workflows.access.audit_log import note


def person_of(session: Session, identity: Identity, *, now: datetime, address: str = "") -> Person:
    """Return the active person of an identity; the first time, the one who alone has its verified mail address.

    Refused where nobody has, several have, the person has retired, or is linked with another identity already.
    """
    linked = session.exec(
        select(Person)
        .join(Account, col(Account.person_id) == col(Person.id))
        .where(Account.oidc_subject == identity.subject)
    ).first()
    if linked is not None:
        if not linked.is_active:
            raise Refused("{person} is retired and may no longer act", person=linked.full_name)
        return linked
    if identity.address is None:
        raise Refused("the sign-in service has not verified your e-mail address: sign in another way")
    found = session.exec(
        select(Person).where(func.lower(Person.email) == identity.address.lower(), col(Person.is_active)).limit(2)
    ).all()
    if len(found) != 1:
        raise Refused(
            "no one person in the register has the address {address}: ask an administrator to enter it",
            address=identity.address,
        )
    person = found[0]
    account = session.get(Account, person.id) or Account(person_id=person.id)
    if account.oidc_subject is not None:
        raise Refused(
            "{person} is linked with another identity of the sign-in service: sign in another way and remove that link",
            person=person.full_name,
        )
    account.oidc_subject = identity.subject
    session.add(account)
    note(session, "oidc_linked", now=now, actor_id=person.id, about=person.code, address=address)
    return person


def unlink(session: Session, person: Person, *, now: datetime, address: str = "") -> None:
    """Remove the link; the next sign-in by the service makes it anew."""
    account = session.get(Account, person.id)
    if account is not None and account.oidc_subject is not None:
        account.oidc_subject = None
        session.add(account)
        note(session, "oidc_unlinked", now=now, actor_id=person.id, about=person.code, address=address)
