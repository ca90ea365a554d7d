"""Queries of the outbox: letters with their recipients, rungs, attempts and bounces."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, TextClause, cast, func, select
from sqlmodel import Session, col

from models.errors import BadInput, NotFound
from models.letters.bounce import Bounce, BounceAction
from models.letters.letter import (
    DEAD,
    IS_DEAD,
    SECRET_TOPIC,
    TEST_TOPIC,
    ExpiredContent,
    Letter,
    LetterAttempt,
    LetterContent,
    LetterKind,
    LetterState,
    Notice,
)
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.task import Task


def list_letters(
    session: Session,
    *,
    states: Sequence[LetterState] = (),
    recipient_id: UUID | None = None,
    letter_id: UUID | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[dict[str, Any]]:
    """List letters, the newest slot first, with their rungs ("rung@offset") and last attempt. Runs two queries."""
    conditions: list[ColumnElement[bool] | TextClause] = []
    if states:
        conditions.append(col(Letter.state).in_(states))
        conditions += [IS_DEAD] if set(states) <= set(DEAD) else []
    if letter_id is not None:
        conditions.append(col(Letter.id) == letter_id)
    if recipient_id is not None:
        conditions.append(col(Letter.recipient_id) == recipient_id)
    order = (col(Letter.slot).desc(), col(Letter.id).desc())
    last_token = (
        select(func.max(LetterAttempt.lease_token))
        .where(col(LetterAttempt.letter_id) == Letter.id)
        .correlate(Letter)
        .scalar_subquery()
    )
    query = (
        select(
            *(col(Letter.id), col(Letter.slot), col(Letter.kind), col(Letter.topic), col(Letter.state)),
            *(col(Letter.attempts), col(Letter.subject), col(Letter.address), col(Letter.sent_at), col(Letter.error)),
            *(
                col(Letter.not_before).label("next_attempt_at"),
                col(Letter.is_drill),
                col(Letter.message_id),
                col(Letter.resent),
            ),
            col(Person.code).label("recipient"),
            col(Person.full_name).label("recipient_name"),
            *(col(LetterAttempt.outcome).label("last_outcome"), col(LetterAttempt.smtp_code).label("last_code")),
        )
        .join(Person, col(Person.id) == Letter.recipient_id)
        .outerjoin(
            LetterAttempt, (col(LetterAttempt.letter_id) == Letter.id) & (col(LetterAttempt.lease_token) == last_token)
        )
        .where(*conditions)
        .order_by(*order)
        .limit(limit)
        .offset(offset)
    )
    rows = session.execute(query).mappings().all()
    ids = select(col(Letter.id)).where(*conditions).order_by(*order).limit(limit).offset(offset).subquery()
    rungs = _rungs(session, col(Notice.letter_id).in_(select(ids.c.id)))
    return [
        {
            **row,
            "short_id": row["id"].hex[-8:],
            "kind": row["kind"].value,
            "state": row["state"].value,
            "rungs": rungs.get(row["id"], []),
        }
        for row in rows
    ]


def letter_attempts(session: Session, letter_id: UUID) -> Sequence[LetterAttempt]:
    return session.scalars(
        select(LetterAttempt).where(col(LetterAttempt.letter_id) == letter_id).order_by(col(LetterAttempt.lease_token))
    ).all()


def contents_for(session: Session, recipient_id: UUID, *, at_once: int = 20) -> Iterator[tuple[UUID, bytes]]:
    """Yield ids and bytes of all letters to a person that `letter_content` shows, with few in memory at once."""
    query = (
        select(col(LetterContent.letter_id), col(LetterContent.content))
        .join(Letter, col(Letter.id) == col(LetterContent.letter_id))
        .where(col(Letter.recipient_id) == recipient_id, ~col(Letter.topic).startswith(SECRET_TOPIC))
        .order_by(col(Letter.id))
    )
    for row in session.execute(query.execution_options(yield_per=at_once)):
        yield row.letter_id, row.content


def letter_content(session: Session, letter: Letter) -> bytes | None:
    """Return a letter's bytes as the mail server gets them; None before they are written.

    It is None also for a letter with a secret: only its recipient reads a code or an invitation, even afterwards.
    Everything that shows a letter must read it here (a test checks that).
    """
    if letter.topic.startswith(SECRET_TOPIC):
        return None
    row = session.get(LetterContent, letter.id)
    return row.content if row is not None else None


def has_content(session: Session, letter_id: UUID) -> bool:
    """Tell whether a letter's bytes are stored, without reading them."""
    query = select(col(LetterContent.letter_id)).where(col(LetterContent.letter_id) == letter_id)
    return session.execute(query).first() is not None


