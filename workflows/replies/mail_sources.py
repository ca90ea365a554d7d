"""Where mail comes back to: folders that a mail server writes files into, and mailboxes over IMAP.

Letters that came back and answers to letters may lie in the same place; whoever is handed a message tells which it is.
Of a mailbox nothing is changed: where the reading had come to is kept here, so that people may look into it as well.
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
from workflows.queue.dropped_files import DONE, open_dropped
from workflows.rules.calendar.workdays import WorkCalendar

_FILES = 500  # in one tick; the next goes on
Keep = Callable[[bytes], None]
"""Writes one message down, whatever it is."""
_log = get_log(__name__)


class LastLook(BaseModel):
    """When the mailbox was last looked into, and where that had come to. Moments in UTC."""

    looked_at: AwareDatetime
    of: str  # user, host and folder: of another mailbox it says nothing
    place: FolderPosition | None = None


@dataclass
class Faults:
    """Trouble with the sources of one `subject` (bounces, replies): told to the administrators while it lasts."""

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
    """Hand every .eml file of a folder to `keep`, and move it into `done` once it is written down. Return how many."""
    read, reason = 0, ""
    try:
        files = sorted(path for path in folder.glob("*.eml") if path.is_file() and not path.is_symlink())[:_FILES]
    except OSError as error:
        files, reason = [], f"{folder}: {error.strerror}"
    for path in files:
        try:
            with open_dropped(path) as file:
                content = file.read(LARGEST + 1)  # of larger ones it need only be known that they are
        except FileNotFoundError:
            continue  # another process has just read it
        except OSError as error:
            reason = f"{path}: {error.strerror}"
            continue
        keep(content)
        read += 1
        try:
            _put_away(path)
        except OSError as error:
            reason = f"{path}: {error.strerror}"
    if reason:
        faults.tell("folder", reason)
    elif read:
        with transaction(faults.engine) as session:
            faults.end(session, "folder")
    return read


def _put_away(path: Path) -> None:
    done = path.parent / DONE
    done.mkdir(mode=0o700, exist_ok=True)
    target, number = done / path.name, 1
    while target.exists():
        number += 1
        target = done / f"{path.stem}.{number}{path.suffix}"
    try:
        path.rename(target)
    except FileNotFoundError:
        return  # another process has put it away


def read_mailbox(box: MailboxSettings, keep: Keep, faults: Faults, *, goes_on: Callable[[], bool]) -> int:
    """Hand what came into a mailbox since the last look to `keep`, if it is time for one. Return how many messages."""
    engine, now, key = faults.engine, faults.now, f"{faults.subject}_imap"
    of = f"{box.user}@{box.host}/{box.folder}"
    with transaction(engine) as session:
        look = _last_look(session, key, of)
        if look is not None and look.looked_at <= now and _minutes_between(look.looked_at, now) < box.minutes:
            return 0
        place = look.place if look is not None else None
        _write(session, key, LastLook(looked_at=now, of=of, place=place))  # before: nobody else goes there meanwhile
    read, given = 0, 0
    try:
        for reached, content in messages_after(box, place, goes_on=goes_on):
            if content is not None:
                keep(content)
                read += 1
            given += 1
            # where there is more than one look takes, the next tick goes on
            looked_at = now if given < MOST else now - timedelta(minutes=box.minutes)
            with transaction(engine) as session:
                _write(session, key, LastLook(looked_at=looked_at, of=of, place=reached))
    except ImapTrouble as trouble:
        faults.tell("mailbox", str(trouble))
        return read
    with transaction(engine) as session:
        faults.end(session, "mailbox")
    return read


def _minutes_between(earlier: datetime, later: datetime) -> int:
    """Return in how many minutes of the clock: ticks begin once a minute, one a little sooner in it than another."""
    return int(later.timestamp()) // 60 - int(earlier.timestamp()) // 60


def message_key(message_id: str, content: bytes, about: str = "") -> str:
    """Return the key by which a message is known again where it is delivered twice: by its Message-ID, else by all of
    it, and by what it is about.
    """
    what = message_id.encode() if message_id else content
    return hashlib.sha256(about.encode() + b"\0" + what).hexdigest()


def _last_look(session: Session, key: str, of: str) -> LastLook | None:
    row = session.get(Installation, key, with_for_update=True)
    look = LastLook.model_validate_json(row.value) if row is not None else None
    return look if look is not None and look.of == of else None


def _write(session: Session, key: str, look: LastLook) -> None:
    row = {"name": key, "value": look.model_dump_json()}
    if not insert_new(session, table_of(Installation), [row]):
        session.get_one(Installation, key, with_for_update=True).value = row["value"]
        session.flush()
