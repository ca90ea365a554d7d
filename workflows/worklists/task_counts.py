"""How many tasks of the list stand where: by the reason of their lateness, by directive, by the day they are due."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlmodel import Session, col

from models.directives.directive import Directive, Duty, directive_name
from models.tasks.task import IS_OPEN, Task
from models.text.localtime import at_local, due_date, end_of_day
from workflows.access.rights import Principal, visible_tasks
from workflows.worklists.late_reasons import LateReason, reason_condition
from workflows.worklists.task_table import Shown, TaskFilter, in_earnest, join_tasks, state_condition, task_conditions


def count_reasons(session: Session, principal: Principal, wanted: TaskFilter, now: datetime) -> dict[LateReason, int]:
    """Return of how many late tasks of a list each reason holds, in one query."""
    counts = (func.count().filter(reason_condition(one, now)) for one in LateReason)
    late = replace(wanted, shown=Shown.LATE)
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
    """Return the newest directives that have open tasks, at most so many. Two queries, which read no others' tasks."""
    mine = (visible_tasks(principal), in_earnest(principal))
    newest = (col(Directive.issued_on).desc().nulls_last(), col(Directive.code))
    under_way: Any = select(col(Directive.id)).where(
        exists().where(col(Task.directive_id) == col(Directive.id), state_condition(Shown.OPEN, now), *mine)
    )
    ids = list(session.scalars(under_way.order_by(*newest).limit(most)))
    named = (col(Directive.code), col(Directive.kind), col(Directive.number), col(Directive.subject))
    counted = (state_condition(one, now) for one in (Shown.DONE, Shown.LATE, Shown.OPEN))
    query: Any = (
        select(*named, *(func.count().filter(one) for one in counted))
        .select_from(Task)
        .join(Directive, col(Directive.id) == col(Task.directive_id))
        .where(col(Task.directive_id).in_(ids), *mine)
        .group_by(*named, col(Directive.issued_on))
        .order_by(*newest)
    )
    return [
        DirectiveProgress(code, directive_name(kind, number, subject), done, late, is_open - late)
        for code, kind, number, subject, done, late, is_open in session.execute(query)
    ]


def count_due(session: Session, principal: Principal, *, first: date, last: date) -> Mapping[date, int]:
    """Return how many open tasks are due on each local day of these; days without any are left out."""
    query: Any = select(col(Task.due_at), func.count()).where(
        visible_tasks(principal),
        in_earnest(principal),
        IS_OPEN,
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
    """Return by day and duty what of a directive is due on these local days and open, in one query."""
    named = (col(Task.due_at), col(Duty.position), col(Duty.path), col(Duty.title))
    query: Any = (
        select(*named, func.count())
        .select_from(Task)
        .join(Duty, col(Duty.id) == col(Task.duty_id))
        .where(
            col(Task.directive_id) == directive_id,
            col(Task.due_at) > at_local(first, time(0, 0)),
            col(Task.due_at) <= end_of_day(last),
            visible_tasks(principal),
            in_earnest(principal),
            IS_OPEN,
        )
    )
    counts: dict[tuple[date, int, str, str], int] = {}
    for due_at, position, path, title, count in session.execute(query.group_by(*named)):
        key = (due_date(due_at), position, path, title)
        counts[key] = counts.get(key, 0) + count
    return [DueDuty(day, path, title, count) for (day, _position, path, title), count in sorted(counts.items())]
