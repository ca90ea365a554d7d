"""Passwords: kept as argon2 hashes, checked in the same time whether or not there is one. Never logged."""

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
"""Each takes 64 MiB for a tenth of a second: a flood of tries must not take the machine's memory."""
IN_LINE = 16
"""At most, those whose turn it is among them: all pages share forty threads, and who waits holds one."""
_LINE = BoundedSemaphore(IN_LINE)
_MOMENT = timedelta(seconds=3)


class TooManyAtOnce(Busy):
    """More passwords are to be checked at this moment than can be."""

    seconds = 3

    def __init__(self) -> None:
        super().__init__("too many passwords are being checked at this moment: please try again in a few seconds")


@contextmanager
def _turn() -> Iterator[None]:
    """Wait a moment for one of the turns. Raises TooManyAtOnce."""
    if not _LINE.acquire(blocking=False):
        raise TooManyAtOnce
    try:
        if not _AT_ONCE.acquire(timeout=_MOMENT.total_seconds()):
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
    """Set a person's password; BadInput for one that may not be chosen, TooManyAtOnce.

    `by`: who did it, None for the command line. Codes and links mailed to them before are void; ending
    the sessions that are open elsewhere is up to the caller.
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


def is_password(kept: str | None, password: str) -> tuple[bool, str | None]:
    """Does it fit the kept hash? With the hash to be kept from now on where the parameters have changed.

    Takes as long where there is none. No session: nothing is locked meanwhile. Raises TooManyAtOnce.
    """
    with _turn():
        right, anew = _HASH.verify_and_update(_normal(password), kept or _nobodys())
    return (right, anew) if kept is not None else (False, None)


def rehash(session: Session, person_id: UUID, before: str, anew: str) -> None:
    """Keep the hash of the same password under newer parameters, unless it was changed meanwhile."""
    account = session.get(Account, person_id)
    if account is not None and account.password_hash == before:
        account.password_hash = anew
        session.add(account)


def _normal(password: str) -> str:
    """However a keyboard puts marks on letters: "ế" is one character, two or three."""
    return unicodedata.normalize("NFKC", password)


@cache
def _nobodys() -> str:
    return _HASH.hash("nobody's password")


@dataclass(frozen=True)
class Try:
    """One try, counted as a failure until it turns out to be none."""

    person_id: UUID | None
    password_hash: str | None
    counted: tuple[CountedFailure, ...]

    def check(self, password: str) -> "Checked":
        """It takes as long for somebody who is not there. Needs no session."""
        right, anew = is_password(self.password_hash, password)
        return Checked(right and self.person_id is not None, anew)


@dataclass(frozen=True)
class Checked:
    is_right: bool
    hash_anew: str | None = None


def begin_try(session: Session, name: str, caller: RequestOrigin, now: datetime) -> Try:
    """Count a try. Raises TooOften where too many have failed from there."""
    person = find_by_name(session, name)
    counted = count(session, SIGN_INS, name, person, caller, now)
    if isinstance(counted, datetime):
        raise TooOften(counted, now)
    account = session.get(Account, person.id if person else ZERO_ID)
    return Try(person.id if person else None, account.password_hash if account else None, counted)


def end_try(session: Session, try_: Try, checked: Checked, caller: RequestOrigin, now: datetime) -> Person | None:
    """Settle a try: the person, where the password is theirs; else None, and the count stands."""
    person = session.get(Person, try_.person_id or ZERO_ID)
    if not checked.is_right or person is None or not person.is_active:
        note_failure(session, person, try_.counted, caller, now)
        return None
    forgive(session, try_.counted, now)
    if checked.hash_anew is not None and try_.password_hash is not None:
        rehash(session, person.id, try_.password_hash, checked.hash_anew)
    return person


def count_second_step(
    session: Session, person: Person, caller: RequestOrigin, now: datetime
) -> tuple[CountedFailure, ...]:
    """Count a try of the second step. Raises TooOften."""
    counted = count(session, SECOND_STEPS, person.code, person, caller, now)
    if isinstance(counted, datetime):
        raise TooOften(counted, now)
    return counted


def note_failure(
    session: Session, person: Person | None, counted: tuple[CountedFailure, ...], caller: RequestOrigin, now: datetime
) -> None:
    """A line in the audit for the first of a row of failures, and whenever the delay grows: not for each of a flood.

    What was typed as a name is not kept: people type passwords there.
    """
    row = max((one.failures for one in counted if one.scope in (ThrottleScope.PAIR, ThrottleScope.TOTP)), default=0)
    if row & (row - 1) == 0:  # 1, 2, 4, 8 …
        note(
            session,
            "sign_in_failed",
            now=now,
            about=person.code if person else "",
            facts={"in_a_row": row},
            address=caller.address,
        )
