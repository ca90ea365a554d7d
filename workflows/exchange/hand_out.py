"""Hand queued messages over: into the folder, or to a program that takes them from the API and confirms it."""

import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.database.session import reading, transaction, transactions
from models.errors import NotFound, Refused
from models.exchange.edxml import IncomingMessage, OutgoingMessage
from models.intake.intake import Intake
from models.operations.alert import AlertKind
from models.operations.logs import get_log
from models.settings import Settings
from workflows.queue.alerts import end_alert, raise_alert
from workflows.queue.send_hold import is_sending_held
from workflows.queue.shared_folders import make_shared, share
from workflows.rules.calendar.workdays import WorkCalendar

BATCH = 500
SUBJECT = "edxml_out"
BY_FOLDER, BY_API = "folder", "api"
_ORDER = (col(OutgoingMessage.made_at), col(OutgoingMessage.name))
_log = get_log(__name__)
_HANDED = ".handed"
"""A folder with an empty file for each message that was put out. It stays after another program fetches the message."""


@dataclass(frozen=True)
class ReadyMessage:
    """A message about to leave: its unique name, its XML, and the permissions of the folder if they are set."""

    folder: Path
    name: str
    content: str
    mode: str | None = None


@dataclass(frozen=True)
class HandedOut:
    """Whether a message has left. If not, `reason` says why, and it is tried again."""

    is_handed: bool
    reason: str = ""


def hand_over(message: ReadyMessage) -> HandedOut:
    """Put a message into the folder `out` once, atomically. Only one process may call it at a time."""
    out = message.folder / OUT
    target, partial, receipt = out / message.name, out / f"{message.name}.tmp", out / _HANDED / message.name
    try:
        make_shared(message.folder, OUT, message.mode)
        receipt.parent.mkdir(exist_ok=True)
        if not receipt.exists():
            with partial.open("wb") as file:
                file.write(message.content.encode())
                file.flush()
                os.fsync(file.fileno())
            share(partial)
            receipt.touch()  # from here on it counts as put out; only the renaming remains
            _sync(receipt.parent)
        if partial.exists():
            partial.replace(target)
            _sync(out)
    except OSError as error:
        return HandedOut(False, f"{target}: {error.strerror}")
    return HandedOut(True)


def _sync(folder: Path) -> None:
    """Write a folder's list of files to the disk, on systems that allow it."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def hand_out(
    engine: Engine,
    settings: Settings,
    *,
    now: datetime,
    calendar: WorkCalendar,
    should_continue: Callable[[], bool] = lambda: True,
    port: Callable[[ReadyMessage], HandedOut] = hand_over,
) -> int:
    """Hand the waiting messages over, the oldest first. Return how many left.

    None leaves while letters are on hold after a restore. A failure alerts the administrators, and is tried again.
    """
    if settings.edxml is None or settings.edxml.hand_over != BY_FOLDER or is_sending_held(engine):
        return 0
    with reading(engine) as session:
        query = select(OutgoingMessage.id).where(col(OutgoingMessage.left_at).is_(None))
        waiting = session.exec(query.order_by(*_ORDER).limit(BATCH)).all()
    count, reason = 0, ""
    for message_id in waiting:
        if not should_continue() or reason:
            break
        with transactions(engine) as begin, begin() as session:
            message = _lock_waiting(session, message_id)
            if message is None:
                continue  # another process has handed it over
            outcome = port(ReadyMessage(settings.edxml_folder, message.name, message.content, settings.edxml.mode))
            if outcome.is_handed:
                message.left_at, message.left_by = now, BY_FOLDER
                count += 1
            reason = outcome.reason
    if waiting:
        _update_alert(engine, reason, now, calendar)
    return count


def list_waiting(session: Session, unit_ids: Collection[UUID], *, limit: int = 200) -> Sequence[OutgoingMessage]:
    query = _of_units(unit_ids).where(col(OutgoingMessage.left_at).is_(None))
    return session.exec(query.order_by(*_ORDER).limit(limit)).all()


def find_outgoing(session: Session, unit_ids: Collection[UUID], message_id: UUID) -> OutgoingMessage:
    """Return a message about a document of these units. Raises NotFound."""
    message = session.exec(_of_units(unit_ids).where(OutgoingMessage.id == message_id)).first()
    if message is None:
        raise NotFound("there is no such message")
    return message


def mark_taken(session: Session, settings: Settings, message: OutgoingMessage, *, now: datetime) -> OutgoingMessage:
    """Note once that a program has taken a message. Raises Refused if messages leave by the folder."""
    if message.left_at is None and (settings.edxml is None or settings.edxml.hand_over != BY_API):
        raise Refused("messages leave by the folder here: set edxml.hand_over to api for programs to take them")
    waiting_message = _lock_waiting(session, message.id)
    if waiting_message is not None:
        waiting_message.left_at, waiting_message.left_by = now, BY_API
        session.flush()
    return message


def _of_units(unit_ids: Collection[UUID]) -> SelectOfScalar[OutgoingMessage]:
    return (
        select(OutgoingMessage)
        .join(IncomingMessage, col(IncomingMessage.id) == col(OutgoingMessage.incoming_id))
        .join(Intake, col(Intake.id) == col(IncomingMessage.intake_id))
        .where(col(Intake.coordinating_unit_id).in_(unit_ids))
    )


def _lock_waiting(session: Session, message_id: UUID) -> OutgoingMessage | None:
    query = select(OutgoingMessage).where(OutgoingMessage.id == message_id, col(OutgoingMessage.left_at).is_(None))
    return session.exec(query.with_for_update()).first()


def _update_alert(engine: Engine, reason: str, now: datetime, calendar: WorkCalendar) -> None:
    """Raise an alert with the reason of a failure; without a reason, end it."""
    with transaction(engine) as session:
        if not reason:
            end_alert(session, AlertKind.JOB_FAILED, SUBJECT, now=now)
            return
        _log.warning("message_unsent", reason=reason)
        raise_alert(session, AlertKind.JOB_FAILED, SUBJECT, now=now, calendar=calendar, facts={"reason": reason})


OUT = "out"
