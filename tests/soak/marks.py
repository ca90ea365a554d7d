"""Of a letter that is about to leave: it is for somebody who is there, and what it tells is true right now."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Row, exists
from sqlmodel import Session, col, select

from models.database.session import reading
from models.letters.letter import Letter, LetterAttempt, LetterKind, Notice, NoticeState
from models.organization.person import Absence, Person
from models.organization.unit import Handover, Unit
from models.tasks.task import OPEN_STATUSES, Task, TaskStatus
from models.text.localtime import local_date

_RUNGS = frozenset(
    {"not_accepted", "due_soon", "due", "overdue", "pressed_1", "pressed_2", "to_issuer", "upward", "set_date"}
    | {"decide", "assigned", "undeliverable", "uncertain"}
)
_LATE = frozenset({"overdue", "pressed_1", "pressed_2", "to_issuer", "upward"})
_DATED = _LATE | {"due_soon", "due"}
_UNIT = frozenset({"head", "deputy", "focal_point", "officer"})
_FOR_THE_DAY = (LetterKind.DIGEST, LetterKind.UPWARD, LetterKind.SUMMARY)


def marked(engine: Engine, judged: set[tuple[UUID, int]], now: datetime) -> tuple[str | None, list[str]]:
    """Of the letter just marked for DATA its name, and what is wrong: it is for who is there, and true right now."""
    name, found = None, list[str]()
    with reading(engine) as session:
        for row in session.execute(_OPEN_MARKS):
            if (row.id, row.marked) in judged:
                continue
            judged.add((row.id, row.marked))
            name = row.message_id
            if row.lease_token != row.marked:
                found.append(f"lease: {name} was marked under {row.marked}, and {row.lease_token} holds it")
            if not row.is_active or row.email != row.address:
                found.append(f"reader: {row.code} is written to at {row.address} and is not there")
            if row.is_outside:
                found.append(f"reader: {row.code} is outside")
            found += _untrue(session, row, now)
            found += _of_another(session, row)
    return name, found


_OPEN_MARKS = (
    select(  # type: ignore[call-overload]
        col(Letter.id),
        col(LetterAttempt.lease_token).label("marked"),
        Letter.lease_token,
        Letter.message_id,
        Letter.address,
        Letter.kind,
        Letter.slot,
        Letter.recipient_id,
        Person.code,
        Person.email,
        Person.is_active,
        Unit.is_outside,
    )
    .join(LetterAttempt, col(LetterAttempt.letter_id) == col(Letter.id))
    .join(Person, col(Person.id) == col(Letter.recipient_id))
    .join(Unit, col(Unit.id) == col(Person.unit_id), isouter=True)
    .where(col(LetterAttempt.ended_at).is_(None))
)


def _untrue(session: Session, letter: Row[Any], now: datetime) -> Iterator[str]:
    if _is_repeat(session, letter):
        if letter.kind in _FOR_THE_DAY and local_date(letter.slot) != local_date(now):
            yield f"truth: {letter.kind} of {letter.slot} goes out again on {now}"
        return
    rows = session.execute(
        select(  # type: ignore[call-overload]
            col(Notice.rung),
            Notice.role,
            Notice.anchor_id,
            Task.status,
            Task.due_at,
            Task.wait_kind,
            Task.due_anchor_id,
            Task.assigned_anchor_id,
        )
        .join(Task, col(Task.id) == col(Notice.task_id))
        .where(Notice.letter_id == letter.id, Notice.state == NoticeState.PENDING)
    )
    for row in rows:
        if not (_holds if row.rung in _RUNGS else _stands)(row, letter.kind, now):
            yield f"truth: {row.rung} of a task that is {row.status} (due {row.due_at}) leaves at {now} for {row.role}"


def _is_repeat(session: Session, letter: Row[Any]) -> bool:
    """It may have arrived already, and goes out once more as it was."""
    again = select(LetterAttempt.lease_token).where(
        LetterAttempt.letter_id == letter.id, LetterAttempt.outcome == "uncertain"
    )
    return session.exec(again.limit(1)).first() is not None


def _of_another(session: Session, letter: Row[Any]) -> Iterator[str]:
    """What the head of a unit is told is for who heads it now, or stands in for them."""
    stands_in = exists().where(
        col(Absence.person_id) == col(Unit.head_id), col(Absence.stand_in_id) == col(Notice.recipient_id)
    )
    was_head = exists().where(
        col(Handover.unit_id) == col(Unit.id), col(Handover.from_person_id) == col(Notice.recipient_id)
    )  # else it is the coordinator, who hears what can reach no head; that may be who once was the head
    of_former = (
        select(Unit.code, Notice.rung)
        .join(Task, col(Task.lead_unit_id) == col(Unit.id))
        .join(Notice, col(Notice.task_id) == col(Task.id))
        .where(Notice.letter_id == letter.id, Notice.state == NoticeState.PENDING, Notice.role == "head")
        .where(col(Unit.head_id) != col(Notice.recipient_id), was_head, ~stands_in, col(Notice.undeliverable).is_(None))
    )
    for unit, rung in () if _is_repeat(session, letter) else session.execute(of_former):
        yield f"reader: {letter.code} is told {rung} as the head of {unit}, and is it no more"


def _holds(told: Row[Any], kind: LetterKind, now: datetime) -> bool:
    rung = told.rung
    if told.status not in OPEN_STATUSES:
        return False
    if rung in _DATED and told.anchor_id != told.due_anchor_id:
        return False  # the date was moved since
    if rung in ("assigned", "not_accepted", "set_date") and told.anchor_id != told.assigned_anchor_id:
        return False
    if rung in _DATED | {"not_accepted"} and told.wait_kind is not None and told.role in _UNIT:
        return False  # it has done its part, and waits for somebody
    if rung == "not_accepted":
        return told.status is TaskStatus.ASSIGNED
    if rung == "set_date":
        return told.due_at is None
    if rung == "decide":
        return told.wait_kind is not None
    if rung in ("due_soon", "due") and kind is not LetterKind.INCIDENT:
        return told.due_at is not None and now < told.due_at
    return rung not in _LATE or (told.due_at is not None and now >= told.due_at)


def _stands(told: Row[Any], _kind: LetterKind, _now: datetime) -> bool:
    """Of news: what asks for a decision is still to be decided, and a date is still the date."""
    if told.rung in ("event:submitted", "event:received"):
        return told.status is TaskStatus.SUBMITTED
    return told.rung not in ("event:due_set", "event:due_moved") or told.anchor_id == told.due_anchor_id
