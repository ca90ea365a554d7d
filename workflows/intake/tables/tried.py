"""The dry run: the fate of each row of a table that was kept, by the register and the tasks of now. Reads only."""

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select as columns
from sqlmodel import Session, col

from models.database.ids import ZERO_ID
from models.directives.directive import Directive, Duty
from models.directives.intake_table import IntakeTable
from models.tasks.task import Task, TaskStatus
from workflows.access.conflict import mark_of, mark_shown
from workflows.intake.review.match import load_matcher
from workflows.intake.tables.fates import Fate, TableContext, decide_fates
from workflows.intake.tables.table_rows import read_rows

_AT_ONCE = 200


def try_out(session: Session, table: IntakeTable, today: date) -> list[Fate]:
    """Return what would become of each row on a local day."""
    rows = list(read_rows(table.cells, table.heads_to, table.mapping))
    quotes = sorted({row.duty for row in rows if row.duty})
    known = TableContext(
        matcher=load_matcher(session),
        number=table.number,
        issued_on=table.issued_on,
        today=today,
        there=set(_tasks_there(session, table.coordinating_unit_id, quotes)),
        left_out=set(table.left_out),
        taken=set(table.taken),
    )
    return decide_fates(rows, known)


def mark_tried(table: IntakeTable, fates: Sequence[Fate]) -> str:
    """Return a short mark of a table and of what would become of each row, as the dry run shows it: see `mark_of`."""
    told = [
        (
            fate.row.number,
            fate.kind.value,
            [one.code for one in fate.leads],
            [one.code for one in fate.partners],
            fate.last_day,
        )
        for fate in fates
    ]
    return mark_shown((mark_of(table), told))


def _tasks_there(session: Session, unit_id: UUID, quotes: Sequence[str]) -> Iterator[tuple[str, UUID]]:
    """Quote and unit of the tasks that this unit follows up and that bind by the same words."""
    for first in range(0, len(quotes), _AT_ONCE):
        query = (
            columns(col(Duty.quote), col(Task.assigned_unit_id))
            .join(Task, col(Task.duty_id) == col(Duty.id))
            .join(Directive, col(Directive.id) == col(Duty.directive_id))
            .where(
                col(Directive.coordinating_unit_id) == unit_id,
                col(Duty.quote).in_(quotes[first : first + _AT_ONCE]),
                col(Task.parent_key) == ZERO_ID,
                col(Task.status) != TaskStatus.WITHDRAWN,
            )
        )
        yield from (tuple(row) for row in session.execute(query))
