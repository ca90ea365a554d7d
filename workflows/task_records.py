"""What hangs on a task, each kind in one query: results with their files, requests, difficulties, calls, letters."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models.history import History, HistoryNote
from models.i18n import Words
from models.letter import Letter, LetterState, Notice, NoticeState
from models.person import Person
from models.task import (
    Contribution,
    Evidence,
    Extension,
    LeadChange,
    Obstacle,
    Result,
    SignedPress,
    TelephoneNote,
)
from models.unit import Unit
from models.words import EVENT_WORDS, letter_state, rung_words


@dataclass(frozen=True)
class Partner:
    """A coordinating unit and its share. `note`, `by`: of what it contributed."""

    unit_id: UUID
    name: str
    contributed_at: datetime | None
    by: str | None
    note: str


@dataclass(frozen=True)
class SubmittedResult:
    """A result document with its files; `reason` came with the decision."""

    row: Result
    by: str
    decided_by: str | None
    reason: str
    files: tuple[Evidence, ...]


@dataclass(frozen=True)
class AskedExtension:
    row: Extension
    by: str
    decided_by: str | None


@dataclass(frozen=True)
class RaisedObstacle:
    row: Obstacle
    by: str
    authority: str
    answered_by: str | None


@dataclass(frozen=True)
class AskedLeadChange:
    row: LeadChange
    by: str
    proposed: str | None


@dataclass(frozen=True)
class Call:
    row: TelephoneNote
    by: str


@dataclass(frozen=True)
class Step:
    """One line of the history. `due_on`: the date it set; `who` is None for the system."""

    id: UUID
    on: date
    recorded_at: datetime
    event: Words
    who: str | None
    relation: str
    due_on: date | None
    note: str


@dataclass(frozen=True)
class ToldMe:
    """One thing a person was told about the task, and the letter it came in."""

    what: Words
    state: Words
    sent_at: datetime | None
    subject: str | None


def partners(session: Session, task_id: UUID) -> tuple[Partner, ...]:
    """The coordinating units in the order of their names."""
    query: Any = (
        select(
            *(col(Unit.id), col(Unit.name), col(Contribution.contributed_at), col(Person.full_name)),
            col(Contribution.note),
        )
        .join(Unit, col(Unit.id) == col(Contribution.unit_id))
        .outerjoin(Person, col(Person.id) == col(Contribution.contributed_by))
        .where(col(Contribution.task_id) == task_id)
        .order_by(col(Unit.sort_key))
    )
    return tuple(Partner(*row) for row in session.execute(query))


def results(session: Session, task_id: UUID) -> tuple[SubmittedResult, ...]:
    """What was submitted, newest first. Three queries."""
    by, decider = aliased(Person), aliased(Person)
    rows = session.execute(
        select(Result, col(by.full_name), col(decider.full_name))
        .join(by, col(by.id) == col(Result.submitted_by))
        .outerjoin(decider, col(decider.id) == col(Result.decided_by))
        .where(col(Result.task_id) == task_id)
        .order_by(col(Result.submitted_at).desc(), col(Result.id).desc())
    ).all()
    files: dict[UUID, list[Evidence]] = defaultdict(list)
    mine = select(col(Result.id)).where(col(Result.task_id) == task_id)
    for file in session.scalars(select(Evidence).where(col(Evidence.result_id).in_(mine)).order_by(col(Evidence.id))):
        files[file.result_id].append(file)
    reasons = _reasons(session, task_id)
    return tuple(
        SubmittedResult(row, name, decided_by, reasons.get(row.decided_at, ""), tuple(files[row.id]))
        for row, name, decided_by in rows
    )


def _reasons(session: Session, task_id: UUID) -> dict[datetime | None, str]:
    """The words of decisions on results, by their moment."""
    query: Any = (
        select(col(History.recorded_at), col(HistoryNote.text))
        .join(HistoryNote, col(HistoryNote.history_id) == col(History.id))
        .where(col(History.task_id) == task_id, col(History.event).in_(("returned", "approved")))
    )
    return dict(session.execute(query).all())


def extensions(session: Session, task_id: UUID) -> tuple[AskedExtension, ...]:
    """Requests for more time, newest first."""
    by, decider = aliased(Person), aliased(Person)
    query: Any = (
        select(Extension, col(by.full_name), col(decider.full_name))
        .join(by, col(by.id) == col(Extension.asked_by))
        .outerjoin(decider, col(decider.id) == col(Extension.decided_by))
        .where(col(Extension.task_id) == task_id)
        .order_by(col(Extension.asked_at).desc())
    )
    return tuple(AskedExtension(*row) for row in session.execute(query))


def obstacles(session: Session, task_id: UUID) -> tuple[RaisedObstacle, ...]:
    """Difficulties, newest first."""
    by, answerer = aliased(Person), aliased(Person)
    query: Any = (
        select(Obstacle, col(by.full_name), col(Unit.name), col(answerer.full_name))
        .join(by, col(by.id) == col(Obstacle.raised_by))
        .join(Unit, col(Unit.id) == col(Obstacle.authority_unit_id))
        .outerjoin(answerer, col(answerer.id) == col(Obstacle.answered_by))
        .where(col(Obstacle.task_id) == task_id)
        .order_by(col(Obstacle.raised_at).desc())
    )
    return tuple(RaisedObstacle(*row) for row in session.execute(query))


def lead_changes(session: Session, task_id: UUID) -> tuple[AskedLeadChange, ...]:
    """Requests for another lead, newest first."""
    query: Any = (
        select(LeadChange, col(Person.full_name), col(Unit.name))
        .join(Person, col(Person.id) == col(LeadChange.asked_by))
        .outerjoin(Unit, col(Unit.id) == col(LeadChange.proposed_unit_id))
        .where(col(LeadChange.task_id) == task_id)
        .order_by(col(LeadChange.asked_at).desc())
    )
    return tuple(AskedLeadChange(*row) for row in session.execute(query))


def calls(session: Session, task_id: UUID) -> tuple[Call, ...]:
    """Telephone calls about the task, newest first."""
    query: Any = (
        select(TelephoneNote, col(Person.full_name))
        .join(Person, col(Person.id) == col(TelephoneNote.called_by))
        .where(col(TelephoneNote.task_id) == task_id)
        .order_by(col(TelephoneNote.called_at).desc())
    )
    return tuple(Call(*row) for row in session.execute(query))


def presses(session: Session, task_id: UUID) -> tuple[SignedPress, ...]:
    """Signed công văn đôn đốc, newest first."""
    query = select(SignedPress).where(col(SignedPress.task_id) == task_id).order_by(col(SignedPress.signed_on).desc())
    return tuple(session.scalars(query))


def timeline(session: Session, task_id: UUID, most: int | None) -> tuple[Step, ...]:
    """The newest moves first, at most so many; events without words of their own are not for readers."""
    query: Any = (
        select(History, col(HistoryNote.text), col(Person.full_name))
        .outerjoin(HistoryNote, col(HistoryNote.history_id) == col(History.id))
        .outerjoin(Person, col(Person.id) == col(History.actor_id))
        .where(col(History.task_id) == task_id, col(History.event).in_(EVENT_WORDS))
        .order_by(col(History.recorded_at).desc(), col(History.id).desc())
        .limit(most)
    )
    return tuple(_step(row, note, name) for row, note, name in session.execute(query))


def _step(row: History, note: str | None, who: str | None) -> Step:
    due_on = row.facts.get("due_on")
    return Step(
        id=row.id,
        on=row.occurred_on,
        recorded_at=row.recorded_at,
        event=EVENT_WORDS[row.event],
        who=who,
        relation=row.relation,
        due_on=date.fromisoformat(due_on) if due_on else None,
        note=note or "",
    )


def told_me(session: Session, task_id: UUID, person_id: UUID) -> tuple[ToldMe, ...]:
    """What a person was sent, or will be, about the task: newest first."""
    query: Any = (
        select(
            *(col(Notice.rung), col(Notice.offset), col(Notice.state), col(Letter.state), col(Letter.sent_at)),
            col(Letter.subject),
        )
        .outerjoin(Letter, col(Letter.id) == col(Notice.letter_id))
        .where(
            col(Notice.task_id) == task_id,
            col(Notice.recipient_id) == person_id,
            col(Notice.state).in_((NoticeState.SENT, NoticeState.PENDING)),
        )
        .order_by(col(Notice.fired_at).desc(), col(Notice.id).desc())
    )
    return tuple(
        ToldMe(
            what=rung_words(f"{rung}@{offset}"),
            state=letter_state((letter or LetterState.QUEUED).value if notice is NoticeState.PENDING else "sent"),
            sent_at=sent_at,
            subject=subject,
        )
        for rung, offset, notice, letter, sent_at, subject in session.execute(query)
    )
