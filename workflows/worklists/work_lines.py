"""Tasks as one line each, for those who act on them: the duty, its date, its state, and whom the task waits for.

`task_rows.py` has the rows for those who oversee tasks.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Row, Select, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from models.directives.directive import Directive, Duty, directive_name
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.task import Extension, Obstacle, Task, TaskStatus, WaitKind
from models.text.localtime import local_date
from workflows.access.receiver import RECEIVER
from workflows.rules.calendar.workdays import Countdown, WorkCalendar, count_down
from workflows.rules.tasks.actions import Action
from workflows.rules.tasks.need import Need, next_step


@dataclass(frozen=True)
class WorkLine:
    task_id: UUID
    duty_path: str
    duty_title: str
    directive: str
    occurrence: str
    unit: str  # the lead
    officer: str | None
    status: TaskStatus
    countdown: Countdown | None
    wait_kind: WaitKind | None
    wait_since: datetime | None
    with_whom: str | None  # the unit that the task waits for
    closed_on: date | None
    for_whom: str | None  # the absent person that the reader stands in for
    is_drill: bool
    need: Need | None = None
    step: Action | None = None


def read_work_line(
    row: Row[Any], *, now: datetime, calendar: WorkCalendar, need: Need | None = None, for_whom: str | None = None
) -> WorkLine:
    """Return the line of a row that `select_work_lines` selected."""
    is_countered = row.extension_state == "countered"
    countdown = None
    if row.due_at is not None and row.closed_at is None:
        by_the_hour = row.incident_id is not None
        countdown = count_down(row.due_at, now=now, calendar=calendar, by_the_hour=by_the_hour)
    return WorkLine(
        task_id=row.id,
        duty_path=row.path,
        duty_title=row.title,
        directive=directive_name(row.directive_kind, row.directive_number, row.directive_subject),
        occurrence=row.occurrence,
        unit=row.unit,
        officer=row.officer,
        status=row.status,
        countdown=countdown,
        wait_kind=row.wait_kind,
        wait_since=row.wait_since,
        with_whom=_with_whom(row),
        closed_on=local_date(row.closed_at) if row.closed_at else None,
        for_whom=for_whom,
        is_drill=row.is_drill,
        need=need,
        step=next_step(need, row.status, is_countered=is_countered) if need else None,
    )


def select_work_lines(chosen: FromClause | None = None, *more: ColumnElement[Any]) -> Select[Any]:
    """Select tasks with the columns of a line; at most one extension and one obstacle of a task are open.

    `chosen` has the `id`s of a few tasks. It stands first, because PostgreSQL joins this many tables in the order in
    which they are named, and would read every task. Build a query once: that takes longer than to execute it.
    """
    columns: Any = select(
        *(col(Task.id), col(Task.status), col(Task.due_at), col(Task.wait_kind), col(Task.wait_since)),
        *(col(Task.incident_id), col(Task.is_drill), col(Task.occurrence), col(Task.closed_at)),
        *(col(Task.lead_unit_id), col(Task.assigner_unit_id), col(Task.parent_id), col(Task.officer_id)),
        *(col(Duty.path), col(Duty.title)),
        col(Directive.kind).label("directive_kind"),
        col(Directive.number).label("directive_number"),
        col(Directive.subject).label("directive_subject"),
        col(_LEAD.name).label("unit"),
        col(_ASSIGNER.name).label("assigner"),
        col(_OFFICE.name).label("office"),
        col(_AUTHORITY.name).label("authority"),
        col(_RECEIVER.name).label("receiver"),
        col(Person.full_name).label("officer"),
        col(Extension.state).label("extension_state"),
        col(Extension.by_issuer).label("by_issuer"),
        *more,
    )
    if chosen is None:
        query = columns.select_from(Task)
    else:
        query = columns.select_from(chosen).join(Task, col(Task.id) == chosen.c.id)
    return (  # type: ignore[no-any-return]
        query.join(Duty, col(Duty.id) == col(Task.duty_id))
        .join(Directive, col(Directive.id) == col(Task.directive_id))
        .join(_LEAD, col(_LEAD.id) == col(Task.lead_unit_id))
        .join(_ASSIGNER, col(_ASSIGNER.id) == col(Task.assigner_unit_id))
        .join(_OFFICE, col(_OFFICE.id) == col(Directive.issuer_office_id))
        .outerjoin(Person, col(Person.id) == col(Task.officer_id))
        .outerjoin(
            Extension, (col(Extension.task_id) == col(Task.id)) & col(Extension.state).in_(("open", "countered"))
        )
        .outerjoin(Obstacle, (col(Obstacle.task_id) == col(Task.id)) & col(Obstacle.answered_at).is_(None))
        .outerjoin(_AUTHORITY, col(_AUTHORITY.id) == col(Obstacle.authority_unit_id))
        .outerjoin(_RECEIVER, (col(Task.wait_kind) == WaitKind.DECISION) & (col(_RECEIVER.id) == RECEIVER))
    )


_LEAD, _ASSIGNER, _OFFICE, _AUTHORITY, _RECEIVER = (aliased(Unit) for _unit in range(5))


def _with_whom(row: Row[Any]) -> str | None:
    if row.wait_kind is None:
        return None
    if row.wait_kind is WaitKind.OBSTACLE:
        return str(row.authority) if row.authority is not None else None
    if row.receiver is not None:
        return str(row.receiver)
    is_for_issuer = row.wait_kind is WaitKind.EXTENSION and row.by_issuer
    is_own_lead = row.parent_id is None and row.assigner_unit_id == row.lead_unit_id  # nobody decides on their own work
    decider = row.office if is_for_issuer or is_own_lead else row.assigner
    return str(decider) if decider is not None else None
