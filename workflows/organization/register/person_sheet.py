"""The page of one person: offices, roles, absences and open tasks, read in nine queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from models.errors import NotFound
from models.organization.account import Account, WebSession
from models.organization.person import Person, PersonRole, Role
from models.organization.register_reads import Away, absences_of
from models.organization.unit import Unit
from models.tasks.task import OPEN_STATUSES, Task


@dataclass(frozen=True)
class PersonSheet:
    person: Person
    unit: Unit | None
    offices: Sequence[tuple[str, Unit]]
    roles: Sequence[tuple[Role, Unit]]
    absences: Sequence[Away]
    held: Sequence[tuple[Unit, int]]  # open tasks of which they are the officer, by unit
    followed: int  # open tasks that they follow up as coordinator
    account: Account | None
    last_seen: datetime | None  # when they last used the site


def find_person(session: Session, code: str) -> Person:
    """Return the person with exactly this code, as in addresses. NotFound."""
    person = session.scalars(select(Person).where(col(Person.code) == code)).first()
    if person is None:
        raise NotFound("there is no such page")
    return person


def read_person(session: Session, code: str, today: date) -> PersonSheet:
    """Read the page of a person as of a local day. NotFound."""
    person = find_person(session, code)
    return PersonSheet(
        person=person,
        unit=session.get(Unit, person.unit_id) if person.unit_id else None,
        offices=_offices(session, person.id),
        roles=_roles(session, person.id),
        absences=absences_of(session, person.id, today),
        held=tasks_in_hand(session, person.id),
        followed=_followed(session, person.id),
        account=session.get(Account, person.id),
        last_seen=session.scalar(
            select(func.max(WebSession.last_seen_at)).where(col(WebSession.person_id) == person.id)
        ),
    )


def tasks_in_hand(session: Session, person_id: UUID) -> list[tuple[Unit, int]]:
    query = (
        select(Unit, func.count())
        .join(Task, col(Task.lead_unit_id) == col(Unit.id))
        .where(col(Task.officer_id) == person_id, col(Task.status).in_(OPEN_STATUSES))
        .group_by(col(Unit.id))
        .order_by(col(Unit.sort_key))
    )
    return [(unit, count) for unit, count in session.execute(query)]


def _followed(session: Session, person_id: UUID) -> int:
    is_followed = (col(Task.coordinator_id) == person_id, col(Task.status).in_(OPEN_STATUSES))
    return session.scalar(select(func.count()).select_from(Task).where(*is_followed)) or 0


def people_of(session: Session, unit_ids: Sequence[UUID]) -> Sequence[Person]:
    query = select(Person).where(col(Person.unit_id).in_(unit_ids), col(Person.is_active))
    return session.scalars(query.order_by(col(Person.sort_key), col(Person.code))).all()


def _offices(session: Session, person_id: UUID) -> list[tuple[str, Unit]]:
    columns = {"head": col(Unit.head_id), "deputy": col(Unit.deputy_id), "focal_point": col(Unit.focal_point_id)}
    query = select(Unit).where(or_(*(column == person_id for column in columns.values()))).order_by(col(Unit.sort_key))
    units = session.scalars(query).all()
    return [(office, unit) for unit in units for office in columns if getattr(unit, f"{office}_id") == person_id]


def _roles(session: Session, person_id: UUID) -> list[tuple[Role, Unit]]:
    query = (
        select(col(PersonRole.role), Unit)
        .join(Unit, col(Unit.id) == col(PersonRole.unit_id))
        .where(col(PersonRole.person_id) == person_id)
        .order_by(col(PersonRole.role), col(Unit.sort_key))
    )
    return [(role, unit) for role, unit in session.execute(query)]
