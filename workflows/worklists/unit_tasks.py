"""The tasks that one unit leads under one directive: every period, with drills and withdrawn tasks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from models.directives.directive import Directive, Duty
from models.errors import NotFound
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.task import Task
from workflows.access.rights import Operator, Principal, overseen_tasks
from workflows.rules.figures.board_cells import Judged, judge
from workflows.worklists.task_filter import EveryTaskFilter
from workflows.worklists.task_rows import TaskRow, list_tasks


class _OverseenTasks(EveryTaskFilter):
    """Only tasks that the reader oversees; by duty, the newest period first."""

    def state_conditions(self, reader: Principal | Operator, now: datetime) -> list[ColumnElement[bool]]:
        overseen = [overseen_tasks(reader)] if isinstance(reader, Principal) else []
        return [*super().state_conditions(reader, now), *overseen]

    def order_by(self) -> tuple[Any, ...]:
        return (col(Duty.position), col(Duty.path), col(Task.occurrence).desc(), col(Task.id).desc())


@dataclass(frozen=True)
class UnitTasks:
    """The unit, the people to telephone, and its tasks by duty, the newest period first."""

    unit: Unit
    head: Person | None
    focal_point: Person | None
    supervisor: Unit | None
    tasks: Sequence[TaskRow]
    judged: Mapping[UUID, Judged]  # where each task stands, by its id


def unit_tasks(session: Session, principal: Principal, directive: Directive, code: str, now: datetime) -> UnitTasks:
    """Return the tasks that the person oversees, as of `now`. NotFound where they oversee none."""
    unit = session.scalars(select(Unit).where(col(Unit.code) == code)).first()
    tasks = list_tasks(session, principal, _OverseenTasks(directive=directive.code, unit=code), now)
    if unit is None or not tasks:
        raise NotFound("there is no such unit")
    people: dict[UUID | None, Person] = {
        person.id: person
        for person in session.scalars(select(Person).where(col(Person.id).in_([unit.head_id, unit.focal_point_id])))
    }
    return UnitTasks(
        unit=unit,
        head=people.get(unit.head_id),
        focal_point=people.get(unit.focal_point_id),
        supervisor=session.get(Unit, unit.supervising_unit_id or directive.coordinating_unit_id),
        tasks=tasks,
        judged={
            row.id: judge(row.status, row.due_at, row.submitted_on, row.closed_at, row.waiting, now=now)
            for row in tasks
        },
    )
