"""Passwords, stored as argon2 hashes and never logged. A check takes as long for an unknown person."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from threading import BoundedSemaphore
from uuid import UUID

from pwdlib import PasswordHash
from sqlmodel import Session

from models.database.ids import ZERO_ID
from models.errors import Busy
from models.organization.account import Account
from models.organization.person import Person
from models.organization.unit import Unit
from workflows.access.accounts.throttle import CountedFailure, RequestOrigin, TooOften, count, find_by_name, forgive
from workflows.access.accounts.ways_in import void_mailed
from workflows.access.audit_log import note
from workflows.rules.password_policy import check_password
from workflows.rules.throttle_policy import SECOND_STEPS, SIGN_INS, ThrottleScope

_HASH = PasswordHash.recommended()
_AT_ONCE = BoundedSemaphore(4)
"""Hashes that are computed at once. Each takes 64 MiB for a tenth of a second, and a flood must not fill the memory."""
IN_LINE = 16
"""Hashes that are computed or wait. All pages share forty threads, and each that waits occupies one."""
_LINE = BoundedSemaphore(IN_LINE)
_LONGEST_WAIT = timedelta(seconds=3)


class TooManyAtOnce(Busy):
    seconds = 3

    def __init__(self) -> None:
        super().__init__("too many passwords are being checked at this moment: please try again in a few seconds")


@contextmanager
def _turn() -> Iterator[None]:
    """Wait for a turn to compute a hash. Raises TooManyAtOnce."""
    if not _LINE.acquire(blocking=False):
        raise TooManyAtOnce
    try:
        if not _AT_ONCE.acquire(timeout=_LONGEST_WAIT.total_seconds()):
            raise TooManyAtOnce
        try:
            yield
        finally:
            _AT_ONCE.release()
    finally:
        _LINE.release()


def set_password(
    session: Session, person_id: UUID, password: str, *, now: datetime, by: UUID | None = None, address: str = ""
) -> None:
    """Set a person's password, and void the codes and links that were mailed to them. `by` is None for a command.

    Raises BadInput for a password that may not be chosen, and TooManyAtOnce. Open sessions are the caller's concern.
    """
    person = session.get_one(Person, person_id)
    unit = session.get(Unit, person.unit_id) if person.unit_id else None
    office = [unit.name, unit.code] if unit else []
    check_password(password, [person.full_name, person.code, person.email or "", *office])
    account = session.get(Account, person_id) or Account(person_id=person_id)
    with _turn():
        account.password_hash, account.password_set_at = _HASH.hash(_normal(password)), now
    session.add(account)
    void_mailed(session, [person_id], now=now)
    note(session, "password_set", now=now, actor_id=by, about=person.code, address=address)


def is_password(password_hash: str | None, password: str) -> tuple[bool, str | None]:
    """Tell whether a password fits a hash. Return also a new hash if the parameters of hashing have changed.

    It takes as long without a hash. It uses no session, so that nothing is locked meanwhile. Raises TooManyAtOnce.
    """
    with _turn():
        is_right, new_hash = _HASH.verify_and_update(_normal(password), password_hash or _nobodys_hash())
    return (is_right, new_hash) if password_hash is not None else (False, None)


def rehash(session: Session, person_id: UUID, old_hash: str, new_hash: str) -> None:
    """Store the same password's hash with newer parameters, unless the password was changed meanwhile."""
    account = session.get(Account, person_id)
    if account is not None and account.password_hash == old_hash:
        account.password_hash = new_hash
        session.add(account)


def _normal(password: str) -> str:
    """Normalise composed characters: depending on the keyboard, "ế" is one, two or three code points."""
    return unicodedata.normalize("NFKC", password)


@cache
def _nobodys_hash() -> str:
    return _HASH.hash("nobody's password")


@dataclass(frozen=True)
class Try:
    """An attempt to sign in, counted as a failure until it succeeds."""

    person_id: UUID | None
    password_hash: str | None
    counted: tuple[CountedFailure, ...]

    def check(self, password: str) -> "Checked":
        """Check the password without a session. It takes as long for an unknown person."""
        is_right, new_hash = is_password(self.password_hash, password)
        return Checked(is_right and self.person_id is not None, new_hash)


@dataclass(frozen=True)
class Checked:
    is_right: bool
    new_hash: str | None = None


def begin_try(session: Session, name: str, caller: RequestOrigin, now: datetime) -> Try:
    """Count an attempt. Raises TooOften after too many failures from this origin."""
    person = find_by_name(session, name)
    counted = count(session, SIGN_INS, name, person, caller, now)
    if isinstance(counted, datetime):
        raise TooOften(counted, now)
    account = session.get(Account, person.id if person else ZERO_ID)
    return Try(person.id if person else None, account.password_hash if account else None, counted)


def end_try(session: Session, try_: Try, checked: Checked, caller: RequestOrigin, now: datetime) -> Person | None:
    """End an attempt. Return the person if the password was right; otherwise the count stays."""
    person = session.get(Person, try_.person_id or ZERO_ID)
    if not checked.is_right or person is None or not person.is_active:
        note_failure(session, person, try_.counted, caller, now)
        return None
    forgive(session, try_.counted, now)
    if checked.new_hash is not None and try_.password_hash is not None:
        rehash(session, person.id, try_.password_hash, checked.new_hash)
    return person


def count_second_step(
    session: Session, person: Person, caller: RequestOrigin, now: datetime
) -> tuple[CountedFailure, ...]:
    """Count an attempt at the second step. Raises TooOften."""
    counted = count(session, SECOND_STEPS, person.code, person, caller, now)
    if isinstance(counted, datetime):
        raise TooOften(counted, now)
    return counted


def note_failure(
    session: Session, person: Person | None, counted: tuple[CountedFailure, ...], caller: RequestOrigin, now: datetime
) -> None:
    """Write the 1st, 2nd, 4th, 8th … failure in a row to the audit, so that a flood does not fill it.

    The typed name is not stored, because people type passwords there.
    """
    scopes = (ThrottleScope.PAIR, ThrottleScope.TOTP)
    in_a_row = max((count_.failures for count_ in counted if count_.scope in scopes), default=0)
    if in_a_row & (in_a_row - 1) == 0:
        note(
            session,
            "sign_in_failed",
            now=now,
            about=person.code if person else "",
            facts={"in_a_row": in_a_row},
            address=caller.address,
        )
