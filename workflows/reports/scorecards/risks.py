"""Warnings before, not only after: the open tasks that are likely to miss their date, with the reasons."""

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
from workflows.reports.task_lives import read_told
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.escalation.risk import Risk, risk_of


@dataclass(frozen=True)
class Warned:
    """An open task that the rule warns of."""

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
    """The warnings of a day, first what speaks most against its date, then the nearest."""

    day: date
    looked_at: int  # open tasks with a date still to come
    warned: tuple[Warned, ...]


def is_at_stake(day: date) -> ColumnElement[bool]:
    """Tasks that can be warned of on a day: open, not sent in, their date still to come."""
    return and_(IS_OPEN, col(Task.status) != TaskStatus.SUBMITTED, col(Task.due_at) > end_of_day(day))


def read_risks(
    session: Session, *, day: date, calendar: WorkCalendar, among: ColumnElement[bool] | None = None
) -> Risks:
    """Three queries. `among`: a condition on tasks, such as those somebody oversees."""
    at_stake = is_at_stake(day) if among is None else and_(is_at_stake(day), among)
    told = ((one.task_id, one.life()) for one in read_told(session, day, among=at_stake))
    found = [(task_id, life.lead_unit, risk) for task_id, life in told if (risk := risk_of(life, day, calendar))]
    warned = _name(session, {task_id: (lead, risk) for task_id, lead, risk in found if lead and risk.is_warned})
    return Risks(
        day=day,
        looked_at=len(found),
        warned=tuple(sorted(warned, key=lambda one: (-one.risk.points, one.risk.due_on, one.unit, one.duty_path))),
    )


def _name(session: Session, warned: dict[UUID, tuple[UUID, Risk]]) -> Iterable[Warned]:
    of_directive = (col(Directive.code), col(Directive.kind), col(Directive.number), col(Directive.subject))
    units = {
        unit_id: (code, name)
        for unit_id, code, name in session.execute(select(col(Unit.id), col(Unit.code), col(Unit.name)))
    }
    for chunk in chunks(warned):
        query = (
            select(col(Task.id), col(Task.occurrence), col(Duty.path), col(Duty.title), *of_directive)
            .join(Duty, col(Duty.id) == col(Task.duty_id))
            .join(Directive, col(Directive.id) == col(Task.directive_id))
            .where(col(Task.id).in_(chunk))
        )
        for task_id, occurrence, path, title, code, kind, number, subject in session.execute(query):
            lead, risk = warned[task_id]
            name = directive_name(kind, number, subject)
            yield Warned(task_id, code, name, path, title, occurrence, *units[lead], risk)
