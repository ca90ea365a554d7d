"""Sessions of browsers: opened at sign-in, found by the cookie's key, ended one by one or all at once."""

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
"""So long at most; shorter where it is not used (`unused_for`)."""
SEEN_EVERY = timedelta(minutes=5)
"""How exactly it is kept when a session was last used: a page costs a write this often at most."""

AHEAD = timedelta(hours=1)
"""A session that was opened later than so long from now does not hold."""


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
    """Open a session; return the key for the cookie, kept nowhere else. `unused`: it ends after so long without use."""
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
    """The live session of a key and its person; None when it ended, expired, or the person has retired.

    None too for one that a clock opened that was ahead: it would outlast its time by as much.
    """
    row = session.execute(_LIVE, {"key_hash": hash_key(key), "now": now, "latest": now + AHEAD}).first()
    return (row[0], row[1]) if row else None


_LIVE = (  # asked for every page: written down once
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
    """Keep that it was used now: its end moves on, as far as it may last in all."""
    longest = row.created_at + (REMEMBERED if row.is_remembered else LASTS)
    ends = min(longest, now + unused_for(settings, remembered=row.is_remembered))
    which = (col(WebSession.key_hash) == row.key_hash, col(WebSession.expires_at) > now)
    session.execute(update(WebSession).where(*which).values(last_seen_at=now, expires_at=ends))


def owes_totp(session: Session, principal: Principal, row: WebSession, settings: Settings) -> bool:
    """An administrator has to set up the second step first, where the settings ask for it.

    Who came by a sign-in service has gone through its steps.
    """
    if not settings.require_totp_for_administrators or row.proof is Proof.OIDC:
        return False
    return OfficeRole.ADMINISTRATOR in principal.standings and not has_totp(session, principal.person.id)


def end_sessions(
    session: Session, person_id: UUID, *, now: datetime, only: UUID | None = None, but: UUID | None = None
) -> int:
    """End a person's sessions, or the one of an id, or all but that. Returns how many were live."""
    which = [] if only is None else [col(WebSession.id) == only]
    which += [] if but is None else [col(WebSession.id) != but]
    ended = count_changed(
        session,
        update(WebSession)
        .where(
            col(WebSession.person_id) == person_id,
            col(WebSession.revoked_at).is_(None),
            col(WebSession.expires_at) > now,
            *which,
        )
        .values(revoked_at=now),
    )
    return int(ended)


def hash_key(key: str) -> str:
    """A session's key, or an access token, is kept so."""
    return hashlib.sha256(key.encode()).hexdigest()


def list_accounts(session: Session, *, now: datetime) -> list[tuple[Person, Account | None, int]]:
    """By name, who has an account or is signed in, and in how many browsers."""
    live = (col(WebSession.expires_at) > now, col(WebSession.revoked_at).is_(None))
    open_ones = select(WebSession.person_id, func.count()).where(*live).group_by(col(WebSession.person_id))
    counts = dict(session.exec(open_ones).all())
    known = session.exec(
        select(Person, Account)
        .outerjoin(Account, col(Account.person_id) == col(Person.id))
        .where(col(Account.person_id).is_not(None) | col(Person.id).in_(counts))
        .order_by(col(Person.sort_key))
    )
    return [(person, account, counts.get(person.id, 0)) for person, account in known]
