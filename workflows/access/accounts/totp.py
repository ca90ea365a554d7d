"""The second step at sign-in: six digits of an authenticator app (TOTP, RFC 6238). It is on once it is confirmed."""

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
_TOLERANCE = 1  # steps before and after the present one, as telephones' clocks differ
_ISSUER = "Đôn đốc"


def begin_totp(session: Session, person: Person) -> str:
    """Make a new key, and return the address for the app. Raises Refused if the second step is on already."""
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
    """Turn the second step on if the code shows that the app has the key."""
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
    """Tell whether the code is the app's present one. Each code is accepted only once, by whichever process.

    Raises Locked if the app's key cannot be opened, so that a right code is not called wrong.
    """
    account = session.get(Account, person_id, populate_existing=True)
    return account is not None and account.totp_confirmed_at is not None and _spend(session, account, code, now)


def has_totp(session: Session, person_id: UUID) -> bool:
    account = session.get(Account, person_id)
    return account is not None and account.totp_confirmed_at is not None


def remove_totp(session: Session, person: Person, *, now: datetime, by: UUID | None, address: str = "") -> bool:
    """Turn the second step off, even if its key cannot be opened. Return whether it was on."""
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
    """Accept a code that fits a step near the present one, unless that step or a later one was used."""
    digits = "".join(char for char in code if char.isdigit())
    secret = account.totp_secret
    if not secret:  # anybody could compute the codes of an empty secret
        return False
    totp, present_step = pyotp.TOTP(secret), int(now.timestamp()) // _STEP
    for step in range(present_step - _TOLERANCE, present_step + _TOLERANCE + 1):
        if pyotp.utils.strings_equal(digits, totp.at(step * _STEP)):
            is_spent = count_changed(
                session,
                update(Account)
                .where(col(Account.person_id) == account.person_id, col(Account.totp_last_step) < step)
                .values(totp_last_step=step)
                .execution_options(synchronize_session=False),
            )
            session.refresh(account, ["totp_last_step"])
            return bool(is_spent)
    return False
