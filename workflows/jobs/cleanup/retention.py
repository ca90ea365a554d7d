"""Retention: the words of letters delivered long ago go, by the settings, and replies as they came.

That a letter was sent stays for ever: to whom, when, about which tasks, its Message-ID and the SHA-256 of its bytes.
So does what came of a reply. History, results and their files are never deleted: they are records of the office,
whose keeping the law on archives sets and no setting here shortens.
"""

import hashlib
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine, delete, select, update
from sqlmodel import Session, col

from models.database.rows import IN_CHUNK, count_changed, insert_new, table_of
from models.database.session import transaction
from models.letters.letter import ExpiredContent, Letter, LetterContent, LetterState
from models.replies.reply import Reply, ReplyDraft, ReplyState
from models.settings import Settings
from workflows.queue.dropped_files import DONE

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


def purge_replies(engine: Engine, settings: Settings, *, now: datetime) -> int:
    """Let go of the bytes of replies older than `keep_replies_days` at `now` (UTC), and of what strangers sent.

    Their files go with the next purge of files that belong to nothing. Return how many replies.
    """
    old = now - timedelta(days=settings.keep_replies_days)
    delete_old_mail(settings.replies_folder, old)
    purged = 0
    while True:
        with transaction(engine) as session:
            done = _let_replies_go(session, old) + _forget_strangers(session, old)
        purged += done
        if not done:
            return purged


def delete_old_mail(folder: Path, old: datetime) -> None:
    """Delete the messages of a folder that were read before an instant."""
    for path in (folder / DONE).glob("*.eml"):
        with suppress(FileNotFoundError):  # another purge is at it
            if path.stat().st_mtime < old.timestamp():
                path.unlink()


def _let_replies_go(session: Session, old: datetime) -> int:
    kept = select(col(Reply.id)).where(col(Reply.read_at) < old, col(Reply.original_sha256) != "").limit(IN_CHUNK)
    ids = session.scalars(kept).all()
    session.execute(
        delete(ReplyDraft).where(col(ReplyDraft.reply_id).in_(ids)).execution_options(synchronize_session=False)
    )
    emptied = update(Reply).where(col(Reply.id).in_(ids)).values(original_sha256="")
    return count_changed(session, emptied.execution_options(synchronize_session=False))


def _forget_strangers(session: Session, old: datetime) -> int:
    """Delete what came from nobody of the register and changed nothing."""
    strange = (col(Reply.state) == ReplyState.ASIDE, col(Reply.person_id).is_(None), col(Reply.original_sha256) == "")
    ids = session.scalars(select(col(Reply.id)).where(col(Reply.read_at) < old, *strange).limit(IN_CHUNK)).all()
    forget = delete(Reply).where(col(Reply.id).in_(ids))
    return count_changed(session, forget.execution_options(synchronize_session=False))


def kept_files(session: Session, names: Collection[str]) -> set[str]:
    """What replies still need: as they came, and files of their drafts."""
    wanted = set(session.scalars(select(col(Reply.original_sha256)).where(col(Reply.original_sha256).in_(names))))
    for files in session.scalars(select(col(ReplyDraft.files)).where(col(ReplyDraft.used_at).is_(None))):
        wanted.update(str(one["sha256"]) for one in files)
    return wanted
