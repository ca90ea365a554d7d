"""Who may see and do what. A principal is a person with their rights, read once for each page and API call.

`workflows/rules/rights_table.py` grants the rights. Which tasks and directives a person may see is a condition of
queries, so that no page, list, search or export shows more.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, exists, false, or_, true
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from models.database.columns import among, filtering
from models.directives.directive import Directive
from models.directives.launch import Incident, Launch
from models.errors import NotFound, Refused, need
from models.operations.logs import get_log
from models.organization.person import Absence, Person, PersonRole, Role
from models.organization.unit import Unit
from models.tasks.task import IS_OPEN, Contribution, Obstacle, Task
from workflows.access.receiver import directives_received_by, received_by
from workflows.rules.rights_table import RIGHT_WORDS, RIGHTS, STANDING_WORDS, OfficeRole, Right, has

_log = get_log(__name__)
_ROLE_STANDINGS = {
    Role.ADMINISTRATOR: OfficeRole.ADMINISTRATOR,
    Role.COORDINATOR: OfficeRole.COORDINATOR,
    Role.CLERK: OfficeRole.CLERK,
    Role.OBSERVER: OfficeRole.OBSERVER,
}


@dataclass(frozen=True)
class Principal:
    """A person with their rights on a day, those of people they stand in for included."""

    person: Person
    standings: frozenset[OfficeRole]
    serves: frozenset[UUID] = field(default_factory=frozenset)  # units headed, deputised or answered for
    speaks_for: frozenset[UUID] = field(default_factory=frozenset)  # units headed, deputised or coordinated
    receives_for: frozenset[UUID] = field(default_factory=frozenset)  # units whose records clerk they are
    people: frozenset[UUID] = field(default_factory=frozenset)  # themselves and those they stand in for
    has_issued: bool = False  # whether a directive is of an office that they speak or receive for

    def may(self, right: Right) -> bool:
        """Tell whether they have the right for some task or unit, not whether for each."""
        return has(self.standings, right)

    def require(self, right: Right) -> None:
        """Raise Forbidden if they have the right for nothing."""
        if not self.may(right):
            raise forbidden(self, right)


class Forbidden(Refused):
    """The person may not do this. `right` is the right of the table that they lack, if it is one."""

    right: Right | None = None


def read_principal(session: Session, person: Person, day: date) -> Principal:
    """Read a person's rights on a local day, in four queries. Raises Forbidden for a retired person."""
    if not person.is_active:
        raise Forbidden("{person} is retired and may no longer act", person=person.full_name)
    execute = session.connection().execute
    people = frozenset({person.id, *execute(_STOOD_IN_FOR, {"me": person.id, "day": day}).scalars()})
    units = execute(_SERVED, {"people": list(people)}).all()
    roles = execute(_ROLES, {"people": list(people)}).all()
    # roles are personal: a stand-in only gets what a head may do
    standings = {_ROLE_STANDINGS[row.role] for row in roles if row.person_id == person.id} | {OfficeRole.OFFICER}
    leads = frozenset(unit.id for unit in units if people & {unit.head_id, unit.deputy_id})
    speaks_for = leads | {row.unit_id for row in roles if row.role is Role.COORDINATOR}
    if units:
        standings.add(OfficeRole.HEAD)
    receives_for = frozenset(row.unit_id for row in roles if row.role is Role.CLERK)
    offices = {"speaks_for": list(speaks_for), "leads": list(leads), "offices": list(speaks_for | receives_for)}
    supervises, coordinates, has_issued = execute(_UNIT_DUTIES, offices).one()
    if supervises:
        standings.add(OfficeRole.SUPERVISOR)
    if coordinates:  # the head of a coordinating unit is its first coordinator
        standings.add(OfficeRole.COORDINATOR)
    return Principal(
        person=person,
        standings=frozenset(standings),
        serves=frozenset(unit.id for unit in units),
        speaks_for=frozenset(speaks_for),
        receives_for=receives_for,
        people=people,
        has_issued=has_issued,
    )


class Operator:
    """A person who gives commands on the machine itself, and sees everything."""


OPERATOR = Operator()


def _among(column: Any, name: str) -> ColumnElement[bool]:
    return col(column).in_(bindparam(name, expanding=True))


# every page runs these queries; building one takes longer than running it
_STOOD_IN_FOR = columns(col(Absence.person_id)).where(
    col(Absence.stand_in_id) == bindparam("me"),
    col(Absence.starts_on) <= bindparam("day"),
    col(Absence.ends_on) >= bindparam("day"),
)
_SERVED = columns(col(Unit.id), col(Unit.head_id), col(Unit.deputy_id)).where(
    col(Unit.is_active),
    or_(*(_among(office, "people") for office in (Unit.head_id, Unit.deputy_id, Unit.focal_point_id))),
)
_ROLES = columns(col(PersonRole.person_id), col(PersonRole.role), col(PersonRole.unit_id)).where(
    _among(PersonRole.person_id, "people")
)
_UNIT_DUTIES = columns(
    exists().where(_among(Unit.supervising_unit_id, "speaks_for")),
    exists().where(or_(_among(Directive.coordinating_unit_id, "leads"), _among(Directive.issuer_office_id, "leads"))),
    exists().where(_among(Directive.issuer_office_id, "offices")),
)
"""Whether the given units supervise a unit, follow up a directive, or issued one."""


