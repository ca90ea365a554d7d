"""Rights: who may see and do what. A principal is a person with their rights, read once for every page and API call.

The table is `rules.rights`; what of the tasks and directives somebody may see is a condition in the database, so that
no page, list, search or export can show more.
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
        """Somewhere: for one task or unit it may be less."""
        return has(self.standings, right)

    def require(self, right: Right) -> None:
        """Forbidden where they have it nowhere."""
        if not self.may(right):
            raise forbidden(self, right)


class Forbidden(Refused):
    """Not for this person. `right` is what they lack, where it is one of the table."""

    right: Right | None = None


def read_principal(session: Session, person: Person, day: date) -> Principal:
    """On a local day. Forbidden for the retired. Four queries, whatever the register holds."""
    if not person.is_active:
        raise Forbidden("{person} is retired and may no longer act", person=person.full_name)
    ask = session.connection().execute
    people = frozenset({person.id, *ask(_STOOD_IN_FOR, {"me": person.id, "day": day}).scalars()})
    units = ask(_SERVED, {"people": list(people)}).all()
    roles = ask(_ROLES, {"people": list(people)}).all()
    # a role is held in person: only what a head may do passes to who stands in
    standings = {_ROLE_STANDINGS[one.role] for one in roles if one.person_id == person.id} | {OfficeRole.OFFICER}
    leads = frozenset(unit.id for unit in units if people & {unit.head_id, unit.deputy_id})
    speaks_for = leads | {one.unit_id for one in roles if one.role is Role.COORDINATOR}
    if units:
        standings.add(OfficeRole.HEAD)
    receives_for = frozenset(one.unit_id for one in roles if one.role is Role.CLERK)
    offices = {"speaks_for": list(speaks_for), "leads": list(leads), "offices": list(speaks_for | receives_for)}
    supervises, coordinates, has_issued = ask(_RANGE, offices).one()
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
    """Who gives commands on the machine itself: they hold the database, and see all of it."""


OPERATOR = Operator()


def _among(column: Any, name: str) -> ColumnElement[bool]:
    return col(column).in_(bindparam(name, expanding=True))


# every page asks these: written down once, for to build them anew takes longer than to ask them
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
_RANGE = columns(
    exists().where(_among(Unit.supervising_unit_id, "speaks_for")),
    exists().where(or_(_among(Directive.coordinating_unit_id, "leads"), _among(Directive.issuer_office_id, "leads"))),
    exists().where(_among(Directive.issuer_office_id, "offices")),
)
"""Whether any unit is supervised, any directive followed, and any issued, by units one speaks for, leads or serves."""


def visible_directives(principal: Principal) -> ColumnElement[bool]:
    """The directives whose board somebody may open; within it they see `visible_tasks` only."""
    if principal.may(Right.SEE_EVERYTHING):
        return true()
    mine = exists().where(col(Task.directive_id) == col(Directive.id), overseen_tasks(principal))
    return or_(runs_directive(principal), mine) if principal.may(Right.SEE_BOARD) else false()


def runs_directive(principal: Principal) -> ColumnElement[bool]:
    """They coordinate the directive: may launch, bulk-edit, declare incidents of it.

    By the units they speak for now: who launched one and has gone to another unit follows up their tasks, no more.
    """
    if not principal.may(Right.LAUNCH):
        return false()
    units = principal.speaks_for
    launched = exists().where(col(Launch.directive_id) == col(Directive.id), col(Launch.assigner_unit_id).in_(units))
    return or_(col(Directive.coordinating_unit_id).in_(units), col(Directive.issuer_office_id).in_(units), launched)


def overseen_tasks(principal: Principal) -> ColumnElement[bool]:
    """Assigned by units they speak for, led by units these supervise, or whose results these get."""
    if principal.may(Right.SEE_EVERYTHING):
        return true()
    units, coordinated = principal.speaks_for, col(Task.coordinator_id).in_(principal.people)
    if not units:
        return coordinated
    supervised = columns(col(Unit.id)).where(col(Unit.supervising_unit_id).in_(units))
    office = columns(col(Directive.id)).where(col(Directive.issuer_office_id).in_(units))
    return or_(
        col(Task.assigner_unit_id).in_(units),
        coordinated,
        among(col(Task.lead_unit_id), supervised),
        among(col(Task.directive_id), office),
        received_by(units),
    )


def visible_incidents(principal: Principal) -> ColumnElement[bool]:
    """Of directives that they run, or with a task that they oversee."""
    if principal.may(Right.SEE_EVERYTHING):
        return true()
    in_it = exists().where(col(Task.incident_id) == col(Incident.id), overseen_tasks(principal))
    run = columns(col(Directive.id)).where(runs_directive(principal))
    return or_(among(col(Incident.directive_id), run), in_it)


def visible_tasks(reader: Principal | Operator) -> ColumnElement[bool]:
    """The tasks somebody sees whole. Partners see less of theirs: `partner_tasks`."""
    if isinstance(reader, Operator) or reader.may(Right.SEE_EVERYTHING):
        return true()
    return or_(office_tasks(reader), own_tasks(reader))


def visible_open_tasks(reader: Principal | Operator) -> ColumnElement[bool]:
    """The open tasks somebody sees whole. Years of closed ones are not found by these."""
    seen = visible_tasks(reader)
    return and_(IS_OPEN, filtering(seen) if isinstance(reader, Principal) and reader.has_issued else seen)


def office_tasks(principal: Principal) -> ColumnElement[bool]:
    """Seen for an office's sake, perhaps very many: overseen, or received for."""
    if not principal.receives_for:
        return overseen_tasks(principal)
    offices = columns(col(Directive.id)).where(col(Directive.issuer_office_id).in_(principal.receives_for))
    theirs = col(Task.assigner_unit_id).in_(principal.receives_for)
    received = or_(theirs, among(col(Task.directive_id), offices), received_by(principal.receives_for))
    return or_(overseen_tasks(principal), received)


