"""Retention: the words of letters delivered long ago go, by the settings.

That a letter was sent stays for ever: to whom, when, about which tasks, its Message-ID and the SHA-256 of its bytes.
History, results and their files are never deleted: they are records of the office, whose keeping the law on archives
sets and no setting here shortens.
"""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Engine, delete, select
from sqlmodel import Session, col

from models.database.rows import count_changed, insert_new, table_of
from models.database.session import transaction
from models.letters.letter import ExpiredContent, Letter, LetterContent, LetterState
from models.settings import Settings

BATCH = 200
"""Letters a transaction: some megabytes are read for their hashes, and nobody waits long for the write lock."""
_OVER = (LetterState.SENT, LetterState.DROPPED)
"""Whoever must still look at a letter, or may send it again, needs its bytes."""


def expire(engine: Engine, settings: Settings, *, now: datetime) -> int:
    """Let go of the letters' words that the setting no longer keeps at `now` (UTC), a batch a transaction; how many.

    It may be killed anywhere, and two at once delete each row once.
    """
    days = settings.keep_letter_bodies_days
    return 0 if days is None else expire_bodies(engine, before=now - timedelta(days=days), now=now)


def expire_bodies(engine: Engine, *, before: datetime, now: datetime) -> int:
    """Replace the bytes of delivered letters whose moment lies before an instant by their hash; how many.

    Ids are ordered by the time at which letters were made: one walk from the oldest bytes there are, by the primary
    key, up to the first batch in which all are younger.
    """
    expired, after = 0, UUID(int=0)
    while True:
        with transaction(engine) as session:
            rows = session.execute(
                select(col(LetterContent.letter_id), col(Letter.slot), col(Letter.state))
                .join(Letter, col(Letter.id) == col(LetterContent.letter_id))
                .where(col(LetterContent.letter_id) > after)
                .order_by(col(LetterContent.letter_id))
                .limit(BATCH)
            ).all()
            expired += let_go(session, [one for one, slot, state in rows if slot < before and state in _OVER], now)
        if len(rows) < BATCH or all(slot >= before for _one, slot, _state in rows):
            return expired
        after = rows[-1][0]


def let_go(session: Session, ids: list[UUID], now: datetime) -> int:
    """Replace the bytes of letters by their hash; how many of them still had any. No more than `BATCH` at once."""
    bytes_of = select(col(LetterContent.letter_id), col(LetterContent.content)).where(
        col(LetterContent.letter_id).in_(ids)
    )
    kept = [
        {"letter_id": letter_id, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "expired_at": now}
        for letter_id, content in session.execute(bytes_of)
    ]
    insert_new(session, table_of(ExpiredContent), kept)
    done = count_changed(
        session, delete(LetterContent).where(col(LetterContent.letter_id).in_([one["letter_id"] for one in kept]))
    )
    return int(done)
