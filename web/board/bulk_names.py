"""The names of tasks that were acted on."""

from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from models.database.rows import chunks
from models.directives.directive import Directive, Duty
from models.organization.unit import Unit
from models.tasks.task import Task


def named_tasks(session: Session, directive: Directive, ids: list[UUID]) -> list[tuple[UUID, str, str]]:
    found: dict[UUID, tuple[UUID, str, str]] = {}
    for chunk in chunks(ids):
        query: Any = select(Task.id, Unit.name, Duty.path).join(Unit, col(Unit.id) == Task.lead_unit_id)
        query = query.join(Duty, col(Duty.id) == Task.duty_id).where(col(Task.id).in_(chunk))
        found |= {row[0]: tuple(row) for row in session.exec(query)}
    return [found[one] for one in ids if one in found]
