"""Sign people in and out: open and end sessions of browsers, each with a line in the audit."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from models.organization.account import Account, Proof, WebSession
from models.organization.person import Person
from models.settings import Settings
from workflows.access.accounts.sessions import end_sessions, open_session, unused_for
from workflows.access.accounts.throttle import RequestOrigin
from workflows.access.audit_log import note

FRESH = timedelta(minutes=15)
"""The time after signing in during which a person may choose their first password or set up the second step."""


def admit(
    session: Session,
    person: Person,
    proof: Proof,
    caller: RequestOrigin,
    settings: Settings,
    *,
    now: datetime,
    remembered: bool = False,
    with_totp: bool = False,
    replacing: WebSession | None = None,
) -> str:
    """Open a session, and return its key. The browser's former session ends, so that no key outlives a sign-in."""
    if replacing is not None:
        end_sessions(session, replacing.person_id, now=now, only=replacing.id)
    key = open_session(
        session,
        person,
        proof,
        now=now,
        remembered=remembered,
        unused=unused_for(settings, remembered=remembered),
        device=caller.device,
        address=caller.address,
    )
    facts = {"proof": proof.value, "remembered": remembered, "totp": with_totp}
    note(session, "signed_in", now=now, actor_id=person.id, about=person.code, facts=facts, address=caller.address)
    return key


def leave(session: Session, person: Person, session_id: UUID, *, now: datetime, address: str = "") -> None:
    if end_sessions(session, person.id, now=now, only=session_id):
        note(session, "signed_out", now=now, actor_id=person.id, about=person.code, address=address)


def end_others(
    session: Session,
    person: Person,
    *,
    now: datetime,
    by: UUID | None,
    only: UUID | None = None,
    keep: UUID | None = None,
    address: str = "",
) -> int:
    """End a person's sessions: all, only one, or all but the one to keep. Return how many were open."""
    ended = end_sessions(session, person.id, now=now, only=only, but=keep)
    if ended:
        note(
            session, "sessions_ended", now=now, actor_id=by, about=person.code, facts={"count": ended}, address=address
        )
    return ended


def live_sessions(session: Session, person_id: UUID, *, now: datetime) -> Sequence[WebSession]:
    """Return a person's open sessions, the last used one first."""
    return session.exec(
        select(WebSession)
        .where(
            WebSession.person_id == person_id, col(WebSession.expires_at) > now, col(WebSession.revoked_at).is_(None)
        )
        .order_by(col(WebSession.last_seen_at).desc(), col(WebSession.id))
    ).all()


def is_fresh(row: WebSession, now: datetime) -> bool:
    return now - row.created_at < FRESH


def void_links(session: Session, person: Person, *, now: datetime, address: str = "") -> None:
    """Void the links in all letters sent to a person until now."""
    account = session.get(Account, person.id) or Account(person_id=person.id)
    account.links_from = now
    session.add(account)
    note(session, "links_voided", now=now, actor_id=person.id, about=person.code, address=address)
