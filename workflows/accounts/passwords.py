"""Passwords: kept as argon2 hashes, checked in the same time whether or not there is one. Never logged."""

import unicodedata
from datetime import datetime
from functools import cache
from threading import BoundedSemaphore
from uuid import UUID

from pwdlib import PasswordHash
from sqlmodel import Session

from models.account import Account
from models.person import Person
from models.unit import Unit
from workflows.accounts.ways_in import void_mailed
from workflows.audit import note
from workflows.rules.passwords import check_password

_HASH = PasswordHash.recommended()
_AT_ONCE = BoundedSemaphore(4)
"""Each takes 64 MiB for a tenth of a second: a flood of tries must not take the machine's memory."""


def set_password(
    session: Session, person_id: UUID, password: str, *, now: datetime, by: UUID | None = None, address: str = ""
) -> None:
    """Sets a person's password; BadInput for one that may not be chosen. `by`: who did it, None for the command line.

    Codes and links mailed to them before are void; ending sessions that are open elsewhere is up to the caller.
    """
    person = session.get_one(Person, person_id)
    unit = session.get(Unit, person.unit_id) if person.unit_id else None
    office = [unit.name, unit.code] if unit else []
    check_password(password, [person.full_name, person.code, person.email or "", *office])
    account = session.get(Account, person_id) or Account(person_id=person_id)
    with _AT_ONCE:
        account.password_hash, account.password_set_at = _HASH.hash(_normal(password)), now
    session.add(account)
    void_mailed(session, [person_id], now=now)
    note(session, "password_set", now=now, actor_id=by, about=person.code, address=address)


def is_password(kept: str | None, password: str) -> tuple[bool, str | None]:
    """Whether it is the one of a kept hash, and the hash to be kept from now on where the parameters have changed.

    Takes as long where there is none. No session: nothing is locked meanwhile.
    """
    with _AT_ONCE:
        right, anew = _HASH.verify_and_update(_normal(password), kept or _nobodys())
    return (right, anew) if kept is not None else (False, None)


def rehash(session: Session, person_id: UUID, before: str, anew: str) -> None:
    """Keeps the hash of the same password under newer parameters, unless it was changed meanwhile."""
    account = session.get(Account, person_id)
    if account is not None and account.password_hash == before:
        account.password_hash = anew
        session.add(account)


def _normal(password: str) -> str:
    """The same however a keyboard puts marks on letters: "ế" is one character, two or three."""
    return unicodedata.normalize("NFKC", password)


@cache
def _nobodys() -> str:
    return _HASH.hash("nobody's password")
