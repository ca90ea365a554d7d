"""Read what units have sent and said by a cut-off: the words that a report quotes, each with unit, document and day.

Of a task whose result goes by classified mail, only number and day are quoted.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar
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

REASON_EVENTS = ("progress", "extension_asked", "obstacle_raised", "lead_change_asked")
"""Events whose notes say why a task is not done."""
_RESULT_EVENTS = ("submitted", "corrected")


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
class UndecidedExtension:
    """A request for more time that had no decision by the cut-off."""

    reason: str
    asked_on: date
    until: date


Quoted = TypeVar("Quoted", ResultDocument, Remark, UnansweredDifficulty, UndecidedExtension)


@dataclass(frozen=True)
class TaskFacts:
    """What was recorded of one task by the cut-off. The words of a `secret` task are empty."""

    product: str  # sản phẩm: what the template requires
    secret: bool
    document: ResultDocument | None = None  # the newest
    reason: Remark | None = None  # the newest remark that says why the task is not done
    difficulty: UnansweredDifficulty | None = None
    extension: UndecidedExtension | None = None
    partners: tuple[str, ...] = ()


def read_task_facts(session: Session, ids: Iterable[UUID], cutoff: date) -> dict[UUID, TaskFacts]:
    """Read the facts of each task, as recorded by 24:00 local of the cut-off day. Seven queries a chunk of tasks."""
    closes_at = end_of_day(cutoff)
    facts: dict[UUID, TaskFacts] = {}
    for chunk in chunks(ids):
        notes = _notes(session, chunk, closes_at)
        documents, reasons = _documents(session, chunk, closes_at, notes), _reasons(notes)
        difficulties, extensions = _difficulties(session, chunk, closes_at), _extensions(session, chunk, closes_at)
        partners = _partners(session, chunk)
        for task_id, (product, secret) in _products(session, chunk).items():
            facts[task_id] = TaskFacts(
                product=product,
                secret=secret,
                document=_hide_words(documents.get(task_id), secret, subject="", signer="", note=""),
                reason=_hide_words(reasons.get(task_id), secret, text=""),
                difficulty=_hide_words(difficulties.get(task_id), secret, text=""),
                extension=_hide_words(extensions.get(task_id), secret, reason=""),
                partners=partners.get(task_id, ()),
            )
    return facts


def _hide_words(quoted: Quoted | None, secret: bool, **empty_words: Any) -> Quoted | None:
    """Return what was recorded; of a secret task with `empty_words`, so that only its existence and day remain."""
    return replace(quoted, **empty_words) if quoted is not None and secret else quoted


def _products(session: Session, ids: Sequence[UUID]) -> dict[UUID, tuple[str, bool]]:
    """Return of each task the product that its template requires, and whether that goes by classified mail."""
    tasks = session.execute(select(col(Task.id), col(Task.template_version_id)).where(col(Task.id).in_(ids))).all()
    versions = select(TemplateVersion).where(
        col(TemplateVersion.id).in_({version_id for _task_id, version_id in tasks})
    )
    results = {version.id: version.read_spec().result for version in session.scalars(versions)}
    return {
        task_id: (results[version_id].description, results[version_id].classified_mail) for task_id, version_id in tasks
    }


class _Note(NamedTuple):
    event: str
    recorded_at: datetime
    text: str


def _notes(session: Session, ids: Sequence[UUID], closes_at: datetime) -> dict[UUID, list[_Note]]:
    """Return the notes of each task, the oldest first."""
    query = (
        select(col(History.task_id), col(History.event), col(History.recorded_at), col(HistoryNote.text))
        .join(HistoryNote, col(HistoryNote.history_id) == col(History.id))
        .where(
            col(History.task_id).in_(ids),
            col(History.recorded_at) < closes_at,
            col(History.event).in_([*REASON_EVENTS, *_RESULT_EVENTS]),
        )
        .order_by(*RECORDED)
    )
    notes: dict[UUID, list[_Note]] = defaultdict(list)
    for task_id, event, recorded_at, text in session.execute(query):
        if task_id is not None and text.strip():
            notes[task_id].append(_Note(event, recorded_at, text))
    return notes


def _reasons(notes_by_task: dict[UUID, list[_Note]]) -> dict[UUID, Remark]:
    """Return the newest reason of each task: later notes replace earlier ones."""
    return {
        task_id: Remark(note.event, local_date(note.recorded_at), note.text)
        for task_id, notes in notes_by_task.items()
        for note in notes
        if note.event in REASON_EVENTS
    }


def _documents(
    session: Session, ids: Sequence[UUID], closes_at: datetime, notes_by_task: dict[UUID, list[_Note]]
) -> dict[UUID, ResultDocument]:
    """Return the newest document of each task: later results replace earlier ones."""
    query = (
        select(Result)
        .where(col(Result.task_id).in_(ids), col(Result.submitted_at) < closes_at)
        .order_by(col(Result.submitted_at), col(Result.id))
    )
    documents = {}
    for row in session.scalars(query):
        texts = [
            note.text
            for note in notes_by_task.get(row.task_id, ())
            if note.event in _RESULT_EVENTS and note.recorded_at == row.submitted_at
        ]
        documents[row.task_id] = ResultDocument(
            number=row.number,
            dated=row.document_date,
            subject=row.subject,
            signer=row.signer,
            note=texts[0] if texts else "",
            sent_on=row.received_on or local_date(row.submitted_at),
        )
    return documents


def _is_open(model: Any, asked_at: Any, decided_at: Any, ids: Sequence[UUID], closes_at: datetime) -> tuple[Any, ...]:
    """Return the conditions on rows of these tasks that were asked by `closes_at`, and decided later or never."""
    decided_later = or_(col(decided_at).is_(None), col(decided_at) >= closes_at)
    return (col(model.task_id).in_(ids), col(asked_at) < closes_at, decided_later)


def _difficulties(session: Session, ids: Sequence[UUID], closes_at: datetime) -> dict[UUID, UnansweredDifficulty]:
    query: Any = (
        select(Obstacle, col(Unit.name))
        .join(Unit, col(Unit.id) == col(Obstacle.authority_unit_id))
        .where(*_is_open(Obstacle, Obstacle.raised_at, Obstacle.answered_at, ids, closes_at))
        .order_by(col(Obstacle.raised_at), col(Obstacle.id))
    )
    return {
        row.task_id: UnansweredDifficulty(row.text, local_date(row.raised_at), authority, row.respond_by)
        for row, authority in session.execute(query)
    }


def _extensions(session: Session, ids: Sequence[UUID], closes_at: datetime) -> dict[UUID, UndecidedExtension]:
    query = (
        select(Extension)
        .where(*_is_open(Extension, Extension.asked_at, Extension.decided_at, ids, closes_at))
        .order_by(col(Extension.asked_at), col(Extension.id))
    )
    return {
        row.task_id: UndecidedExtension(row.reason, local_date(row.asked_at), row.asked_due_on)
        for row in session.scalars(query)
    }


def _partners(session: Session, ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    query = (
        select(col(Contribution.task_id), col(Unit.name))
        .join(Unit, col(Unit.id) == col(Contribution.unit_id))
        .where(col(Contribution.task_id).in_(ids), BESIDE_THE_LEAD)
        .order_by(col(Unit.sort_key), col(Unit.code))
    )
    names: dict[UUID, tuple[str, ...]] = {}
    for task_id, name in session.execute(query):
        names[task_id] = (*names.get(task_id, ()), name)
    return names
