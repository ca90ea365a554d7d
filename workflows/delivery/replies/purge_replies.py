"""What is kept of replies, and for how long: the message as it came by a setting, what came of it for ever."""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, select, update
from sqlmodel import Session, col

from models.database.rows import IN_CHUNK, count_changed
from models.database.session import transaction
from models.letters.reply import Reply, ReplyDraft, ReplyState
from models.settings import Settings
from workflows.delivery.mail_sources import DONE


def purge_replies(engine: Engine, settings: Settings, *, now: datetime) -> int:
    """Let go of the bytes of replies older than `keep_replies_days` at `now` (UTC), and of what strangers sent.

    Their files go with the next purge of files that belong to nothing. Return how many replies.
    """
    old = now - timedelta(days=settings.keep_replies_days)
    for path in (settings.replies_folder / DONE).glob("*.eml"):
        with suppress(FileNotFoundError):  # another purge is at it
            if path.stat().st_mtime < old.timestamp():
                path.unlink()
    purged = 0
    while True:
        with transaction(engine) as session:
            done = _let_go(session, old) + _forget_strangers(session, old)
        purged += done
        if not done:
            return purged


def _let_go(session: Session, old: datetime) -> int:
    kept = select(col(Reply.id)).where(col(Reply.read_at) < old, col(Reply.original_sha256) != "").limit(IN_CHUNK)
    ids = session.scalars(kept).all()
    session.execute(
        delete(ReplyDraft).where(col(ReplyDraft.reply_id).in_(ids)).execution_options(synchronize_session=False)
    )
    let_go = update(Reply).where(col(Reply.id).in_(ids)).values(original_sha256="")
    return count_changed(session, let_go.execution_options(synchronize_session=False))


def _forget_strangers(session: Session, old: datetime) -> int:
    """Delete what came from nobody of the register and changed nothing."""
    strange = (col(Reply.state) == ReplyState.ASIDE, col(Reply.person_id).is_(None), col(Reply.original_sha256) == "")
    ids = session.scalars(select(col(Reply.id)).where(col(Reply.read_at) < old, *strange).limit(IN_CHUNK)).all()
    forget = delete(Reply).where(col(Reply.id).in_(ids))
    return count_changed(session, forget.execution_options(synchronize_session=False))


def kept_files(session: Session, names: Collection[str]) -> set[str]:
    """Return those of some contents of the store that replies still need: as they came, and files of their drafts."""
    wanted = set(session.scalars(select(col(Reply.original_sha256)).where(col(Reply.original_sha256).in_(names))))
    for files in session.scalars(select(col(ReplyDraft.files)).where(col(ReplyDraft.used_at).is_(None))):
        wanted.update(str(one["sha256"]) for one in files)
    return wanted
