"""The page of one unit: its people, its neighbours and its history, read in twelve queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models.directives.directive import Directive
from models.errors import NotFound
from models.organization.person import Person, PersonRole, Role
from models.organization.unit import Handover, Unit, UnitAlias, UnitTag, needs_head
from models.tasks.task import OPEN_STATUSES, Contribution, Task
from models.tasks.task_reads import BESIDE_THE_LEAD

_MOST = 200  # people or units on the page; the lists show the others


@dataclass(frozen=True)
class UnitChange:
    office: str
    before: str | None
    after: str
    on: date


@dataclass(frozen=True)
class UnitSheet:
    unit: Unit
    parent: Unit | None
    supervisor: Unit | None
    offices: dict[str, Person | None]
    tags: Sequence[str]
    aliases: Sequence[str]
    people: Sequence[Person]
    roles: Sequence[tuple[Role, Person]]
    below: Sequence[Unit]  # the units under it
    supervised: int
    joined: int  # open tasks of which it is a coordinating unit
    directives: int  # that it follows up, or whose issuer it decides for
    changes: Sequence[UnitChange]
    open_tasks: int

    @property
    def lacks_head(self) -> bool:
        """The unit can be given no duty until it has a head."""
        unit = self.unit
        needed = needs_head(unit.kind, is_active=unit.is_active, is_outside=unit.is_outside)
        return needed and self.offices["head"] is None


def find_unit(session: Session, code: str) -> Unit:
    """Return the unit with exactly this code, as in addresses. NotFound."""
    unit = session.scalars(select(Unit).where(col(Unit.code) == code)).first()
    if unit is None:
        raise NotFound("there is no such page")
    return unit


def read_unit(session: Session, code: str) -> UnitSheet:
    """Read the page of a unit. NotFound where no unit has this code."""
    unit = find_unit(session, code)
    above_ids = filter(None, (unit.parent_id, unit.supervising_unit_id))
    above = {neighbour.id: neighbour for neighbour in session.scalars(select(Unit).where(col(Unit.id).in_(above_ids)))}
    holder_ids = [unit.head_id, unit.deputy_id, unit.focal_point_id]
    query = select(Person).where(col(Person.id).in_(filter(None, holder_ids)))
    holders = {person.id: person for person in session.scalars(query)}
    leads = (col(Task.lead_unit_id) == unit.id, col(Task.status).in_(OPEN_STATUSES))
    supervised = select(func.count()).select_from(Unit).where(col(Unit.supervising_unit_id) == unit.id)
    joined = (
        select(func.count())
        .select_from(Contribution)
        .join(Task, col(Task.id) == col(Contribution.task_id))
        .where(col(Contribution.unit_id) == unit.id, col(Task.status).in_(OPEN_STATUSES), BESIDE_THE_LEAD)
    )
    runs = or_(col(Directive.coordinating_unit_id) == unit.id, col(Directive.issuer_office_id) == unit.id)
    directives = select(func.count()).select_from(Directive).where(runs)
    return UnitSheet(
        unit=unit,
        parent=above.get(unit.parent_id) if unit.parent_id else None,
        supervisor=above.get(unit.supervising_unit_id) if unit.supervising_unit_id else None,
        offices={
            office: holders.get(person_id) if person_id else None
            for office, person_id in zip(("head", "deputy", "focal_point"), holder_ids, strict=True)
        },
        tags=session.scalars(select(col(UnitTag.tag)).where(col(UnitTag.unit_id) == unit.id).order_by("tag")).all(),
        aliases=session.scalars(
            select(col(UnitAlias.alias)).where(col(UnitAlias.unit_id) == unit.id).order_by("alias_folded")
        ).all(),
        people=_people(session, unit.id),
        roles=_roles(session, unit.id),
        below=session.scalars(
            select(Unit).where(col(Unit.parent_id) == unit.id).order_by(col(Unit.sort_key)).limit(_MOST)
        ).all(),
        supervised=session.scalar(supervised) or 0,
        joined=session.scalar(joined) or 0,
        directives=session.scalar(directives) or 0,
        changes=_changes(session, unit.id),
        open_tasks=session.scalar(select(func.count()).select_from(Task).where(*leads)) or 0,
    )


def _people(session: Session, unit_id: UUID) -> Sequence[Person]:
    order = (col(Person.is_active).desc(), col(Person.sort_key), col(Person.code))
    return session.scalars(select(Person).where(col(Person.unit_id) == unit_id).order_by(*order).limit(_MOST)).all()


def _roles(session: Session, unit_id: UUID) -> list[tuple[Role, Person]]:
    query = (
        select(col(PersonRole.role), Person)
        .join(Person, col(Person.id) == col(PersonRole.person_id))
        .where(col(PersonRole.unit_id) == unit_id)
        .order_by(col(PersonRole.role), col(Person.sort_key))
    )
    return [(role, person) for role, person in session.execute(query)]


def _changes(session: Session, unit_id: UUID) -> list[UnitChange]:
    before, after = aliased(Person), aliased(Person)
    query = (
        select(col(Handover.office), col(before.full_name), col(after.full_name), col(Handover.effective_on))
        .outerjoin(before, col(before.id) == col(Handover.from_person_id))
        .join(after, col(after.id) == col(Handover.to_person_id))
        .where(col(Handover.unit_id) == unit_id)
        .order_by(col(Handover.recorded_at).desc(), col(Handover.id).desc())
        .limit(_MOST)
    )
    return [UnitChange(*row) for row in session.execute(query)]
