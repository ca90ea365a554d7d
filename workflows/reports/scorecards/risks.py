"""Read the open tasks that are likely to miss their deadline, with the reasons."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select
from sqlmodel import Session, col

from models.database.rows import chunks
from models.directives.directive import Directive, Duty, directive_name
from models.organization.unit import Unit
from models.tasks.task import IS_OPEN, Task, TaskStatus
from models.text.localtime import end_of_day
from workflows.reports.counted_history import read_task_records
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.escalation.risk import Risk, risk_of


@dataclass(frozen=True)
class TaskWarning:
    task_id: UUID
    directive: str
    directive_name: str
    duty_path: str
    duty_title: str
    occurrence: str
    unit_code: str
    unit: str
    risk: Risk


@dataclass(frozen=True)
class Risks:
    """The warnings of a day, the strongest first, then the nearest deadline."""

    day: date
    looked_at: int  # open tasks whose deadline is still to come
    warned: tuple[TaskWarning, ...]


def is_at_stake(day: date) -> ColumnElement[bool]:
    """Return the condition for tasks that may get a warning: open, not submitted, with a deadline after the day."""
    return and_(IS_OPEN, col(Task.status) != TaskStatus.SUBMITTED, col(Task.due_at) > end_of_day(day))


def read_risks(
    session: Session, *, day: date, calendar: WorkCalendar, among: ColumnElement[bool] | None = None
) -> Risks:
    """Read the warnings in three queries. `among` is a condition on tasks, such as those that somebody oversees."""
    at_stake = is_at_stake(day) if among is None else and_(is_at_stake(day), among)
    looked_at, risks = 0, dict[UUID, tuple[UUID, Risk]]()
    for record in read_task_records(session, day, among=at_stake):
        life = record.life()
        risk = risk_of(life, day, calendar)
        if risk is None:
            continue
        looked_at += 1
        if life.lead_unit is not None and risk.is_warned:
            risks[record.task_id] = life.lead_unit, risk
    warnings = sorted(
        _name_tasks(session, risks),
        key=lambda warning: (-warning.risk.points, warning.risk.due_on, warning.unit, warning.duty_path),
    )
    return Risks(day=day, looked_at=looked_at, warned=tuple(warnings))


def _name_tasks(session: Session, risks: dict[UUID, tuple[UUID, Risk]]) -> Iterable[TaskWarning]:
    directive_columns = (col(Directive.code), col(Directive.kind), col(Directive.number), col(Directive.subject))
    units = {
        unit_id: (code, name)
        for unit_id, code, name in session.execute(select(col(Unit.id), col(Unit.code), col(Unit.name)))
    }
    for chunk in chunks(risks):
        query = (
            select(col(Task.id), col(Task.occurrence), col(Duty.path), col(Duty.title), *directive_columns)
            .join(Duty, col(Duty.id) == col(Task.duty_id))
            .join(Directive, col(Directive.id) == col(Task.directive_id))
            .where(col(Task.id).in_(chunk))
        )
        for task_id, occurrence, path, title, code, kind, number, subject in session.execute(query):
            lead, risk = risks[task_id]
            name = directive_name(kind, number, subject)
            yield TaskWarning(task_id, code, name, path, title, occurrence, *units[lead], risk)
