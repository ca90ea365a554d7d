"""The outbox: notices of one person, moment, kind and topic become one letter; what did not leave joins the next."""

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
"""Where a notice goes whose letter has left: told by whoever knows the calendar."""
_Key = tuple[UUID, datetime, LetterKind, str]
_LETTER, _NOTICE = table_of(Letter).c, table_of(Notice).c
_FOUND = update(table_of(Notice)).where(_NOTICE.id == bindparam("the_id")).values(letter_id=bindparam("the_letter"))
_LATE = update(table_of(Notice)).where(_NOTICE.id == bindparam("the_id")).values(slot=bindparam("the_slot"))


def group(session: Session, *, now: datetime, next_slot: NextSlot) -> int:
    """Group pending notices whose slot has come into letters. Returns how many notices found their letter.

    A notice whose letter is already claimed or gone joins the next slot.
    """
    notices = session.execute(
        select_columns(_NOTICE.id, _NOTICE.recipient_id, _NOTICE.slot, _NOTICE.kind, _NOTICE.topic)
        .where(TO_GROUP, _NOTICE.slot <= now)
        .order_by(_NOTICE.slot, _NOTICE.id)
        .limit(GROUP_BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    by_key: dict[_Key, list[UUID]] = {}
    for notice_id, *key in notices:
        by_key.setdefault(tuple(key), []).append(notice_id)
    if not by_key:
        return 0
    keys = sorted(by_key, key=lambda key: (key[1], str(key[0]), key[2], key[3]))  # one order for all: no deadlock
    queue_letters(session, keys)
    letters = _letters(session, keys)
    found = [
        {"the_id": notice_id, "the_letter": letter_id}
        for key, letter_id in letters.items()
        if letter_id is not None
        for notice_id in by_key[key]
    ]
    late = [
        {"the_id": notice_id, "the_slot": next_slot(key[2], key[1])}
        for key, letter_id in letters.items()
        if letter_id is None
        for notice_id in by_key[key]
    ]
    connection = session.connection()
    if found:
        connection.execute(_FOUND, found)
    if late:
        connection.execute(_LATE, late)
    return len(found)


def queue_letters(session: Session, keys: Iterable[_Key]) -> None:
    """Open a letter for each (recipient, slot, kind, topic) that has none yet; what is there stays as it is."""
    insert_new(
        session,
        table_of(Letter),
        [
            {
                "id": new_id(),
                "recipient_id": recipient_id,
                "slot": slot,
                "kind": kind,
                "topic": topic,
                "not_before": slot,
            }
            for recipient_id, slot, kind, topic in keys
        ],
        _AS_QUEUED,
    )


def queue_letter_to(session: Session, people: Select[Any], slot: datetime, kind: LetterKind, topic: str) -> None:
    """Open a letter of its own topic for the one person whom a query finds; as many statements for nobody."""
    given = {"slot": slot, "kind": kind, "topic": topic, "not_before": slot, "id": new_id()} | _AS_QUEUED
    table = table_of(Letter)
    row = people.add_columns(*(literal(value, table.c[name].type) for name, value in given.items()))
    session.execute(insert(table).from_select(["recipient_id", *given], row, include_defaults=False))


def _letters(session: Session, keys: list[_Key]) -> dict[_Key, UUID | None]:
    """Return the letter of each key, None where it has been claimed already.

    Locked until the commit: a letter claimed meanwhile would leave without the notices being put into it.
    """
    found: dict[_Key, UUID | None] = {}
    columns = (_LETTER.recipient_id, _LETTER.slot, _LETTER.kind, _LETTER.topic)
    for start in range(0, len(keys), 200):
        for letter_id, state, attempts, *key in session.execute(
            select_columns(_LETTER.id, _LETTER.state, _LETTER.attempts, *columns)
            .where(tuple_(*columns).in_(keys[start : start + 200]))
            .order_by(_LETTER.id)
            .with_for_update()
        ):
            waiting = state is LetterState.QUEUED and attempts == 0
            found[tuple(key)] = letter_id if waiting else None
    return found


def join_newer(session: Session, *, now: datetime) -> int:
    """Put what an older digest still had to say into the newer one of the same person, where both wait to leave.

    After days without a mail server each person gets one letter of what is true now, and not one for every day.
    Returns how many letters had become pointless.
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
    older = {
        letter.id: newest[key]
        for letter in waiting
        if (key := (letter.recipient_id, letter.kind, letter.topic)) in newest and newest[key].slot > letter.slot
    }
    for letter_id, into in older.items():
        session.execute(
            update(Notice)
            .where(col(Notice.letter_id) == letter_id, col(Notice.state) == NoticeState.PENDING)
            .values(letter_id=into.id)
            .execution_options(synchronize_session=False)
        )
        session.execute(
            update(Letter)
            .where(col(Letter.id) == letter_id)
            .values(state=LetterState.EMPTY, lease_until=None, error=JOINED_NEWER)
            .execution_options(synchronize_session=False)
        )
    return len(older)
