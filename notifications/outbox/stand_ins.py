"""Who is absent on the day a letter may leave has their post go to the stand-in, whenever it was written."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, update
from sqlalchemy import select as select_columns
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from models.database.rows import chunks, table_of
from models.letters.letter import TO_GROUP, TO_SEND, Letter, LetterKind, LetterState, Notice, NoticeState
from models.organization.register_reads import absences_on
from models.text.localtime import local_date
from notifications.outbox.grouping import queue_letters

_LETTER, _NOTICE = table_of(Letter).c, table_of(Notice).c
_UNIQUE = [_NOTICE[name] for name in ("task_id", "anchor_id", "rung", "offset")]
_LISTS = (LetterKind.DIGEST, LetterKind.SUMMARY)
"""Letters that say something without a notice: what is late, what is open."""
_ONES_OWN = (LetterKind.ALERT, LetterKind.ACCOUNT)
"""Letters for nobody but the person themselves."""
_TRIES = 3
_MOVE = update(table_of(Notice)).where(_NOTICE.id == bindparam("the_id")).values(recipient_id=bindparam("the_stand_in"))
_Same = tuple[Any, ...]


def send_to_stand_ins(session: Session, *, now: datetime, leaving: bool) -> int:
    """Hand what waits for the absent to their stand-ins of the local day. Returns how many notices that were.

    Unless letters are `leaving` at this hour, incidents only: whoever is back by the morning gets their own post. What
    the stand-in has been told of already is recorded as superseded.
    """
    away = absences_on(session, local_date(now))
    if not away:
        return 0
    kinds = list(LetterKind) if leaving else [LetterKind.INCIDENT]
    for attempt in range(_TRIES):
        try:
            with session.begin_nested():
                _take_out(session, away, kinds, now)
                return _hand_over(session, away, kinds, now)
        except IntegrityError:  # somebody has just told the stand-in the same: seen at the next try
            if attempt == _TRIES - 1:
                raise
    return 0


def _take_out(session: Session, away: Mapping[UUID, UUID], kinds: Sequence[LetterKind], now: datetime) -> None:
    """Take notices out of the queued letters of the absent; the stand-in gets a digest or summary in their place."""
    letters = session.execute(
        select_columns(_LETTER.id, _LETTER.recipient_id, _LETTER.slot, _LETTER.kind, _LETTER.topic)
        .where(
            TO_SEND,
            _LETTER.state == LetterState.QUEUED,
            _LETTER.slot <= now,
            _LETTER.kind.in_(kinds),
            _LETTER.kind.not_in(_ONES_OWN),
            _LETTER.recipient_id.in_(away),
        )
        .order_by(_LETTER.slot, _LETTER.id)
        .with_for_update(skip_locked=True)
    ).all()
    for chunk in chunks(letter.id for letter in letters):
        session.execute(
            update(Notice)
            .where(col(Notice.letter_id).in_(chunk), col(Notice.state) == NoticeState.PENDING)
            .values(letter_id=None)
            .execution_options(synchronize_session=False)
        )
    keys = [(away[one.recipient_id], one.slot, one.kind, one.topic) for one in letters if one.kind in _LISTS]
    queue_letters(session, sorted(keys, key=lambda key: (key[1], str(key[0]), key[2])))


def _hand_over(session: Session, away: Mapping[UUID, UUID], kinds: Sequence[LetterKind], now: datetime) -> int:
    waiting = session.execute(
        select_columns(_NOTICE.id, _NOTICE.recipient_id, *_UNIQUE)
        .where(TO_GROUP, _NOTICE.slot <= now, _NOTICE.kind.in_(kinds), _NOTICE.recipient_id.in_(away))
        .order_by(_NOTICE.fired_at, _NOTICE.id)
        .with_for_update(skip_locked=True)
    ).all()
    if not waiting:
        return 0
    there = _there(session, waiting, set(away.values()))
    moved: list[dict[str, UUID]] = []
    double: list[UUID] = []
    for notice_id, recipient_id, *same in waiting:
        key = (*same, away[recipient_id])
        if key in there:
            double.append(notice_id)
            continue
        there.add(key)
        moved.append({"the_id": notice_id, "the_stand_in": away[recipient_id]})
    if moved:
        session.connection().execute(_MOVE, moved)
    for chunk in chunks(double):
        session.execute(
            update(Notice)
            .where(col(Notice.id).in_(chunk))
            .values(state=NoticeState.SUPERSEDED)
            .execution_options(synchronize_session=False)
        )
    return len(moved)


def _there(session: Session, waiting: Sequence[Row[Any]], stand_ins: set[UUID]) -> set[_Same]:
    """(task, anchor, rung, offset, recipient) of what the stand-ins have notices of."""
    return {
        tuple(row)
        for chunk in chunks({notice.task_id for notice in waiting})
        for row in session.execute(
            select_columns(*_UNIQUE, _NOTICE.recipient_id).where(
                _NOTICE.task_id.in_(chunk), _NOTICE.recipient_id.in_(stand_ins)
            )
        )
    }
