"""The relations of a person to a task on a day. The transition table grants actions to relations."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, literal, or_, select, union_all
from sqlalchemy.orm import aliased
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from models.directives.directive import Directive
from models.errors import Refused
from models.organization.person import Absence, Person, PersonRole, Role
from models.organization.unit import Unit
from models.tasks.task import Contribution, Obstacle, Task
from models.tasks.task_reads import BESIDE_THE_LEAD
from workflows.access.receiver import RECEIVER
from workflows.rules.tasks.actions import Relation


@dataclass(frozen=True)
class TiedUnit:
    """A unit in some tie to a task, with the people who hold its offices."""

    id: UUID
    head_id: UUID | None
    deputy_id: UUID | None
    focal_point_id: UUID | None
    parent_id: UUID | None


@dataclass
class Ties:
    """The units of a task by their tie ("lead", "partner" …), and the roles of some people."""

    units: dict[str, list[TiedUnit]] = field(default_factory=lambda: defaultdict(list))
    roles: set[tuple[UUID, Role, UUID]] = field(default_factory=set)

    @property
    def lead(self) -> TiedUnit:
        return self.units["lead"][0]

    def speaks_for(self, person_id: UUID, tie: str) -> bool:
        """Tell whether a person is head, deputy in charge or coordinator of a unit with this tie."""
        return any(self._speaks_for(person_id, unit) for unit in self.units[tie])

    def serves(self, person_id: UUID, tie: str) -> bool:
        """Tell whether a person speaks for a unit with this tie, or is its focal point."""
        return bool(self.units_served_by({person_id}, tie))

    def units_served_by(self, people: Collection[UUID], tie: str) -> list[UUID]:
        return [
            unit.id
            for unit in self.units[tie]
            if any(person_id == unit.focal_point_id or self._speaks_for(person_id, unit) for person_id in people)
        ]

    def _speaks_for(self, person_id: UUID, unit: TiedUnit) -> bool:
        return person_id in (unit.head_id, unit.deputy_id) or (person_id, Role.COORDINATOR, unit.id) in self.roles

    def receives_for(self, person_id: UUID, tie: str) -> bool:
        """Tell whether a person is records clerk of a unit with this tie."""
        return any((person_id, Role.CLERK, unit.id) in self.roles for unit in self.units[tie])


def relations_of(session: Session, task: Task, person: Person, day: date) -> frozenset[Relation]:
    """Return relations on a local day, also those in another person's place. Raises Refused for a retired person."""
    return relations_with_ties(session, task, person, day)[0]


def relations_with_ties(session: Session, task: Task, person: Person, day: date) -> tuple[frozenset[Relation], Ties]:
    """Return a person's relations, and the units from which they come. Runs three queries."""
    if not person.is_active:
        raise Refused("{person} is retired and may no longer act", person=person.full_name)
    absent = _read_absent(session, person, day)
    ties = _read_ties(session, task, {person.id, *absent})
    relations = set(_relations(task, ties, person.id))
    for absent_id in absent:
        for relation in _relations(task, ties, absent_id):
            relations.add(Relation.STAND_IN if relation is Relation.HEAD else relation)
    return frozenset(relations), ties


def served_partners(session: Session, task: Task, person: Person, day: date) -> list[UUID]:
    """Return the coordinating units of a task that a person serves on a local day, also in another's place."""
    people = {person.id, *_read_absent(session, person, day)}
    return _read_ties(session, task, people).units_served_by(people, "partner")


def _read_absent(session: Session, person: Person, day: date) -> Sequence[UUID]:
    """Return the absent people for whom a person stands in."""
    return session.execute(_ABSENT, {"me": person.id, "day": day}).scalars().all()


def find_represented(session: Session, person: Person, unit: Unit, day: date) -> UUID | None:
    """Return the head or deputy of a unit who the person is, or for whom they stand in on a local day."""
    return _in_charge(unit, (person.id, *_read_absent(session, person, day)))


def find_headed_unit(session: Session, person: Person, day: date) -> tuple[Unit, UUID] | None:
    """Find a unit whose head or deputy the person is, or represents on a local day. Return it with that head."""
    people = (person.id, *_read_absent(session, person, day))
    is_in_charge = or_(col(Unit.head_id).in_(people), col(Unit.deputy_id).in_(people))
    own_first = (col(Unit.id) != person.unit_id, col(Unit.sort_key))
    for unit in session.exec(select_rows(Unit).where(Unit.is_active, is_in_charge).order_by(*own_first)):
        if (holder := _in_charge(unit, people)) is not None:
            return unit, holder
    return None


def _in_charge(unit: Unit, people: Sequence[UUID]) -> UUID | None:
    return next((person_id for person_id in people if person_id in (unit.head_id, unit.deputy_id)), None)


def speaks_for(session: Session, person_id: UUID, unit_id: UUID) -> bool:
    """Tell whether a person is head, deputy in charge or coordinator of a unit."""
    unit = session.get_one(Unit, unit_id)
    return person_id in (unit.head_id, unit.deputy_id) or (
        session.get(PersonRole, (person_id, Role.COORDINATOR, unit_id)) is not None
    )


