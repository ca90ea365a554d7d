"""Signing in with a name and a password: counted first, checked with nothing locked, then concluded."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from models.organization.account import Account
from models.organization.person import Person
from workflows.access.accounts.passwords import is_password, rehash
from workflows.access.accounts.throttle import Caller, Counted, TooOften, count, find_by_name, forgive
from workflows.access.audit_log import note
from workflows.rules.throttle_policy import SECOND_STEPS, SIGN_INS, Scope


@dataclass(frozen=True)
class Try:
    """One try, counted as a failure until it turns out to be none."""

    person_id: UUID | None
    password_hash: str | None
    counted: tuple[Counted, ...]

    def check(self, password: str) -> "Checked":
        """Return whether the password fits; takes as long for somebody who is not there. Needs no session."""
        right, anew = is_password(self.password_hash, password)
        return Checked(right and self.person_id is not None, anew)


@dataclass(frozen=True)
class Checked:
    """What came of a try."""

    is_right: bool
    hash_anew: str | None = None


def begin_try(session: Session, name: str, caller: Caller, now: datetime) -> Try:
    """Count a try. Raises TooOften where too many have failed from there."""
    person = find_by_name(session, name)
    counted = count(session, SIGN_INS, name, person, caller, now)
    if isinstance(counted, datetime):
        raise TooOften(counted, now)
    account = session.get(Account, person.id) if person else None
    return Try(person.id if person else None, account.password_hash if account else None, counted)


def end_try(session: Session, try_: Try, checked: Checked, caller: Caller, now: datetime) -> Person | None:
    """Return the person, where the password is theirs; else None, and the count stands."""
    person = session.get(Person, try_.person_id) if try_.person_id else None
    if not checked.is_right or person is None or not person.is_active:
        note_failure(session, person, try_.counted, caller, now)
        return None
    forgive(session, try_.counted, now)
    if checked.hash_anew is not None and try_.password_hash is not None:
        rehash(session, person.id, try_.password_hash, checked.hash_anew)
    return person


def count_second_step(session: Session, person: Person, caller: Caller, now: datetime) -> tuple[Counted, ...]:
    """Count a try of the second step. Raises TooOften."""
    counted = count(session, SECOND_STEPS, person.code, person, caller, now)
    if isinstance(counted, datetime):
        raise TooOften(counted, now)
    return counted


def note_failure(
    session: Session, person: Person | None, counted: tuple[Counted, ...], caller: Caller, now: datetime
) -> None:
    """A line in the audit for the first of a row of failures, and whenever the delay grows: not for each of a flood.

    What was typed as a name is not kept: people type passwords there.
    """
    row = max((one.failures for one in counted if one.scope in (Scope.PAIR, Scope.TOTP)), default=0)
    if row & (row - 1) == 0:  # 1, 2, 4, 8 …
        note(
            session,
            "sign_in_failed",
            now=now,
            about=person.code if person else "",
            facts={"in_a_row": row},
            address=caller.address,
        )
