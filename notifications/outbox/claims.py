"""Chooses the letters that may leave, in their order, and settles those whose sending process died."""

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
"""Letters of the day wait this long for the ticks of their morning, from the beginning of the first one."""
ReportUncertain = Callable[[Session, Claim, Attempt], None]
"""Called with each letter that a dead process has left uncertain, in the transaction that finds it."""
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
    """Return letters that may leave at `now` (UTC), queued ones and uncertain ones. They are not locked.

    `fair_share` orders the kinds. Within a kind the moment decides. `unfinished` is the result of `first_unfinished`:
    letters of the day that describe that moment or a later one wait.
    """
    waiting = _waiting(session, now, limit, LetterKind if kinds is None else kinds, unfinished)
    chosen = choose(limit, waiting, turn=int(now.timestamp() // 60))
    rows = {kind: session.execute(_next(kind, now, count, unfinished)).all() for kind, count in chosen.items()}
    return [
        Claim(
            letter_id=row.id,
            lease_token=row.lease_token + 1,
            was_uncertain=row.state is LetterState.UNCERTAIN,
            recipient_id=row.recipient_id,
            kind=row.kind,
            slot=row.slot,
            attempts=row.attempts + 1,
        )
        for row in interleave(rows)
    ]


def put_off(session: Session, claims: Collection[Claim], *, until: datetime) -> None:
    """Let letters wait until a moment (UTC)."""
    if not claims:
        return
    waiting = select(Letter.id).where(MAY_LEAVE, col(Letter.id).in_([claim.letter_id for claim in claims]))
    ids = session.exec(waiting.order_by(col(Letter.id)).with_for_update(skip_locked=True)).all()
    session.execute(update(table_of(Letter)).where(_LETTER.id.in_(ids)).values(not_before=until))


def is_in_conversation(session: Session, *, since: datetime) -> bool:
    """Return whether any process has been sending the same letter since a moment (UTC)."""
    mark = table_of(LetterAttempt).c
    is_own_mark = (_LETTER.id == mark.letter_id) & (_LETTER.lease_token == mark.lease_token)
    query = select_columns(_LETTER.id).join(LetterAttempt, is_own_mark)
    return session.execute(query.where(_LETTER.lease_until.is_not(None), mark.started_at <= since)).first() is not None


def first_unfinished(session: Session, *, now: datetime) -> datetime | None:
    """Return the earliest moment (UTC) up to `now` about which letters are not complete yet, or None.

    At that moment a task was due for a check that no tick has committed yet, or a notice has no letter yet. After
    `PATIENCE`, unfinished ticks delay no letter any longer.
    """
    check = select(func.min(TaskCheck.at)).where(col(TaskCheck.at) <= now)
    notice = select(func.min(Notice.slot)).where(TO_GROUP, Notice.slot <= now, col(Notice.kind).in_(OF_THE_DAY))
    moments = session.execute(select_columns(check.scalar_subquery(), notice.scalar_subquery())).one()
    first = min((moment for moment in moments if moment is not None), default=None)
    if first is None:
        return None
    ticks = select(func.min(Run.started_at)).where(col(Run.key).like(f"{TICK}%"), Run.started_at >= first)
    began_at = session.exec(ticks).one()
    return None if began_at is not None and now >= began_at + PATIENCE else first


def is_waiting(
    session: Session, *, now: datetime, kinds: Iterable[LetterKind] | None = None, unfinished: datetime | None = None
) -> bool:
    return bool(_waiting(session, now, 1, LetterKind if kinds is None else kinds, unfinished))


def _waiting(
    session: Session, now: datetime, most: int, kinds: Iterable[LetterKind], unfinished: datetime | None
) -> dict[LetterKind, int]:
    """Count the letters of each kind that may leave now, up to `most` of each kind."""
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
    """Return conditions that the index `ix_letter_to_claim` serves, however many letters of other kinds wait."""
    conditions: list[Any] = [MAY_LEAVE, _LETTER.kind == kind, _LETTER.not_before <= now, _LETTER.slot <= now]
    if unfinished is not None and kind in OF_THE_DAY:
        conditions.append(_LETTER.slot < unfinished)
        if unfinished <= at_local(local_date(now)):  # a letter of an earlier day describes this morning (`as_of`)
            conditions.append(_LETTER.slot >= at_local(local_date(now), time.min))
    return conditions


def settle_dead(
    session: Session, *, now: datetime, resend_uncertain: bool = True, report_uncertain: ReportUncertain | None = None
) -> None:
    """Settle letters whose lease has run out: the sending process died during the conversation.

    Such a letter is uncertain. Without `resend_uncertain` it waits until a person sends it again.
    """
    letters = session.exec(
        select(Letter)
        # Only claimed letters have a lease, so its index is nearly empty.
        .where(or_(col(Letter.lease_until) < now, leases.is_false(Letter, now)))
        .order_by(col(Letter.lease_until))  # ordered by id, SQLite would read all letters
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for letter in letters:
        mark = session.get(LetterAttempt, (letter.id, letter.lease_token), populate_existing=True)
        _log.warning("letter_left_behind", letter=str(letter.id), marked=mark is not None, attempt=letter.attempts)
        claim = Claim(
            letter.id, letter.lease_token, letter.resent, letter.recipient_id, letter.kind, letter.slot, letter.attempts
        )
        if mark is not None and mark.ended_at is None:
            words = "the deliverer died between its mark and the server's reply"
            attempt = Attempt(SendOutcome.UNCERTAIN, None, words)
            settle(session, claim, attempt, now=now, resend_uncertain=resend_uncertain and not letter.resent)
            if report_uncertain is not None:
                report_uncertain(session, claim, attempt)
        else:  # release 0.3 claimed letters before it marked them
            state = LetterState.UNCERTAIN if letter.resent else LetterState.QUEUED
            letter.state, letter.lease_until, letter.not_before = state, None, now
            letter.resent = False
    session.flush()
