"""How often somebody failed, or asked for letters: kept in rows that all processes share."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import Session, col, func, or_, select

from models.database.rows import count_changed, insert_new, table_of
from models.errors import Refused
from models.i18n import _n
from models.organization.account import Throttle, WebSession
from models.organization.person import Person
from models.text.vietnamese import fold
from workflows.rules.throttle_policy import (
    LIMITS,
    FailureCount,
    Limit,
    ThrottleScope,
    count_one,
    counted_for,
    spend,
    waits_until,
)

KNOWN_FOR = timedelta(days=90)
"""So long after its last sign-in an address still counts as one that a person uses."""
FORGOTTEN_AFTER = timedelta(days=7)
"""A count that has not grown for so long matters no more."""


@dataclass(frozen=True)
class RequestOrigin:
    """Where a request comes from: the network address, what the browser calls itself, and whether it was here before.

    `browser` is the mark of a browser in which somebody has signed in, `known_to` the ids of those who have.
    """

    address: str = ""
    device: str = ""
    browser: str = ""
    known_to: frozenset[UUID] = field(default_factory=frozenset)


@dataclass(frozen=True)
class CountedFailure:
    """One count that was made, to be taken back where it turns out to be undeserved."""

    scope: ThrottleScope
    key: str
    failures: int
    before: datetime | None  # until when it was blocked


def count(
    session: Session,
    scopes: tuple[ThrottleScope, ...],
    name: str,
    person: Person | None,
    caller: RequestOrigin,
    now: datetime,
    limits: Mapping[ThrottleScope, Limit] = LIMITS,
) -> tuple[CountedFailure, ...] | datetime:
    """Count one under a name, before it is known how it ends: no number of tries at once is one too many.

    `scopes` are those for the pair, the place, the person and perhaps for all together. Where one of them is blocked
    nothing is counted, and the answer is until when (UTC).
    """
    keys = _keys(session, scopes, name, person, caller, now)
    rows = [{"key": key, "failures": 0, "last_at": now, "blocked_until": None} for key in sorted(keys)]
    insert_new(session, table_of(Throttle), rows)
    found = session.exec(
        select(Throttle)
        .where(col(Throttle.key).in_(keys))
        .order_by(col(Throttle.key))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    before = {row.key: FailureCount(row.failures, row.last_at, row.blocked_until) for row in found}
    blocked = waits_until(list(before.values()), now)
    if blocked is not None:
        return blocked
    counted = []
    is_mailed = person is not None and bool(person.email)
    for row in found:
        if row.key == ThrottleScope.ASK_ALL and not is_mailed:  # it counts letters, and holds up whoever asks for one
            continue
        after = spend(limits[keys[row.key]], before[row.key], now, 1)
        counted.append(CountedFailure(keys[row.key], row.key, after.failures, row.blocked_until))
        row.failures, row.last_at, row.blocked_until = after.failures, after.last_at, after.blocked_until
    session.flush()
    return tuple(counted)


def count_wrong_code(session: Session, person_id: UUID, now: datetime) -> bool:
    """Count a wrong code under a person's name; whether that is the one from which on their codes are longer."""
    row = _lock(session, f"{ThrottleScope.CODE}:{person_id.hex}", now)
    was = row.blocked_until
    after = count_one(ThrottleScope.CODE, FailureCount(row.failures, row.last_at, was), now)
    row.failures, row.last_at, row.blocked_until = after.failures, after.last_at, after.blocked_until
    session.flush()
    return after.blocked_until is not None and (was is None or was <= now)


def are_codes_guessed(session: Session, person_id: UUID, now: datetime) -> bool:
    """So many wrong codes came under a person's name that theirs are longer for a while."""
    row = session.get(Throttle, f"{ThrottleScope.CODE}:{person_id.hex}", populate_existing=True)
    return row is not None and row.blocked_until is not None and row.blocked_until > now


def _lock(session: Session, key: str, now: datetime) -> Throttle:
    row = {"key": key, "failures": 0, "last_at": now, "blocked_until": None}
    insert_new(session, table_of(Throttle), [row])
    return session.exec(
        select(Throttle).where(Throttle.key == key).with_for_update().execution_options(populate_existing=True)
    ).one()


def forgive(session: Session, counted: Sequence[CountedFailure], now: datetime) -> None:
    """Take counts back: it was the person. Their own failures from there are forgotten with it."""
    for one in counted:
        if one.scope in (ThrottleScope.PAIR, ThrottleScope.TOTP):
            session.execute(delete(Throttle).where(col(Throttle.key) == one.key))
            continue
        mine = (col(Throttle.key) == one.key, col(Throttle.failures) == one.failures, col(Throttle.last_at) == now)
        undone = count_changed(
            session, update(Throttle).where(*mine).values(failures=one.failures - 1, blocked_until=one.before)
        )
        if not undone:  # others failed meanwhile: their block stays
            session.execute(
                update(Throttle)
                .where(col(Throttle.key) == one.key, col(Throttle.failures) > 0)
                .values(failures=Throttle.failures - 1)
            )


def is_known(session: Session, person_id: UUID, caller: RequestOrigin, now: datetime) -> bool:
    """They have signed in with this browser, or from this address, before."""
    if person_id in caller.known_to:
        return True
    if not caller.address:
        return False
    return (
        session.exec(
            select(WebSession.id)
            .where(
                WebSession.person_id == person_id,
                WebSession.address == caller.address,
                col(WebSession.created_at) > now - KNOWN_FOR,
            )
            .limit(1)
        ).first()
        is not None
    )


def _network(address: str) -> str:
    """An address as it is counted: of IPv6 the /64, of which every household has 2⁶⁴ addresses."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False).network_address)
    return str(parsed)


def _keys(
    session: Session,
    scopes: tuple[ThrottleScope, ...],
    name: str,
    person: Person | None,
    caller: RequestOrigin,
    now: datetime,
) -> dict[str, ThrottleScope]:
    """A name that is nobody's is counted like any other, by as many statements."""
    who = person.id.hex if person else hashlib.sha256(fold(name).encode()).hexdigest()[:32]
    known = is_known(session, UUID(who), caller, now)
    by_browser = person is not None and person.id in caller.known_to
    network = _network(caller.address)
    where = f"browser:{caller.browser}" if by_browser else network
    pair, place, one, *everybody = scopes
    keys = {f"{pair}:{who}:{where}": pair, f"{place}:{network}": place, f"{one}:{who}": one}
    keys |= {str(scope): scope for scope in everybody}
    wanted = counted_for(scopes, is_known=known)
    return {key: scope for key, scope in keys.items() if scope in wanted}


_MINUTE = timedelta(minutes=1)


def find_by_name(session: Session, name: str) -> Person | None:
    """The active person with this code or mail address; None for nobody, or an address of several."""
    given = name.strip().lower()
    if not given:
        return None
    same = or_(func.lower(Person.code) == given, func.lower(Person.email) == given)
    found = session.exec(select(Person).where(same, col(Person.is_active)).limit(3)).all()
    exact = [person for person in found if person.code.lower() == given]
    if exact:
        return exact[0]
    return found[0] if len(found) == 1 else None


class TooOften(Refused):
    """Too many tries from here: nothing is looked at until a moment (UTC)."""

    def __init__(self, until: datetime, now: datetime) -> None:
        left = until - now
        if left > _MINUTE:
            wait = _n("{count} minute", "{count} minutes", count=-(-left // _MINUTE))
        else:
            wait = _n("{count} second", "{count} seconds", count=max(1, round(left.total_seconds())))
        super().__init__("too many tries from here: please wait {wait}, or have a code sent by mail", wait=wait)
        self.until = until