def visible_directives(principal: Principal) -> ColumnElement[bool]:
    """Select directives whose board a person may open. On it they see only their `visible_tasks`."""
    if principal.may(Right.SEE_EVERYTHING):
        return true()
    has_overseen_task = exists().where(col(Task.directive_id) == col(Directive.id), overseen_tasks(principal))
    return or_(runs_directive(principal), has_overseen_task) if principal.may(Right.SEE_BOARD) else false()


def runs_directive(principal: Principal) -> ColumnElement[bool]:
    """Select directives that a person coordinates: they may launch them, bulk-edit them and declare incidents.

    The units for which they speak now decide. A person who launched a directive and went to another unit only follows
    up the tasks of that launch.
    """
    if not principal.may(Right.LAUNCH):
        return false()
    units = principal.speaks_for
    launched = exists().where(col(Launch.directive_id) == col(Directive.id), col(Launch.assigner_unit_id).in_(units))
    return or_(col(Directive.coordinating_unit_id).in_(units), col(Directive.issuer_office_id).in_(units), launched)


def overseen_tasks(principal: Principal) -> ColumnElement[bool]:
    """Select tasks that the person's units assigned or receive the results of, or whose lead units they supervise."""
    if principal.may(Right.SEE_EVERYTHING):
        return true()
    units, is_coordinator = principal.speaks_for, col(Task.coordinator_id).in_(principal.people)
    if not units:
        return is_coordinator
    supervised_units = columns(col(Unit.id)).where(col(Unit.supervising_unit_id).in_(units))
    issued_directives = columns(col(Directive.id)).where(col(Directive.issuer_office_id).in_(units))
    return or_(
        col(Task.assigner_unit_id).in_(units),
        is_coordinator,
        among(col(Task.lead_unit_id), supervised_units),
        among(col(Task.directive_id), issued_directives),
        received_by(units),
    )


def visible_incidents(principal: Principal) -> ColumnElement[bool]:
    """Select incidents of directives that a person coordinates, or with a task that they oversee."""
    if principal.may(Right.SEE_EVERYTHING):
        return true()
    has_overseen_task = exists().where(col(Task.incident_id) == col(Incident.id), overseen_tasks(principal))
    coordinated_directives = columns(col(Directive.id)).where(runs_directive(principal))
    return or_(among(col(Incident.directive_id), coordinated_directives), has_overseen_task)


def visible_tasks(reader: Principal | Operator) -> ColumnElement[bool]:
    """Select tasks that a reader sees completely. Partners see less of their tasks (`partner_tasks`)."""
    if isinstance(reader, Operator) or reader.may(Right.SEE_EVERYTHING):
        return true()
    return or_(office_tasks(reader), own_tasks(reader))


def visible_open_tasks(reader: Principal | Operator) -> ColumnElement[bool]:
    """Select open tasks that a reader sees completely, without looking through years of closed ones."""
    is_visible = visible_tasks(reader)
    return and_(IS_OPEN, filtering(is_visible) if isinstance(reader, Principal) and reader.has_issued else is_visible)


def office_tasks(principal: Principal) -> ColumnElement[bool]:
    """Select tasks that a person oversees, or for which they are records clerk. There may be very many."""
    clerk_units = principal.receives_for
    if not clerk_units:
        return overseen_tasks(principal)
    directives = columns(col(Directive.id)).where(col(Directive.issuer_office_id).in_(clerk_units))
    return or_(
        overseen_tasks(principal),
        col(Task.assigner_unit_id).in_(clerk_units),
        among(col(Task.directive_id), directives),
        received_by(clerk_units),
    )


def office_directives(principal: Principal) -> ColumnElement[bool]:
    """Select the directives of `office_tasks` and perhaps a few more, without a query of tasks."""
    if principal.may(Right.SEE_EVERYTHING) or OfficeRole.SUPERVISOR in principal.standings:
        return true()
    units = principal.speaks_for | principal.receives_for
    is_launched = exists().where(
        col(Launch.directive_id) == col(Directive.id),
        or_(col(Launch.assigner_unit_id).in_(units), col(Launch.coordinator_id).in_(principal.people)),
    )
    return or_(
        col(Directive.coordinating_unit_id).in_(units),
        col(Directive.issuer_office_id).in_(units),
        is_launched,
        directives_received_by(units),
    )


