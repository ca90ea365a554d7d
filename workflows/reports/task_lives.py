"""The lives of tasks, read from history in one statement: what scorecards and warnings are made of."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from models.directives.directive import Duty
from models.tasks.history import RECORDED, History
from models.tasks.task import Task
from models.text.localtime import end_of_day
from workflows.rules.tasks.classification import HistoryRow
from workflows.rules.tasks.task_life import LIFE_EVENTS, TaskRecord

_BATCH = 5_000  # history rows held at a time while streaming


def read_told(
    session: Session, cutoff: date, directive_id: UUID | None = None, among: ColumnElement[bool] | None = None
) -> Iterator[TaskRecord]:
    """Yield the root tasks in earnest with their rows recorded by 24:00 local of the cut-off day, in one statement.

    `among`: a condition on tasks, such as those somebody oversees. Streamed: it may be of all there is.
    """
    query = (
        select(
            col(History.task_id),
            col(Task.duty_id),
            col(Duty.kind),
            col(History.recorded_at),
            col(History.event),
            col(History.occurred_on),
            col(History.to_status),
            col(History.facts),
        )
        .join(Task, col(Task.id) == col(History.task_id))
        .join(Duty, col(Duty.id) == col(Task.duty_id))
        .where(
            col(History.recorded_at) < end_of_day(cutoff),
            col(History.event).in_(sorted(LIFE_EVENTS)),
            col(Task.parent_id).is_(None),
            col(Task.is_drill).is_(False),
        )
        .order_by(col(History.task_id), *RECORDED)
    )
    if among is not None:
        query = query.where(among)
    if directive_id is not None:
        query = query.where(col(History.directive_id) == directive_id)
    found = session.execute(query.execution_options(yield_per=_BATCH))
    for (task, duty, kind), rows in groupby(found, key=itemgetter(0, 1, 2)):
        yield TaskRecord(task, duty, kind, tuple(HistoryRow(*row[3:]) for row in rows))
