"""What signing in leaves behind and nothing asks for any more: ended sessions, void secrets, old counts."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, TextClause, delete, or_
from sqlmodel import col, select

from models.database.rows import count_changed
from models.database.session import transaction
from models.letters.letter import IS_DEAD, SECRET_TOPIC, Letter, LetterContent, LetterKind
from models.organization.account import MailedSecret, Throttle, WebSession
from workflows.access.accounts.throttle import FORGOTTEN_AFTER, KNOWN_FOR

BATCH = 1000
KEEP_SECRETS = timedelta(days=1)  # after their end
KEEP_WORDS = timedelta(days=1)  # of a letter with a secret that may not have arrived


def purge_accounts(engine: Engine, *, now: datetime) -> int:
    """Delete them in batches, a transaction each; return how many rows.

    A session that has ended stays for as long as its address counts as one that the person uses.
    """
    ended = or_(col(WebSession.expires_at) < now, col(WebSession.revoked_at).is_not(None))
    left_behind = (
        IS_DEAD,
        col(Letter.slot) < now - KEEP_WORDS,
        col(Letter.kind) == LetterKind.ACCOUNT,
        col(Letter.topic).startswith(SECRET_TOPIC),
        col(LetterContent.letter_id).is_not(None),
    )
    words = select(Letter.id).outerjoin(LetterContent, col(LetterContent.letter_id) == col(Letter.id))
    return (
        _delete(engine, WebSession.key_hash, col(WebSession.created_at) < now - KNOWN_FOR, ended)
        + _delete(engine, MailedSecret.id, col(MailedSecret.expires_at) < now - KEEP_SECRETS)
        + _delete(engine, Throttle.key, col(Throttle.last_at) < now - FORGOTTEN_AFTER)
        + _delete(engine, LetterContent.letter_id, *left_behind, found_by=words)
    )


def _delete(engine: Engine, key: Any, *which: ColumnElement[bool] | TextClause, found_by: Any = None) -> int:
    """Delete the rows of `key`'s table that are found, a batch a transaction: nobody waits long for the write lock."""
    deleted = 0
    while True:
        with transaction(engine) as session:
            query = select(key) if found_by is None else found_by
            keys = session.exec(query.where(*which).limit(BATCH)).all()
            if keys:
                done = count_changed(session, delete(key.class_).where(col(key).in_(keys)))
                deleted += done
        if len(keys) < BATCH:
            return deleted
