"""Count failed sign-ins and requests for letters, in rows that all processes share."""

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
    add_failures,
    count_failure,
    counted_for,
    waits_until,
)

KNOWN_FOR = timedelta(days=90)
"""An address is known for this long after a person's last sign-in from it."""
FORGOTTEN_AFTER = timedelta(days=7)
"""A count that has not grown for this long no longer matters."""


@dataclass(frozen=True)
class RequestOrigin:
    """The origin of a request: the network address, and the browser's own description of itself (`device`).

    `browser` is the id in the cookie of a browser in which somebody has signed in; `known_to` are those people.
    """

    address: str = ""
    device: str = ""
    browser: str = ""
    known_to: frozenset[UUID] = field(default_factory=frozenset)


@dataclass(frozen=True)
class CountedFailure:
    """One count, which can be taken back if the sign-in succeeds."""

    scope: ThrottleScope
    key: str
    failures: int
    blocked_before: datetime | None  # the end of the block before this count


def count(
    session: Session,
    scopes: tuple[ThrottleScope, ...],
    name: str,
    person: Person | None,
    caller: RequestOrigin,
    now: datetime,
    limits: Mapping[ThrottleScope, Limit] = LIMITS,
) -> tuple[CountedFailure, ...] | datetime:
    """Count an attempt under a name before its outcome is known, so that many attempts at once are counted too.

    `scopes` are those for the pair, the place, the person and perhaps for all together. If one of them is blocked,
    nothing is counted, and the result is the end of the block in UTC.
    """
    keys = _keys(session, scopes, name, person, caller, now)
    new_rows = [{"key": key, "failures": 0, "last_at": now, "blocked_until": None} for key in sorted(keys)]
    insert_new(session, table_of(Throttle), new_rows)
    rows = session.exec(
        select(Throttle)
        .where(col(Throttle.key).in_(keys))
        .order_by(col(Throttle.key))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    before = {row.key: FailureCount(row.failures, row.last_at, row.blocked_until) for row in rows}
    blocked_until = waits_until(list(before.values()), now)
    if blocked_until is not None:
        return blocked_until
    counted = []
    is_mailed = person is not None and bool(person.email)
    for row in rows:
        if row.key == ThrottleScope.ASK_ALL and not is_mailed:  # this scope counts letters
            continue
        after = add_failures(limits[keys[row.key]], before[row.key], now, cost=1)
        counted.append(CountedFailure(keys[row.key], row.key, after.failures, row.blocked_until))
        row.failures, row.last_at, row.blocked_until = after.failures, after.last_at, after.blocked_until
    session.flush()
    return tuple(counted)


def count_wrong_code(session: Session, person_id: UUID, now: datetime) -> bool:
    """Count a wrong code of a person. Return whether their codes become longer from this one on."""
    row = _lock(session, f"{ThrottleScope.CODE}:{person_id.hex}", now)
    blocked_before = row.blocked_until
    after = count_failure(ThrottleScope.CODE, FailureCount(row.failures, row.last_at, blocked_before), now)
    row.failures, row.last_at, row.blocked_until = after.failures, after.last_at, after.blocked_until
    session.flush()
    return after.blocked_until is not None and (blocked_before is None or blocked_before <= now)


def are_codes_guessed(session: Session, person_id: UUID, now: datetime) -> bool:
    """Tell whether so many wrong codes of a person came that their codes are longer for a while."""
    row = session.get(Throttle, f"{ThrottleScope.CODE}:{person_id.hex}", populate_existing=True)
    return row is not None and row.blocked_until is not None and row.blocked_until > now


def _lock(session: Session, key: str, now: datetime) -> Throttle:
    row = {"key": key, "failures": 0, "last_at": now, "blocked_until": None}
    insert_new(session, table_of(Throttle), [row])
    return session.exec(
        select(Throttle).where(Throttle.key == key).with_for_update().execution_options(populate_existing=True)
    ).one()


def forgive(session: Session, counted: Sequence[CountedFailure], now: datetime) -> None:
    """Take counts back after a successful sign-in, and forget the person's own earlier failures from there."""
    for count_ in counted:
        is_this_key = col(Throttle.key) == count_.key
        if count_.scope in (ThrottleScope.PAIR, ThrottleScope.TOTP):
            session.execute(delete(Throttle).where(is_this_key))
            continue
        is_unchanged = (is_this_key, col(Throttle.failures) == count_.failures, col(Throttle.last_at) == now)
        values = {"failures": count_.failures - 1, "blocked_until": count_.blocked_before}
        if not count_changed(session, update(Throttle).where(*is_unchanged).values(**values)):
            # others failed meanwhile: their block stays
            fewer = update(Throttle).where(is_this_key, col(Throttle.failures) > 0)
            session.execute(fewer.values(failures=Throttle.failures - 1))


def is_known(session: Session, person_id: UUID, caller: RequestOrigin, now: datetime) -> bool:
    """Tell whether the person has signed in with this browser or from this address before."""
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
    """Return the address that is counted: for IPv6 its /64 network, all of which a household may use."""
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
    """Return the keys of the counts. An unknown name is counted like a known one, with as many statements."""
    name_key = person.id.hex if person else hashlib.sha256(fold(name).encode()).hexdigest()[:32]
    knows_origin = is_known(session, UUID(name_key), caller, now)
    knows_browser = person is not None and person.id in caller.known_to
    network = _network(caller.address)
    origin_key = f"browser:{caller.browser}" if knows_browser else network
    pair, place, name_scope, *everybody = scopes
    keys = {
        f"{pair}:{name_key}:{origin_key}": pair,
        f"{place}:{network}": place,
        f"{name_scope}:{name_key}": name_scope,
    }
    keys |= {str(scope): scope for scope in everybody}
    counted_scopes = counted_for(scopes, is_known=knows_origin)
    return {key: scope for key, scope in keys.items() if scope in counted_scopes}


_MINUTE = timedelta(minutes=1)


def find_by_name(session: Session, name: str) -> Person | None:
    """Find the active person with this code or mail address. Return None for an address that several people share."""
    lowered = name.strip().lower()
    if not lowered:
        return None
    is_same = or_(func.lower(Person.code) == lowered, func.lower(Person.email) == lowered)
    people = session.exec(select(Person).where(is_same, col(Person.is_active)).limit(3)).all()
    for person in people:
        if person.code.lower() == lowered:
            return person
    return people[0] if len(people) == 1 else None


class TooOften(Refused):
    """Too many attempts from this origin. The next one is checked only from `until` (UTC) on."""

    def __init__(self, until: datetime, now: datetime) -> None:
        remaining = until - now
        if remaining > _MINUTE:
            wait = _n("{count} minute", "{count} minutes", count=-(-remaining // _MINUTE))
        else:
            wait = _n("{count} second", "{count} seconds", count=max(1, round(remaining.total_seconds())))
        super().__init__("too many tries from here: please wait {wait}, or have a code sent by mail", wait=wait)
        self.until = until
