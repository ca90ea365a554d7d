"""What is written down leaves: into the folder, or when a program that asks the API says that it has taken it."""

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
from workflows.queue.exchange_folder import make_shared, share
from workflows.queue.send_hold import is_fenced
from workflows.rules.calendar.workdays import WorkCalendar

BATCH = 500
SUBJECT = "edxml_out"
BY_FOLDER, BY_API = "folder", "api"
_ORDER = (col(OutgoingMessage.made_at), col(OutgoingMessage.name))
_log = get_log(__name__)
_HANDED = ".handed"
"""A folder of empty files, one for each message that was put out: it is known again after it has been fetched."""


@dataclass(frozen=True)
class ReadyMessage:
    """A message about to leave: its name is its own for ever, `content` its XML."""

    folder: Path
    name: str
    content: str
    mode: str | None = None
    """Permissions of the folder, where they are chosen."""


@dataclass(frozen=True)
class HandedOut:
    """Whether a message has left; `reason` says why not, and it is tried again."""

    is_handed: bool
    reason: str = ""


def hand_over(message: ReadyMessage) -> HandedOut:
    """Put a message into the folder `out` under its name, whole or not at all, once. One process calls at a time."""
    out = message.folder / OUT
    target, unready, mark = out / message.name, out / f"{message.name}.tmp", out / _HANDED / message.name
    try:
        make_shared(message.folder, OUT, message.mode)
        mark.parent.mkdir(exist_ok=True)
        if not mark.exists():
            with unready.open("wb") as file:
                file.write(message.content.encode())
                file.flush()
                os.fsync(file.fileno())
            share(unready)
            mark.touch()  # from here on it counts as put out: what is left to do is the renaming
            _sync(mark.parent)
        if unready.exists():
            unready.replace(target)
            _sync(out)
    except OSError as error:
        return HandedOut(False, f"{target}: {error.strerror}")
    return HandedOut(True)


def _sync(folder: Path) -> None:
    """Have the disk itself hold what a folder lists, where the system can be asked for that."""
    if os.name != "posix":
        return
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)


def hand_out(
    engine: Engine,
    settings: Settings,
    *,
    now: datetime,
    calendar: WorkCalendar,
    goes_on: Callable[[], bool] = lambda: True,
    port: Callable[[ReadyMessage], HandedOut] = hand_over,
) -> int:
    """Hand the waiting messages over, in the order of what they tell; return how many left.

    After a restore none leaves while letters do not. Trouble is told to the administrators, and tried again.
    """
    if settings.edxml is None or settings.edxml.hand_over != BY_FOLDER or is_fenced(engine):
        return 0
    with reading(engine) as session:
        query = select(OutgoingMessage.id).where(col(OutgoingMessage.left_at).is_(None))
        waiting = session.exec(query.order_by(*_ORDER).limit(BATCH)).all()
    left, reason = 0, ""
    for message_id in waiting:
        if not goes_on() or reason:
            break
        with transactions(engine) as begin, begin() as session:
            message = _locked(session, message_id)
            if message is None:
                continue  # another process has handed it over
            outcome = port(ReadyMessage(settings.edxml_folder, message.name, message.content, settings.edxml.mode))
            if outcome.is_handed:
                message.left_at, message.left_by = now, BY_FOLDER
                left += 1
            reason = outcome.reason
    if waiting:
        _tell(engine, reason, now, calendar)
    return left


def list_waiting(session: Session, unit_ids: Collection[UUID], *, limit: int = 200) -> Sequence[OutgoingMessage]:
    """Messages come in the order of what they tell."""
    query = _of_units(unit_ids).where(col(OutgoingMessage.left_at).is_(None))
    return session.exec(query.order_by(*_ORDER).limit(limit)).all()


def find_outgoing(session: Session, unit_ids: Collection[UUID], message_id: UUID) -> OutgoingMessage:
    """Return a message of ours about a document of these units. NotFound where there is none."""
    found = session.exec(_of_units(unit_ids).where(OutgoingMessage.id == message_id)).first()
    if found is None:
        raise NotFound("there is no such message")
    return found


def mark_taken(session: Session, settings: Settings, message: OutgoingMessage, *, now: datetime) -> OutgoingMessage:
    """Note that a program has taken a message, once. Refused where the messages go to the folder."""
    if message.left_at is None and (settings.edxml is None or settings.edxml.hand_over != BY_API):
        raise Refused("messages leave by the folder here: set edxml.hand_over to api for programs to take them")
    locked = _locked(session, message.id)
    if locked is not None:
        locked.left_at, locked.left_by = now, BY_API
        session.flush()
    return message


def _of_units(unit_ids: Collection[UUID]) -> SelectOfScalar[OutgoingMessage]:
    return (
        select(OutgoingMessage)
        .join(IncomingMessage, col(IncomingMessage.id) == col(OutgoingMessage.incoming_id))
        .join(Intake, col(Intake.id) == col(IncomingMessage.intake_id))
        .where(col(Intake.coordinating_unit_id).in_(unit_ids))
    )


def _locked(session: Session, message_id: UUID) -> OutgoingMessage | None:
    query = select(OutgoingMessage).where(OutgoingMessage.id == message_id, col(OutgoingMessage.left_at).is_(None))
    return session.exec(query.with_for_update()).first()


def _tell(engine: Engine, reason: str, now: datetime, calendar: WorkCalendar) -> None:
    with transaction(engine) as session:
        if not reason:
            end_alert(session, AlertKind.JOB_FAILED, SUBJECT, now=now)
            return
        _log.warning("message_unsent", reason=reason)
        raise_alert(session, AlertKind.JOB_FAILED, SUBJECT, now=now, calendar=calendar, facts={"reason": reason})


OUT = "out"
