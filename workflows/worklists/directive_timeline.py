"""The timeline of a directive: one bar for each duty and date, with the tasks that it stands for."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import func
from sqlmodel import Session, col

from models.directives.directive import Directive, Duty
from models.tasks.task import OPEN_STATUSES, Task
from models.text.localtime import due_date, local_date
from workflows.access.rights import Principal
from workflows.rules.figures.board_cells import judge
from workflows.rules.tasks.classification import Bucket
from workflows.worklists.task_filter import ShownTasks, TaskFilter, join_tasks, task_conditions


@dataclass(frozen=True)
class TimelineBar:
    """The tasks of one duty that are due on one day; where `due_on` is None, its open tasks without a date."""

    path: str
    title: str
    due_on: date | None
    begins_on: date
    periods: tuple[str, ...]
    count: int
    done: int
    late: int
    soon: int
    waiting: int
    waiting_from: date | None  # the day since which the longest waiting task waits
    first_dates: tuple[date, ...]  # the deadlines before they were moved


def read_timeline(session: Session, principal: Principal, directive: Directive, now: datetime) -> list[TimelineBar]:
    """Return the bars by duty and date, in one query. A bar counts the tasks that `/tasks` lists for both."""
    wanted = TaskFilter(show=ShownTasks.ALL, directive=directive.code)
    keys = (
        *(col(Duty.position), col(Duty.path), col(Duty.title), col(Task.occurrence), col(Task.is_drill)),
        *(col(Task.due_at), col(Task.original_due_at), col(Task.status), col(Task.wait_kind)),
    )
    query: Any = join_tasks(
        *keys,
        func.count().label("tasks"),
        func.min(col(Task.assigned_at)).label("assigned_at"),
        func.min(col(Task.wait_since)).label("wait_since"),
    )
    query = query.where(*task_conditions(principal, wanted, now)).group_by(*keys)
    return gather_bars(session.execute(query), now)


def gather_bars(rows: Iterable[Any], now: datetime) -> list[TimelineBar]:
    """Gather rows of a duty and a date into bars. Without a date only open tasks count, and no drills, as in the list.

    Bars stand in the order of the duties, then of the dates; one without a date stands last.
    """
    rows_by_bar: dict[_BarKey, list[Any]] = defaultdict(list)
    for row in rows:
        if row.due_at is None and (row.status not in OPEN_STATUSES or row.is_drill):
            continue
        due_on = due_date(row.due_at) if row.due_at else None
        rows_by_bar[_BarKey(row.position, row.path, row.title, due_on)].append(row)
    keys = sorted(rows_by_bar, key=lambda key: (key.position, key.path, key.title, key.due_on or date.max))
    return [_bar(key, rows_by_bar[key], now) for key in keys]


class _BarKey(NamedTuple):
    position: int
    path: str
    title: str
    due_on: date | None


def _bar(key: _BarKey, rows: Sequence[Any], now: datetime) -> TimelineBar:
    open_rows = [row for row in rows if row.status in OPEN_STATUSES]
    judged_rows = [(row, judge(row.status, row.due_at, None, None, row.wait_kind, now=now)) for row in open_rows]
    waiting_rows = [row for row, judged in judged_rows if judged.is_waiting]
    waits_since = [local_date(row.wait_since) for row in waiting_rows if row.wait_since]
    first_dates = {due_date(row.original_due_at) for row in rows if row.original_due_at} - {key.due_on}
    count = sum(row.tasks for row in rows)
    return TimelineBar(
        path=key.path,
        title=key.title,
        due_on=key.due_on,
        begins_on=min(local_date(row.assigned_at) for row in rows),
        periods=tuple(sorted({row.occurrence for row in rows})),
        count=count,
        done=count - sum(row.tasks for row in open_rows),
        late=sum(row.tasks for row, judged in judged_rows if judged.bucket is Bucket.OPEN_OVERDUE),
        soon=sum(row.tasks for row, judged in judged_rows if judged.is_soon),
        waiting=sum(row.tasks for row in waiting_rows),
        waiting_from=min(waits_since, default=None),
        first_dates=tuple(sorted(first_dates)),
    )
