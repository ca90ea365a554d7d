"""Groups notices into letters: notices with the same recipient, slot, kind and topic become one letter."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, insert, literal, tuple_, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from models.database.ids import new_id
from models.database.rows import insert_new, table_of
from models.letters.letter import TO_GROUP, TO_SEND, Letter, LetterKind, LetterState, Notice, NoticeState

GROUP_BATCH = 5000
JOINED_NEWER = "told in the next letter"
_LISTING = (LetterKind.DIGEST, LetterKind.UPWARD)
_AS_QUEUED = {
    **{"is_drill": False, "state": LetterState.QUEUED, "attempts": 0, "lease_token": 0},
    **{"resent": False, "error": ""},
}
NextSlot = Callable[[LetterKind, datetime], datetime]
"""Returns the next slot for a notice of a kind whose letter for a slot has left already."""
_Key = tuple[UUID, datetime, LetterKind, str]
_LETTER, _NOTICE = table_of(Letter).c, table_of(Notice).c
_PUT_INTO_LETTER = (
    update(table_of(Notice)).where(_NOTICE.id == bindparam("the_id")).values(letter_id=bindparam("the_letter"))
)
_PUT_OFF = update(table_of(Notice)).where(_NOTICE.id == bindparam("the_id")).values(slot=bindparam("the_slot"))


def group(session: Session, *, now: datetime, next_slot: NextSlot) -> int:
    """Put pending notices whose slot has come into letters. Return the number of notices put into a letter.

    A notice whose letter is already claimed or sent moves to the next slot.
    """
    notices = session.execute(
        select_columns(_NOTICE.id, _NOTICE.recipient_id, _NOTICE.slot, _NOTICE.kind, _NOTICE.topic)
        .where(TO_GROUP, _NOTICE.slot <= now)
        .order_by(_NOTICE.slot, _NOTICE.id)
        .limit(GROUP_BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    by_key: dict[_Key, list[UUID]] = {}
    for notice in notices:
        notice_key = (notice.recipient_id, notice.slot, notice.kind, notice.topic)
        by_key.setdefault(notice_key, []).append(notice.id)
    if not by_key:
        return 0
    keys = sorted(by_key, key=lambda key: (key[1], str(key[0]), key[2], key[3]))  # one order for all: no deadlock
    queue_letters(session, keys)
    grouped: list[dict[str, object]] = []
    put_off: list[dict[str, object]] = []
    for key, letter_id in _lock_letters(session, keys).items():
        _recipient_id, slot, kind, _topic = key
        for notice_id in by_key[key]:
            if letter_id is not None:
                grouped.append({"the_id": notice_id, "the_letter": letter_id})
            else:
                put_off.append({"the_id": notice_id, "the_slot": next_slot(kind, slot)})
    connection = session.connection()
    if grouped:
        connection.execute(_PUT_INTO_LETTER, grouped)
    if put_off:
        connection.execute(_PUT_OFF, put_off)
    return len(grouped)


def queue_letters(session: Session, keys: Iterable[_Key]) -> None:
    """Queue a letter for each (recipient, slot, kind, topic) that has none yet."""
    rows = [
        {"id": new_id(), "recipient_id": recipient_id, "slot": slot, "kind": kind, "topic": topic, "not_before": slot}
        for recipient_id, slot, kind, topic in keys
    ]
    insert_new(session, table_of(Letter), rows, _AS_QUEUED)


def queue_letter_to(session: Session, people: Select[Any], slot: datetime, kind: LetterKind, topic: str) -> None:
    """Queue a letter for the one person whom a query finds, by one statement, also if it finds nobody."""
    values = {"slot": slot, "kind": kind, "topic": topic, "not_before": slot, "id": new_id()} | _AS_QUEUED
    table = table_of(Letter)
    row = people.add_columns(*(literal(value, table.c[name].type) for name, value in values.items()))
    session.execute(insert(table).from_select(["recipient_id", *values], row, include_defaults=False))


def _lock_letters(session: Session, keys: list[_Key]) -> dict[_Key, UUID | None]:
    """Return the letter of each key, None if it has been claimed already.

    The lock lasts until the commit. Without it, a letter could be claimed and leave without the notices put into it.
    """
    letters: dict[_Key, UUID | None] = {}
    columns = (_LETTER.recipient_id, _LETTER.slot, _LETTER.kind, _LETTER.topic)
    for start in range(0, len(keys), 200):
        for letter_id, state, attempts, *key in session.execute(
            select_columns(_LETTER.id, _LETTER.state, _LETTER.attempts, *columns)
            .where(tuple_(*columns).in_(keys[start : start + 200]))
            .order_by(_LETTER.id)
            .with_for_update()
        ):
            is_waiting = state is LetterState.QUEUED and attempts == 0
            letters[tuple(key)] = letter_id if is_waiting else None
    return letters


def join_newer(session: Session, *, now: datetime) -> int:
    """Move the notices of older waiting digests into the same person's newest one. Return how many become empty.

    So after days without a mail server each person gets one digest, not one for each day.
    """
    waiting = session.exec(
        select(Letter)
        .where(TO_SEND, Letter.state == LetterState.QUEUED, col(Letter.kind).in_(_LISTING), col(Letter.slot) <= now)
        .order_by(col(Letter.slot), col(Letter.id))
        .with_for_update(skip_locked=True)
    ).all()
    newest: dict[tuple[UUID, LetterKind, str], Letter] = {}
    for letter in waiting:
        if letter.attempts == 0:
            newest[letter.recipient_id, letter.kind, letter.topic] = letter
    replacements: dict[UUID, Letter] = {}
    for letter in waiting:
        newer = newest.get((letter.recipient_id, letter.kind, letter.topic))
        if newer is not None and newer.slot > letter.slot:
            replacements[letter.id] = newer
    for letter_id, newer in replacements.items():
        session.execute(
            update(Notice)
            .where(col(Notice.letter_id) == letter_id, col(Notice.state) == NoticeState.PENDING)
            .values(letter_id=newer.id)
            .execution_options(synchronize_session=False)
        )
        session.execute(
            update(Letter)
            .where(col(Letter.id) == letter_id)
            .values(state=LetterState.EMPTY, lease_until=None, error=JOINED_NEWER)
            .execution_options(synchronize_session=False)
        )
    return len(replacements)
