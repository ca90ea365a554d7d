"""Read what the launch wizard offers: the directives that a person coordinates, and the state of each duty."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import distinct, func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from models.directives.directive import Directive, Duty
from models.directives.launch import ArmedDuty, Launch
from models.directives.template import TemplateSpec, TemplateState, TemplateVersion
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.task import Task, TaskStatus
from workflows.access.rights import Principal, overseen_tasks, runs_directive
from workflows.launch.launch_plan import published


@dataclass(frozen=True)
class DirectiveChoice:
    """A directive that somebody may launch. `launched_at` (UTC) is the newest launch, or None."""

    directive: Directive
    duties: int
    published: int
    launched_at: datetime | None


@dataclass(frozen=True)
class DutyChoice:
    """A duty's state. `version` and `spec` belong to its published version, if any."""

    duty: Duty
    version: int | None
    spec: TemplateSpec | None
    first_given_at: datetime | None  # UTC
    tasks: int
    armed_at: datetime | None

    @property
    def is_launched(self) -> bool:
        return self.tasks > 0 or self.armed_at is not None


def directives_to_launch(session: Session, principal: Principal) -> list[DirectiveChoice]:
    """Return the directives that somebody coordinates, the newest first, in four queries."""
    rows = session.exec(
        select(Directive)
        .where(runs_directive(principal))
        .order_by(col(Directive.issued_on).desc().nulls_last(), col(Directive.id).desc())
    ).all()
    ids = [row.id for row in rows]
    duties = columns(col(Duty.directive_id), func.count()).where(col(Duty.directive_id).in_(ids))
    ready = (
        columns(col(Duty.directive_id), func.count())
        .join(TemplateVersion, col(TemplateVersion.duty_id) == col(Duty.id))
        .where(col(Duty.directive_id).in_(ids), col(TemplateVersion.state) == TemplateState.PUBLISHED)
    )
    last = columns(col(Launch.directive_id), func.max(col(Launch.launched_at))).where(
        col(Launch.directive_id).in_(ids), col(Launch.taken_back_at).is_(None)
    )
    duty_counts = {key: value for key, value in session.execute(duties.group_by(col(Duty.directive_id)))}
    published_counts = {key: value for key, value in session.execute(ready.group_by(col(Duty.directive_id)))}
    launched_at = {key: value for key, value in session.execute(last.group_by(col(Launch.directive_id)))}
    return [
        DirectiveChoice(row, duty_counts.get(row.id, 0), published_counts.get(row.id, 0), launched_at.get(row.id))
        for row in rows
    ]


def duties_to_launch(session: Session, directive_id: UUID) -> list[DutyChoice]:
    """Return a directive's duties in document order, each with its published version, in four queries."""
    duties = session.exec(select(Duty).where(Duty.directive_id == directive_id).order_by(col(Duty.position))).all()
    versions = published(session, [duty.id for duty in duties])
    counted = (
        columns(col(Task.duty_id), func.count(), func.min(col(Task.assigned_at)))
        .join(Launch, col(Launch.id) == col(Task.launch_id))
        .where(
            col(Task.directive_id) == directive_id,
            col(Task.parent_id).is_(None),
            col(Launch.taken_back_at).is_(None) | (col(Task.status) != TaskStatus.WITHDRAWN),
        )
        .group_by(col(Task.duty_id))
    )
    tasks = {duty_id: (count, first) for duty_id, count, first in session.execute(counted)}
    armed = select(ArmedDuty).where(col(ArmedDuty.duty_id).in_([duty.id for duty in duties]))
    armed_at = {row.duty_id: row.armed_at for row in session.exec(armed) if row.stood_down_at is None}
    return [
        DutyChoice(
            duty=duty,
            version=versions[duty.id].version if duty.id in versions else None,
            spec=versions[duty.id].read_spec() if duty.id in versions else None,
            first_given_at=tasks.get(duty.id, (0, None))[1],
            tasks=tasks.get(duty.id, (0, None))[0],
            armed_at=armed_at.get(duty.id),
        )
        for duty in duties
    ]


def list_launches(session: Session, principal: Principal, directive_id: UUID) -> list[Any]:
    """Return a directive's launches with their numbers of tasks and units, the newest first, in one query."""
    counted = (
        columns(
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
    query: Any = columns(
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
    return list(session.execute(query))
