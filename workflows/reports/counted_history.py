"""What the official figures are counted from: each task's history up to a cut-off, and whether more may still come."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from models.directives.directive import Directive
from models.errors import NotFound
from models.tasks.history import RECORDED, History, HistorySeal
from models.tasks.task import Task
from models.text.localtime import end_of_day
from workflows.rules.tasks.classification import COUNTED_EVENTS, HistoryRow

_BATCH = 5_000  # history rows held at a time while streaming


def directive_of_code(session: Session, code: str) -> UUID:
    """NotFound for an unknown code."""
    found = session.scalars(select(col(Directive.id)).where(col(Directive.code) == code)).first()
    if found is None:
        raise NotFound("directive {code}: there is no directive of this code", code=code)
    return found


def counted_history(
    session: Session, cutoff: date, directive_id: UUID | None, among: ColumnElement[bool] | None = None
) -> Iterator[tuple[UUID, Iterator[HistoryRow]]]:
    """As `counted_tasks`, without the tasks' ids."""
    return ((duty, rows) for _task, duty, rows in counted_tasks(session, cutoff, directive_id, among))


def counted_tasks(
    session: Session, cutoff: date, directive_id: UUID | None, among: ColumnElement[bool] | None = None
) -> Iterator[tuple[UUID, UUID, Iterator[HistoryRow]]]:
    """Yield each task's id, duty and counted history up to 24:00 local of the cut-off day, in one query.

    `among` is a condition on tasks, such as those somebody may see. Streamed: it may be of all directives.
    """
    query = (
        select(
            col(History.task_id),
            col(Task.duty_id),
            col(History.recorded_at),
            col(History.event),
            col(History.occurred_on),
            col(History.to_status),
            col(History.facts),
        )
        .join(Task, col(Task.id) == col(History.task_id))
        .where(col(History.recorded_at) < end_of_day(cutoff), col(History.event).in_(sorted(COUNTED_EVENTS)))
        .order_by(col(History.task_id), *RECORDED)
    )
    if among is not None:
        query = query.where(among)
    if directive_id is not None:
        query = query.where(col(History.directive_id) == directive_id)
    found = session.execute(query.execution_options(yield_per=_BATCH))
    for (task, duty), rows in groupby(found, key=itemgetter(0, 1)):
        yield task, duty, (HistoryRow(*row[2:]) for row in rows)


def is_provisional(session: Session, cutoff: date, directive_id: UUID | None) -> bool:
    """Until the sealer has passed the cut-off and every row before it is sealed, more may still come under it."""
    closes_at = end_of_day(cutoff)
    reached = session.scalar(select(col(HistorySeal.upto)).order_by(col(HistorySeal.number).desc()).limit(1))
    if reached is None or reached < closes_at:
        return True
    unsealed = select(col(History.id)).where(col(History.recorded_at) < closes_at, col(History.seal_id).is_(None))
    if directive_id is not None:
        unsealed = unsealed.where(col(History.directive_id) == directive_id)
    return session.scalar(unsealed.limit(1)) is not None
