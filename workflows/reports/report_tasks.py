"""List the tasks behind a number of the report. It uses the statement that counts, so both always agree."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Select, and_, func, select
from sqlmodel import Session, col

from models.database.columns import bytewise
from models.directives.directive import Directive, Duty, directive_name
from models.organization.unit import Unit, UnitKind
from models.tasks.task import Contribution, Task, TaskStatus
from workflows.reports.counted_history import directive_of_code
from workflows.reports.counted_places import CountQuery, places, read_due
from workflows.reports.report_lines import contributed, period_of
from workflows.rules.tasks.classification import Bucket, TaskAt


class Figure(StrEnum):
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
} | {Figure(bucket.value): frozenset({bucket}) for bucket in Bucket}
_NO_DATE = "9999"  # sorts behind every day


@dataclass(frozen=True)
class ReportPart:
    """One line of a breakdown by its codes, paths and keys; None for any.

    `contributed` says whether the share of `partner` was recorded by the cut-off. `due_from` and `due_to` bound the
    deadlines, the original or the current ones as the list asks.
    """

    duty: str | None = None
    unit: str | None = None
    kind: UnitKind | None = None
    partner: str | None = None
    contributed: bool | None = None
    period: str | None = None
    due_from: date | None = None
    due_to: date | None = None


ALL_OF_IT = ReportPart()


@dataclass(frozen=True)
class CountedTask:
    """A task as its history describes it at the cut-off."""

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
    part: ReportPart = ALL_OF_IT,
    among: ColumnElement[bool] | None = None,
    on_original: bool = False,
    now: datetime | None = None,
) -> list[CountedTask]:
    """Return the tasks by date, duty and unit. Raise NotFound for an unknown directive code."""
    directive_id = None if directive is None else directive_of_code(session, directive)
    count_query = CountQuery(cutoff, directive_id, among, now)
    tasks, _count = page_behind(session, count_query, figure, part, on_original=on_original)
    return tasks


def page_behind(
    session: Session,
    count_query: CountQuery,
    figure: Figure,
    part: ReportPart = ALL_OF_IT,
    *,
    on_original: bool = False,
    skip: int = 0,
    at_most: int | None = None,
) -> tuple[list[CountedTask], int]:
    """Return one page of the tasks, and the number of all of them."""
    query = _listing(count_query, figure, part, on_original=on_original)
    rows = session.execute(query.offset(skip).limit(at_most)).all()
    if not rows and skip:  # beyond the last page
        first_row = session.execute(query.limit(1)).first()
        return [], first_row.in_all if first_row else 0
    return [_counted_task(row) for row in rows], rows[0].in_all if rows else 0


def _listing(count_query: CountQuery, figure: Figure, part: ReportPart, *, on_original: bool) -> Select[Any]:
    at = places(count_query)
    bucket = at.c.on_original if on_original else at.c.bucket
    is_in_figure = at.c.undated == 1 if figure is Figure.NO_DEADLINE else bucket.in_(sorted(_BUCKETS[figure]))
    order = (func.coalesce(at.c.due_on, _NO_DATE), col(Directive.code), col(Unit.sort_key), col(Task.occurrence))
    due_on, code, unit, occurrence = (bytewise(column) for column in order)
    query = (
        select(
            *(at.c[name] for name in ("task_id", "status", "due", "original_due", "submitted_on", "counts_on")),
            at.c.lead_unit_id,
            bucket.label("bucket"),
            col(Task.occurrence),
            col(Duty.path),
            col(Duty.title),
            col(Directive.code).label("directive"),
            col(Directive.kind),
            col(Directive.number),
            col(Directive.subject),
            col(Unit.code).label("unit_code"),
            col(Unit.name).label("unit"),
            col(Unit.sort_key),
            func.count().over().label("in_all"),
        )
        .join(Task, col(Task.id) == at.c.task_id)
        .join(Duty, col(Duty.id) == at.c.duty_id)
        .join(Directive, col(Directive.id) == col(Duty.directive_id))
        .join(Unit, col(Unit.id) == at.c.lead_unit_id)
        .where(is_in_figure, *_part_conditions(count_query, at, part, on_original=on_original))
    )
    return query.order_by(due_on, code, col(Duty.position), bytewise(col(Duty.path)), unit, occurrence, at.c.task_id)


def _part_conditions(
    count_query: CountQuery, at: CTE, part: ReportPart, *, on_original: bool
) -> list[ColumnElement[bool]]:
    equals = {Duty.path: part.duty, Unit.code: part.unit, Unit.kind: part.kind}
    conditions = [col(column) == value for column, value in equals.items() if value is not None]
    due_on = bytewise(at.c.original_due_on if on_original else at.c.due_on)
    if part.due_from is not None:
        conditions.append(due_on >= part.due_from.isoformat())
    if part.due_to is not None:
        conditions.append(due_on <= part.due_to.isoformat())
    if part.period is not None:
        conditions.append(period_of(at.c.occurrence) == part.period)
    if part.partner is not None:
        conditions.append(at.c.task_id.in_(_shares(count_query, part.partner, part.contributed)))
        conditions.append(col(Unit.code) != part.partner)  # the lead may have been a coordinating unit before
    return conditions


def _shares(count_query: CountQuery, partner: str, has_contributed: bool | None) -> Select[Any]:
    """Select the tasks to which a unit contributes; unless None, only those with, or without, its contribution."""
    recorded = contributed(count_query)
    query = (
        select(col(Contribution.task_id))
        .join(Unit, col(Unit.id) == col(Contribution.unit_id))
        .outerjoin(
            recorded,
            and_(recorded.c.task_id == col(Contribution.task_id), recorded.c.unit_id == col(Contribution.unit_id)),
        )
        .where(col(Unit.code) == partner)
    )
    if has_contributed is None:
        return query
    return query.where(recorded.c.task_id.is_not(None) if has_contributed else recorded.c.task_id.is_(None))


def _counted_task(row: Any) -> CountedTask:
    submitted, counts_on = (date.fromisoformat(day) if day else None for day in (row.submitted_on, row.counts_on))
    due_on, due_hour = read_due(row.due)
    original, original_hour = read_due(row.original_due)
    at = TaskAt(
        status=TaskStatus(row.status),
        lead_unit=row.lead_unit_id,
        original_due_on=original,
        due_on=due_on,
        original_hour=original_hour,
        due_hour=due_hour,
        submitted_on=submitted,
        counts_on=counts_on,
        exists=True,
    )
    return CountedTask(
        task_id=row.task_id,
        directive=row.directive,
        directive_name=directive_name(row.kind, row.number, row.subject),
        duty_path=row.path,
        duty_title=row.title,
        occurrence=row.occurrence,
        unit_code=row.unit_code,
        unit=row.unit,
        order=row.sort_key,
        bucket=Bucket(row.bucket),
        at=at,
    )
