"""The records of a task, each kind in one query: results with their files, requests, obstacles, calls and letters.

The queries are built once, with the task as a parameter: building one takes longer than executing it.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Integer, bindparam, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models.i18n import Words
from models.letters.letter import Letter, LetterState, Notice, NoticeState, letter_state
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.history import NEWEST_FIRST, History, HistoryNote
from models.tasks.task import (
    Contribution,
    Evidence,
    Extension,
    LeadChange,
    Obstacle,
    Result,
    SignedPress,
    TelephoneNote,
)
from models.tasks.task_reads import BESIDE_THE_LEAD
from models.words import CONVERSATION_MOVES, EVENT_WORDS, rung_words
from notifications.composing.reasons import DATE_MOVES
from workflows.rules.conversation_policy import DIRECTIVE_EVENTS


@dataclass(frozen=True)
class TaskPartner:
    """A coordinating unit, and what it contributed."""

    unit_id: UUID
    name: str
    contributed_at: datetime | None
    by: str | None
    note: str


@dataclass(frozen=True)
class SubmittedResult:
    row: Result
    by: str
    decided_by: str | None
    reason: str  # of the decision
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
class TaskCall:
    row: TelephoneNote
    by: str


@dataclass(frozen=True)
class HistoryStep:
    """One line of the history."""

    id: UUID
    on: date
    recorded_at: datetime
    event: Words
    who: str | None  # None for the system
    relation: str
    due_on: date | None  # the deadline that it set
    due_facts: Sequence[Any]  # why the engine moved the deadline
    note: str  # a person's words


@dataclass(frozen=True)
class OwnNotice:
    """A notice that the reader got about the task, and its letter."""

    rung: str
    offset: int
    what: Words
    state: Words
    sent_at: datetime | None
    subject: str | None


_Kind = TypeVar("_Kind", TaskPartner, AskedExtension, RaisedObstacle, AskedLeadChange, TaskCall)
_TASK_ID: Any = bindparam("task")
_ASKER, _DECIDER = aliased(Person), aliased(Person)


def _select_decided(table: Any, asked_by: Any, decided_by: Any, *more: Any) -> Any:
    """Select rows with the names of the people who asked and who decided."""
    return (
        select(table, col(_ASKER.full_name), *more, col(_DECIDER.full_name))
        .join(_ASKER, col(_ASKER.id) == col(asked_by))
        .outerjoin(_DECIDER, col(_DECIDER.id) == col(decided_by))
        .where(col(table.task_id) == _TASK_ID)
    )


_PARTNERS: Any = (
    select(
        *(col(Unit.id), col(Unit.name), col(Contribution.contributed_at), col(Person.full_name)), col(Contribution.note)
    )
    .join(Unit, col(Unit.id) == col(Contribution.unit_id))
    .outerjoin(Person, col(Person.id) == col(Contribution.contributed_by))
    .where(col(Contribution.task_id) == _TASK_ID, BESIDE_THE_LEAD)
    .order_by(col(Unit.sort_key))
)
_RESULTS = _select_decided(Result, Result.submitted_by, Result.decided_by).order_by(
    col(Result.submitted_at).desc(), col(Result.id).desc()
)
_FILES = (
    select(Evidence)
    .join(Result, col(Result.id) == col(Evidence.result_id))
    .where(col(Result.task_id) == _TASK_ID)
    .order_by(col(Evidence.id))
)
_REASONS: Any = (
    select(col(History.recorded_at), col(HistoryNote.text))
    .join(HistoryNote, col(HistoryNote.history_id) == col(History.id))
    .where(col(History.task_id) == _TASK_ID, col(History.event).in_(("returned", "approved", "taken_back")))
)
_EXTENSIONS = _select_decided(Extension, Extension.asked_by, Extension.decided_by).order_by(
    col(Extension.asked_at).desc()
)
_OBSTACLES = (
    _select_decided(Obstacle, Obstacle.raised_by, Obstacle.answered_by, col(Unit.name))
    .join(Unit, col(Unit.id) == col(Obstacle.authority_unit_id))
    .order_by(col(Obstacle.raised_at).desc())
)
_LEAD_CHANGES: Any = (
    select(LeadChange, col(Person.full_name), col(Unit.name))
    .join(Person, col(Person.id) == col(LeadChange.asked_by))
    .outerjoin(Unit, col(Unit.id) == col(LeadChange.proposed_unit_id))
    .where(col(LeadChange.task_id) == _TASK_ID)
    .order_by(col(LeadChange.asked_at).desc())
)
_CALLS: Any = (
    select(TelephoneNote, col(Person.full_name))
    .join(Person, col(Person.id) == col(TelephoneNote.called_by))
    .where(col(TelephoneNote.task_id) == _TASK_ID)
    .order_by(col(TelephoneNote.called_at).desc())
)
_QUERIES: dict[type, Any] = {
    TaskPartner: _PARTNERS,
    AskedExtension: _EXTENSIONS,
    RaisedObstacle: _OBSTACLES,
    AskedLeadChange: _LEAD_CHANGES,
    TaskCall: _CALLS,
}
_PRESSES = select(SignedPress).where(col(SignedPress.task_id) == _TASK_ID).order_by(col(SignedPress.signed_on).desc())
_MOVES: Any = (
    select(
        *(col(History.id), col(History.occurred_on), col(History.recorded_at), col(History.event)),
        *(col(History.relation), col(History.facts), col(HistoryNote.text), col(Person.full_name)),
    )
    .outerjoin(HistoryNote, col(HistoryNote.history_id) == col(History.id))
    .outerjoin(Person, col(Person.id) == col(History.actor_id))
    .where(
        col(History.task_id) == _TASK_ID,
        col(History.event).in_([event for event in EVENT_WORDS if event not in CONVERSATION_MOVES]),
    )
    .order_by(*NEWEST_FIRST)
)
_NEWEST_MOVES = _MOVES.limit(bindparam("most", type_=Integer))
_OWN_NOTICES: Any = (
    select(
        *(col(Notice.rung), col(Notice.offset), col(Notice.state), col(Letter.state), col(Letter.sent_at)),
        col(Letter.subject),
    )
    .outerjoin(Letter, col(Letter.id) == col(Notice.letter_id))
    .where(
        col(Notice.task_id) == _TASK_ID,
        col(Notice.recipient_id) == bindparam("me"),
        col(Notice.state).in_((NoticeState.SENT, NoticeState.PENDING)),
        # events of a directive's conversation name any task of it
        col(Notice.rung).not_in([f"event:{event}" for event in sorted(DIRECTIVE_EVENTS)]),
    )
    .order_by(col(Notice.fired_at).desc(), col(Notice.id).desc())
    .limit(bindparam("most", type_=Integer))
)


def read_records(session: Session, kind: type[_Kind], task_id: UUID) -> tuple[_Kind, ...]:
    """Return the records of one kind, the newest first; coordinating units in the order of their names."""
    return tuple(kind(*row) for row in _execute(session, _QUERIES[kind], task_id))


def read_results(session: Session, task_id: UUID) -> tuple[SubmittedResult, ...]:
    """Return the results, the newest first, in three queries."""
    rows = _execute(session, _RESULTS, task_id).all()
    files: dict[UUID, list[Evidence]] = defaultdict(list)
    for file in _execute(session, _FILES, task_id).scalars():
        files[file.result_id].append(file)
    reasons_by_moment = dict(_execute(session, _REASONS, task_id).all())
    return tuple(
        SubmittedResult(row, name, decided_by, reasons_by_moment.get(row.decided_at, ""), tuple(files[row.id]))
        for row, name, decided_by in rows
    )


def read_presses(session: Session, task_id: UUID) -> tuple[SignedPress, ...]:
    """Return the signed công văn đôn đốc, the newest first."""
    return tuple(_execute(session, _PRESSES, task_id).scalars())


def read_steps(session: Session, task_id: UUID, most: int | None) -> tuple[HistoryStep, ...]:
    """Return at most `most` lines of the history, the newest first. Readers see only events that have words."""
    query, limit = (_MOVES, {}) if most is None else (_NEWEST_MOVES, {"most": most})
    return tuple(_step(*row) for row in _execute(session, query, task_id, **limit))


def _step(
    id: UUID, on: date, recorded_at: datetime, event: str, relation: str, facts: Any, note: str | None, who: str | None
) -> HistoryStep:
    due_on = facts.get("due_on")
    return HistoryStep(
        id=id,
        on=on,
        recorded_at=recorded_at,
        event=EVENT_WORDS[event],
        who=who,
        relation=relation,
        due_on=date.fromisoformat(due_on) if due_on else None,
        due_facts=facts.get("due_facts", ()) if event in DATE_MOVES else (),
        note=note or "",
    )


def read_own_notices(session: Session, task_id: UUID, person_id: UUID, most: int) -> tuple[OwnNotice, ...]:
    """Return at most `most` notices, sent or still to be sent, the newest first."""
    rows = _execute(session, _OWN_NOTICES, task_id, me=person_id, most=most)
    return tuple(
        OwnNotice(
            rung=rung,
            offset=offset,
            what=rung_words(rung),
            state=letter_state((letter or LetterState.QUEUED).value if notice is NoticeState.PENDING else "sent"),
            sent_at=sent_at,
            subject=subject,
        )
        for rung, offset, notice, letter, sent_at, subject in rows
    )


def _execute(session: Session, query: Any, task_id: UUID, **parameters: object) -> Any:
    return session.execute(query, {"task": task_id, **parameters})
