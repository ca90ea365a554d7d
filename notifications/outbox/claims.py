"""Which letters may leave, in which order; and what becomes of one whose deliverer died with it in hand."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, union_all, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, or_, select

from models.database import leases
from models.database.rows import table_of
from models.database.run import TICK, Run
from models.letters.letter import (
    MAY_LEAVE,
    OF_THE_DAY,
    TO_GROUP,
    Letter,
    LetterAttempt,
    LetterKind,
    LetterState,
    Notice,
)
from models.operations.logs import get_log
from models.tasks.task_check import TaskCheck
from models.text.localtime import at_local, local_date
from notifications.outbox.attempts import Claim, settle
from notifications.outbox.fair_share import choose, interleave
from notifications.smtp.transport import Attempt, SendOutcome

PATIENCE = timedelta(minutes=30)
"""How long letters of the day wait for the ticks of their morning, from the first of these on."""
Left = Callable[[Session, Claim, Attempt], None]
"""Hears of a letter that a dead deliverer has left uncertain, in the transaction that finds it so."""
_log = get_log(__name__)

_LETTER = table_of(Letter).c


def next_letters(
    session: Session,
    *,
    now: datetime,
    limit: int,
    kinds: Sequence[LetterKind] | None = None,
    unfinished: datetime | None = None,
) -> list[Claim]:
    """Return letters that may leave now (UTC): queued ones, and uncertain ones once more. Nobody holds them by that.

    Which go first says `fair_share`, and within a kind the moment.
    `unfinished`: what `first_unfinished` said; letters of the day that speak as of then or later wait.
    """
    waiting = _waiting(session, now, limit, LetterKind if kinds is None else kinds, unfinished)
    chosen = choose(limit, waiting, turn=int(now.timestamp() // 60))
    found = {kind: session.execute(_next(kind, now, count, unfinished)).all() for kind, count in chosen.items()}
    return [
        Claim(
            row.id,
            row.lease_token + 1,
            row.state is LetterState.UNCERTAIN,
            row.recipient_id,
            row.kind,
            row.slot,
            row.attempts + 1,
        )
        for row in interleave(found)
    ]


def put_off(session: Session, claims: Collection[Claim], *, until: datetime) -> None:
    """Have letters that may leave wait until a moment (UTC)."""
    if not claims:
        return
    waiting = select(Letter.id).where(MAY_LEAVE, col(Letter.id).in_([one.letter_id for one in claims]))
    ids = session.exec(waiting.order_by(col(Letter.id)).with_for_update(skip_locked=True)).all()
    session.execute(update(table_of(Letter)).where(_LETTER.id.in_(ids)).values(not_before=until))


def is_in_conversation(session: Session, *, since: datetime) -> bool:
    """Return whether some process has had a letter in hand ever since a moment (UTC)."""
    mark = table_of(LetterAttempt).c
    own = (_LETTER.id == mark.letter_id) & (_LETTER.lease_token == mark.lease_token)
    held = select_columns(_LETTER.id).join(LetterAttempt, own)
    return session.execute(held.where(_LETTER.lease_until.is_not(None), mark.started_at <= since)).first() is not None


def first_unfinished(session: Session, *, now: datetime) -> datetime | None:
    """Return the earliest moment (UTC) up to `now` of which something may still be to be said, or None.

    It is that of a task nobody has looked at, or of a notice without a letter; another tick may be at either, and has
    not committed. What the ticks cannot finish within `PATIENCE` holds no letter up any longer.
    """
    check = select(func.min(TaskCheck.at)).where(col(TaskCheck.at) <= now)
    notice = select(func.min(Notice.slot)).where(TO_GROUP, Notice.slot <= now, col(Notice.kind).in_(OF_THE_DAY))
    both = session.execute(select_columns(check.scalar_subquery(), notice.scalar_subquery())).one()
    first = min((moment for moment in both if moment is not None), default=None)
    if first is None:
        return None
    ticks = select(func.min(Run.started_at)).where(col(Run.key).like(f"{TICK}%"), Run.started_at >= first)
    began = session.exec(ticks).one()
    return None if began is not None and now >= began + PATIENCE else first


def is_waiting(
    session: Session, *, now: datetime, kinds: Iterable[LetterKind] | None = None, unfinished: datetime | None = None
) -> bool:
    return bool(_waiting(session, now, 1, LetterKind if kinds is None else kinds, unfinished))


def _waiting(
    session: Session, now: datetime, most: int, kinds: Iterable[LetterKind], unfinished: datetime | None
) -> dict[LetterKind, int]:
    """Return how many letters of each kind may leave now; no more than `most` of each are counted."""
    counts = [
        select_columns(literal(kind.value).label("kind"), func.count().label("count")).select_from(
            select_columns(_LETTER.id).where(*_may_leave(kind, now, unfinished)).limit(most).subquery()
        )
        for kind in kinds
    ]
    if not counts:
        return {}
    return {LetterKind(kind): count for kind, count in session.execute(union_all(*counts)) if count}


def _next(kind: LetterKind, now: datetime, count: int, unfinished: datetime | None) -> Select[Any]:
    columns = (_LETTER.id, _LETTER.lease_token, _LETTER.state, _LETTER.recipient_id, _LETTER.kind, _LETTER.slot)
    return (
        select_columns(*columns, _LETTER.attempts)
        .where(*_may_leave(kind, now, unfinished))
        .order_by(_LETTER.not_before, _LETTER.id)
        .limit(count)
    )


def _may_leave(kind: LetterKind, now: datetime, unfinished: datetime | None) -> list[ColumnElement[bool]]:
    """Return the conditions of `ix_letter_to_claim`, however many letters of another kind wait."""
    may: list[Any] = [MAY_LEAVE, _LETTER.kind == kind, _LETTER.not_before <= now, _LETTER.slot <= now]
    if unfinished is not None and kind in OF_THE_DAY:
        may.append(_LETTER.slot < unfinished)
        if unfinished <= at_local(local_date(now)):  # one of an earlier day speaks as of this morning (`as_of`)
            may.append(_LETTER.slot >= at_local(local_date(now), time.min))
    return may


def settle_dead(session: Session, *, now: datetime, resend_uncertain: bool = True, left: Left | None = None) -> None:
    """A letter whose lease ran out is uncertain: its deliverer died between its mark and the end of its conversation.

    Without `resend_uncertain` it waits for a person to say that it is to leave once more.
    """
    dead = session.exec(
        select(Letter)
        # only claimed letters have one: an index of its own, nearly empty
        .where(or_(col(Letter.lease_until) < now, leases.is_false(Letter, now)))
        .order_by(col(Letter.lease_until))  # by id, SQLite would read every letter of all the years in that order
        .with_for_update(skip_locked=True)  # somebody else is at it
        .execution_options(populate_existing=True)
    ).all()
    for letter in dead:
        mark = session.get(LetterAttempt, (letter.id, letter.lease_token), populate_existing=True)
        _log.warning("letter_left_behind", letter=str(letter.id), marked=mark is not None, attempt=letter.attempts)
        one = Claim(
            letter.id, letter.lease_token, letter.resent, letter.recipient_id, letter.kind, letter.slot, letter.attempts
        )
        if mark is not None and mark.ended_at is None:
            words = "the deliverer died between its mark and the server's reply"
            attempt = Attempt(SendOutcome.UNCERTAIN, None, words)
            settle(session, one, attempt, now=now, resend_uncertain=resend_uncertain and not letter.resent)
            if left is not None:
                left(session, one, attempt)
        else:  # 0.3 claimed letters before it marked them
            state = LetterState.UNCERTAIN if letter.resent else LetterState.QUEUED
            letter.state, letter.lease_until, letter.not_before = state, None, now
            letter.resent = False
    session.flush()
