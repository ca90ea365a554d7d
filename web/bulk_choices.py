"""What is chosen among on the pages that act on many tasks, and the names of the tasks acted on."""

from typing import Any
from uuid import UUID

from sqlmodel import Session, col, or_, select

from models.directive import Directive, Duty
from models.person import Person, PersonRole, Role
from models.session import chunks
from models.task import Task
from models.unit import Unit


def coordinators_of(session: Session, directive: Directive) -> list[tuple[str, str]]:
    """Who may follow tasks of the directive up: code and name."""
    offices = (directive.coordinating_unit_id, directive.issuer_office_id)
    in_role = select(PersonRole.person_id).where(
        PersonRole.role == Role.COORDINATOR, col(PersonRole.unit_id).in_(offices)
    )
    heads = select(Unit.head_id).where(col(Unit.id).in_(offices))
    deputies = select(Unit.deputy_id).where(col(Unit.id).in_(offices))
    query = select(Person.code, Person.full_name).where(
        col(Person.is_active), or_(*(col(Person.id).in_(one) for one in (in_role, heads, deputies)))
    )
    return [(code, name) for code, name in session.exec(query.order_by(Person.sort_key))]


def lead_units(session: Session) -> list[tuple[str, str]]:
    """Units that may lead a task: code and name. The first some hundred; others are typed."""
    query = select(Unit.code, Unit.name).where(col(Unit.is_active), col(Unit.is_outside).is_(False))
    return [(code, name) for code, name in session.exec(query.order_by(Unit.sort_key).limit(300))]


def named_tasks(session: Session, directive: Directive, ids: list[UUID]) -> list[tuple[UUID, str, str]]:
    """The tasks in this order, with lead unit and duty."""
    found: dict[UUID, tuple[UUID, str, str]] = {}
    for chunk in chunks(ids):
        query: Any = select(Task.id, Unit.name, Duty.path).join(Unit, col(Unit.id) == Task.lead_unit_id)
        query = query.join(Duty, col(Duty.id) == Task.duty_id).where(col(Task.id).in_(chunk))
        found |= {row[0]: tuple(row) for row in session.exec(query)}
    return [found[one] for one in ids if one in found]
