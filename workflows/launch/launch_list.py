"""The launches of a directive, each with how many tasks of it somebody oversees."""

from typing import Any
from uuid import UUID

from sqlalchemy import distinct, func, select
from sqlmodel import Session, col

from models.database.rows import read_plain
from models.directives.launch import Launch
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.task import Task
from workflows.access.rights import Principal, overseen_tasks


def list_launches(session: Session, principal: Principal, directive_id: UUID) -> list[Any]:
    """Return the newest first: moment, assigning unit, coordinator, date set, tasks and units. One query."""
    counted = (
        select(
            col(Task.launch_id).label("launch_id"),
            func.count().label("tasks"),
            func.count(distinct(col(Task.assigned_unit_id))).label("units"),
        )
        .where(
            col(Task.directive_id) == directive_id,
            col(Task.parent_id).is_(None),
            col(Task.incident_id).is_(None),
            overseen_tasks(principal),
        )
        .group_by(col(Task.launch_id))
        .subquery()
    )
    query: Any = select(
        *(col(Launch.id), col(Launch.launched_at), col(Launch.due_on), col(Launch.taken_back_at)),
        *(col(Unit.name).label("assigner"), col(Person.full_name).label("coordinator")),
        func.coalesce(counted.c.tasks, 0).label("tasks"),
        func.coalesce(counted.c.units, 0).label("units"),
    )
    query = (
        query.join(Unit, col(Unit.id) == col(Launch.assigner_unit_id))
        .join(Person, col(Person.id) == col(Launch.coordinator_id))
        .outerjoin(counted, counted.c.launch_id == col(Launch.id))
        .where(col(Launch.directive_id) == directive_id)
        .order_by(col(Launch.launched_at).desc(), col(Launch.id).desc())
    )
    return read_plain(session, query)
