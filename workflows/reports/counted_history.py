"""Read the history of tasks for reports and scorecards, and tell whether a cut-off is still provisional."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlmodel import Session, col

from models.directives.directive import Directive, Duty
from models.errors import NotFound
from models.tasks.history import RECORDED, History, HistorySeal
from models.tasks.task import Task
from models.text.localtime import end_of_day
from workflows.rules.tasks.classification import COUNTED_EVENTS, HistoryRow
from workflows.rules.tasks.task_life import LIFE_EVENTS, TaskRecord

_BATCH = 5_000  # history rows held at a time while streaming
_ROW_COLUMNS = tuple(
    col(column)
    for column in (History.recorded_at, History.event, History.occurred_on, History.to_status, History.facts)
)


def directive_of_code(session: Session, code: str) -> UUID:
    """Return a directive's id. Raise NotFound for an unknown code."""
    directive_id = session.scalars(select(col(Directive.id)).where(col(Directive.code) == code)).first()
    if directive_id is None:
        raise NotFound("directive {code}: there is no directive of this code", code=code)
    return directive_id


def counted_tasks(
    session: Session, cutoff: date, directive_id: UUID | None, among: ColumnElement[bool] | None = None
) -> Iterator[tuple[UUID, UUID, Iterator[HistoryRow]]]:
    """Yield each task's id, duty and counted history up to 24:00 local of the cut-off day, in one query.

    `among` is a condition on tasks. The rows are streamed, as they may be those of all directives.
    """
    query = select(col(History.task_id), col(Task.duty_id), *_ROW_COLUMNS)
    query = query.join(Task, col(Task.id) == col(History.task_id))
    history = _stream(session, query, COUNTED_EVENTS, cutoff, directive_id, among)
    for (task_id, duty_id), rows in groupby(history, key=itemgetter(0, 1)):
        yield task_id, duty_id, (HistoryRow(*row) for _task_id, _duty_id, *row in rows)


def read_task_records(
    session: Session, cutoff: date, directive_id: UUID | None = None, among: ColumnElement[bool] | None = None
) -> Iterator[TaskRecord]:
    """Yield root tasks that are no drill, with the history of their lives, as `counted_tasks` does."""
    query = (
        select(col(History.task_id), col(Task.duty_id), col(Duty.kind), *_ROW_COLUMNS)
        .join(Task, col(Task.id) == col(History.task_id))
        .join(Duty, col(Duty.id) == col(Task.duty_id))
        .where(col(Task.parent_id).is_(None), col(Task.is_drill).is_(False))
    )
    history = _stream(session, query, LIFE_EVENTS, cutoff, directive_id, among)
    for (task_id, duty_id, kind), rows in groupby(history, key=itemgetter(0, 1, 2)):
        lines = tuple(HistoryRow(*row) for _task_id, _duty_id, _kind, *row in rows)
        yield TaskRecord(task_id, duty_id, kind, lines)


def _stream(
    session: Session,
    query: Select[Any],
    events: Iterable[str],
    cutoff: date,
    directive_id: UUID | None,
    among: ColumnElement[bool] | None,
) -> Iterable[Any]:
    query = query.where(col(History.recorded_at) < end_of_day(cutoff), col(History.event).in_(sorted(events)))
    query = query.order_by(col(History.task_id), *RECORDED)
    if among is not None:
        query = query.where(among)
    if directive_id is not None:
        query = query.where(col(History.directive_id) == directive_id)
    return session.execute(query.execution_options(yield_per=_BATCH))


def is_provisional(session: Session, cutoff: date, directive_id: UUID | None) -> bool:
    """Return whether lines may still be added before the cut-off: the sealer has not sealed everything up to it."""
    closes_at = end_of_day(cutoff)
    sealed_until = session.scalar(select(col(HistorySeal.upto)).order_by(col(HistorySeal.number).desc()).limit(1))
    if sealed_until is None or sealed_until < closes_at:
        return True
    unsealed = select(col(History.id)).where(col(History.recorded_at) < closes_at, col(History.seal_id).is_(None))
    if directive_id is not None:
        unsealed = unsealed.where(col(History.directive_id) == directive_id)
    return session.scalar(unsealed.limit(1)) is not None
