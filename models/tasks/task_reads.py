"""Named reads of tasks: the list with its filters in one query, and one task with everything that hangs on it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, select, true
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models.database.ids import ZERO_ID
from models.directives.directive import Directive, Duty
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.history import RECORDED, History, HistoryNote
from models.tasks.late import is_late, late_at
from models.tasks.task import Contribution, Evidence, Result, Task, TaskStatus
from models.text.localtime import due_date

BESIDE_THE_LEAD: ColumnElement[bool] = col(Contribution.unit_id) != (
    select(col(Task.lead_unit_id))
    .where(col(Task.id) == col(Contribution.task_id))
    .correlate(Contribution)
    .scalar_subquery()
)
"""A share that is a coordinating unit's still: one that was made the lead coordinates no more. Its row stays, for the
reports of earlier days."""


def list_tasks(
    session: Session,
    *,
    now: datetime,
    task_id: UUID | None = None,
    unit_id: UUID | None = None,
    directive_id: UUID | None = None,
    duty: str | None = None,
    statuses: Collection[TaskStatus] = (),
    overdue: bool | None = None,
    within: ColumnElement[bool] | None = None,
    after: UUID | None = None,
    in_order_of_making: bool = False,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """Return tasks by directive, duty, lead unit and occurrence. `overdue` as of `now`; days are local.

    `unit_id` is the lead's, `duty` a path, `within` a condition on tasks; nothing given means no filter. In the order
    of their making (their ids are time-ordered) a list can go on `after` a task.
    """
    late = late_at(now)
    wanted: list[tuple[object, ColumnElement[bool]]] = [
        (task_id, col(Task.id) == task_id),
        (unit_id, col(Task.lead_unit_id) == unit_id),
        (directive_id, col(Task.directive_id) == directive_id),
        (duty, col(Duty.path) == duty),
        (statuses or None, col(Task.status).in_(list(statuses))),
        (overdue, late if overdue else ~late),
        (within, true() if within is None else within),
        (after, col(Task.id) > (after or ZERO_ID)),
    ]
    by_name = (col(Directive.code), col(Duty.position), col(Unit.sort_key), col(Task.occurrence), col(Task.id))
    query = (
        _tasks()
        .where(*(condition for given, condition in wanted if given is not None))
        .order_by(*((col(Task.id),) if in_order_of_making else by_name))
        .limit(limit)
    )
    return [_line(row, now) for row in session.execute(query).mappings()]


def task_history(session: Session, task_id: UUID) -> list[dict[str, Any]]:
    """Return every move of a task in the order it was recorded, with who made it and the words that are kept."""
    query: Any = (
        select(
            *(col(History.id), col(History.recorded_at), col(History.occurred_on), col(History.event)),
            *(col(History.relation), col(History.from_status), col(History.to_status), col(History.facts)),
            col(Person.code).label("actor"),
            col(HistoryNote.text).label("note"),
        )
        .outerjoin(Person, col(Person.id) == History.actor_id)
        .outerjoin(HistoryNote, col(HistoryNote.history_id) == History.id)
        .where(col(History.task_id) == task_id)
        .order_by(*RECORDED)
    )
    return [dict(row) for row in session.execute(query).mappings()]


def task_partners(session: Session, task_id: UUID) -> list[dict[str, Any]]:
    """Coordinating units and whether they have contributed."""
    query: Any = (
        select(col(Unit.code), col(Unit.name), col(Contribution.contributed_at), col(Contribution.note))
        .join(Unit, col(Unit.id) == Contribution.unit_id)
        .where(col(Contribution.task_id) == task_id, BESIDE_THE_LEAD)
        .order_by(col(Unit.sort_key))
    )
    return [dict(row) for row in session.execute(query).mappings()]


def task_results(session: Session, task_id: UUID) -> list[dict[str, Any]]:
    """Return what was submitted, oldest first, with its files and, apart, their names."""
    results = session.scalars(
        select(Result).where(col(Result.task_id) == task_id).order_by(col(Result.submitted_at), col(Result.id))
    ).all()
    files: dict[UUID, list[dict[str, Any]]] = {}
    query: Any = select(
        *(col(Evidence.id), col(Evidence.result_id), col(Evidence.filename), col(Evidence.media_type)),
        *(col(Evidence.size), col(Evidence.sha256)),
    ).where(col(Evidence.result_id).in_([result.id for result in results]))
    for row in session.execute(query.order_by(col(Evidence.id))).mappings():
        files.setdefault(row["result_id"], []).append(dict(row))
    return [
        result.model_dump(exclude={"task_id", "submitted_by", "decided_by"})
        | {"files": [one["filename"] for one in files.get(result.id, [])], "evidence": files.get(result.id, [])}
        for result in results
    ]


def _tasks() -> Any:
    coordinator, officer, head = aliased(Person), aliased(Person), aliased(Person)
    return (
        select(
            *(col(Task.id), col(Task.occurrence), col(Task.status), col(Task.due_at), col(Task.original_due_at)),
            *(col(Task.assigned_at), col(Task.submitted_on), col(Task.closed_at), col(Task.is_drill)),
            *(col(Task.parent_id), col(Task.due_reason), col(Task.due_facts)),
            col(Task.wait_kind).label("waiting"),
            col(Directive.code).label("directive"),
            col(Duty.path).label("duty"),
            col(Duty.title),
            col(Unit.code).label("unit_code"),
            col(Unit.name).label("unit"),
            col(coordinator.code).label("coordinator"),
            col(officer.code).label("officer"),
            col(head.code).label("head"),
        )
        .select_from(Task)
        .join(Directive, col(Directive.id) == Task.directive_id)
        .join(Duty, col(Duty.id) == Task.duty_id)
        .join(Unit, col(Unit.id) == Task.lead_unit_id)
        .join(coordinator, col(coordinator.id) == Task.coordinator_id)
        .outerjoin(officer, col(officer.id) == Task.officer_id)
        .outerjoin(head, col(head.id) == Unit.head_id)
    )


def _line(row: RowMapping, now: datetime) -> dict[str, Any]:
    due_at, original = row["due_at"], row["original_due_at"]
    return {
        "id": row["id"],
        "short_id": row["id"].hex[-8:],
        "directive": row["directive"],
        "duty": row["duty"],
        "title": row["title"],
        "unit_code": row["unit_code"],
        "unit": row["unit"],
        "occurrence": row["occurrence"],
        "status": row["status"].value,
        "due_on": due_date(due_at) if due_at else None,
        "due_at": due_at,
        "original_due_on": due_date(original) if original else None,
        "due_reason": row["due_reason"],
        "due_facts": row["due_facts"],
        "overdue": is_late(row["status"], due_at, now),
        "waiting": row["waiting"].value if row["waiting"] else None,
        "coordinator": row["coordinator"],
        "head": row["head"],
        "officer": row["officer"],
        "assigned_at": row["assigned_at"],
        "submitted_on": row["submitted_on"],
        "closed_at": row["closed_at"],
        "parent": row["parent_id"],
        "is_drill": row["is_drill"],
    }
