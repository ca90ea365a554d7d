"""What one unit leads of one directive: every period, drills and what was withdrawn among it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from models.directives.directive import Directive, Duty
from models.errors import NotFound
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.task import Task
from models.text.localtime import due_date
from workflows.access.rights import Principal, overseen_tasks
from workflows.rules.figures.board_cells import Judged, judge


@dataclass(frozen=True)
class UnitTask:
    """One task of the unit."""

    id: UUID
    path: str
    title: str
    period: str
    judged: Judged
    original_due_on: date | None
    officer: str | None
    is_drill: bool
    is_child: bool  # handed down by the organisation above


@dataclass(frozen=True)
class UnitTasks:
    """The unit, whom one telephones, and its tasks by duty, the newest period first."""

    unit: Unit
    head: Person | None
    focal_point: Person | None
    supervisor: Unit | None
    tasks: list[UnitTask]


def unit_tasks(session: Session, principal: Principal, directive: Directive, code: str, now: datetime) -> UnitTasks:
    """Return a unit's tasks at `now`, as far as the person oversees them. NotFound where they oversee none."""
    unit = session.scalars(select(Unit).where(col(Unit.code) == code)).first()
    query: Any = select(
        *(col(Task.id), col(Task.status), col(Task.due_at), col(Task.submitted_on), col(Task.closed_at)),
        *(col(Task.wait_kind), col(Task.occurrence), col(Task.original_due_at), col(Task.is_drill)),
        *(col(Task.parent_id), col(Duty.path), col(Duty.title), col(Person.full_name)),
    )
    query = query.join(Duty, col(Duty.id) == col(Task.duty_id)).outerjoin(
        Person, col(Person.id) == col(Task.officer_id)
    )
    order = (col(Duty.position), col(Duty.path), col(Task.occurrence).desc(), col(Task.id).desc())
    lead = unit.id if unit else None
    mine = (col(Task.directive_id) == directive.id, col(Task.lead_unit_id) == lead, overseen_tasks(principal))
    rows = session.execute(query.where(*mine).order_by(*order)).all()
    if unit is None or not rows:
        raise NotFound("there is no such unit")
    people: dict[UUID | None, Person] = {
        person.id: person
        for person in session.scalars(select(Person).where(col(Person.id).in_([unit.head_id, unit.focal_point_id])))
    }
    above = session.get(Unit, unit.supervising_unit_id or directive.coordinating_unit_id)
    tasks = [_task(row, now) for row in rows]
    return UnitTasks(unit, people.get(unit.head_id), people.get(unit.focal_point_id), above, tasks)


def _task(row: Any, now: datetime) -> UnitTask:
    judged = judge(row.status, row.due_at, row.submitted_on, row.closed_at, row.wait_kind, now=now)
    return UnitTask(
        row.id,
        row.path,
        row.title,
        row.occurrence,
        judged,
        due_date(row.original_due_at) if row.original_due_at else None,
        row.full_name,
        row.is_drill,
        row.parent_id is not None,
    )
