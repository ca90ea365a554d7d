"""Stores the short links of letters before the letters leave, and deletes them long after they have expired."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Engine, delete, select
from sqlmodel import Session, col

from models.database.rows import count_changed, insert_new, table_of
from models.database.session import transaction
from models.letters.letter import Letter, LetterLink

KEPT_AFTER = timedelta(days=365)
"""For this long, an expired link still leads a person who is signed in to the task."""
_BATCH = 1000


def store_links(session: Session, links: Mapping[int, tuple[UUID, UUID]]) -> None:
    """Store the letter and the task of each code. A stored code stays as it is."""
    rows = [{"code": code, "letter_id": letter_id, "task_id": task_id} for code, (letter_id, task_id) in links.items()]
    insert_new(session, table_of(LetterLink), rows)


def expire_links(engine: Engine, *, before: datetime) -> int:
    """Delete the links of letters with a slot before an instant (UTC), and return their number.

    Ids follow the order in which letters were made. So this walks from the oldest link up to the first batch that holds
    a younger letter, with a transaction for each batch.
    """
    oldest = (
        select(col(LetterLink.code), col(Letter.slot))
        .join(Letter, col(Letter.id) == col(LetterLink.letter_id))
        .order_by(col(LetterLink.letter_id))
        .limit(_BATCH)
    )
    deleted = 0
    while True:
        with transaction(engine) as session:
            rows = session.execute(oldest).all()
            codes = [code for code, slot in rows if slot < before]
            if codes:
                deleted += count_changed(session, delete(LetterLink).where(col(LetterLink.code).in_(codes)))
        if len(codes) < _BATCH:
            return deleted