def expired_content(session: Session, letter_id: UUID) -> ExpiredContent | None:
    """Return the record of deleted bytes; None while they are stored, and if there never were any."""
    return session.get(ExpiredContent, letter_id)


def find_letter(session: Session, name: str) -> Letter:
    """Find a letter by its id, or by its last six to twelve digits. Raises BadInput for other names, and NotFound."""
    digits = name.replace("-", "").lower()
    is_hexadecimal = all(char in "0123456789abcdef" for char in digits)
    if not is_hexadecimal or not (6 <= len(digits) <= 12 or len(digits) == 32):
        raise BadInput("letter {letter}: give its id, or the last six to twelve digits of it", letter=name)
    condition: ColumnElement[bool] = cast(col(Letter.id), String).like(f"%{digits}")
    if len(digits) == 32:
        condition = col(Letter.id) == UUID(digits)
    letters = session.scalars(select(Letter).where(condition).limit(2)).all()
    if not letters:
        raise NotFound("letter {letter}: there is no such letter", letter=name)
    if len(letters) > 1:
        raise NotFound("letter {letter}: several letters fit; give more of its id", letter=name)
    return letters[0]


def rungs_of(session: Session, letter_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    return _rungs(session, col(Notice.letter_id).in_(letter_ids))


def _rungs(session: Session, where: ColumnElement[bool]) -> dict[UUID, list[str]]:
    rungs_by_letter: dict[UUID, dict[str, None]] = {}
    query = (
        select(col(Notice.letter_id), col(Notice.rung), col(Notice.offset))
        .where(where)
        .order_by(col(Notice.rung), col(Notice.offset))
        .distinct()
    )
    for letter_id, rung, offset in session.execute(query):
        rungs_by_letter.setdefault(letter_id, {})[f"{rung}@{offset}"] = None
    return {letter_id: list(rungs) for letter_id, rungs in rungs_by_letter.items()}


ASIDE = "aside"


def letter_bounces(session: Session, letter_id: UUID) -> Sequence[Bounce]:
    query = select(Bounce).where(col(Bounce.letter_id) == letter_id)
    return session.scalars(query.order_by(col(Bounce.read_at), col(Bounce.key))).all()


def bounces_since(session: Session, since: datetime) -> dict[str, int]:
    """Count bounces since a moment (UTC) by action, 0 included. `ASIDE` counts those that changed nothing."""
    query = select(col(Bounce.action), col(Bounce.aside), func.count()).where(col(Bounce.read_at) >= since)
    counts = dict.fromkeys([*(action.value for action in BounceAction), ASIDE], 0)
    for action, aside, count in session.execute(query.group_by(col(Bounce.action), col(Bounce.aside))):
        counts[ASIDE if aside is not None or action is None else action.value] += count
    return counts


def last_test(session: Session, person_id: UUID) -> Letter | None:
    query = (
        select(Letter)
        .where(
            col(Letter.recipient_id) == person_id,
            col(Letter.kind) == LetterKind.ACCOUNT,
            col(Letter.topic).startswith(TEST_TOPIC),
        )
        .order_by(col(Letter.slot).desc(), col(Letter.id).desc())
    )
    return session.scalars(query.limit(1)).first()


def told_of_launch(session: Session, launch_id: UUID) -> list[tuple[str, str, str]]:
    """Return the lead unit's code, the recipient and their role for each notice about a launch's tasks."""
    query: Any = (
        select(col(Unit.code), col(Person.full_name), col(Notice.role))
        .select_from(Notice)
        .join(Task, col(Task.id) == col(Notice.task_id))
        .join(Unit, col(Unit.id) == col(Task.lead_unit_id))
        .join(Person, col(Person.id) == col(Notice.recipient_id))
        .where(col(Task.launch_id) == launch_id)
    )
    return [tuple(row) for row in session.execute(query)]


def told_of_task(session: Session, task_id: UUID) -> list[tuple[str, str]]:
    """Return the recipient and their role for each notice about a task."""
    query: Any = select(col(Person.full_name), col(Notice.role)).join(
        Person, col(Person.id) == col(Notice.recipient_id)
    )
    return [tuple(row) for row in session.execute(query.where(col(Notice.task_id) == task_id))]