def _relations(task: Task, ties: Ties, person_id: UUID) -> Iterable[Relation]:
    lead = ties.lead
    for relation, holder in (
        (Relation.HEAD, lead.head_id),
        (Relation.DEPUTY, lead.deputy_id),
        (Relation.FOCAL_POINT, lead.focal_point_id),
        (Relation.OFFICER, task.officer_id),
    ):
        if holder == person_id:
            yield relation
    if ties.serves(person_id, "partner"):
        yield Relation.PARTNER
    if ties.serves(person_id, "authority"):
        yield Relation.AUTHORITY
    if ties.speaks_for(person_id, "office"):
        yield Relation.ISSUER_OFFICE
    if ties.speaks_for(person_id, "supervisor"):
        yield Relation.SUPERVISOR
    # nobody decides on their own unit's work: if the assigner is the lead, the issuer's office decides
    is_own_work = task.parent_id is None and task.assigner_unit_id == task.lead_unit_id
    speaks_for_assigner = ties.speaks_for(person_id, "office" if is_own_work else "assigner")
    coordinates = speaks_for_assigner or (person_id == task.coordinator_id and not is_own_work)
    if coordinates:
        yield Relation.COORDINATOR
    receives_results = ties.speaks_for(person_id, "receiver") if ties.units["receiver"] else coordinates
    if receives_results:
        yield Relation.RECEIVER
    if any(ties.receives_for(person_id, tie) for tie in ("assigner", "office", "receiver")):
        yield Relation.CLERK


def _read_ties(session: Session, task: Task, people: Collection[UUID]) -> Ties:
    ties = Ties()
    parameters = {"task": task.id, "lead": task.lead_unit_id, "assigner": task.assigner_unit_id}
    for tie, *unit in session.execute(_UNITS, parameters | {"directive": task.directive_id}):
        ties.units[tie].append(TiedUnit(*unit))
    ties.roles.update(tuple(row) for row in session.execute(_ROLES, {"people": list(people)}))
    return ties


def _tie(name: str) -> Any:
    holders = (col(Unit.head_id), col(Unit.deputy_id), col(Unit.focal_point_id), col(Unit.parent_id))
    return select(literal(name).label("tie"), col(Unit.id), *holders)


def _units() -> Any:
    """Build the query once, because building it takes longer than running it."""
    lead = aliased(Unit)
    supervisor = select(col(lead.supervising_unit_id)).where(col(lead.id) == bindparam("lead"))
    return union_all(
        _tie("lead").where(col(Unit.id) == bindparam("lead")),
        _tie("assigner").where(col(Unit.id) == bindparam("assigner")),
        _tie("office")
        .join(Directive, col(Directive.issuer_office_id) == col(Unit.id))
        .where(col(Directive.id) == bindparam("directive")),
        _tie("supervisor").where(col(Unit.id).in_(supervisor)),
        _tie("receiver").where(
            col(Unit.id) == select(RECEIVER).where(col(Task.id) == bindparam("task")).scalar_subquery()
        ),
        _tie("partner")
        .join(Contribution, col(Contribution.unit_id) == col(Unit.id))
        .where(col(Contribution.task_id) == bindparam("task"), BESIDE_THE_LEAD),
        _tie("authority")
        .join(Obstacle, col(Obstacle.authority_unit_id) == col(Unit.id))
        .where(col(Obstacle.task_id) == bindparam("task"), col(Obstacle.answered_at).is_(None)),
    )


_UNITS = _units()
_ROLES: Any = select(col(PersonRole.person_id), col(PersonRole.role), col(PersonRole.unit_id)).where(
    col(PersonRole.person_id).in_(bindparam("people", expanding=True))
)
_ABSENT = select(col(Absence.person_id)).where(
    col(Absence.stand_in_id) == bindparam("me"),
    col(Absence.starts_on) <= bindparam("day"),
    col(Absence.ends_on) >= bindparam("day"),
)


def check_declarer(session: Session, directive: Directive, actor: Person, day: date) -> UUID:
    """Return the person who then follows the incident up: the actor, or the head for whom they stand in that local day.

    Raises Refused unless the actor speaks for the coordinating unit, or coordinates at the issuer's office.
    """
    unit = session.get_one(Unit, directive.coordinating_unit_id)
    roles = session.exec(
        select_rows(PersonRole.role).where(
            PersonRole.person_id == actor.id, col(PersonRole.unit_id).in_([unit.id, directive.issuer_office_id])
        )
    ).all()
    declarer = actor.id if Role.COORDINATOR in roles else find_represented(session, actor, unit, day)
    if declarer is None or not actor.is_active:
        raise Refused(
            "{person} may not declare or stand down incidents of this directive; that is for {unit}",
            person=actor.full_name,
            unit=unit.name,
        )
    return declarer
