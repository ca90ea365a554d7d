"""Readdresses waiting letters of people who are absent today to their stand-ins."""

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
"""Kinds that list tasks, so that they are worth sending without a notice."""
_PERSONAL = (LetterKind.ALERT, LetterKind.ACCOUNT)
"""Kinds that go to nobody but the person."""
_TRIES = 3
_MOVE = update(table_of(Notice)).where(_NOTICE.id == bindparam("the_id")).values(recipient_id=bindparam("the_stand_in"))


def send_to_stand_ins(session: Session, *, now: datetime, are_leaving: bool) -> int:
    """Move the notices that wait for absent people to their stand-ins of the local day. Return how many are moved.

    If letters are not `are_leaving` at this hour, only incidents move, because a person may be back in the morning. A
    notice that the stand-in has already is marked as superseded.
    """
    stand_ins = absences_on(session, local_date(now))
    if not stand_ins:
        return 0
    kinds = list(LetterKind) if are_leaving else [LetterKind.INCIDENT]
    for attempt in range(_TRIES):
        try:
            with session.begin_nested():
                _take_out(session, stand_ins, kinds, now)
                return _hand_over(session, stand_ins, kinds, now)
        except IntegrityError:  # the stand-in has just got the same notice: the next try finds it
            if attempt == _TRIES - 1:
                raise
    return 0


def _take_out(session: Session, stand_ins: Mapping[UUID, UUID], kinds: Sequence[LetterKind], now: datetime) -> None:
    """Take the notices out of the queued letters of absent people, and queue digests and summaries for stand-ins."""
    letters = session.execute(
        select_columns(_LETTER.id, _LETTER.recipient_id, _LETTER.slot, _LETTER.kind, _LETTER.topic)
        .where(
            TO_SEND,
            _LETTER.state == LetterState.QUEUED,
            _LETTER.slot <= now,
            _LETTER.kind.in_(kinds),
            _LETTER.kind.not_in(_PERSONAL),
            _LETTER.recipient_id.in_(stand_ins),
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
    keys = [
        (stand_ins[letter.recipient_id], letter.slot, letter.kind, letter.topic)
        for letter in letters
        if letter.kind in _LISTS
    ]
    queue_letters(session, sorted(keys, key=lambda key: (key[1], str(key[0]), key[2])))


def _hand_over(session: Session, stand_ins: Mapping[UUID, UUID], kinds: Sequence[LetterKind], now: datetime) -> int:
    waiting = session.execute(
        select_columns(_NOTICE.id, _NOTICE.recipient_id, *_UNIQUE)
        .where(TO_GROUP, _NOTICE.slot <= now, _NOTICE.kind.in_(kinds), _NOTICE.recipient_id.in_(stand_ins))
        .order_by(_NOTICE.fired_at, _NOTICE.id)
        .with_for_update(skip_locked=True)
    ).all()
    if not waiting:
        return 0
    known = _read_known(session, waiting, set(stand_ins.values()))
    moved: list[dict[str, UUID]] = []
    duplicate_ids: list[UUID] = []
    for notice_id, recipient_id, *unique in waiting:
        key = (*unique, stand_ins[recipient_id])
        if key in known:
            duplicate_ids.append(notice_id)
            continue
        known.add(key)
        moved.append({"the_id": notice_id, "the_stand_in": stand_ins[recipient_id]})
    if moved:
        session.connection().execute(_MOVE, moved)
    for chunk in chunks(duplicate_ids):
        session.execute(
            update(Notice)
            .where(col(Notice.id).in_(chunk))
            .values(state=NoticeState.SUPERSEDED)
            .execution_options(synchronize_session=False)
        )
    return len(moved)


def _read_known(session: Session, waiting: Sequence[Row[Any]], stand_in_ids: set[UUID]) -> set[tuple[Any, ...]]:
    """Return (task, anchor, rung, offset, recipient) of the notices that stand-ins have of the same tasks."""
    return {
        tuple(row)
        for chunk in chunks({notice.task_id for notice in waiting})
        for row in session.execute(
            select_columns(*_UNIQUE, _NOTICE.recipient_id).where(
                _NOTICE.task_id.in_(chunk), _NOTICE.recipient_id.in_(stand_in_ids)
            )
        )
    }
