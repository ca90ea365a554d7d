"""All that is known of one unit, read for its page: twelve queries, whatever the register holds."""

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

_MOST = 200  # of people or units that stand on the page; the lists show the others


@dataclass(frozen=True)
class UnitChange:
    office: str
    before: str | None
    after: str
    on: date


@dataclass(frozen=True)
class UnitSheet:
    """A unit with its people, its neighbours and its history. `below`: the units under it.

    `joined`: the open tasks that others lead and it is a coordinating unit of. `directives`: how many it follows up, or
    decides in for their issuer.
    """

    unit: Unit
    parent: Unit | None
    supervisor: Unit | None
    offices: dict[str, Person | None]
    tags: Sequence[str]
    aliases: Sequence[str]
    people: Sequence[Person]
    roles: Sequence[tuple[Role, Person]]
    below: Sequence[Unit]
    supervised: int
    joined: int
    directives: int
    changes: Sequence[UnitChange]
    open_tasks: int

    @property
    def lacks_head(self) -> bool:
        """The unit can be given no duty until somebody heads it."""
        unit = self.unit
        needed = needs_head(unit.kind, is_active=unit.is_active, is_outside=unit.is_outside)
        return needed and self.offices["head"] is None


def find_unit(session: Session, code: str) -> Unit:
    """By the exact code, as addresses have it. NotFound."""
    found = session.scalars(select(Unit).where(col(Unit.code) == code)).first()
    if found is None:
        raise NotFound("there is no such page")
    return found


def read_unit(session: Session, code: str) -> UnitSheet:
    """NotFound where no unit has this code."""
    unit = find_unit(session, code)
    near = {one.id: one for one in session.scalars(select(Unit).where(col(Unit.id).in_(_ids(unit))))}
    holders = [unit.head_id, unit.deputy_id, unit.focal_point_id]
    held = {one.id: one for one in session.scalars(select(Person).where(col(Person.id).in_(filter(None, holders))))}
    mine = (col(Task.lead_unit_id) == unit.id, col(Task.status).in_(OPEN_STATUSES))
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
        parent=near.get(unit.parent_id) if unit.parent_id else None,
        supervisor=near.get(unit.supervising_unit_id) if unit.supervising_unit_id else None,
        offices={
            office: held.get(person_id) if person_id else None
            for office, person_id in zip(("head", "deputy", "focal_point"), holders, strict=True)
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
        open_tasks=session.scalar(select(func.count()).select_from(Task).where(*mine)) or 0,
    )


def _ids(unit: Unit) -> list[UUID]:
    return [one for one in (unit.parent_id, unit.supervising_unit_id) if one is not None]


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
