"""The fence of a restored installation: nothing leaves it until somebody has said what the lost one had sent.

In a back-up the letters that left after it was made are waiting still. `dondoc restore` raises the fence; it is lifted
with the moment at which the old installation stopped: what had been due by then may have arrived, and is not sent again
unless a person says so.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Engine, exists, func, update
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

FENCE_KEY = "fence"
_OPEN = (LetterState.QUEUED, LetterState.CLAIMED, LetterState.UNCERTAIN)
_WAITING = (MessageState.QUEUED, MessageState.CLAIMED)
_FENCE = select(Installation.value).where(Installation.name == FENCE_KEY)  # asked three times in every tick
_log = get_log(__name__)


class SendHold(BaseModel):
    """Since when, and over what. Moments in UTC."""

    made_at: AwareDatetime
    """When the back-up was made."""
    restored_at: AwareDatetime
    head: str | None
    """The newest seal in it."""


@dataclass(frozen=True)
class Held:
    """What stands behind the fence at a moment: letters by kind, and notices that are in no letter yet."""

    letters: dict[LetterKind, int]
    notices: int


def raise_fence(session: Session, *, made_at: datetime, restored_at: datetime, head: str | None) -> None:
    """Let nothing leave any more. One that stands already stays as it is."""
    fence = SendHold(made_at=made_at, restored_at=restored_at, head=head)
    row = {"name": FENCE_KEY, "value": fence.model_dump_json()}
    insert_new(session, table_of(Installation), [row])
    note(session, "fence_raised", now=restored_at, facts={"made_at": made_at.isoformat(), "head": head})


def read_fence(session: Session) -> SendHold | None:
    value = session.scalar(_FENCE)
    return None if value is None else SendHold.model_validate_json(value)


def is_fenced(engine: Engine) -> bool:
    """Nothing may leave; said in the log each time, as somebody is waiting for it."""
    with reading(engine) as session:
        fence = read_fence(session)
    if fence is not None:
        _log.warning("fenced", restored_at=fence.restored_at.isoformat(), lift="dondoc fence --lift")
    return fence is not None


def behind_fence(session: Session, stopped_at: datetime) -> Held:
    """What was due by then, and may have left the old installation."""
    letters = session.execute(
        select(Letter.kind, func.count())
        .where(col(Letter.state).in_(_OPEN), Letter.slot <= stopped_at)
        .group_by(col(Letter.kind))
    ).all()
    notices = session.scalar(select(func.count()).select_from(Notice).where(TO_GROUP, Notice.slot <= stopped_at)) or 0
    return Held({kind: count for kind, count in letters}, notices)


def lift_fence(session: Session, *, stopped_at: datetime, now: datetime, checkpoint: str | None = None) -> int:
    """Let letters leave again; what was due by `stopped_at` waits for a person. Return how many letters that is.

    Refused where no fence stands; BadInput for a moment that cannot be.

    What became due since the restore goes out as ever. A rung that the old installation told between the two, and whose
    task still stands so, is told in the next digest: it lists what is true, once more.
    """
    fence = need(read_fence(session), Refused("nothing is on hold: letters leave as usual"))
    first = fence.made_at.replace(microsecond=0)  # people type seconds: the back-up's own is not before it
    if not first <= stopped_at <= now:
        raise BadInput(
            "--stopped-at {value}: expected between the back-up ({first}) and now",
            value=local(stopped_at).isoformat(timespec="seconds"),
            first=local(first).isoformat(timespec="seconds"),
        )
    stopped_at = max(stopped_at, fence.made_at)
    ungrouped = select(Notice.id).where(TO_GROUP, Notice.slot <= stopped_at).limit(1)
    while session.exec(ungrouped).first() is not None:
        # what came too late for its letter finds one of its own beside it: that may have left since as well
        group(session, now=stopped_at, next_slot=lambda _kind, slot: slot + timedelta(microseconds=1))
    due = (col(Letter.state).in_(_OPEN), col(Letter.slot) <= stopped_at)
    written = col(Letter.message_id).is_not(None)  # with its bytes, in one transaction
    counts = [
        _put_aside(session, LetterState.UNCERTAIN, *due, written),  # the very bytes are there, to go out once more
        _put_aside(session, LetterState.FAILED, *due),  # would be written anew, under the Message-ID that it had
    ]
    failed = (col(Letter.state) == LetterState.FAILED, col(Letter.error) == MAY_HAVE_LEFT)
    session.execute(
        update(Notice)
        .where(col(Notice.state) == NoticeState.PENDING, exists().where(col(Letter.id) == Notice.letter_id, *failed))
        .values(state=NoticeState.FAILED)
        .execution_options(synchronize_session=False)
    )
    session.execute(  # of other channels: what the old installation had made may have left it
        update(ChannelMessage)
        .where(col(ChannelMessage.state).in_(_WAITING), col(ChannelMessage.queued_at) <= stopped_at)
        .values(state=MessageState.UNCERTAIN, lease_until=None, error=MAY_HAVE_LEFT)
    )
    session.delete(session.get_one(Installation, FENCE_KEY))
    session.flush()
    facts = {"stopped_at": stopped_at.isoformat(), "checkpoint": checkpoint, "letters": sum(counts)}
    note(session, "fence_lifted", now=now, facts=facts)
    _log.info("fence_lifted", stopped_at=stopped_at.isoformat(), letters=sum(counts))
    return sum(counts)


def _put_aside(session: Session, state: LetterState, *where: Any) -> int:
    done = count_changed(
        session,
        update(Letter)
        .where(*where)
        .values(state=state, lease_until=None, resent=True, error=MAY_HAVE_LEFT)
        .execution_options(synchronize_session=False),
    )
    count: int = done
    return count
