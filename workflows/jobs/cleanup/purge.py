"""Purge: delete old keys of ticks, counts of the quota, finished jobs, ended sessions, and files without an owner.

Letters, history and other evidence are never deleted; `retention.py` deletes texts of old letters. Each step works in
batches of one transaction. Two purges at once share the work, and the next purge completes a killed one.
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
from workflows.bounded_process.kept_views import clear_views
from workflows.delivery.letters.letter_links import KEPT_AFTER, expire_links
from workflows.jobs.cleanup.retention import delete_old_mail, expire, kept_files, purge_replies
from workflows.launch.failed_launches import end_forgotten
from workflows.worklists.notification_centre import KEPT

KEEP_WINDOWS = timedelta(days=2)  # a quota looks back a local day at most
KEEP_PACE = timedelta(hours=1)  # and a little over a minute
KEEP_COMING = timedelta(days=2)  # a forecast is computed anew each day
KEEP_PREVIEWS = timedelta(days=30)  # a preview is of no use after the launch
KEEP_SCANS = timedelta(days=30)  # an unreadable scan can be tried again without another upload
_LARGE = 50  # rows of hundreds of letters, or of units


@dataclass(frozen=True)
class Purged:
    """The numbers of deleted rows by kind, and of deleted files."""

    runs: int = 0
    windows: int = 0
    previews: int = 0
    sign_ins: int = 0
    files: int = 0
    answers: int = 0  # kept for repeated requests
    errands: int = 0  # records of finished work
    calls: int = 0  # of webhooks
    old_replies: int = 0  # bytes of replies, and replies of strangers
    reports: int = 0  # reports by mail servers about returned letters
    read_marks: int = 0  # notifications read long ago
    old_messages: int = 0  # of channels beside mail
    bodies: int = 0  # texts of letters delivered long ago
    links: int = 0  # short links that lapsed long ago
    views: int = 0  # kept pictures of files


def purge(engine: Engine, settings: Settings, *, now: datetime) -> Purged:
    """Delete what the settings no longer keep at `now` (UTC)."""
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
    """Delete old ticks, except the newest finished one. An unfinished tick counts by its beginning."""
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
    """Delete old reports and their files, except reports that still wait for their letter."""
    delete_old_mail(settings.bounces_folder, old)
    return delete_rows(engine, (Bounce.key,), col(Bounce.read_at) < old, col(Bounce.waits).is_(False))


def _delete_messages(engine: Engine, old: datetime) -> int:
    """Delete old messages with their attempts, and old ended subscriptions. Return the number of messages."""
    is_old = (col(ChannelMessage.queued_at) < old, col(ChannelMessage.lease_until).is_(None))
    messages = select(ChannelMessage.id).where(*is_old)
    delete_rows(
        engine, (ChannelAttempt.message_id, ChannelAttempt.lease_token), col(ChannelAttempt.message_id).in_(messages)
    )
    has_attempt = exists().where(col(ChannelAttempt.message_id) == col(ChannelMessage.id))
    count = delete_rows(engine, (ChannelMessage.id,), *is_old, ~has_attempt)
    has_message = exists().where(col(ChannelMessage.subscription_id) == col(PushSubscription.id))
    delete_rows(engine, (PushSubscription.id,), col(PushSubscription.ended_at) < old, ~has_message)
    return count


def _delete_background_jobs(engine: Engine, old: datetime, kinds: tuple[str, ...]) -> int:
    """Delete old finished jobs of these kinds, their parts first."""
    old_jobs = select(BackgroundJob.id).where(col(BackgroundJob.kind).in_(kinds), col(BackgroundJob.finished_at) < old)
    delete_rows(engine, (JobPart.errand_id, JobPart.name), col(JobPart.errand_id).in_(old_jobs), batch=_LARGE)
    return delete_rows(
        engine,
        (BackgroundJob.id,),
        col(BackgroundJob.id).in_(old_jobs),
        # otherwise another purge is deleting its parts
        ~exists().where(col(JobPart.errand_id) == col(BackgroundJob.id)),
    )


BATCH = 1000


def delete_rows(
    engine: Engine, keys: tuple[Any, ...], *conditions: ColumnElement[bool], batch: int | None = None
) -> int:
    """Delete the rows that meet the conditions, in batches. Return their number.

    `keys` are the columns of the table's primary key. Rows that another process is deleting are skipped.
    """
    deleted, size = 0, batch or BATCH
    table = keys[0].class_
    while True:
        with transaction(engine) as session:
            query = select(*keys).where(*conditions).limit(size).with_for_update(skip_locked=True)
            rows = [row if len(keys) > 1 else (row,) for row in session.exec(query).all()]
            if rows:
                change = delete(table).where(tuple_(*keys).in_([tuple(row) for row in rows]))
                deleted += count_changed(session, change.execution_options(synchronize_session=False))
        if len(rows) < size:
            return deleted


KEEP = timedelta(days=2)
"""Files younger than this stay: a form may name an uploaded file for a day."""


_FILE_COLUMNS = [col(model.sha256) for model in (Evidence, ConversationFile, InspectionFile, IntakeFile)]
_SCANS = select(BackgroundJob.given).where(BackgroundJob.kind == SCAN)


def delete_left_files(engine: Engine, folder: Path, *, now: datetime) -> int:
    """Delete files older than two days that belong to no row. Return the number of files."""
    before = (now - KEEP).timestamp()
    deleted = 0
    for chunk in chunks(_older(folder, before)):
        with reading(engine) as session:
            names = [path.name for path in chunk]
            needed = {str(scan["sha256"]) for scan in session.exec(_SCANS)} | kept_files(session, names)
            for column in _FILE_COLUMNS:
                needed |= set(session.exec(select(column).where(column.in_(names))))
        gone = [path.name for path in chunk if path.name not in needed and _delete(path, before)]
        if gone:
            with transaction(engine) as session:
                session.execute(delete(SignatureCheck).where(col(SignatureCheck.sha256).in_(gone)))
        deleted += len(gone)
    return deleted


def _older(folder: Path, before: float) -> Iterator[Path]:
    for path in folder.glob("*/*"):
        if path.is_file() and path.stat().st_mtime < before:
            yield path
    for path in folder.glob(".*.part"):  # left by a process that died while storing
        if path.stat().st_mtime < before:
            yield path


def _delete(path: Path, before: float) -> bool:
    """Delete a file, unless the same content was stored again just now. Return whether it was deleted."""
    aside = path.with_name(f".{path.name}.left")
    path.rename(aside)
    if aside.stat().st_mtime >= before:
        aside.replace(path)
        return False
    aside.unlink()
    return True


KEEP_SECRETS = timedelta(days=1)  # after they expired
KEEP_WORDS = timedelta(days=1)  # the text of a letter with a secret that may not have arrived


def purge_accounts(engine: Engine, *, now: datetime) -> int:
    """Delete ended sessions, expired secrets, old throttle counts and texts with secrets. Return the number of rows.

    An ended session stays as long as its network address counts as known.
    """
    is_ended = or_(col(WebSession.expires_at) < now, col(WebSession.revoked_at).is_not(None))
    dead_letters = select(Letter.id).where(
        IS_DEAD,
        col(Letter.slot) < now - KEEP_WORDS,
        col(Letter.kind) == LetterKind.ACCOUNT,
        col(Letter.topic).startswith(SECRET_TOPIC),
    )
    return (
        delete_rows(engine, (WebSession.key_hash,), col(WebSession.created_at) < now - KNOWN_FOR, is_ended)
        + delete_rows(engine, (MailedSecret.id,), col(MailedSecret.expires_at) < now - KEEP_SECRETS)
        + delete_rows(engine, (Throttle.key,), col(Throttle.last_at) < now - FORGOTTEN_AFTER)
        + delete_rows(engine, (LetterContent.letter_id,), col(LetterContent.letter_id).in_(dead_letters))
    )
