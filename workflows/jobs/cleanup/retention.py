"""Delete the texts of letters delivered long ago, and the bytes of old replies, as the settings say.

The record of a letter stays: the recipient, the moment, the tasks, the Message-ID and the SHA-256 of its bytes. So does
the outcome of a reply. History, results and their files are never deleted, because the law on archives sets how long an
office keeps them.
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
from workflows.queue.shared_folders import DONE

BATCH = 200
"""The letters of one transaction. Some megabytes are read for their hashes, and others wait for the write lock."""
_CLOSED_STATES = (LetterState.SENT, LetterState.DROPPED)
"""A letter in another state may be sent again, and needs its bytes."""


def expire(engine: Engine, settings: Settings, *, now: datetime) -> int:
    """Delete the texts of letters that the setting no longer keeps at `now` (UTC). Return the number of letters.

    It works in batches, so that it may be killed anywhere. Two at once delete each row once.
    """
    days = settings.keep_letter_bodies_days
    return 0 if days is None else expire_bodies(engine, before=now - timedelta(days=days), now=now)


def expire_bodies(engine: Engine, *, before: datetime, now: datetime) -> int:
    """Replace the bytes of letters delivered before an instant by their hash. Return the number of letters.

    Ids are in the order of creation, so it reads by the primary key up to the first batch of younger letters.
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
            old_ids = [letter_id for letter_id, slot, state in rows if slot < before and state in _CLOSED_STATES]
            expired += replace_by_hashes(session, old_ids, now)
        if len(rows) < BATCH or all(slot >= before for _letter_id, slot, _state in rows):
            return expired
        after, _slot, _state = rows[-1]


def replace_by_hashes(session: Session, ids: list[UUID], now: datetime) -> int:
    """Replace the bytes of at most `BATCH` letters by their hash. Return the number of letters that had bytes."""
    contents = select(col(LetterContent.letter_id), col(LetterContent.content)).where(
        col(LetterContent.letter_id).in_(ids)
    )
    hashes = [
        {"letter_id": letter_id, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "expired_at": now}
        for letter_id, content in session.execute(contents)
    ]
    insert_new(session, table_of(ExpiredContent), hashes)
    letter_ids = [row["letter_id"] for row in hashes]
    return int(count_changed(session, delete(LetterContent).where(col(LetterContent.letter_id).in_(letter_ids))))


def purge_replies(engine: Engine, settings: Settings, *, now: datetime) -> int:
    """Delete the bytes of replies older than `keep_replies_days` at `now` (UTC), and the replies of strangers.

    Their files are deleted by the next `delete_left_files`. Return the number of replies.
    """
    old = now - timedelta(days=settings.keep_replies_days)
    delete_old_mail(settings.replies_folder, old)
    purged = 0
    while True:
        with transaction(engine) as session:
            count = _empty_replies(session, old) + _delete_replies_of_strangers(session, old)
        purged += count
        if not count:
            return purged


def delete_old_mail(folder: Path, old: datetime) -> None:
    """Delete the messages of a folder that were read before an instant."""
    for path in (folder / DONE).glob("*.eml"):
        with suppress(FileNotFoundError):  # another purge may have deleted it
            if path.stat().st_mtime < old.timestamp():
                path.unlink()


def _empty_replies(session: Session, old: datetime) -> int:
    old_replies = (
        select(col(Reply.id)).where(col(Reply.read_at) < old, col(Reply.original_sha256) != "").limit(IN_CHUNK)
    )
    ids = session.scalars(old_replies).all()
    session.execute(
        delete(ReplyDraft).where(col(ReplyDraft.reply_id).in_(ids)).execution_options(synchronize_session=False)
    )
    emptied = update(Reply).where(col(Reply.id).in_(ids)).values(original_sha256="")
    return count_changed(session, emptied.execution_options(synchronize_session=False))


def _delete_replies_of_strangers(session: Session, old: datetime) -> int:
    """Delete replies that changed nothing and whose sender is not in the register."""
    is_strange = (
        col(Reply.state) == ReplyState.ASIDE,
        col(Reply.person_id).is_(None),
        col(Reply.original_sha256) == "",
    )
    ids = session.scalars(select(col(Reply.id)).where(col(Reply.read_at) < old, *is_strange).limit(IN_CHUNK)).all()
    strangers = delete(Reply).where(col(Reply.id).in_(ids))
    return count_changed(session, strangers.execution_options(synchronize_session=False))


def kept_files(session: Session, names: Collection[str]) -> set[str]:
    """Return the files that replies still need: their original bytes, and the files of their drafts."""
    needed = set(session.scalars(select(col(Reply.original_sha256)).where(col(Reply.original_sha256).in_(names))))
    for files in session.scalars(select(col(ReplyDraft.files)).where(col(ReplyDraft.used_at).is_(None))):
        needed.update(str(file["sha256"]) for file in files)
    return needed
