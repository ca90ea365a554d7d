"""Sessions of browsers: opened at sign-in, found by the key in the cookie, ended one by one or all at once."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlmodel import Session, col, func, select

from models.database.rows import count_changed
from models.organization.account import Account, Proof, WebSession
from models.organization.person import Person
from models.settings import Settings
from workflows.access.accounts.totp import has_totp
from workflows.access.rights import Principal
from workflows.rules.rights_table import OfficeRole

LASTS = timedelta(hours=12)
REMEMBERED = timedelta(days=90)
"""Their longest duration. A session that is not used ends earlier (`unused_for`)."""
SEEN_EVERY = timedelta(minutes=5)
"""The shortest time between two writes of a session's last use."""

AHEAD = timedelta(hours=1)
"""A session opened further in the future than this is not valid."""


def open_session(
    session: Session,
    person: Person,
    proof: Proof,
    *,
    now: datetime,
    remembered: bool = False,
    unused: timedelta | None = None,
    device: str = "",
    address: str = "",
) -> str:
    """Open a session that ends when `unused` for so long. Return the key for the cookie, which is stored nowhere."""
    lasts = REMEMBERED if remembered else LASTS
    key = secrets.token_urlsafe(32)
    session.add(
        WebSession(
            key_hash=hash_key(key),
            person_id=person.id,
            proof=proof,
            created_at=now,
            last_seen_at=now,
            expires_at=now + min(lasts, unused or lasts),
            is_remembered=remembered,
            device=device[:200],
            address=address[:64],
        )
    )
    return key


def find_session(session: Session, key: str, *, now: datetime) -> tuple[WebSession, Person] | None:
    """Find a valid session and its person. Return None if it ended or expired, or if the person has retired.

    A session opened by a clock that was ahead is not valid either, because it would last longer by as much.
    """
    row = session.execute(_LIVE, {"key_hash": hash_key(key), "now": now, "latest": now + AHEAD}).first()
    return (row[0], row[1]) if row else None


_LIVE = (  # every page runs it, so it is built only once
    select(WebSession, Person)
    .join(Person, col(Person.id) == col(WebSession.person_id))
    .where(
        col(WebSession.key_hash) == bindparam("key_hash"),
        col(WebSession.expires_at) > bindparam("now"),
        col(WebSession.created_at) <= bindparam("latest"),
        col(WebSession.revoked_at).is_(None),
        col(Person.is_active),
    )
)


def unused_for(settings: Settings, *, remembered: bool) -> timedelta:
    if remembered:
        return timedelta(days=settings.remembered_idle_days)
    return timedelta(minutes=settings.session_idle_minutes)


def touch_session(session: Session, row: WebSession, settings: Settings, *, now: datetime) -> None:
    """Write that a session is used now, and move its end, but not beyond its longest duration."""
    latest_end = row.created_at + (REMEMBERED if row.is_remembered else LASTS)
    expires_at = min(latest_end, now + unused_for(settings, remembered=row.is_remembered))
    is_live = (col(WebSession.key_hash) == row.key_hash, col(WebSession.expires_at) > now)
    session.execute(update(WebSession).where(*is_live).values(last_seen_at=now, expires_at=expires_at))


def owes_totp(session: Session, principal: Principal, row: WebSession, settings: Settings) -> bool:
    """Tell whether an administrator must set up the second step first, as the settings may require.

    A sign-in service has its own steps.
    """
    if not settings.require_totp_for_administrators or row.proof is Proof.OIDC:
        return False
    return OfficeRole.ADMINISTRATOR in principal.standings and not has_totp(session, principal.person.id)


def end_sessions(
    session: Session, person_id: UUID, *, now: datetime, only: UUID | None = None, but: UUID | None = None
) -> int:
    """End a person's sessions: all, only one, or all but one. Return how many were open."""
    conditions = [] if only is None else [col(WebSession.id) == only]
    conditions += [] if but is None else [col(WebSession.id) != but]
    ended = count_changed(
        session,
        update(WebSession)
        .where(
            col(WebSession.person_id) == person_id,
            col(WebSession.revoked_at).is_(None),
            col(WebSession.expires_at) > now,
            *conditions,
        )
        .values(revoked_at=now),
    )
    return int(ended)


def hash_key(key: str) -> str:
    """Return the form in which a session's key or an access token is stored."""
    return hashlib.sha256(key.encode()).hexdigest()


def list_accounts(session: Session, *, now: datetime) -> list[tuple[Person, Account | None, int]]:
    """Return the people with an account or an open session by name, with the number of their open sessions."""
    is_live = (col(WebSession.expires_at) > now, col(WebSession.revoked_at).is_(None))
    live_sessions = select(WebSession.person_id, func.count()).where(*is_live).group_by(col(WebSession.person_id))
    counts = dict(session.exec(live_sessions).all())
    accounts = session.exec(
        select(Person, Account)
        .outerjoin(Account, col(Account.person_id) == col(Person.id))
        .where(col(Account.person_id).is_not(None) | col(Person.id).in_(counts))
        .order_by(col(Person.sort_key))
    )
    return [(person, account, counts.get(person.id, 0)) for person, account in accounts]
