"""Claims: a letter is leased by one deliverer at a time; what a dead one held is free again when its lease is over."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, literal, tuple_, union_all
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, or_, select

from models.database import leases
from models.database.leases import Lease
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
from notifications.outbox.attempts import BEAT, WAITING_LEASE, Claim, settle
from notifications.outbox.fair_share import choose, interleave
from notifications.smtp.transport import Attempt, Outcome

HOLD = timedelta(minutes=3)
"""How long one deliverer may hold a letter that it has not tried: should it die, others have it so much later."""
LINES = 4
"""So many conversations may be kept waiting by the mail server before a further one waits for its turn."""
ONE_MORE_AFTER = timedelta(seconds=50)
"""So long after the last of them one more is tried all the same: the server may be well again. By then the first come
to their end, so that there are never many.
"""
PATIENCE = timedelta(minutes=30)
"""How long letters of the day wait for the ticks of their morning, from the first of these on."""
Left = Callable[[Session, Claim, Attempt], None]
"""Hears of a letter that a dead deliverer has left uncertain, in the transaction that finds it so."""
_log = get_log(__name__)

_LETTER, _ATTEMPT = table_of(Letter).c, table_of(LetterAttempt).c


def claim(
    session: Session,
    *,
    now: datetime,
    limit: int,
    kinds: Sequence[LetterKind] | None = None,
    resend_uncertain: bool = True,
    moment: datetime | None = None,
    left: Left | None = None,
    unfinished: datetime | None = None,
) -> list[Claim]:
    """Lease letters that may leave now: queued ones, those whose deliverer died, and uncertain ones once more.

    Which go first says `fair_share`, and within a kind the moment. Without `resend_uncertain` an uncertain letter waits
    for a person to say so. `moment`: the present, for who has been delivering as of `now` for some time; all UTC.
    `unfinished`: what `first_unfinished` said; letters of the day that speak as of then or later wait.
    """
    _release_dead(session, now, resend_uncertain, left)
    waiting = _waiting(session, now, limit, LetterKind if kinds is None else kinds, unfinished)
    chosen = choose(limit, waiting, turn=int(now.timestamp() // 60))
    found = {kind: session.execute(_next(kind, now, count, unfinished)).all() for kind, count in chosen.items()}
    rows = interleave(found)
    if not rows:
        return []
    leases.claim(
        session,
        Letter,
        [(row.id,) for row in rows],
        until=(moment or now) + HOLD,
        state=LetterState.CLAIMED,
        resent=or_(_LETTER.state == LetterState.UNCERTAIN, _LETTER.resent),
    )
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
        for row in rows
    ]


def may_begin(session: Session, *, moment: datetime, most: int | None = None) -> bool:
    """Return whether one more conversation may begin at `moment` (UTC), whichever processes have the others.

    `most`: what the mail server allows at once, where that is known; it is kept strictly.
    """
    waiting = kept_waiting(session, moment=moment)
    if most is not None:
        return len(waiting) < most
    return len(waiting) < LINES or waiting[-1] <= moment - ONE_MORE_AFTER


def kept_waiting(session: Session, *, moment: datetime) -> list[datetime]:
    """Return when the conversations began that the mail server keeps waiting now, by all processes; oldest first."""
    began = select_columns(_ATTEMPT.started_at).join(
        Letter, (_LETTER.id == _ATTEMPT.letter_id) & (_LETTER.lease_token == _ATTEMPT.lease_token)
    )
    alive = _LETTER.lease_until > moment + WAITING_LEASE - 3 * BEAT  # one that died says nothing any more
    return sorted(session.execute(began.where(alive, ~leases.is_false(Letter, moment))).scalars())


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
    """Return whether a letter (of these kinds) may leave now."""
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
    """Lock the next letters of a kind that nobody else is claiming."""
    columns = (_LETTER.id, _LETTER.lease_token, _LETTER.state, _LETTER.recipient_id, _LETTER.kind, _LETTER.slot)
    return (
        select_columns(*columns, _LETTER.attempts)
        .where(*_may_leave(kind, now, unfinished))
        .order_by(_LETTER.ready_at, _LETTER.id)
        .limit(count)
        .with_for_update(skip_locked=True)
    )


def _may_leave(kind: LetterKind, now: datetime, unfinished: datetime | None) -> list[ColumnElement[bool]]:
    """Return the conditions of `ix_letter_to_claim`, however many letters of another kind wait."""
    may: list[Any] = [MAY_LEAVE, _LETTER.kind == kind, _LETTER.ready_at <= now, _LETTER.slot <= now]
    if unfinished is not None and kind in OF_THE_DAY:
        may.append(_LETTER.slot < unfinished)
        if unfinished <= at_local(local_date(now)):  # one of an earlier day speaks as of this morning (`as_of`)
            may.append(_LETTER.slot >= at_local(local_date(now), time.min))
    return may


_GIVEN_BACK: dict[str, Any] = {
    "state": case((_LETTER.resent, LetterState.UNCERTAIN), else_=LetterState.QUEUED),
    "resent": False,  # an uncertain one's re-send is still to come
}
"""A claimed letter as it was before."""


def release(session: Session, claims: Sequence[Claim], *, until: datetime | None = None) -> None:
    """Give claimed letters back as they were: not tried, and no attempt counted; with `until`, to wait till then."""
    values: dict[str, Any] = {} if until is None else {"ready_at": until}
    leases.release(session, Letter, [one.lease for one in claims], **_GIVEN_BACK, **values)


def take_back(session: Session, recipients: Collection[UUID]) -> None:
    """Take the letters to these people out of the hands of whoever has claimed them and not marked them yet.

    Their lease is lost from now on: a delivery that comes to such a letter lets it be.
    """
    held = session.execute(
        select_columns(_LETTER.id, _LETTER.lease_token)
        .where(_LETTER.lease_until.is_not(None), _LETTER.recipient_id.in_(recipients))
        .order_by(_LETTER.id)
        .with_for_update(skip_locked=True)  # one that is just being marked is on its way
    ).all()
    keys = {(row.id, row.lease_token) for row in held}
    mark = tuple_(_ATTEMPT.letter_id, _ATTEMPT.lease_token)
    asked = select_columns(_ATTEMPT.letter_id, _ATTEMPT.lease_token).where(mark.in_(keys))
    # asked with the letters locked: nobody marks them meanwhile
    keys -= {tuple(row) for row in session.execute(asked)} if keys else set()
    gone = [Lease((letter_id,), token) for letter_id, token in keys]
    leases.release(session, Letter, gone, **_GIVEN_BACK, lease_token=_LETTER.lease_token + 1)


def _release_dead(session: Session, now: datetime, resend_uncertain: bool, left: Left | None) -> None:
    """A lease that ran out: with an attempt mark and no end the letter is uncertain, without one it is queued again."""
    dead = session.exec(
        select(Letter)
        # only claimed letters have one: an index of its own, nearly empty
        .where(or_(col(Letter.lease_until) < now, leases.is_false(Letter, now)))
        .order_by(col(Letter.lease_until))  # by id, SQLite would read every letter of all the years in that order
        .with_for_update(skip_locked=True)  # else one deliverer releases what another has just claimed again
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
            attempt = Attempt(Outcome.UNCERTAIN, None, words)
            settle(session, one, attempt, now=now, resend_uncertain=resend_uncertain and not letter.resent)
            if left is not None:
                left(session, one, attempt)
        else:  # it died before its mark: as uncertain as it was, its bytes as frozen
            state = LetterState.UNCERTAIN if letter.resent else LetterState.QUEUED
            letter.state, letter.lease_until, letter.ready_at = state, None, now
            letter.resent = False
    session.flush()
