"""Retention: the words of letters delivered long ago and the records of finished background work go, by the settings.

That a letter was sent stays for ever: to whom, when, about which tasks, its Message-ID and the SHA-256 of its bytes.
History, results and their files are never deleted: they are records of the office, whose keeping the law on archives
sets and no setting here shortens.
"""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Engine, delete, select
from sqlmodel import Session, col

from models.access import CallState, WebhookCall
from models.errand import PREVIEW, Errand, ErrandPart, ErrandState
from models.letter import ExpiredContent, Letter, LetterContent, LetterState
from models.session import insert_new, transaction
from models.settings import Settings

BATCH = 200
"""Letters a transaction: some megabytes are read for their hashes, and nobody waits long for the write lock."""
_OVER = (LetterState.SENT, LetterState.DROPPED)
"""Whoever must still look at a letter, or may send it again, needs its bytes."""
_MADE = (CallState.DONE, CallState.FAILED)
_ENDED = (ErrandState.DONE, ErrandState.FAILED, ErrandState.CANCELLED)


def expire(engine: Engine, settings: Settings, *, now: datetime) -> dict[str, int]:
    """Deletes what its setting no longer keeps at `now` (UTC), a batch a transaction; counts by kind.

    It may be killed anywhere, and two at once delete each row once.
    """
    days = settings.keep_letter_bodies_days
    bodies = 0 if days is None else expire_bodies(engine, before=now - timedelta(days=days), now=now)
    return {
        "bodies": bodies,
        "errands": _expire_errands(engine, now - timedelta(days=settings.keep_errands_days)),
        "calls": _expire_calls(engine, now - timedelta(days=settings.keep_webhook_calls_days)),
    }


def expire_bodies(engine: Engine, *, before: datetime, now: datetime) -> int:
    """Replaces the bytes of delivered letters whose moment lies before an instant by their hash; how many.

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
            expired += _expire(session, [one for one, slot, state in rows if slot < before and state in _OVER], now)
        if len(rows) < BATCH or all(slot >= before for _one, slot, _state in rows):
            return expired
        after = rows[-1][0]


def _expire(session: Session, ids: list[UUID], now: datetime) -> int:
    bytes_of = select(col(LetterContent.letter_id), col(LetterContent.content)).where(
        col(LetterContent.letter_id).in_(ids)
    )
    kept = [
        {"letter_id": letter_id, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "expired_at": now}
        for letter_id, content in session.execute(bytes_of)
    ]
    insert_new(session, ExpiredContent.__table__, kept)  # type: ignore[attr-defined]
    done = session.execute(
        delete(LetterContent).where(col(LetterContent.letter_id).in_([one["letter_id"] for one in kept]))
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


def _expire_errands(engine: Engine, before: datetime) -> int:
    """Those that have ended; previews have a shorter time of their own."""
    deleted = 0
    which = (col(Errand.asked_at) < before, col(Errand.state).in_(_ENDED), col(Errand.kind) != PREVIEW)
    while True:
        with transaction(engine) as session:
            ids = session.scalars(
                select(col(Errand.id)).where(*which, col(Errand.finished_at) < before).limit(BATCH)
            ).all()
            session.execute(delete(ErrandPart).where(col(ErrandPart.errand_id).in_(ids)))
            done = session.execute(delete(Errand).where(col(Errand.id).in_(ids)))
            deleted += int(done.rowcount)  # type: ignore[attr-defined]
        if len(ids) < BATCH:
            return deleted


def _expire_calls(engine: Engine, before: datetime) -> int:
    """Of webhooks: those made, and those given up; walked through as letters are."""
    deleted, after = 0, UUID(int=0)
    while True:
        with transaction(engine) as session:
            rows = session.execute(
                select(col(WebhookCall.id), col(WebhookCall.queued_at), col(WebhookCall.state))
                .where(col(WebhookCall.id) > after)
                .order_by(col(WebhookCall.id))
                .limit(BATCH)
            ).all()
            ids = [one for one, queued_at, state in rows if queued_at < before and state in _MADE]
            done = session.execute(delete(WebhookCall).where(col(WebhookCall.id).in_(ids)))
            deleted += int(done.rowcount)  # type: ignore[attr-defined]
        if len(rows) < BATCH or all(queued_at >= before for _one, queued_at, _state in rows):
            return deleted
        after = rows[-1][0]
