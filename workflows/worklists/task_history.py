"""What hangs on a task, each kind in one query: results with their files, requests, difficulties, calls, letters.

The queries are written down once, with the task as their parameter: to build one takes longer than to ask it.
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
class TaskCall:
    row: TelephoneNote
    by: str


@dataclass(frozen=True)
class HistoryStep:
    """One line of the history. `due_on`: the date it set; `who` is None for the system.

    `due_facts`: why the engine moved a date; `note`: what a person said.
    """

    id: UUID
    on: date
    recorded_at: datetime
    event: Words
    who: str | None
    relation: str
    due_on: date | None
    due_facts: Sequence[Any]
    note: str


@dataclass(frozen=True)
class ToldMe:
    """One thing a person was told about the task, and the letter it came in."""

    rung: str
    offset: int
    what: Words
    state: Words
    sent_at: datetime | None
    subject: str | None


_Kind = TypeVar("_Kind", TaskPartner, AskedExtension, RaisedObstacle, AskedLeadChange, TaskCall)
_MINE: Any = bindparam("task")
_BY, _OTHER = aliased(Person), aliased(Person)  # who asked, and who decided


def _asked(row: Any, asked_by: Any, decided_by: Any, *more: Any) -> Any:
    return (
        select(row, col(_BY.full_name), *more, col(_OTHER.full_name))
        .join(_BY, col(_BY.id) == col(asked_by))
        .outerjoin(_OTHER, col(_OTHER.id) == col(decided_by))
        .where(col(row.task_id) == _MINE)
    )


_PARTNERS: Any = (
    select(
        *(col(Unit.id), col(Unit.name), col(Contribution.contributed_at), col(Person.full_name)), col(Contribution.note)
    )
    .join(Unit, col(Unit.id) == col(Contribution.unit_id))
    .outerjoin(Person, col(Person.id) == col(Contribution.contributed_by))
    .where(col(Contribution.task_id) == _MINE, BESIDE_THE_LEAD)
    .order_by(col(Unit.sort_key))
)
_RESULTS = _asked(Result, Result.submitted_by, Result.decided_by).order_by(
    col(Result.submitted_at).desc(), col(Result.id).desc()
)
_FILES = (
    select(Evidence)
    .join(Result, col(Result.id) == col(Evidence.result_id))
    .where(col(Result.task_id) == _MINE)
    .order_by(col(Evidence.id))
)
_REASONS: Any = (
    select(col(History.recorded_at), col(HistoryNote.text))
    .join(HistoryNote, col(HistoryNote.history_id) == col(History.id))
    .where(col(History.task_id) == _MINE, col(History.event).in_(("returned", "approved", "taken_back")))
)
_EXTENSIONS = _asked(Extension, Extension.asked_by, Extension.decided_by).order_by(col(Extension.asked_at).desc())
_OBSTACLES = (
    _asked(Obstacle, Obstacle.raised_by, Obstacle.answered_by, col(Unit.name))
    .join(Unit, col(Unit.id) == col(Obstacle.authority_unit_id))
    .order_by(col(Obstacle.raised_at).desc())
)
_LEAD_CHANGES: Any = (
    select(LeadChange, col(Person.full_name), col(Unit.name))
    .join(Person, col(Person.id) == col(LeadChange.asked_by))
    .outerjoin(Unit, col(Unit.id) == col(LeadChange.proposed_unit_id))
    .where(col(LeadChange.task_id) == _MINE)
    .order_by(col(LeadChange.asked_at).desc())
)
_CALLS: Any = (
    select(TelephoneNote, col(Person.full_name))
    .join(Person, col(Person.id) == col(TelephoneNote.called_by))
    .where(col(TelephoneNote.task_id) == _MINE)
    .order_by(col(TelephoneNote.called_at).desc())
)
_QUERIES: dict[type, Any] = {
    TaskPartner: _PARTNERS,
    AskedExtension: _EXTENSIONS,
    RaisedObstacle: _OBSTACLES,
    AskedLeadChange: _LEAD_CHANGES,
    TaskCall: _CALLS,
}
_PRESSES = select(SignedPress).where(col(SignedPress.task_id) == _MINE).order_by(col(SignedPress.signed_on).desc())
_MOVES: Any = (
    select(
        *(col(History.id), col(History.occurred_on), col(History.recorded_at), col(History.event)),
        *(col(History.relation), col(History.facts), col(HistoryNote.text), col(Person.full_name)),
    )
    .outerjoin(HistoryNote, col(HistoryNote.history_id) == col(History.id))
    .outerjoin(Person, col(Person.id) == col(History.actor_id))
    .where(
        col(History.task_id) == _MINE,
        col(History.event).in_([one for one in EVENT_WORDS if one not in CONVERSATION_MOVES]),
    )
    .order_by(*NEWEST_FIRST)
)
_NEWEST_MOVES = _MOVES.limit(bindparam("most", type_=Integer))
_TOLD_ME: Any = (
    select(
        *(col(Notice.rung), col(Notice.offset), col(Notice.state), col(Letter.state), col(Letter.sent_at)),
        col(Letter.subject),
    )
    .outerjoin(Letter, col(Letter.id) == col(Notice.letter_id))
    .where(
        col(Notice.task_id) == _MINE,
        col(Notice.recipient_id) == bindparam("me"),
        col(Notice.state).in_((NoticeState.SENT, NoticeState.PENDING)),
        col(Notice.rung).not_in([f"event:{one}" for one in sorted(DIRECTIVE_EVENTS)]),  # they only hang on it
    )
    .order_by(col(Notice.fired_at).desc(), col(Notice.id).desc())
    .limit(bindparam("most", type_=Integer))
)


def rows_of(session: Session, kind: type[_Kind], task_id: UUID) -> tuple[_Kind, ...]:
    """Return what hangs on a task of one kind, the newest first; coordinating units in the order of their names."""
    return tuple(kind(*row) for row in _ask(session, _QUERIES[kind], task_id))


def results(session: Session, task_id: UUID) -> tuple[SubmittedResult, ...]:
    """Newest first. Three queries."""
    rows = _ask(session, _RESULTS, task_id).all()
    files: dict[UUID, list[Evidence]] = defaultdict(list)
    for file in _ask(session, _FILES, task_id).scalars():
        files[file.result_id].append(file)
    reasons = dict(_ask(session, _REASONS, task_id).all())  # of decisions, by their moment
    return tuple(
        SubmittedResult(row, name, decided_by, reasons.get(row.decided_at, ""), tuple(files[row.id]))
        for row, name, decided_by in rows
    )


def presses(session: Session, task_id: UUID) -> tuple[SignedPress, ...]:
    """Signed công văn đôn đốc, newest first."""
    return tuple(_ask(session, _PRESSES, task_id).scalars())


def timeline(session: Session, task_id: UUID, most: int | None) -> tuple[HistoryStep, ...]:
    """Newest first, at most so many; events without words of their own are not for readers."""
    rows = _ask(session, _MOVES, task_id) if most is None else _ask(session, _NEWEST_MOVES, task_id, most=most)
    return tuple(_step(*row) for row in rows)


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


def told_me(session: Session, task_id: UUID, person_id: UUID, most: int) -> tuple[ToldMe, ...]:
    """Newest first, at most so many; letters that will be sent are among them."""
    return tuple(
        ToldMe(
            rung=rung,
            offset=offset,
            what=rung_words(rung),
            state=letter_state((letter or LetterState.QUEUED).value if notice is NoticeState.PENDING else "sent"),
            sent_at=sent_at,
            subject=subject,
        )
        for rung, offset, notice, letter, sent_at, subject in _ask(session, _TOLD_ME, task_id, me=person_id, most=most)
    )


def _ask(session: Session, query: Any, task_id: UUID, **more: object) -> Any:
    return session.execute(query, {"task": task_id, **more})
