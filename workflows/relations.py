"""What a person is to a task on a day: the relations that the transition table grants actions to."""

from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from models.directive import Directive
from models.errors import Refused
from models.person import Absence, Person, PersonRole, Role
from models.task import Contribution, Obstacle, Task
from models.unit import Unit
from workflows.rules.lifecycle import Relation


def relations_of(session: Session, task: Task, person: Person, day: date) -> frozenset[Relation]:
    """Every relation of a person to a task on a local day, those of people they stand in for included.

    Raises Refused for somebody retired.
    """
    if not person.is_active:
        raise Refused("{person} is retired and acts no more", person=person.full_name)
    absent = session.exec(
        select(Absence.person_id).where(
            Absence.stand_in_id == person.id, col(Absence.starts_on) <= day, col(Absence.ends_on) >= day
        )
    ).all()
    own = _relations(session, task, person.id)
    for absent_id in absent:
        for relation in _relations(session, task, absent_id):
            own.add(Relation.STAND_IN if relation is Relation.HEAD else relation)
    return frozenset(own)


def _relations(session: Session, task: Task, person_id: UUID) -> set[Relation]:
    directive = session.get_one(Directive, task.directive_id)
    found: set[Relation] = set()
    lead = session.get_one(Unit, task.lead_unit_id)
    for relation, holder in (
        (Relation.HEAD, lead.head_id),
        (Relation.DEPUTY, lead.deputy_id),
        (Relation.FOCAL_POINT, lead.focal_point_id),
        (Relation.OFFICER, task.officer_id),
    ):
        if holder == person_id:
            found.add(relation)
    if _serves_any(session, person_id, _partner_units(session, task)):
        found.add(Relation.PARTNER)
    if _serves_any(session, person_id, _authority_units(session, task)):
        found.add(Relation.AUTHORITY)
    if speaks_for(session, person_id, directive.issuer_office_id):
        found.add(Relation.ISSUER_OFFICE)
    if lead.supervising_unit_id and speaks_for(session, person_id, lead.supervising_unit_id):
        found.add(Relation.SUPERVISOR)
    # nobody decides on their own unit's work: where assigner and lead are one, the issuer's office does
    own_lead = task.parent_id is None and task.assigner_unit_id == task.lead_unit_id
    assigner = directive.issuer_office_id if own_lead else task.assigner_unit_id
    if speaks_for(session, person_id, assigner) or (person_id == task.coordinator_id and not own_lead):
        found.add(Relation.COORDINATOR)
    if _roles(session, person_id, Role.CLERK) & {task.assigner_unit_id, directive.issuer_office_id}:
        found.add(Relation.CLERK)
    return found


def _roles(session: Session, person_id: UUID, role: Role) -> set[UUID]:
    return set(
        session.exec(select(PersonRole.unit_id).where(PersonRole.person_id == person_id, PersonRole.role == role))
    )


def speaks_for(session: Session, person_id: UUID, unit_id: UUID) -> bool:
    """Heads a unit, is its deputy in charge, or is one of its coordinators."""
    unit = session.get_one(Unit, unit_id)
    return person_id in (unit.head_id, unit.deputy_id) or unit_id in _roles(session, person_id, Role.COORDINATOR)


def _serves_any(session: Session, person_id: UUID, units: list[Unit]) -> bool:
    return any(person_id in (unit.head_id, unit.deputy_id, unit.focal_point_id) for unit in units) or bool(
        _roles(session, person_id, Role.COORDINATOR) & {unit.id for unit in units}
    )


def _partner_units(session: Session, task: Task) -> list[Unit]:
    return list(
        session.exec(
            select(Unit).join(Contribution, col(Contribution.unit_id) == Unit.id).where(Contribution.task_id == task.id)
        )
    )


def _authority_units(session: Session, task: Task) -> list[Unit]:
    return list(
        session.exec(
            select(Unit)
            .join(Obstacle, col(Obstacle.authority_unit_id) == Unit.id)
            .where(Obstacle.task_id == task.id, col(Obstacle.answered_at).is_(None))
        )
    )
