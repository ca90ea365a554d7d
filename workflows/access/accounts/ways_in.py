"""End what lets people in, when they leave, or when their password or mail address changes."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col

from models.database.rows import chunks, count_changed
from models.organization.access import AccessToken, CalendarFeed
from models.organization.account import MailedPurpose, MailedSecret, WebSession
from models.organization.person import Person
from workflows.access.audit_log import note


def end_ways_in(session: Session, people: Collection[UUID], *, now: datetime) -> None:
    """End sessions, access tokens, calendar addresses, mailed codes and links of people who leave or come back.

    Passwords, second steps and links to the sign-in service stay, as proofs for a person who comes back.
    """
    for chunk in chunks(people):
        for table in (WebSession, AccessToken, CalendarFeed):
            _end(session, table, chunk, now)
    void_mailed(session, people, now=now)


def end_tokens(session: Session, person: Person, *, now: datetime, by: UUID | None, address: str = "") -> int:
    """End every access token of a person, with one line in the audit if there were any. Return how many."""
    if ended := _end(session, AccessToken, [person.id], now):
        facts = {"count": ended}
        note(session, "tokens_ended", now=now, actor_id=by, about=person.code, facts=facts, address=address)
    return ended


def void_mailed(session: Session, people: Collection[UUID], *, now: datetime) -> None:
    """Void every code and link that was mailed to people and is still open."""
    for chunk in chunks(people):
        void(session, chunk, *MailedPurpose, now=now)


def void(session: Session, people: Collection[UUID], *purposes: MailedPurpose, now: datetime) -> None:
    """Void open codes and links for these purposes."""
    session.execute(
        update(MailedSecret)
        .where(
            col(MailedSecret.person_id).in_(people),
            col(MailedSecret.used_at).is_(None),
            col(MailedSecret.purpose).in_(purposes),
        )
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )


def _end(
    session: Session,
    table: type[WebSession] | type[AccessToken] | type[CalendarFeed],
    people: Collection[UUID],
    now: datetime,
) -> int:
    ended = count_changed(
        session,
        update(table)
        .where(col(table.person_id).in_(people), col(table.revoked_at).is_(None))
        .values(revoked_at=now)
        .execution_options(synchronize_session=False),
    )
    return int(ended)
