"""Passwords: kept as argon2 hashes, checked in the same time whether or not there is one."""

from datetime import datetime
from functools import cache
from uuid import UUID

from pwdlib import PasswordHash
from sqlmodel import Session

from models.account import Account

_HASH = PasswordHash.recommended()


def set_password(session: Session, person_id: UUID, password: str, *, now: datetime) -> None:
    """Sets a person's password."""
    account = session.get(Account, person_id) or Account(person_id=person_id)
    account.password_hash, account.password_set_at = _HASH.hash(password), now
    session.add(account)


def is_password(session: Session, person_id: UUID | None, password: str) -> bool:
    """Whether it is theirs. Takes as long for nobody (None) and for those who have none."""
    account = session.get(Account, person_id) if person_id else None
    if account is None or account.password_hash is None:
        _HASH.verify(password, _nobodys())
        return False
    return _HASH.verify(password, account.password_hash)


@cache
def _nobodys() -> str:
    return _HASH.hash("nobody's password")
