"""The second step at sign-in: six digits of an authenticator app (TOTP, RFC 6238), asked for once it is confirmed."""

from datetime import datetime
from uuid import UUID

import pyotp
from sqlalchemy import update
from sqlmodel import Session, col

from models.database.rows import count_changed
from models.errors import Refused
from models.organization.account import Account
from models.organization.person import Person
from workflows.access.audit_log import note

_STEP = 30  # seconds
_SLACK = 1  # steps before and after: clocks of telephones are not ours
_ISSUER = "Đôn đốc"


def begin_totp(session: Session, person: Person) -> str:
    """Make a fresh key, unasked until confirmed; return the address that the app reads. Refused where it is on."""
    account = session.get(Account, person.id) or Account(person_id=person.id)
    if account.totp_confirmed_at is not None:
        raise Refused("the second step is on already; turn it off first to set up another telephone")
    secret = pyotp.random_base32()
    account.totp_secret, account.totp_last_step = secret, 0
    session.add(account)
    return totp_address(secret, person)


def totp_address(secret: str, person: Person) -> str:
    return pyotp.TOTP(secret).provisioning_uri(name=person.email or person.code, issuer_name=_ISSUER)


def confirm_totp(session: Session, person: Person, code: str, *, now: datetime, address: str = "") -> bool:
    """Turn the second step on, where the code shows that the app has the key."""
    account = session.get(Account, person.id)
    if account is None or account.totp_secret is None or account.totp_confirmed_at is not None:
        return False
    if not _spend(session, account, code, now):
        return False
    account.totp_confirmed_at = now
    session.add(account)
    note(session, "totp_on", now=now, actor_id=person.id, about=person.code, address=address)
    return True


def is_totp_code(session: Session, person_id: UUID, code: str, *, now: datetime) -> bool:
    """Is the code the app's of this moment? It counts once, in whichever process.

    Locked where the app's key cannot be opened: nobody is let in then, and none is told that the code was wrong.
    """
    account = session.get(Account, person_id, populate_existing=True)
    return account is not None and account.totp_confirmed_at is not None and _spend(session, account, code, now)


def has_totp(session: Session, person_id: UUID) -> bool:
    account = session.get(Account, person_id)
    return account is not None and account.totp_confirmed_at is not None


def remove_totp(session: Session, person: Person, *, now: datetime, by: UUID | None, address: str = "") -> bool:
    """Turn the second step off, by oneself or by an administrator, also one whose key cannot be opened.

    Returns whether it was on.
    """
    account = session.get(Account, person.id)
    if account is None:
        return False
    was_on = account.totp_confirmed_at is not None
    account.totp_secret, account.totp_confirmed_at, account.totp_last_step = None, None, 0
    session.add(account)
    if was_on:
        note(session, "totp_off", now=now, actor_id=by, about=person.code, address=address)
    return was_on


def _spend(session: Session, account: Account, code: str, now: datetime) -> bool:
    given = "".join(char for char in code if char.isdigit())
    secret = account.totp_secret
    if not secret:  # a code of nothing could be computed by anybody
        return False
    totp, step = pyotp.TOTP(secret), int(now.timestamp()) // _STEP
    for one in range(step - _SLACK, step + _SLACK + 1):
        if pyotp.utils.strings_equal(given, totp.at(one * _STEP)):
            spent = count_changed(
                session,
                update(Account)
                .where(col(Account.person_id) == account.person_id, col(Account.totp_last_step) < one)
                .values(totp_last_step=one)
                .execution_options(synchronize_session=False),
            )
            session.refresh(account, ["totp_last_step"])
            return bool(spent)
    return False
