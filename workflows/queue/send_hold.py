"""The send hold of a restored installation: nothing leaves it until a person says when the lost one stopped.

A back-up still holds letters that left after it was made. So `dondoc restore` begins a send hold, and `dondoc fence`
lifts it with the moment at which the old installation stopped. What was due by then may have arrived: it is sent again
only if a person says so. The database and the command keep the older name, fence.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel
from sqlalchemy import ColumnElement, Engine, exists, func, update
from sqlmodel import Session, col, select

from models.channels.channel import ChannelMessage, MessageState
from models.database.rows import count_changed, insert_new, table_of
from models.database.run import Installation
from models.database.session import reading
from models.errors import BadInput, Refused, need
from models.letters.letter import TO_GROUP, Letter, LetterKind, LetterState, Notice, NoticeState
from models.operations.logs import get_log
from models.text.localtime import local
from notifications.outbox.explain import MAY_HAVE_LEFT
from notifications.outbox.grouping import group
from workflows.access.audit_log import note

SEND_HOLD_KEY = "fence"
_OPEN = (LetterState.QUEUED, LetterState.CLAIMED, LetterState.UNCERTAIN)
_WAITING = (MessageState.QUEUED, MessageState.CLAIMED)
_STORED_HOLD = select(Installation.value).where(Installation.name == SEND_HOLD_KEY)  # built once: each tick reads it
_log = get_log(__name__)


class SendHold(BaseModel):
    """Moments are in UTC."""

    made_at: AwareDatetime
    """When the back-up was made."""
    restored_at: AwareDatetime
    head: str | None
    """The newest seal in the back-up."""


@dataclass(frozen=True)
class HeldCounts:
    letters: dict[LetterKind, int]
    notices: int
    """Notices that are in no letter yet."""


def begin_send_hold(session: Session, *, made_at: datetime, restored_at: datetime, head: str | None) -> None:
    """Let nothing leave from now on. An earlier send hold stays as it is."""
    send_hold = SendHold(made_at=made_at, restored_at=restored_at, head=head)
    row = {"name": SEND_HOLD_KEY, "value": send_hold.model_dump_json()}
    insert_new(session, table_of(Installation), [row])
    note(session, "fence_raised", now=restored_at, facts={"made_at": made_at.isoformat(), "head": head})


def read_send_hold(session: Session) -> SendHold | None:
    value = session.scalar(_STORED_HOLD)
    return None if value is None else SendHold.model_validate_json(value)


def is_sending_held(engine: Engine) -> bool:
    """Return whether nothing may leave. The log says so each time, because somebody waits for the letters."""
    with reading(engine) as session:
        send_hold = read_send_hold(session)
    if send_hold is None:
        return False
    _log.warning("fenced", restored_at=send_hold.restored_at.isoformat(), lift="dondoc fence --lift")
    return True


def count_held(session: Session, stopped_at: datetime) -> HeldCounts:
    """Count what was due by `stopped_at` and may have left the old installation."""
    letters = session.execute(
        select(Letter.kind, func.count())
        .where(col(Letter.state).in_(_OPEN), Letter.slot <= stopped_at)
        .group_by(col(Letter.kind))
    ).all()
    notices = session.scalar(select(func.count()).select_from(Notice).where(TO_GROUP, Notice.slot <= stopped_at)) or 0
    return HeldCounts({kind: count for kind, count in letters}, notices)


def lift_send_hold(session: Session, *, stopped_at: datetime, now: datetime, checkpoint: str | None = None) -> int:
    """Let letters leave again. What was due by `stopped_at` waits for a person; return how many letters that is.

    Raises Refused where there is no send hold, BadInput for a moment outside the back-up and now.

    What became due since the restore leaves as usual. The old installation may have told a rung between the two
    moments. If the task still stands there, the next digest tells the rung once more.
    """
    send_hold = need(read_send_hold(session), Refused("nothing is on hold: letters leave as usual"))
    stopped_at = _check_moment(send_hold, stopped_at, now)
    _group_until(session, stopped_at)
    letters = _set_letters_aside(session, stopped_at)
    _set_messages_aside(session, stopped_at)
    session.delete(session.get_one(Installation, SEND_HOLD_KEY))
    session.flush()
    facts = {"stopped_at": stopped_at.isoformat(), "checkpoint": checkpoint, "letters": letters}
    note(session, "fence_lifted", now=now, facts=facts)
    _log.info("fence_lifted", stopped_at=stopped_at.isoformat(), letters=letters)
    return letters


def _check_moment(send_hold: SendHold, stopped_at: datetime, now: datetime) -> datetime:
    """Return `stopped_at`, at the earliest the moment of the back-up. People type it in whole seconds."""
    first = send_hold.made_at.replace(microsecond=0)
    if not first <= stopped_at <= now:
        raise BadInput(
            "--stopped-at {value}: expected between the back-up ({first}) and now",
            value=local(stopped_at).isoformat(timespec="seconds"),
            first=local(first).isoformat(timespec="seconds"),
        )
    return max(stopped_at, send_hold.made_at)


def _group_until(session: Session, stopped_at: datetime) -> None:
    """Put every notice that was due by then into a letter, so that it is set aside with the letter."""
    ungrouped = select(Notice.id).where(TO_GROUP, Notice.slot <= stopped_at).limit(1)
    while session.exec(ungrouped).first() is not None:
        # A notice too late for its letter gets another one beside it, which may have left the old installation too.
        group(session, now=stopped_at, next_slot=lambda _kind, slot: slot + timedelta(microseconds=1))


def _set_letters_aside(session: Session, stopped_at: datetime) -> int:
    """Set letters aside that were due by then, and return how many.

    A letter whose bytes are stored is uncertain: the same bytes can leave once more. One without would be written
    anew under the Message-ID that it had, so it has failed, and its notices with it.
    """
    due = (col(Letter.state).in_(_OPEN), col(Letter.slot) <= stopped_at)
    has_bytes = col(Letter.message_id).is_not(None)  # both are stored in one transaction
    uncertain = _set_aside(session, LetterState.UNCERTAIN, *due, has_bytes)
    failed = _set_aside(session, LetterState.FAILED, *due)
    is_failed = (col(Letter.state) == LetterState.FAILED, col(Letter.error) == MAY_HAVE_LEFT)
    session.execute(
        update(Notice)
        .where(col(Notice.state) == NoticeState.PENDING, exists().where(col(Letter.id) == Notice.letter_id, *is_failed))
        .values(state=NoticeState.FAILED)
        .execution_options(synchronize_session=False)
    )
    return uncertain + failed


def _set_aside(session: Session, state: LetterState, *where: ColumnElement[bool]) -> int:
    return count_changed(
        session,
        update(Letter)
        .where(*where)
        .values(state=state, lease_until=None, resent=True, error=MAY_HAVE_LEFT)
        .execution_options(synchronize_session=False),
    )


def _set_messages_aside(session: Session, stopped_at: datetime) -> None:
    session.execute(
        update(ChannelMessage)
        .where(col(ChannelMessage.state).in_(_WAITING), col(ChannelMessage.queued_at) <= stopped_at)
        .values(state=MessageState.UNCERTAIN, lease_until=None, error=MAY_HAVE_LEFT)
    )
