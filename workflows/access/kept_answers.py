"""Stored answers of the API, for a repeat of the request under the same key of the caller."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import Session, col

from models.database.rows import insert_new, table_of
from models.organization.access import KEPT_FOR, KeptAnswer

_UNDER_WAY = timedelta(minutes=1)


def take_key(session: Session, person_id: UUID, key: str, request_hash: str, *, now: datetime) -> KeptAnswer | None:
    """Take a key for a request, or return the answer that is stored under it; its `status` is 0 until it is there."""
    is_expired = (col(KeptAnswer.kept_at) < now - KEPT_FOR) | (
        (col(KeptAnswer.status) == 0) & (col(KeptAnswer.kept_at) < now - _UNDER_WAY)
    )
    is_this_key = (col(KeptAnswer.person_id) == person_id, col(KeptAnswer.key) == key)
    session.execute(delete(KeptAnswer).where(*is_this_key, is_expired))
    row = {"person_id": person_id, "key": key, "request_hash": request_hash, "kept_at": now, "status": 0}
    if insert_new(session, table_of(KeptAnswer), [row | {"media_type": ""}]):
        return None
    kept = session.get_one(KeptAnswer, (person_id, key))
    _body = kept.body  # load the secret while the session is open
    return kept


def free_key(session: Session, person_id: UUID, key: str) -> None:
    session.execute(delete(KeptAnswer).where(col(KeptAnswer.person_id) == person_id, col(KeptAnswer.key) == key))


def keep_answer(session: Session, person_id: UUID, key: str, status: int, media_type: str, body: bytes) -> None:
    kept = update(KeptAnswer).where(col(KeptAnswer.person_id) == person_id, col(KeptAnswer.key) == key)
    session.execute(kept.values(status=status, media_type=media_type, body=body))
