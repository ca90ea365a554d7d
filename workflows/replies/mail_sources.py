"""The places that incoming mail is read from: folders that a mail server writes files into, and IMAP mailboxes.

One place may hold both bounces and replies; the function that gets a message finds out which it is. Nothing in a
mailbox is changed, so that people may read it too: the position of the last look is kept in our own database.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Engine
from sqlmodel import Session

from models.database.rows import insert_new, table_of
from models.database.run import Installation
from models.database.session import transaction
from models.operations.alert import AlertKind
from models.operations.logs import get_log
from models.settings import MailboxSettings
from notifications.replies.imap import LARGEST, MOST, FolderPosition, ImapTrouble, messages_after
from workflows.queue.alerts import end_alert, raise_alert
from workflows.queue.shared_folders import DONE, open_dropped
from workflows.rules.calendar.workdays import WorkCalendar

_MOST_FILES = 500  # in one tick; the next tick reads the others
Keep = Callable[[bytes], None]
"""Records one message of any kind."""
_log = get_log(__name__)


class LastLook(BaseModel):
    """The last look into a mailbox, and the position that it reached."""

    looked_at: AwareDatetime  # in UTC
    of: str  # user, host and folder: the position holds for no other mailbox
    place: FolderPosition | None = None


@dataclass
class Faults:
    """Alerts about the sources of one `subject` (bounces or replies), for as long as they cannot be read."""

    engine: Engine
    now: datetime
    calendar: WorkCalendar
    subject: str

    def tell(self, source: str, reason: str) -> None:
        _log.warning("mail_unread", subject=self.subject, source=source, reason=reason)
        with transaction(self.engine) as session:
            raise_alert(
                session,
                AlertKind.JOB_FAILED,
                f"{self.subject}_{source}",
                now=self.now,
                calendar=self.calendar,
                facts={"reason": reason},
            )

    def end(self, session: Session, source: str) -> None:
        end_alert(session, AlertKind.JOB_FAILED, f"{self.subject}_{source}", now=self.now)


def read_folder(folder: Path, keep: Keep, faults: Faults) -> int:
    """Give each .eml file of a folder to `keep`, then move it into `done`. Return the number of files."""
    count, reason = 0, ""
    try:
        files = sorted(path for path in folder.glob("*.eml") if path.is_file() and not path.is_symlink())[:_MOST_FILES]
    except OSError as error:
        files, reason = [], f"{folder}: {error.strerror}"
    for path in files:
        try:
            with open_dropped(path) as file:
                content = file.read(LARGEST + 1)  # one byte more shows that a message is too large
        except FileNotFoundError:
            continue  # another process has just read it
        except OSError as error:
            reason = f"{path}: {error.strerror}"
            continue
        keep(content)
        count += 1
        try:
            _move_to_done(path)
        except OSError as error:
            reason = f"{path}: {error.strerror}"
    if reason:
        faults.tell("folder", reason)
    elif count:
        with transaction(faults.engine) as session:
            faults.end(session, "folder")
    return count


def _move_to_done(path: Path) -> None:
    done = path.parent / DONE
    done.mkdir(mode=0o700, exist_ok=True)
    target, number = done / path.name, 1
    while target.exists():
        number += 1
        target = done / f"{path.stem}.{number}{path.suffix}"
    try:
        path.rename(target)
    except FileNotFoundError:
        return  # another process has moved it


def read_mailbox(box: MailboxSettings, keep: Keep, faults: Faults, *, should_continue: Callable[[], bool]) -> int:
    """Give the new messages of a mailbox to `keep`, if it is time for a look. Return the number of messages."""
    engine, now, key = faults.engine, faults.now, f"{faults.subject}_imap"
    mailbox = f"{box.user}@{box.host}/{box.folder}"
    with transaction(engine) as session:
        look = _read_last_look(session, key, mailbox)
        if look is not None and look.looked_at <= now and _minutes_between(look.looked_at, now) < box.minutes:
            return 0
        start = look.place if look is not None else None
        # written before the look, so that no other process looks at the same time
        _write_last_look(session, key, LastLook(looked_at=now, of=mailbox, place=start))
    kept_count, seen_count = 0, 0
    try:
        for position, content in messages_after(box, start, should_continue=should_continue):
            if content is not None:
                keep(content)
                kept_count += 1
            seen_count += 1
            # after a look that was full, the next tick looks again
            looked_at = now if seen_count < MOST else now - timedelta(minutes=box.minutes)
            with transaction(engine) as session:
                _write_last_look(session, key, LastLook(looked_at=looked_at, of=mailbox, place=position))
    except ImapTrouble as trouble:
        faults.tell("mailbox", str(trouble))
        return kept_count
    with transaction(engine) as session:
        faults.end(session, "mailbox")
    return kept_count


def _minutes_between(earlier: datetime, later: datetime) -> int:
    """Return the minutes between two moments, without their seconds: a tick may begin at any second of its minute."""
    return int(later.timestamp()) // 60 - int(earlier.timestamp()) // 60


def message_key(message_id: str, content: bytes, about: str = "") -> str:
    """Return the key that identifies a message delivered twice: its Message-ID, else its content, and its subject.

    `about` is that subject, so that a message about nothing cannot hide one with the same Message-ID.
    """
    identity = message_id.encode() if message_id else content
    return hashlib.sha256(about.encode() + b"\0" + identity).hexdigest()


def _read_last_look(session: Session, key: str, mailbox: str) -> LastLook | None:
    row = session.get(Installation, key, with_for_update=True)
    look = LastLook.model_validate_json(row.value) if row is not None else None
    return look if look is not None and look.of == mailbox else None


def _write_last_look(session: Session, key: str, look: LastLook) -> None:
    row = {"name": key, "value": look.model_dump_json()}
    if not insert_new(session, table_of(Installation), [row]):
        session.get_one(Installation, key, with_for_update=True).value = row["value"]
        session.flush()
