"""Purge: keys of old ticks, counts of the quota, old previews, ended sessions, files of forms that were given up.

Never a letter, a line of history or anything else that is evidence; of letters' words, what `workflows.retention` says.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Engine, delete, func, tuple_
from sqlmodel import col, select

from models.access import KEPT_FOR, KeptAnswer
from models.errand import PREVIEW, Errand, ErrandPart
from models.letter import MailWindow
from models.run import Run
from models.session import reading, transaction
from models.settings import Settings
from workflows.accounts.purge import purge_accounts
from workflows.left_files import delete_left_files
from workflows.retention import expire

BATCH = 1000
KEEP_WINDOWS = timedelta(days=2)  # a quota looks back a local day at most
KEEP_PREVIEWS = timedelta(days=30)  # what a launch will bring is of no use once it has brought it


@dataclass(frozen=True)
class Purged:
    """How many rows of each kind were deleted, and files that no result has."""

    runs: int = 0
    windows: int = 0
    previews: int = 0
    sign_ins: int = 0
    files: int = 0
    answers: int = 0  # kept for repeated requests
    bodies: int = 0  # the words of letters delivered long ago
    errands: int = 0  # records of finished work
    calls: int = 0  # of webhooks


def purge(engine: Engine, settings: Settings, *, now: datetime) -> Purged:
    """Deletes ticks' keys older than `keep_runs_days`, but the newest finished one, and quota counts of over two days.

    A tick that died unfinished goes by its beginning: its key blocks nothing, and what it left has long been made up.
    A batch a transaction: nobody waits long for the write lock.
    """
    old = now - timedelta(days=settings.keep_runs_days)
    is_tick = col(Run.key).startswith("tick:")
    with reading(engine) as session:
        newest = session.exec(
            select(Run.key).where(is_tick, col(Run.finished_at) <= now).order_by(col(Run.finished_at).desc()).limit(1)
        ).first()
    ended_at = func.coalesce(col(Run.finished_at), col(Run.started_at))
    runs = _delete_runs(engine, is_tick, ended_at < old, col(Run.key) != (newest or ""))
    return Purged(
        runs,
        _delete_windows(engine, now - KEEP_WINDOWS),
        _delete_previews(engine, now - KEEP_PREVIEWS),
        purge_accounts(engine, now=now),
        delete_left_files(engine, settings.evidence, now=now),
        _delete_answers(engine, now - KEPT_FOR),
        **expire(engine, settings, now=now),
    )


def _delete_runs(engine: Engine, *which: ColumnElement[bool]) -> int:
    deleted = 0
    while True:
        with transaction(engine) as session:
            keys = session.exec(select(Run.key).where(*which).limit(BATCH)).all()
            if keys:
                deleted += session.execute(delete(Run).where(col(Run.key).in_(keys))).rowcount  # type: ignore[attr-defined]
        if len(keys) < BATCH:
            return deleted


def _delete_answers(engine: Engine, old: datetime) -> int:
    with transaction(engine) as session:
        return int(session.execute(delete(KeptAnswer).where(col(KeptAnswer.kept_at) < old)).rowcount)  # type: ignore[attr-defined]


def _delete_previews(engine: Engine, old: datetime) -> int:
    """One a transaction: a preview of thousands of letters is large."""
    deleted = 0
    which = (Errand.kind == PREVIEW, col(Errand.finished_at) < old)
    while True:
        with transaction(engine) as session:
            found = session.exec(select(Errand.id).where(*which).limit(1)).first()
            if found is None:
                return deleted
            session.execute(delete(ErrandPart).where(col(ErrandPart.errand_id) == found))
            session.execute(delete(Errand).where(col(Errand.id) == found))
        deleted += 1


def _delete_windows(engine: Engine, old: datetime) -> int:
    deleted = 0
    key = tuple_(col(MailWindow.span), col(MailWindow.starts_at))
    while True:
        with transaction(engine) as session:
            found = session.exec(
                select(MailWindow.span, MailWindow.starts_at).where(col(MailWindow.starts_at) < old).limit(BATCH)
            ).all()
            if found:
                values = [tuple(one) for one in found]
                deleted += session.execute(delete(MailWindow).where(key.in_(values))).rowcount  # type: ignore[attr-defined]
        if len(found) < BATCH:
            return deleted
