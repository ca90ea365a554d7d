"""A directive over time: for each duty and date how many tasks run from when to when, and how they stand."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col

from models.directives.directive import Directive, Duty
from models.tasks.task import OPEN_STATUSES, Task
from models.text.localtime import due_date, local_date
from workflows.access.rights import Principal
from workflows.rules.figures.board_cells import judge
from workflows.rules.tasks.classification import Bucket
from workflows.worklists.task_list import Shown, TaskFilter, join_tasks, task_conditions


@dataclass(frozen=True)
class TimelineBar:
    """The tasks of one duty that are due on one day (None: open ones without a date).

    `first_dates`: dates that they had before a move. `waiting_from`: since when the longest waiting of them waits.
    """

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
    waiting_from: date | None
    first_dates: tuple[date, ...]


def read_timeline(session: Session, principal: Principal, directive: Directive, now: datetime) -> list[TimelineBar]:
    """Return the bars in the order of the duties and of their dates, in one query.

    A bar counts exactly the tasks that the list `/tasks` shows for its duty and date.
    """
    wanted = TaskFilter(show=Shown.ALL, directive=directive.code)
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
    """Without a date, only open tasks in earnest have a bar, as in the list."""
    gathered: dict[tuple[int, str, str, date | None], list[Any]] = defaultdict(list)
    for row in rows:
        if row.due_at is None and (row.status not in OPEN_STATUSES or row.is_drill):
            continue
        due_on = due_date(row.due_at) if row.due_at else None
        gathered[row.position, row.path, row.title, due_on].append(row)
    order = sorted(gathered, key=lambda key: (key[:3], key[3] or date.max))
    return [
        _bar(path, title, due_on, gathered[position, path, title, due_on], now)
        for position, path, title, due_on in order
    ]


def _bar(path: str, title: str, due_on: date | None, rows: Sequence[Any], now: datetime) -> TimelineBar:
    is_open = [row for row in rows if row.status in OPEN_STATUSES]
    judged = [(row, judge(row.status, row.due_at, None, None, row.wait_kind, now=now)) for row in is_open]
    waits = [row for row, one in judged if one.is_waiting]
    since = [local_date(row.wait_since) for row in waits if row.wait_since]
    first = {due_date(row.original_due_at) for row in rows if row.original_due_at} - {due_on}
    return TimelineBar(
        path=path,
        title=title,
        due_on=due_on,
        begins_on=min(local_date(row.assigned_at) for row in rows),
        periods=tuple(sorted({row.occurrence for row in rows})),
        count=sum(row.tasks for row in rows),
        done=sum(row.tasks for row in rows) - sum(row.tasks for row in is_open),
        late=sum(row.tasks for row, one in judged if one.bucket is Bucket.OPEN_OVERDUE),
        soon=sum(row.tasks for row, one in judged if one.is_soon),
        waiting=sum(row.tasks for row in waits),
        waiting_from=min(since, default=None),
        first_dates=tuple(sorted(first)),
    )
