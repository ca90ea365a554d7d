"""Counts of the tasks that a list shows: by reason, directive, day and duty, and late tasks by unit and duty."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, union_all
from sqlmodel import Session, col

from models.directives.directive import Directive, Duty, directive_name
from models.organization.unit import Unit
from models.tasks.task import IS_CLOSED, Task, TaskStatus
from models.text.localtime import due_date
from workflows.access.rights import Principal, visible_open_tasks, visible_tasks
from workflows.rules.tasks.classification import AsOf
from workflows.worklists.task_filter import (
    LateReason,
    ShownTasks,
    TaskFilter,
    due_between,
    in_earnest,
    join_tasks,
    reason_condition,
    state_condition,
    task_conditions,
)


def count_reasons(session: Session, principal: Principal, wanted: TaskFilter, now: datetime) -> dict[LateReason, int]:
    """Count the late tasks of a filter by reason, in one query."""
    counts = (func.count().filter(reason_condition(reason, now)) for reason in LateReason)
    late = wanted.model_copy(update={"show": ShownTasks.LATE})
    row = session.execute(join_tasks(*counts).where(*task_conditions(principal, late, now))).one()
    return dict(zip(LateReason, row, strict=True))


@dataclass(frozen=True)
class DirectiveProgress:
    """The tasks of one directive that a person sees, by state. Drills and withdrawn tasks do not count."""

    code: str
    name: str
    done: int
    late: int
    in_time: int

    @property
    def total(self) -> int:
        return self.done + self.late + self.in_time


def read_progress(session: Session, principal: Principal, now: datetime, *, most: int) -> list[DirectiveProgress]:
    """Return the newest directives that have open tasks, at most `most`. It takes two queries."""
    counts_for_reader = in_earnest(principal)
    newest_first = (col(Directive.issued_on).desc().nulls_last(), col(Directive.code))
    # `exists` would read every open task of a directive in which the person has none
    with_open_tasks = select(col(Task.directive_id)).where(visible_open_tasks(principal), counts_for_reader)
    under_way: Any = select(col(Directive.id)).where(col(Directive.id).in_(with_open_tasks))
    ids = list(session.scalars(under_way.order_by(*newest_first).limit(most)))
    named = (col(Directive.code), col(Directive.kind), col(Directive.number), col(Directive.subject))
    states = (state_condition(shown, now) for shown in (ShownTasks.DONE, ShownTasks.LATE, ShownTasks.OPEN))
    query: Any = (
        select(*named, *(func.count().filter(state) for state in states))
        .select_from(Task)
        .join(Directive, col(Directive.id) == col(Task.directive_id))
        .where(col(Task.directive_id).in_(ids), visible_tasks(principal), counts_for_reader)
        .group_by(*named, col(Directive.issued_on))
        .order_by(*newest_first)
    )
    return [
        DirectiveProgress(code, directive_name(kind, number, subject), done, late, in_time=not_done - late)
        for code, kind, number, subject, done, late, not_done in session.execute(query)
    ]


def count_due(session: Session, principal: Principal, *, first: date, last: date) -> Mapping[date, int]:
    """Count the open tasks by the local day on which they are due. Days without tasks are left out."""
    query: Any = select(col(Task.due_at), func.count()).where(
        visible_open_tasks(principal), in_earnest(principal), due_between(first, last)
    )
    counts = Counter[date]()
    for due_at, count in session.execute(query.group_by(col(Task.due_at))):
        counts[due_date(due_at)] += count
    return counts


@dataclass(frozen=True, order=True)
class DueDuty:
    """The open tasks of one duty that are due on one local day, in the order of a list of them."""

    due_on: date
    position: int
    path: str
    title: str
    count: int


def count_due_duties(
    session: Session, principal: Principal, directive_id: UUID, *, first: date, last: date
) -> list[DueDuty]:
    """Count the open tasks of a directive by day and duty, in one query."""
    named = (col(Task.due_at), col(Duty.position), col(Duty.path), col(Duty.title))
    query: Any = (
        select(*named, func.count())
        .select_from(Task)
        .join(Duty, col(Duty.id) == col(Task.duty_id))
        .where(
            col(Task.directive_id) == directive_id,
            due_between(first, last),
            visible_open_tasks(principal),
            in_earnest(principal),
        )
    )
    counts = Counter[tuple[date, int, str, str]]()
    for due_at, position, path, title, count in session.execute(query.group_by(*named)):
        counts[due_date(due_at), position, path, title] += count
    return sorted(DueDuty(*key, count) for key, count in counts.items())


def count_late_at(session: Session, principal: Principal, days: Sequence[date], now: datetime) -> list[int]:
    """Count the tasks that were late at the end of each of these local days, at `now` on the last, in one query.

    It goes by today's deadlines: a deadline that was moved since counts as if it had always been so.
    """
    ends = [AsOf.close(day, now).moment for day in days]
    columns = (col(Task.due_at), col(Task.assigned_at), col(Task.closed_at))
    is_due = (in_earnest(principal), col(Task.due_at) <= max(ends))
    is_closed_since = (IS_CLOSED, col(Task.closed_at) > min(ends), col(Task.status) != TaskStatus.WITHDRAWN)
    tasks = union_all(
        select(*columns).where(visible_open_tasks(principal), *is_due),
        select(*columns).where(visible_tasks(principal), *is_closed_since, *is_due),
    ).subquery()
    counts = (
        func.count().filter(
            tasks.c.due_at <= end, tasks.c.assigned_at <= end, or_(tasks.c.closed_at.is_(None), tasks.c.closed_at > end)
        )
        for end in ends
    )
    return list(session.execute(select(*counts).select_from(tasks)).one())


@dataclass(frozen=True)
class LateDuty:
    """A duty with late tasks: a column of the map."""

    directive_code: str
    directive: str
    path: str
    title: str
    count: int


@dataclass(frozen=True)
class LateUnit:
    """A unit with late tasks: a row of the map, with one number for each column."""

    code: str
    name: str
    count: int
    cells: tuple[int, ...]


@dataclass(frozen=True)
class LateMap:
    """The number of late tasks by unit and duty; the units and duties with the most stand first."""

    duties: Sequence[LateDuty]
    rows: Sequence[LateUnit]
    units: int  # all that have late tasks, those left out too
    most: int  # the highest number in a cell


def read_late_map(session: Session, principal: Principal, now: datetime, *, units: int, duties: int) -> LateMap:
    """Return a map of at most so many units and duties. Three queries read late tasks only."""
    counted: Any = (
        select(col(Task.lead_unit_id), col(Task.duty_id), func.count())
        .where(visible_open_tasks(principal), in_earnest(principal), state_condition(ShownTasks.LATE, now))
        .group_by(col(Task.lead_unit_id), col(Task.duty_id))
    )
    cells = {(unit, duty): count for unit, duty, count in session.execute(counted)}
    by_unit, by_duty = Counter[UUID](), Counter[UUID]()
    for (unit, duty), count in cells.items():
        by_unit[unit] += count
        by_duty[duty] += count
    if not cells:
        return LateMap((), (), 0, 0)
    columns = sorted(
        session.execute(_select_duties([duty_id for duty_id, _count in by_duty.most_common(duties)])),
        key=lambda duty: (-by_duty[duty.id], duty.code, duty.position),
    )
    unit_ids = [unit_id for unit_id, _count in by_unit.most_common(units)]
    named_units: Any = select(col(Unit.id), col(Unit.code), col(Unit.name), col(Unit.sort_key))
    rows = sorted(
        session.execute(named_units.where(col(Unit.id).in_(unit_ids))),
        key=lambda unit: (-by_unit[unit.id], unit.sort_key, unit.code),
    )
    return LateMap(
        duties=[
            LateDuty(
                directive_code=duty.code,
                directive=directive_name(duty.kind, duty.number, duty.subject),
                path=duty.path,
                title=duty.title,
                count=by_duty[duty.id],
            )
            for duty in columns
        ],
        rows=[
            LateUnit(
                unit.code, unit.name, by_unit[unit.id], tuple(cells.get((unit.id, duty.id), 0) for duty in columns)
            )
            for unit in rows
        ],
        units=len(by_unit),
        most=max(cells.values()),
    )


def _select_duties(ids: Sequence[UUID]) -> Any:
    named = (col(Directive.code), col(Directive.kind), col(Directive.number), col(Directive.subject))
    return (
        select(col(Duty.id), col(Duty.path), col(Duty.title), col(Duty.position), *named)
        .join(Directive, col(Directive.id) == col(Duty.directive_id))
        .where(col(Duty.id).in_(ids))
    )
