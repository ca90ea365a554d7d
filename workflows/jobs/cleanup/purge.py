"""Purge: keys of old ticks, counts of the quota, finished calls and background jobs, ended sessions, files of nobody.

Never a letter, a line of history or anything else that is evidence; of letters' words, what `retention.py` says.
Each step deletes a batch a transaction; two purges at once share what there is, and one that is killed is followed by
the next.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Engine, delete, exists, func, or_, tuple_
from sqlmodel import col, select

from models.channels.channel import ChannelAttempt, ChannelMessage, PushSubscription
from models.database.rows import chunks, count_changed
from models.database.run import Run
from models.database.session import reading, transaction
from models.inspections.inspection import InspectionFile
from models.intake.intake import IntakeFile
from models.letters.bounce import Bounce
from models.letters.letter import (
    IS_DEAD,
    SECRET_TOPIC,
    Letter,
    LetterContent,
    LetterKind,
    MailPace,
    MailWindow,
    NoticeRead,
)
from models.operations.background_job import BULK, COMING, LAUNCH, PREVIEW, SCAN, BackgroundJob, JobPart
from models.organization.access import KEPT_FOR, CallState, KeptAnswer, WebhookCall
from models.organization.account import MailedSecret, Throttle, WebSession
from models.settings import Settings
from models.signatures.trust import SignatureCheck
from models.tasks.conversation import ConversationFile
from models.tasks.task import Evidence
from workflows.access.accounts.throttle import FORGOTTEN_AFTER, KNOWN_FOR
from workflows.apart.kept_views import clear_views
from workflows.delivery.letters.letter_links import KEPT_AFTER, expire_links
from workflows.jobs.cleanup.retention import delete_old_mail, expire, kept_files, purge_replies
from workflows.launch.failed_launches import end_forgotten
from workflows.worklists.notification_centre import KEPT

KEEP_WINDOWS = timedelta(days=2)  # a quota looks back a local day at most
KEEP_PACE = timedelta(hours=1)  # and a little over a minute
KEEP_COMING = timedelta(days=2)  # the letters to come are worked out anew every day that somebody asks for them
KEEP_PREVIEWS = timedelta(days=30)  # what a launch will bring is of no use once it has brought it
KEEP_SCANS = timedelta(days=30)  # so long a scan that could not be read can be tried again without sending it again
_LARGE = 50  # rows of hundreds of letters, or of units


@dataclass(frozen=True)
class Purged:
    """How many rows of each kind were deleted, and files that no result has."""

    runs: int = 0
    windows: int = 0
    previews: int = 0
    sign_ins: int = 0
    files: int = 0
    answers: int = 0  # kept for repeated requests
    errands: int = 0  # records of finished work
    calls: int = 0  # of webhooks
    old_replies: int = 0  # their bytes, and what strangers sent
    reports: int = 0  # what mail servers reported of letters that came back
    read_marks: int = 0  # notifications read long ago
    old_messages: int = 0  # of channels beside mail
    bodies: int = 0  # the words of letters delivered long ago
    links: int = 0  # short links that lapsed long ago
    views: int = 0  # kept pictures of files


def purge(engine: Engine, settings: Settings, *, now: datetime) -> Purged:
    """Delete ticks' keys older than `keep_runs_days`, but the newest finished one, and the rest by its own setting.

    A tick that died unfinished goes by its beginning: its key blocks nothing, and what it left has long been made up.
    """
    old = now - timedelta(days=settings.keep_errands_days)
    purged = Purged(
        runs=_delete_runs(engine, settings, now),
        windows=_delete_counts(engine, now),
        previews=_delete_background_jobs(engine, now - KEEP_PREVIEWS, (PREVIEW,))
        + _delete_background_jobs(engine, now - KEEP_COMING, (COMING,))
        + _delete_background_jobs(engine, now - KEEP_SCANS, (SCAN,)),
        sign_ins=purge_accounts(engine, now=now),
        files=delete_left_files(engine, settings.evidence, now=now),
        answers=delete_rows(engine, (KeptAnswer.person_id, KeptAnswer.key), col(KeptAnswer.kept_at) < now - KEPT_FOR),
        errands=_delete_background_jobs(engine, old, (BULK, LAUNCH)),
        calls=delete_rows(
            engine,
            (WebhookCall.id,),
            col(WebhookCall.state).not_in((CallState.QUEUED, CallState.CLAIMED)),
            col(WebhookCall.queued_at) < now - timedelta(days=settings.keep_webhook_calls_days),
        ),
        reports=_delete_bounces(engine, settings, now - timedelta(days=settings.keep_bounces_days)),
        old_replies=purge_replies(engine, settings, now=now),
        read_marks=delete_rows(
            engine, (NoticeRead.person_id, NoticeRead.notice_id), col(NoticeRead.read_at) < now - KEPT
        ),
        old_messages=_delete_messages(engine, now - timedelta(days=settings.keep_messages_days)),
        bodies=expire(engine, settings, now=now),
        links=expire_links(engine, before=now - timedelta(days=settings.links_last_days) - KEPT_AFTER),
    )
    with transaction(engine) as session:
        end_forgotten(session, now=now)
    return replace(purged, views=clear_views(settings.views, settings.evidence, now=now))


def _delete_runs(engine: Engine, settings: Settings, now: datetime) -> int:
    is_tick, old = col(Run.key).startswith("tick:"), now - timedelta(days=settings.keep_runs_days)
    with reading(engine) as session:
        newest = session.exec(
            select(Run.key).where(is_tick, col(Run.finished_at) <= now).order_by(col(Run.finished_at).desc()).limit(1)
        ).first()
    ended_at = func.coalesce(col(Run.finished_at), col(Run.started_at))
    return delete_rows(engine, (Run.key,), is_tick, ended_at < old, col(Run.key) != (newest or ""))


def _delete_counts(engine: Engine, now: datetime) -> int:
    windows = delete_rows(
        engine, (MailWindow.span, MailWindow.starts_at), col(MailWindow.starts_at) < now - KEEP_WINDOWS
    )
    oldest = int((now - KEEP_PACE).timestamp())
    return windows + delete_rows(engine, (MailPace.second,), col(MailPace.second).between(1, oldest - 1))


def _delete_bounces(engine: Engine, settings: Settings, old: datetime) -> int:
    """Delete the rows, and the files that were read; a report that still waits for its letter stays."""
    delete_old_mail(settings.bounces_folder, old)
    return delete_rows(engine, (Bounce.key,), col(Bounce.read_at) < old, col(Bounce.waits).is_(False))


def _delete_messages(engine: Engine, old: datetime) -> int:
    """Delete messages with their attempts, and subscriptions that ended as long ago. How many messages."""
    is_old = (col(ChannelMessage.queued_at) < old, col(ChannelMessage.lease_until).is_(None))
    messages = select(ChannelMessage.id).where(*is_old)
    delete_rows(
        engine, (ChannelAttempt.message_id, ChannelAttempt.lease_token), col(ChannelAttempt.message_id).in_(messages)
    )
    still_marked = exists().where(col(ChannelAttempt.message_id) == col(ChannelMessage.id))
    count = delete_rows(engine, (ChannelMessage.id,), *is_old, ~still_marked)
    still_told = exists().where(col(ChannelMessage.subscription_id) == col(PushSubscription.id))
    delete_rows(engine, (PushSubscription.id,), col(PushSubscription.ended_at) < old, ~still_told)
    return count


def _delete_background_jobs(engine: Engine, old: datetime, kinds: tuple[str, ...]) -> int:
    """Delete what they found first, then they themselves."""
    over = select(BackgroundJob.id).where(col(BackgroundJob.kind).in_(kinds), col(BackgroundJob.finished_at) < old)
    delete_rows(engine, (JobPart.errand_id, JobPart.name), col(JobPart.errand_id).in_(over), batch=_LARGE)
    return delete_rows(
        engine,
        (BackgroundJob.id,),
        col(BackgroundJob.id).in_(over),
        # another purge is at it
        ~exists().where(col(JobPart.errand_id) == col(BackgroundJob.id)),
    )


BATCH = 1000


def delete_rows(engine: Engine, keys: tuple[Any, ...], *which: ColumnElement[bool], batch: int | None = None) -> int:
    """Delete the rows of the table of `keys` (the columns of its primary key) that are found; return how many.

    `batch`: fewer in a transaction, where rows are large. What another process is deleting is passed over.
    """
    deleted, size = 0, batch or BATCH
    table = keys[0].class_
    while True:
        with transaction(engine) as session:
            query = select(*keys).where(*which).limit(size).with_for_update(skip_locked=True)
            found = [one if len(keys) > 1 else (one,) for one in session.exec(query).all()]
            if found:
                named = tuple_(*keys).in_([tuple(one) for one in found])
                done = count_changed(session, delete(table).where(named).execution_options(synchronize_session=False))
                deleted += done
        if len(found) < size:
            return deleted


KEEP = timedelta(days=2)
"""A form may name a file that it has sent for a day; every file that is stored anew is new."""


_KEEPS_FILES = [col(one.sha256) for one in (Evidence, ConversationFile, InspectionFile, IntakeFile)]
_SCANS = select(BackgroundJob.given).where(BackgroundJob.kind == SCAN)


def delete_left_files(engine: Engine, folder: Path, *, now: datetime) -> int:
    """Delete what was stored over two days ago and belongs to nothing. Return how many files that were."""
    before = (now - KEEP).timestamp()
    deleted = 0
    for chunk in chunks(_older(folder, before)):
        with reading(engine) as session:
            names = [path.name for path in chunk]
            wanted = {str(one["sha256"]) for one in session.exec(_SCANS)} | kept_files(session, names)
            for column in _KEEPS_FILES:
                wanted |= set(session.exec(select(column).where(column.in_(names))))
        gone = [path.name for path in chunk if path.name not in wanted and _delete(path, before)]
        if gone:
            with transaction(engine) as session:
                session.execute(delete(SignatureCheck).where(col(SignatureCheck.sha256).in_(gone)))
        deleted += len(gone)
    return deleted


def _older(folder: Path, before: float) -> Iterator[Path]:
    for path in folder.glob("*/*"):
        if path.is_file() and path.stat().st_mtime < before:
            yield path
    for path in folder.glob(".*.part"):  # a process died while it was storing
        if path.stat().st_mtime < before:
            yield path


def _delete(path: Path, before: float) -> bool:
    """Take a file aside first: if the same content was stored again just now, it goes back where it was."""
    aside = path.with_name(f".{path.name}.left")
    path.rename(aside)
    if aside.stat().st_mtime >= before:
        aside.replace(path)
        return False
    aside.unlink()
    return True


KEEP_SECRETS = timedelta(days=1)  # after their end
KEEP_WORDS = timedelta(days=1)  # of a letter with a secret that may not have arrived


def purge_accounts(engine: Engine, *, now: datetime) -> int:
    """Delete them in batches; how many rows. An ended session stays while its address counts as used."""
    ended = or_(col(WebSession.expires_at) < now, col(WebSession.revoked_at).is_not(None))
    left_behind = select(Letter.id).where(
        IS_DEAD,
        col(Letter.slot) < now - KEEP_WORDS,
        col(Letter.kind) == LetterKind.ACCOUNT,
        col(Letter.topic).startswith(SECRET_TOPIC),
    )
    return (
        delete_rows(engine, (WebSession.key_hash,), col(WebSession.created_at) < now - KNOWN_FOR, ended)
        + delete_rows(engine, (MailedSecret.id,), col(MailedSecret.expires_at) < now - KEEP_SECRETS)
        + delete_rows(engine, (Throttle.key,), col(Throttle.last_at) < now - FORGOTTEN_AFTER)
        + delete_rows(engine, (LetterContent.letter_id,), col(LetterContent.letter_id).in_(left_behind))
    )
