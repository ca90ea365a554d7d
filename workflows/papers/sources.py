"""What units themselves have said by a cut-off: the words a report quotes, each with unit, document and day.

Of a task whose result goes by classified mail nothing is quoted but number and day.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import or_, select
from sqlmodel import Session, col

from models.database.rows import chunks
from models.directives.template import TemplateVersion
from models.organization.unit import Unit
from models.tasks.history import RECORDED, History, HistoryNote
from models.tasks.task import Contribution, Extension, Obstacle, Result, Task
from models.tasks.task_reads import BESIDE_THE_LEAD
from models.text.localtime import end_of_day, local_date

REASONS = ("progress", "extension_asked", "obstacle_raised", "lead_change_asked")
"""Moves whose words tell why something is not done."""


@dataclass(frozen=True)
class ResultDocument:
    number: str
    dated: date
    subject: str
    signer: str
    note: str
    sent_on: date


@dataclass(frozen=True)
class Remark:
    event: str
    on: date
    text: str


@dataclass(frozen=True)
class UnansweredDifficulty:
    """A difficulty that had no answer by the cut-off."""

    text: str
    raised_on: date
    authority: str
    respond_by: datetime


@dataclass(frozen=True)
class MoreTime:
    """A request for more time that had no decision by the cut-off."""

    reason: str
    asked_on: date
    until: date


Kept = TypeVar("Kept", ResultDocument, Remark, UnansweredDifficulty, MoreTime)


@dataclass(frozen=True)
class TaskFacts:
    """Everything said of one task by the cut-off, in `secret` tasks with empty words."""

    product: str  # sản phẩm: what the template requires
    secret: bool
    document: ResultDocument | None = None  # the newest
    why: Remark | None = None  # the newest that tells why it is not done
    difficulty: UnansweredDifficulty | None = None
    more_time: MoreTime | None = None
    partners: tuple[str, ...] = ()


def read_said(session: Session, ids: Iterable[UUID], cutoff: date) -> dict[UUID, TaskFacts]:
    """Per task, as recorded by 24:00 local of the cut-off. Seven queries for each some hundred tasks."""
    closes_at, found = end_of_day(cutoff), dict[UUID, TaskFacts]()
    for chunk in chunks(ids):
        products = _products(session, chunk)
        notes = _notes(session, chunk, closes_at)
        documents, reasons = _documents(session, chunk, closes_at, notes), _reasons(notes)
        difficulties, more = _difficulties(session, chunk, closes_at), _more_time(session, chunk, closes_at)
        partners = _partners(session, chunk)
        for task, (product, secret) in products.items():
            found[task] = TaskFacts(
                product=product,
                secret=secret,
                document=_veil(documents.get(task), secret, subject="", signer="", note=""),
                why=_veil(reasons.get(task), secret, text=""),
                difficulty=_veil(difficulties.get(task), secret, text=""),
                more_time=_veil(more.get(task), secret, reason=""),
                partners=partners.get(task, ()),
            )
    return found


def _veil(found: Kept | None, secret: bool, **words: Any) -> Kept | None:
    """Return that there was something, and when; without its words for a secret task."""
    return replace(found, **words) if found is not None and secret else found


def _products(session: Session, ids: Sequence[UUID]) -> dict[UUID, tuple[str, bool]]:
    tasks = session.execute(select(col(Task.id), col(Task.template_version_id)).where(col(Task.id).in_(ids))).all()
    versions = select(TemplateVersion).where(col(TemplateVersion.id).in_({version for _task, version in tasks}))
    specs = {one.id: one.read_spec().result for one in session.scalars(versions)}
    return {task: (specs[version].description, specs[version].classified_mail) for task, version in tasks}


_Note = tuple[str, datetime, str]


def _notes(session: Session, ids: Sequence[UUID], closes_at: datetime) -> dict[UUID, list[_Note]]:
    """The oldest first: event, moment, text."""
    query = (
        select(col(History.task_id), col(History.event), col(History.recorded_at), col(HistoryNote.text))
        .join(HistoryNote, col(HistoryNote.history_id) == col(History.id))
        .where(
            col(History.task_id).in_(ids),
            col(History.recorded_at) < closes_at,
            col(History.event).in_([*REASONS, "submitted", "corrected"]),
        )
        .order_by(*RECORDED)
    )
    found: dict[UUID, list[_Note]] = defaultdict(list)
    for task, event, moment, text in session.execute(query):
        if task is not None and text.strip():
            found[task].append((event, moment, text))
    return found


def _reasons(notes: dict[UUID, list[_Note]]) -> dict[UUID, Remark]:
    return {
        task: Remark(event, local_date(moment), text)
        for task, said in notes.items()
        for event, moment, text in said
        if event in REASONS
    }


def _documents(
    session: Session, ids: Sequence[UUID], closes_at: datetime, notes: dict[UUID, list[_Note]]
) -> dict[UUID, ResultDocument]:
    query = (
        select(Result)
        .where(col(Result.task_id).in_(ids), col(Result.submitted_at) < closes_at)
        .order_by(col(Result.submitted_at), col(Result.id))
    )
    found = {}
    for row in session.scalars(query):
        note = next(
            (
                text
                for event, moment, text in notes.get(row.task_id, ())
                if event in ("submitted", "corrected") and moment == row.submitted_at
            ),
            "",
        )
        found[row.task_id] = ResultDocument(
            row.number,
            row.document_date,
            row.subject,
            row.signer,
            note,
            row.received_on or local_date(row.submitted_at),
        )
    return found


def _undecided(model: Any, since: Any, until: Any, ids: Sequence[UUID], closes_at: datetime) -> tuple[Any, ...]:
    return (col(model.task_id).in_(ids), col(since) < closes_at, or_(col(until).is_(None), col(until) >= closes_at))


def _difficulties(session: Session, ids: Sequence[UUID], closes_at: datetime) -> dict[UUID, UnansweredDifficulty]:
    query: Any = (
        select(Obstacle, col(Unit.name))
        .join(Unit, col(Unit.id) == col(Obstacle.authority_unit_id))
        .where(*_undecided(Obstacle, Obstacle.raised_at, Obstacle.answered_at, ids, closes_at))
        .order_by(col(Obstacle.raised_at), col(Obstacle.id))
    )
    return {
        row.task_id: UnansweredDifficulty(row.text, local_date(row.raised_at), authority, row.respond_by)
        for row, authority in session.execute(query)
    }


def _more_time(session: Session, ids: Sequence[UUID], closes_at: datetime) -> dict[UUID, MoreTime]:
    query = (
        select(Extension)
        .where(*_undecided(Extension, Extension.asked_at, Extension.decided_at, ids, closes_at))
        .order_by(col(Extension.asked_at), col(Extension.id))
    )
    return {
        row.task_id: MoreTime(row.reason, local_date(row.asked_at), row.asked_due_on) for row in session.scalars(query)
    }


def _partners(session: Session, ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    query = (
        select(col(Contribution.task_id), col(Unit.name))
        .join(Unit, col(Unit.id) == col(Contribution.unit_id))
        .where(col(Contribution.task_id).in_(ids), BESIDE_THE_LEAD)
        .order_by(col(Unit.sort_key), col(Unit.code))
    )
    found: dict[UUID, tuple[str, ...]] = {}
    for task, name in session.execute(query):
        found[task] = (*found.get(task, ()), name)
    return found
