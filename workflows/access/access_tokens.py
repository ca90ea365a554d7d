"""Personal access tokens. A token is shown once and stored as a hash. It ends by its person's wish or by time."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from models.database.rows import update_one
from models.errors import BadInput, NotFound
from models.i18n import _
from models.organization.access import AccessToken
from models.organization.person import Person
from workflows.access.accounts.sessions import SEEN_EVERY, hash_key
from workflows.access.audit_log import note
from workflows.access.rights import Principal
from workflows.rules.rights_table import Right

LONGEST = timedelta(days=366)
PREFIX = "dondoc_"  # by which people and programs recognise a leaked token


class Scope(StrEnum):
    """What a token may be used for, within its person's own rights."""

    READ = "read"
    ACT = "act"  # act on tasks
    COORDINATE = "coordinate"  # launch, incidents, many tasks at once
    ADMINISTER = "administer"


SCOPE_WORDS = {
    Scope.READ: _("read what I may see"),
    Scope.ACT: _("act on tasks in my name"),
    Scope.COORDINATE: _("launch, declare incidents, act on many tasks in my name"),
    Scope.ADMINISTER: _("administer in my name"),
}


def make_token(
    session: Session, principal: Principal, name: str, scopes: Sequence[str], expires_at: datetime, *, now: datetime
) -> tuple[AccessToken, str]:
    """Make a token, and return it with its text, which is stored nowhere. Raises BadInput for wrong input."""
    principal.require(Right.ASK_API)
    if not name.strip():
        raise BadInput("name: say what the token is for")
    known_scopes = [Scope(scope) for scope in dict.fromkeys(scopes) if scope in set(Scope)]
    if not known_scopes or len(known_scopes) != len(set(scopes)):
        raise BadInput(
            "scopes {given}: expected one or more of {allowed}", given=", ".join(scopes), allowed=", ".join(Scope)
        )
    if not now < expires_at <= now + LONGEST:
        raise BadInput("expires {expires}: expected within a year from now", expires=expires_at.date())
    text = PREFIX + secrets.token_urlsafe(32)
    token = AccessToken(
        person_id=principal.person.id,
        name=name.strip()[:100],
        token_hash=hash_key(text),
        scopes=[scope.value for scope in known_scopes],
        created_at=now,
        expires_at=expires_at,
    )
    session.add(token)
    session.flush()
    note(session, "token_made", now=now, actor_id=principal.person.id, about=token.name)
    return token, text


def find_token(session: Session, text: str, *, now: datetime) -> tuple[AccessToken, Person] | None:
    """Find a valid token and its person. Return None if it ended or expired, or if the person has retired."""
    return session.exec(
        select(AccessToken, Person)
        .join(Person, col(Person.id) == col(AccessToken.person_id))
        .where(
            AccessToken.token_hash == hash_key(text),
            col(AccessToken.expires_at) > now,
            col(AccessToken.revoked_at).is_(None),
            Person.is_active,
        )
    ).first()


def touch_token(session: Session, token: AccessToken, *, now: datetime) -> None:
    session.execute(update(AccessToken).where(col(AccessToken.id) == token.id).values(last_used_at=now))


def is_stale(token: AccessToken, now: datetime) -> bool:
    return token.last_used_at is None or now - token.last_used_at > SEEN_EVERY


def list_tokens(session: Session, person_id: UUID) -> Sequence[AccessToken]:
    return session.exec(
        select(AccessToken)
        .where(AccessToken.person_id == person_id)
        .order_by(col(AccessToken.created_at).desc(), col(AccessToken.id).desc())
    ).all()


def end_token(session: Session, person_id: UUID, token_id: UUID, *, now: datetime) -> None:
    """End one of a person's tokens. Raises NotFound if it belongs to somebody else, or has ended."""
    ended = update_one(
        session,
        update(AccessToken)
        .where(
            col(AccessToken.id) == token_id,
            col(AccessToken.person_id) == person_id,
            col(AccessToken.revoked_at).is_(None),
        )
        .values(revoked_at=now),
    )
    if not ended:
        raise NotFound("there is no such token, or it has ended")
    note(session, "token_ended", now=now, actor_id=person_id, about=str(token_id))
