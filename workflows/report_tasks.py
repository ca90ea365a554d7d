"""The tasks behind the numbers of a report: the same history, folded in the same way, task by task."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from models.directive import Directive, Duty, directive_name
from models.session import chunks
from models.task import Task
from models.unit import Unit
from workflows.counted_history import counted_tasks, directive_of_code
from workflows.rules.classification import Bucket, TaskAt, classify, fold


class Figure(StrEnum):
    """A number of the report that has a list behind it."""

    TOTAL = "total"
    DONE = "done"
    DONE_ON_TIME = "done_on_time"
    DONE_LATE = "done_late"
    OPEN = "open"
    OPEN_IN_TIME = "open_in_time"
    OPEN_OVERDUE = "open_overdue"
    NO_DEADLINE = "no_deadline"


_BUCKETS = {
    Figure.TOTAL: frozenset(Bucket),
    Figure.DONE: frozenset({Bucket.DONE_ON_TIME, Bucket.DONE_LATE}),
    Figure.OPEN: frozenset({Bucket.OPEN_IN_TIME, Bucket.OPEN_OVERDUE}),
    Figure.NO_DEADLINE: frozenset({Bucket.OPEN_IN_TIME}),
} | {Figure(bucket.value): frozenset({bucket}) for bucket in Bucket}


@dataclass(frozen=True)
class Behind:
    """One task as its history knew it at the cut-off."""

    task_id: UUID
    directive: str
    directive_name: str
    duty_path: str
    duty_title: str
    occurrence: str
    unit_code: str
    unit: str
    order: str
    bucket: Bucket
    at: TaskAt


def tasks_behind(
    session: Session,
    *,
    cutoff: date,
    figure: Figure,
    directive: str | None = None,
    unit: str | None = None,
    duty: str | None = None,
    among: ColumnElement[bool] | None = None,
    on_original: bool = False,
) -> list[Behind]:
    """The tasks that one number counts, by date, duty and unit. Codes and paths; NotFound for an unknown directive."""
    directive_id = None if directive is None else directive_of_code(session, directive)
    found = dict(_fold(session, cutoff, directive_id, among, figure, on_original))
    named = _name(session, found)
    wanted = [one for one in named if unit in (None, one.unit_code) and duty in (None, one.duty_path)]
    return sorted(
        wanted, key=lambda one: (one.at.due_on or date.max, one.directive, one.duty_path, one.order, one.occurrence)
    )


def _fold(
    session: Session,
    cutoff: date,
    directive_id: UUID | None,
    among: ColumnElement[bool] | None,
    figure: Figure,
    on_original: bool,
) -> Iterator[tuple[UUID, tuple[TaskAt, Bucket]]]:
    for task_id, _duty, rows in counted_tasks(session, cutoff, directive_id, among):
        task = fold(rows, cutoff)
        if not task.counts or task.lead_unit is None:
            continue
        bucket = classify(task, cutoff, on_original=on_original)
        if bucket in _BUCKETS[figure] and (figure is not Figure.NO_DEADLINE or task.due_on is None):
            yield task_id, (task, bucket)


def _name(session: Session, found: dict[UUID, tuple[TaskAt, Bucket]]) -> Iterator[Behind]:
    units = {
        unit_id: (code, name, order)
        for unit_id, code, name, order in session.execute(
            select(col(Unit.id), col(Unit.code), col(Unit.name), col(Unit.sort_key))
        )
    }
    of_directive = (col(Directive.code), col(Directive.kind), col(Directive.number), col(Directive.subject))
    for chunk in chunks(found):
        query = (
            select(col(Task.id), col(Task.occurrence), col(Duty.path), col(Duty.title), *of_directive)
            .join(Duty, col(Duty.id) == col(Task.duty_id))
            .join(Directive, col(Directive.id) == col(Task.directive_id))
            .where(col(Task.id).in_(chunk))
        )
        for task_id, occurrence, path, title, code, kind, number, subject in session.execute(query):
            at, bucket = found[task_id]
            assert at.lead_unit is not None
            unit_code, unit, order = units[at.lead_unit]
            name = directive_name(kind, number, subject)
            yield Behind(task_id, code, name, path, title, occurrence, unit_code, unit, order, bucket, at)
