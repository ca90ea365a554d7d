"""How many tasks of the list stand where: by the reason of their lateness, by directive, by the day they are due, by
week, and what is late by unit and duty.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, union_all
from sqlmodel import Session, col

from models.directives.directive import Directive, Duty, directive_name
from models.organization.unit import Unit
from models.tasks.task import IS_CLOSED, Task, TaskStatus
from models.text.localtime import at_local, due_date, end_of_day
from workflows.access.rights import Principal, visible_open_tasks, visible_tasks
from workflows.rules.tasks.classification import AsOf
from workflows.worklists.task_list import (
    LateReason,
    Shown,
    TaskFilter,
    in_earnest,
    join_tasks,
    reason_condition,
    state_condition,
    task_conditions,
)


def count_reasons(session: Session, principal: Principal, wanted: TaskFilter, now: datetime) -> dict[LateReason, int]:
    """One query."""
    counts = (func.count().filter(reason_condition(one, now)) for one in LateReason)
    late = wanted.model_copy(update={"show": Shown.LATE})
    row = session.execute(join_tasks(*counts).where(*task_conditions(principal, late, now))).one()
    return dict(zip(LateReason, row, strict=True))


@dataclass(frozen=True)
class DirectiveProgress:
    """How the tasks of one directive stand that somebody sees; drills and withdrawn tasks are left out."""

    code: str
    name: str
    done: int
    late: int
    in_time: int

    @property
    def total(self) -> int:
        return self.done + self.late + self.in_time


def read_progress(session: Session, principal: Principal, now: datetime, *, most: int) -> list[DirectiveProgress]:
    """Only directives that have open tasks, the newest first. Two queries, which read no others' tasks."""
    mine, earnest = visible_tasks(principal), in_earnest(principal)
    newest = (col(Directive.issued_on).desc().nulls_last(), col(Directive.code))
    # (not by exists: for a directive that holds none of theirs, each of its open tasks would be looked at)
    open_ones = select(col(Task.directive_id)).where(visible_open_tasks(principal), earnest)
    under_way: Any = select(col(Directive.id)).where(col(Directive.id).in_(open_ones))
    ids = list(session.scalars(under_way.order_by(*newest).limit(most)))
    named = (col(Directive.code), col(Directive.kind), col(Directive.number), col(Directive.subject))
    counted = (state_condition(one, now) for one in (Shown.DONE, Shown.LATE, Shown.OPEN))
    query: Any = (
        select(*named, *(func.count().filter(one) for one in counted))
        .select_from(Task)
        .join(Directive, col(Directive.id) == col(Task.directive_id))
        .where(col(Task.directive_id).in_(ids), mine, earnest)
        .group_by(*named, col(Directive.issued_on))
        .order_by(*newest)
    )
    return [
        DirectiveProgress(code, directive_name(kind, number, subject), done, late, is_open - late)
        for code, kind, number, subject, done, late, is_open in session.execute(query)
    ]


def count_due(session: Session, principal: Principal, *, first: date, last: date) -> Mapping[date, int]:
    """Days are local; those without any task are left out."""
    query: Any = select(col(Task.due_at), func.count()).where(
        visible_open_tasks(principal),
        in_earnest(principal),
        col(Task.due_at) > at_local(first, time(0, 0)),
        col(Task.due_at) <= end_of_day(last),
    )
    found: dict[date, int] = {}
    for due_at, count in session.execute(query.group_by(col(Task.due_at))):
        day = due_date(due_at)
        found[day] = found.get(day, 0) + count
    return found


@dataclass(frozen=True)
class DueDuty:
    """How many open tasks of one duty are due on one day."""

    due_on: date
    path: str
    title: str
    count: int


def count_due_duties(
    session: Session, principal: Principal, directive_id: UUID, *, first: date, last: date
) -> list[DueDuty]:
    """Days are local. One query."""
    named = (col(Task.due_at), col(Duty.position), col(Duty.path), col(Duty.title))
    query: Any = (
        select(*named, func.count())
        .select_from(Task)
        .join(Duty, col(Duty.id) == col(Task.duty_id))
        .where(
            col(Task.directive_id) == directive_id,
            col(Task.due_at) > at_local(first, time(0, 0)),
            col(Task.due_at) <= end_of_day(last),
            visible_open_tasks(principal),
            in_earnest(principal),
        )
    )
    counts: dict[tuple[date, int, str, str], int] = {}
    for due_at, position, path, title, count in session.execute(query.group_by(*named)):
        key = (due_date(due_at), position, path, title)
        counts[key] = counts.get(key, 0) + count
    return [DueDuty(day, path, title, count) for (day, _position, path, title), count in sorted(counts.items())]


