"""The units' tier as ours sees it: how each unit's report of a period stands, read from the reporting tasks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from models.organization.unit import Unit
from models.tasks.task import Task, TaskStatus
from models.text.localtime import due_date, local_date
from workflows.rules.figures.compiling import stands


def collected(session: Session, duty_id: UUID, period: str, now: datetime) -> list[dict[str, Any]]:
    """Return how each unit's report of a period stands at `now`, in the register's order."""
    columns: Any = select(
        col(Unit.code), col(Unit.name), col(Task.id), col(Task.status), col(Task.submitted_on), col(Task.due_at)
    )
    query = (
        columns.join(Unit, col(Unit.id) == col(Task.lead_unit_id))
        .where(
            col(Task.duty_id) == duty_id,
            col(Task.occurrence) == period,
            col(Task.parent_id).is_(None),
            col(Task.is_drill).is_(False),
            col(Task.status) != TaskStatus.WITHDRAWN,
        )
        .order_by(col(Unit.sort_key), col(Unit.code))
    )
    today = local_date(now)
    return [
        {
            "unit": code,
            "name": name,
            "task": task.hex,
            "came": stands(status, came_on, due_at, today).value,
            "due_on": due_date(due_at).isoformat() if due_at else None,
            "came_on": came_on.isoformat() if came_on else None,
        }
        for code, name, task, status, came_on, due_at in session.execute(query)
    ]
