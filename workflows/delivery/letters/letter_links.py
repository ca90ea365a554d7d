"""The short links of letters: stored before the letter leaves, let go long after they have lapsed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Engine, delete, select
from sqlmodel import Session, col

from models.database.rows import count_changed, insert_new, table_of
from models.database.session import transaction
from models.letters.letter import Letter, LetterLink

KEPT_AFTER = timedelta(days=365)
"""How long after it has lapsed a link still leads somebody who is signed in to their task."""
_BATCH = 1000


def store_links(session: Session, links: Mapping[int, tuple[UUID, UUID]]) -> None:
    """Store the letter and the task of each code; one that is there already stays as it is."""
    rows = [{"code": code, "letter_id": letter, "task_id": task} for code, (letter, task) in links.items()]
    insert_new(session, table_of(LetterLink), rows)


def expire_links(engine: Engine, *, before: datetime) -> int:
    """Delete the links of letters whose moment lies before an instant (UTC), a batch a transaction; how many.

    Ids are in the order in which letters were made: one walk from the oldest, up to the first batch with a younger one.
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
