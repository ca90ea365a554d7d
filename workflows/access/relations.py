"""What a person is to a task on a day: the relations that the transition table grants actions to."""

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
from workflows.rules.tasks.lifecycle import Relation


@dataclass(frozen=True)
class TiedUnit:
    """A unit that has to do with a task, and who answers for it."""

    id: UUID
    head_id: UUID | None
    deputy_id: UUID | None
    focal_point_id: UUID | None
    parent_id: UUID | None


@dataclass
class Ties:
    """The units of a task by what they are to it, and the roles of some people. Read in two queries."""

    units: dict[str, list[TiedUnit]] = field(default_factory=lambda: defaultdict(list))
    roles: set[tuple[UUID, Role, UUID]] = field(default_factory=set)

    @property
    def lead(self) -> TiedUnit:
        return self.units["lead"][0]

    def speaks_for(self, person_id: UUID, tie: str) -> bool:
        """As head of a unit, its deputy in charge, or one of its coordinators."""
        return any(self._speaks_for(person_id, unit) for unit in self.units[tie])

    def serves(self, person_id: UUID, tie: str) -> bool:
        """They speak for a unit, or are its focal point."""
        return bool(self.served({person_id}, tie))

    def served(self, people: Collection[UUID], tie: str) -> list[UUID]:
        """The units of a tie that some of these people serve."""
        return [
            unit.id
            for unit in self.units[tie]
            if any(one == unit.focal_point_id or self._speaks_for(one, unit) for one in people)
        ]

    def _speaks_for(self, person_id: UUID, unit: TiedUnit) -> bool:
        return person_id in (unit.head_id, unit.deputy_id) or (person_id, Role.COORDINATOR, unit.id) in self.roles

    def receives_for(self, person_id: UUID, tie: str) -> bool:
        """They are a unit's records clerk."""
        return any((person_id, Role.CLERK, unit.id) in self.roles for unit in self.units[tie])


def relations_of(session: Session, task: Task, person: Person, day: date) -> frozenset[Relation]:
    """On a local day, also in others' place. Refused for the retired."""
    return tied(session, task, person, day)[0]


def tied(session: Session, task: Task, person: Person, day: date) -> tuple[frozenset[Relation], Ties]:
    """With the units that the relations come from. Three queries, however many people one stands in for."""
    if not person.is_active:
        raise Refused("{person} is retired and may no longer act", person=person.full_name)
    absent = _absent(session, person, day)
    ties = _read_ties(session, task, {person.id, *absent})
    found = set(_relations(task, ties, person.id))
    for absent_id in absent:
        for relation in _relations(task, ties, absent_id):
            found.add(Relation.STAND_IN if relation is Relation.HEAD else relation)
    return frozenset(found), ties


def served_partners(session: Session, task: Task, person: Person, day: date) -> list[UUID]:
    """The coordinating units of a task that somebody serves on a local day, also in another's place."""
    people = {person.id, *_absent(session, person, day)}
    return _read_ties(session, task, people).served(people, "partner")


def _absent(session: Session, person: Person, day: date) -> Sequence[UUID]:
    return session.execute(_ABSENT, {"me": person.id, "day": day}).scalars().all()


def in_whose_place(session: Session, person: Person, unit: Unit, day: date) -> UUID | None:
    """The head or deputy of a unit whom somebody is, or stands in for on a local day; None for neither."""
    return _in_charge(unit, (person.id, *_absent(session, person, day)))


def headed_by(session: Session, person: Person, day: date) -> tuple[Unit, UUID] | None:
    """The unit that somebody heads or is deputy of, or stands in for on a local day; and for whom."""
    people = (person.id, *_absent(session, person, day))
    offices = or_(col(Unit.head_id).in_(people), col(Unit.deputy_id).in_(people))
    own_first = (col(Unit.id) != person.unit_id, col(Unit.sort_key))
    for unit in session.exec(select_rows(Unit).where(Unit.is_active, offices).order_by(*own_first)):
        if (holder := _in_charge(unit, people)) is not None:
            return unit, holder
    return None


def _in_charge(unit: Unit, people: Sequence[UUID]) -> UUID | None:
    return next((one for one in people if one in (unit.head_id, unit.deputy_id)), None)


def speaks_for(session: Session, person_id: UUID, unit_id: UUID) -> bool:
    """As its head, its deputy in charge, or one of its coordinators."""
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
    # nobody decides on their own unit's work: where assigner and lead are one, the issuer's office does
    own_lead = task.parent_id is None and task.assigner_unit_id == task.lead_unit_id
    speaks = ties.speaks_for(person_id, "office" if own_lead else "assigner")
    coordinates = speaks or (person_id == task.coordinator_id and not own_lead)
    if coordinates:
        yield Relation.COORDINATOR
    if ties.speaks_for(person_id, "receiver") if ties.units["receiver"] else coordinates:
        yield Relation.RECEIVER
    if any(ties.receives_for(person_id, tie) for tie in ("assigner", "office", "receiver")):
        yield Relation.CLERK


def _read_ties(session: Session, task: Task, people: Collection[UUID]) -> Ties:
    ties = Ties()
    given = {"task": task.id, "lead": task.lead_unit_id, "assigner": task.assigner_unit_id}
    for tie, *unit in session.execute(_UNITS, given | {"directive": task.directive_id}):
        ties.units[tie].append(TiedUnit(*unit))
    ties.roles.update(tuple(row) for row in session.execute(_ROLES, {"people": list(people)}))
    return ties


def _tie(name: str) -> Any:
    holders = (col(Unit.head_id), col(Unit.deputy_id), col(Unit.focal_point_id), col(Unit.parent_id))
    return select(literal(name).label("tie"), col(Unit.id), *holders)


def _units() -> Any:
    """Written down once: to build it for every look takes longer than to ask it."""
    led = aliased(Unit)
    above = select(col(led.supervising_unit_id)).where(col(led.id) == bindparam("lead"))
    return union_all(
        _tie("lead").where(col(Unit.id) == bindparam("lead")),
        _tie("assigner").where(col(Unit.id) == bindparam("assigner")),
        _tie("office")
        .join(Directive, col(Directive.issuer_office_id) == col(Unit.id))
        .where(col(Directive.id) == bindparam("directive")),
        _tie("supervisor").where(col(Unit.id).in_(above)),
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
    """Return in whose name: their own, or that of the head they stand in for on a local day, who follows it up then.

    Refused unless the person speaks for the coordinating unit, or coordinates at the issuer's office.
    """
    unit = session.get_one(Unit, directive.coordinating_unit_id)
    roles = session.exec(
        select_rows(PersonRole.role).where(
            PersonRole.person_id == actor.id, col(PersonRole.unit_id).in_([unit.id, directive.issuer_office_id])
        )
    ).all()
    own = actor.id if Role.COORDINATOR in roles else None
    found = own or in_whose_place(session, actor, unit, day)
    if found is None or not actor.is_active:
        raise Refused(
            "{person} may not declare or stand down incidents of this directive; that is for {unit}",
            person=actor.full_name,
            unit=unit.name,
        )
    return found