def count_late_at(session: Session, principal: Principal, days: Sequence[date], now: datetime) -> list[int]:
    """Return how many tasks were late at the end of each of these local days, `now` on the last, in one query.

    By the deadlines as they stand now: one that was moved since counts as if it had always been so.
    """
    ends = [AsOf.close(day, now).moment for day in days]
    named = (col(Task.due_at), col(Task.assigned_at), col(Task.closed_at))
    past = (in_earnest(principal), col(Task.due_at) <= max(ends))
    closed_late = (IS_CLOSED, col(Task.closed_at) > min(ends), col(Task.status) != TaskStatus.WITHDRAWN)
    ever = union_all(
        select(*named).where(visible_open_tasks(principal), *past),
        select(*named).where(visible_tasks(principal), *closed_late, *past),
    ).subquery()
    late = (
        func.count().filter(
            ever.c.due_at <= end, ever.c.assigned_at <= end, or_(ever.c.closed_at.is_(None), ever.c.closed_at > end)
        )
        for end in ends
    )
    return list(session.execute(select(*late).select_from(ever)).one())


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
    """A unit with late tasks: a row of the map, with as many numbers as the map has columns."""

    code: str
    name: str
    count: int
    cells: tuple[int, ...]


@dataclass(frozen=True)
class LateMap:
    """Units by duties, each with the number of late tasks; the fullest first. `units` counts those left out too."""

    duties: Sequence[LateDuty]
    rows: Sequence[LateUnit]
    units: int
    most: int


def read_late_map(session: Session, principal: Principal, now: datetime, *, units: int, duties: int) -> LateMap:
    """At most so many units and duties. Three queries, over what is late alone."""
    counted: Any = (
        select(col(Task.lead_unit_id), col(Task.duty_id), func.count())
        .where(visible_open_tasks(principal), in_earnest(principal), state_condition(Shown.LATE, now))
        .group_by(col(Task.lead_unit_id), col(Task.duty_id))
    )
    cells = {(unit, duty): count for unit, duty, count in session.execute(counted)}
    by_unit, by_duty = Counter[UUID](), Counter[UUID]()
    for (unit, duty), count in cells.items():
        by_unit[unit] += count
        by_duty[duty] += count
    if not cells:
        return LateMap((), (), 0, 0)
    named_duties = {one.id: one for one in session.execute(_duty_names([id for id, _n in by_duty.most_common(duties)]))}
    named_units = {
        row.id: row
        for row in session.execute(
            select(col(Unit.id), col(Unit.code), col(Unit.name), col(Unit.sort_key)).where(
                col(Unit.id).in_([id for id, _n in by_unit.most_common(units)])
            )
        )
    }
    columns = sorted(named_duties.values(), key=lambda one: (-by_duty[one.id], one.code, one.position))
    rows = sorted(named_units.values(), key=lambda one: (-by_unit[one.id], one.sort_key, one.code))
    return LateMap(
        [
            LateDuty(one.code, directive_name(one.kind, one.number, one.subject), one.path, one.title, by_duty[one.id])
            for one in columns
        ],
        [
            LateUnit(one.code, one.name, by_unit[one.id], tuple(cells.get((one.id, duty.id), 0) for duty in columns))
            for one in rows
        ],
        len(by_unit),
        max(cells.values()),
    )


def _duty_names(ids: Sequence[UUID]) -> Any:
    named = (col(Directive.code), col(Directive.kind), col(Directive.number), col(Directive.subject))
    return (
        select(col(Duty.id), col(Duty.path), col(Duty.title), col(Duty.position), *named)
        .join(Directive, col(Directive.id) == col(Duty.directive_id))
        .where(col(Duty.id).in_(ids))
    )