def office_directives(principal: Principal) -> ColumnElement[bool]:
    """The directives that `office_tasks` may belong to, or some more: told without looking at a task."""
    if principal.may(Right.SEE_EVERYTHING) or OfficeRole.SUPERVISOR in principal.standings:
        return true()
    units = principal.speaks_for | principal.receives_for
    launched = exists().where(
        col(Launch.directive_id) == col(Directive.id),
        or_(col(Launch.assigner_unit_id).in_(units), col(Launch.coordinator_id).in_(principal.people)),
    )
    led = or_(col(Directive.coordinating_unit_id).in_(units), col(Directive.issuer_office_id).in_(units), launched)
    return or_(led, directives_received_by(units))


def own_tasks(principal: Principal) -> ColumnElement[bool]:
    """Seen for their unit's or their own sake: never very many, and found by indexes alone."""
    charged = col(Task.officer_id).in_(principal.people)
    if not principal.serves | principal.speaks_for:
        return charged
    below = columns(col(Unit.id)).where(col(Unit.parent_id).in_(principal.serves))  # a Tổng công ty and its units
    asked = columns(col(Obstacle.task_id)).where(
        col(Obstacle.authority_unit_id).in_(principal.serves | principal.speaks_for),
        col(Obstacle.answered_at).is_(None),
    )
    handed_down = and_(col(Task.assigner_unit_id).in_(principal.speaks_for), col(Task.parent_id).is_not(None))
    return or_(
        col(Task.lead_unit_id).in_(principal.serves),
        among(col(Task.lead_unit_id), below),
        charged,
        among(col(Task.id), asked),
        handed_down,
    )


def partner_tasks(principal: Principal) -> ColumnElement[bool]:
    """The tasks to which a unit of theirs contributes."""
    units = principal.serves | principal.speaks_for
    return among(col(Task.id), columns(col(Contribution.task_id)).where(col(Contribution.unit_id).in_(units)))


def seen_directive(session: Session, principal: Principal, code: str) -> Directive | None:
    """`code` is the directive's; None where somebody may not open it."""
    return session.exec(select(Directive).where(Directive.code == code, visible_directives(principal))).first()


def open_directive(session: Session, principal: Principal, code: str, right: Right = Right.SEE_BOARD) -> Directive:
    """NotFound where somebody may not open it, Forbidden where they may only look."""
    found = need(seen_directive(session, principal, code), NotFound("there is no such directive"))
    if right not in (Right.SEE_BOARD, Right.SEE_REPORT, Right.SEE_PICTURES):
        principal.require(right)
        if not is_run_by(session, principal, found):
            raise not_coordinated(session, principal, found)
    return found


def not_coordinated(session: Session, principal: Principal, directive: Directive) -> Forbidden:
    """It names the units that do coordinate the directive."""
    units = dict.fromkeys((directive.coordinating_unit_id, directive.issuer_office_id))
    return Forbidden(
        "{person} does not coordinate this directive; that is for: {by}",
        person=principal.person.full_name,
        by=[session.get_one(Unit, unit).name for unit in units],
    )


def is_run_by(session: Session, principal: Principal, directive: Directive) -> bool:
    found = session.exec(select(Directive.id).where(Directive.id == directive.id, runs_directive(principal)))
    return found.first() is not None


@dataclass(frozen=True)
class Holders:
    """Who has a right: the standings that give it, and people by name as far as the reader may see them."""

    standings: tuple[OfficeRole, ...]
    people: tuple[str, ...]
    others: int
    """So many more have it."""


def holders(session: Session, principal: Principal, right: Right, *, most: int = 12) -> Holders:
    """For the page that refuses a right to somebody.

    Who sees every task sees all names; others those of their own units, of which they know them anyway.
    """
    roles = [role for role, standing in _ROLE_STANDINGS.items() if standing in RIGHTS[right]]
    known = (
        select(Person, Unit)
        .join(PersonRole, col(PersonRole.person_id) == col(Person.id))
        .join(Unit, col(Unit.id) == col(PersonRole.unit_id))
        .where(col(Person.is_active), col(PersonRole.role).in_(roles), col(Person.id) != principal.person.id)
    )
    if not principal.may(Right.SEE_EVERYTHING):
        ours = principal.serves | principal.speaks_for | principal.receives_for | {principal.person.unit_id}
        known = known.where(col(Unit.id).in_(ours))
    rows = session.exec(known.order_by(col(Person.sort_key), col(Unit.sort_key))).all()
    names = list(dict.fromkeys(f"{person.full_name} ({unit.name})" for person, unit in rows))
    standings = tuple(standing for standing in OfficeRole if standing in RIGHTS[right])
    return Holders(standings, tuple(names[:most]), max(0, len(names) - most))


def is_by_role(right: Right) -> bool:
    """A role that an administrator gives is enough to have the right."""
    return not RIGHTS[right].isdisjoint(_ROLE_STANDINGS.values())


def forbidden(principal: Principal, right: Right) -> Forbidden:
    """It says whose the right is, and the log notes who lacked it."""
    _log.warning("forbidden", person=str(principal.person.id), right=right.value)
    error = Forbidden(
        "{person} may not do this: {right}; that is for: {by}",
        person=principal.person.full_name,
        right=RIGHT_WORDS[right],
        by=[STANDING_WORDS[standing] for standing in OfficeRole if standing in RIGHTS[right]],
    )
    error.right = right
    return error
