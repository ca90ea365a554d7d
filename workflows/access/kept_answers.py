"""Answers of the API that are kept for a repeat of the request, each under its caller's key."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import Session, col

from models.database.rows import insert_new, table_of
from models.organization.access import KEPT_FOR, KeptAnswer

_UNDER_WAY = timedelta(minutes=1)


def take_key(session: Session, person_id: UUID, key: str, request_hash: str, *, now: datetime) -> KeptAnswer | None:
    """Take a key for a request: None; or what is kept under it, of which `status` is 0 while it is under way."""
    old = (col(KeptAnswer.kept_at) < now - KEPT_FOR) | (
        (col(KeptAnswer.status) == 0) & (col(KeptAnswer.kept_at) < now - _UNDER_WAY)
    )
    session.execute(delete(KeptAnswer).where(col(KeptAnswer.person_id) == person_id, col(KeptAnswer.key) == key, old))
    row = {"person_id": person_id, "key": key, "request_hash": request_hash, "kept_at": now, "status": 0}
    if insert_new(session, table_of(KeptAnswer), [row | {"media_type": ""}]):
        return None
    kept = session.get_one(KeptAnswer, (person_id, key))
    _body = kept.body  # a secret is loaded when it is asked for: while the session is open
    return kept


def free_key(session: Session, person_id: UUID, key: str) -> None:
    session.execute(delete(KeptAnswer).where(col(KeptAnswer.person_id) == person_id, col(KeptAnswer.key) == key))


def keep_answer(session: Session, person_id: UUID, key: str, status: int, media_type: str, body: bytes) -> None:
    kept = update(KeptAnswer).where(col(KeptAnswer.person_id) == person_id, col(KeptAnswer.key) == key)
    session.execute(kept.values(status=status, media_type=media_type, body=body))