def own_tasks(principal: Principal) -> ColumnElement[bool]:
    """Select tasks of the person and of the units that they serve. There are never very many; indexes find them."""
    is_officer = col(Task.officer_id).in_(principal.people)
    if not principal.serves | principal.speaks_for:
        return is_officer
    child_units = columns(col(Unit.id)).where(col(Unit.parent_id).in_(principal.serves))  # those of a Tổng công ty
    tasks_with_obstacle = columns(col(Obstacle.task_id)).where(
        col(Obstacle.authority_unit_id).in_(principal.serves | principal.speaks_for),
        col(Obstacle.answered_at).is_(None),
    )
    is_delegated = and_(col(Task.assigner_unit_id).in_(principal.speaks_for), col(Task.parent_id).is_not(None))
    return or_(
        col(Task.lead_unit_id).in_(principal.serves),
        among(col(Task.lead_unit_id), child_units),
        is_officer,
        among(col(Task.id), tasks_with_obstacle),
        is_delegated,
    )


def partner_tasks(principal: Principal) -> ColumnElement[bool]:
    """Select tasks to which a unit of the person contributes."""
    units = principal.serves | principal.speaks_for
    return among(col(Task.id), columns(col(Contribution.task_id)).where(col(Contribution.unit_id).in_(units)))


def find_visible_directive(session: Session, principal: Principal, code: str) -> Directive | None:
    return session.exec(select(Directive).where(Directive.code == code, visible_directives(principal))).first()


def open_directive(session: Session, principal: Principal, code: str, right: Right = Right.SEE_BOARD) -> Directive:
    """Raise NotFound for a directive that the person may not see, and Forbidden if they may only see it."""
    directive = need(find_visible_directive(session, principal, code), NotFound("there is no such directive"))
    if right not in (Right.SEE_BOARD, Right.SEE_REPORT, Right.SEE_PICTURES):
        principal.require(right)
        if not is_run_by(session, principal, directive):
            raise not_coordinated(session, principal, directive)
    return directive


def not_coordinated(session: Session, principal: Principal, directive: Directive) -> Forbidden:
    """Return an error that names the units which coordinate the directive."""
    units = dict.fromkeys((directive.coordinating_unit_id, directive.issuer_office_id))
    return Forbidden(
        "{person} does not coordinate this directive; that is for: {by}",
        person=principal.person.full_name,
        by=[session.get_one(Unit, unit).name for unit in units],
    )


def is_run_by(session: Session, principal: Principal, directive: Directive) -> bool:
    query = select(Directive.id).where(Directive.id == directive.id, runs_directive(principal))
    return session.exec(query).first() is not None


@dataclass(frozen=True)
class Holders:
    """The standings that give a right, the visible names of people who have it, and the number of others."""

    standings: tuple[OfficeRole, ...]
    people: tuple[str, ...]
    others: int


def find_holders(session: Session, principal: Principal, right: Right, *, most: int = 12) -> Holders:
    """Find who has a right that a page refuses to this person.

    A person who sees every task sees all names. Others see only names of their own units, which they know anyway.
    """
    roles = [role for role, standing in _ROLE_STANDINGS.items() if standing in RIGHTS[right]]
    query = (
        select(Person, Unit)
        .join(PersonRole, col(PersonRole.person_id) == col(Person.id))
        .join(Unit, col(Unit.id) == col(PersonRole.unit_id))
        .where(col(Person.is_active), col(PersonRole.role).in_(roles), col(Person.id) != principal.person.id)
    )
    if not principal.may(Right.SEE_EVERYTHING):
        own_units = principal.serves | principal.speaks_for | principal.receives_for | {principal.person.unit_id}
        query = query.where(col(Unit.id).in_(own_units))
    rows = session.exec(query.order_by(col(Person.sort_key), col(Unit.sort_key))).all()
    names = list(dict.fromkeys(f"{person.full_name} ({unit.name})" for person, unit in rows))
    standings = tuple(standing for standing in OfficeRole if standing in RIGHTS[right])
    return Holders(standings, tuple(names[:most]), max(0, len(names) - most))


def is_by_role(right: Right) -> bool:
    """Tell whether an administrator can give the right with a role."""
    return not RIGHTS[right].isdisjoint(_ROLE_STANDINGS.values())


def forbidden(principal: Principal, right: Right) -> Forbidden:
    """Return an error that says who has the right, and log who lacked it."""
    _log.warning("forbidden", person=str(principal.person.id), right=right.value)
    error = Forbidden(
        "{person} may not do this: {right}; that is for: {by}",
        person=principal.person.full_name,
        right=RIGHT_WORDS[right],
        by=[STANDING_WORDS[standing] for standing in OfficeRole if standing in RIGHTS[right]],
    )
    error.right = right
    return error
