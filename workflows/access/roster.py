"""Find the recipients of notices in the register as of a day: heads, deputies, officers, superiors, stand-ins.

A roster is loaded in bulk for the units and people of many tasks. No query runs for a single task.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import Row, Select
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from models.database.rows import IN_CHUNK, chunks, one_of, table_of
from models.directives.directive import Directive
from models.directives.ladders import RecipientRole
from models.organization.person import Absence, Person
from models.organization.unit import Unit, UnitKind
from models.tasks.task import Contribution, DueFixedBy, Obstacle, WaitKind
from workflows.access.receiver import receivers_of
from workflows.rules.escalation.ladder import DECIDER, DECIDER_SUPERIOR

_WHOLE_TABLE = 4 * IN_CHUNK
"""With more ids than this, reading the whole table costs less than naming each id."""
_UNIT = table_of(Unit).c
_PERSON = table_of(Person).c
_OFFICES = {
    RecipientRole.HEAD.value: "head_id",
    RecipientRole.DEPUTY.value: "deputy_id",
    RecipientRole.FOCAL_POINT.value: "focal_point_id",
}
_HEAD, _OFFICER, _COORDINATING = RecipientRole.HEAD, RecipientRole.OFFICER, RecipientRole.COORDINATING
_CONTRIBUTION = table_of(Contribution).c
_ABSENCE = table_of(Absence).c
UNIT_COLUMNS = [
    _UNIT[name]
    for name in (
        *("id", "name", "kind", "is_outside", "parent_id", "supervising_unit_id"),
        *("head_id", "deputy_id", "focal_point_id"),
    )
]
PERSON_COLUMNS = [_PERSON[name] for name in ("id", "email", "email_refused_at", "is_active", "language")]


class Addressed(Protocol):
    """The columns of a task that decide who gets notices: of a stored row, or of one that is about to be written."""

    @property
    def id(self) -> UUID: ...
    @property
    def parent_id(self) -> UUID | None: ...
    @property
    def directive_id(self) -> UUID: ...
    @property
    def lead_unit_id(self) -> UUID: ...
    @property
    def assigner_unit_id(self) -> UUID: ...
    @property
    def coordinator_id(self) -> UUID: ...
    @property
    def officer_id(self) -> UUID | None: ...
    @property
    def wait_kind(self) -> WaitKind | None: ...
    @property
    def due_fixed_by(self) -> DueFixedBy | None: ...


class RoleRecipient(NamedTuple):
    """The recipient of a notice in a role. `undeliverable` says why the coordinator gets it instead of the holder."""

    person_id: UUID
    role: str
    undeliverable: str | None = None


@dataclass
class Roster:
    """Units, people, absences, partners, open obstacles and receivers of results of a batch of tasks.

    `partners`, `authorities` and `receivers` are by task. `_reached_offices` caches the recipients of a unit's offices
    if mail can reach all of them.
    """

    session: Session
    day: date
    units: dict[UUID, Row[Any]] = field(default_factory=dict)
    people: dict[UUID, Row[Any]] = field(default_factory=dict)
    stand_ins: dict[UUID, UUID] = field(default_factory=dict)
    directives: dict[UUID, Directive] = field(default_factory=dict)
    partners: dict[UUID, list[UUID]] = field(default_factory=dict)
    authorities: dict[UUID, UUID] = field(default_factory=dict)
    receivers: dict[UUID, UUID] = field(default_factory=dict)
    _reached_offices: dict[tuple[str, UUID] | None, list[RoleRecipient]] = field(default_factory=dict)

    @classmethod
    def for_tasks(
        cls,
        session: Session,
        tasks: Sequence[Addressed],
        day: date,
        partners: Mapping[UUID, list[UUID]] | None = None,
        *,
        of_results: bool = False,
    ) -> "Roster":
        """Load what is needed to find the recipients of any role of these tasks on a local day.

        With `of_results`, the receivers of results decide even for tasks whose result does not wait for a decision.
        """
        roster = cls(session, day)
        roster.directives = {
            directive.id: directive
            for chunk in chunks({task.directive_id for task in tasks})
            for directive in session.exec(select(Directive).where(col(Directive.id).in_(chunk)))
        }
        if partners is None:
            shares = select_columns(_CONTRIBUTION.task_id, _CONTRIBUTION.unit_id)
            is_of_tasks = one_of(session, _CONTRIBUTION.task_id, {task.id for task in tasks})
            for task_id, unit_id in session.execute(shares.where(is_of_tasks)):
                roster.partners.setdefault(task_id, []).append(unit_id)
        roster.partners.update((task_id, units) for task_id, units in (partners or {}).items())
        tasks_with_obstacle = [task.id for task in tasks if task.wait_kind is WaitKind.OBSTACLE]
        for chunk in chunks(tasks_with_obstacle):
            open_obstacles = session.exec(
                select(Obstacle.task_id, Obstacle.authority_unit_id).where(
                    col(Obstacle.task_id).in_(chunk), col(Obstacle.answered_at).is_(None)
                )
            )
            roster.authorities.update((task_id, unit_id) for task_id, unit_id in open_obstacles)
        tasks_with_result = [task.id for task in tasks if of_results or task.wait_kind is WaitKind.DECISION]
        roster.receivers = receivers_of(session, tasks_with_result)
        roster.load_units(
            {task.lead_unit_id for task in tasks}
            | {task.assigner_unit_id for task in tasks}
            | {unit for directive in roster.directives.values() for unit in _offices(directive)}
            | {unit for units in roster.partners.values() for unit in units}
            | set(roster.authorities.values())
            | set(roster.receivers.values())
        )
        roster.load_people({p for task in tasks for p in (task.coordinator_id, task.officer_id) if p})
        return roster

    def load_units(self, unit_ids: set[UUID]) -> None:
        """Add units, the units above them, and everyone who holds an office in them."""
        missing = unit_ids - self.units.keys()
        for _level in range(2):
            loaded = _fetch(self.session, UNIT_COLUMNS, missing)
            self.units.update({unit.id: unit for unit in loaded})
            above = {unit_id for unit in loaded for unit_id in (unit.supervising_unit_id, unit.parent_id) if unit_id}
            missing = above - self.units.keys()
        self.load_people(
            {p for unit in self.units.values() for p in (unit.head_id, unit.deputy_id, unit.focal_point_id) if p}
        )

    def load_people(self, person_ids: set[UUID]) -> None:
        missing = person_ids - self.people.keys()
        self.people.update({person.id: person for person in _fetch(self.session, PERSON_COLUMNS, missing)})
        absences = select_columns(_ABSENCE.person_id, _ABSENCE.stand_in_id).where(
            _ABSENCE.starts_on <= self.day, _ABSENCE.ends_on >= self.day
        )
        self.stand_ins.update(tuple(row) for row in _rows(self.session, absences, _ABSENCE.person_id, missing))
        missing_stand_ins = set(self.stand_ins.values()) - self.people.keys()
        self.people.update({person.id: person for person in _fetch(self.session, PERSON_COLUMNS, missing_stand_ins)})

    def recipients(self, role: str, task: Addressed) -> list[RoleRecipient]:
        """Return the recipients of a role. The coordinator replaces those whom mail cannot reach.

        Outside units get nothing.
        """
        office = (role, task.lead_unit_id) if role in _OFFICES else None
        if office in self._reached_offices:
            return self._reached_offices[office]
        recipients = []
        for holder in self._holders(role, task):
            is_needless = holder.person_id is None and not holder.is_needed
            if is_needless or (holder.unit is not None and holder.unit.is_outside):
                continue
            person_id, reason = self._find_reader(holder.person_id)
            if person_id is None or reason is not None:
                person_id, office = self._coordinator_instead(task), None
            recipients.append(RoleRecipient(person_id, role, reason))
        if office is not None:
            self._reached_offices[office] = recipients
        return recipients

    def _find_reader(self, person_id: UUID | None) -> tuple[UUID | None, str | None]:
        """Return who reads the letters of an office's holder today, and the reason if mail cannot reach them."""
        if person_id is not None and self.stand_ins:
            person_id = self.stand_ins.get(person_id, person_id)
        person = self.people.get(person_id) if person_id else None
        return person_id, _why_unreachable(person)

    def deputy_of(self, unit_id: UUID) -> RoleRecipient | None:
        """Return the deputy, unless there is none, mail cannot reach them, or the unit is outside."""
        self.load_units({unit_id})
        unit = self.units[unit_id]
        person_id, reason = self._find_reader(unit.deputy_id)
        if person_id is None or reason is not None or unit.is_outside:
            return None
        return RoleRecipient(person_id, RecipientRole.DEPUTY.value)

    def undeliverable(self, person_id: UUID | None) -> str | None:
        """Return the reason why mail cannot reach an office's holder, or their stand-in, today; None if it can."""
        return self._find_reader(person_id)[1]

    def supervising_unit(self, task: Addressed) -> Row[Any] | None:
        """Return the parent task's lead, the unit's supervisor, or the issuer's office."""
        if task.parent_id is not None:
            return self.units.get(task.assigner_unit_id)
        directive, lead = self.directives[task.directive_id], self.units[task.lead_unit_id]
        above = lead.supervising_unit_id or directive.coordinating_unit_id
        return self.units.get(directive.issuer_office_id if above == lead.id else above)

    def _holders(self, role: str, task: Addressed) -> Iterable["_Holder"]:
        if role == _OFFICER and task.officer_id is None:
            return ()
        if role == _COORDINATING and not self.partners.get(task.id):
            return ()
        lead = self.units[task.lead_unit_id]
        if (office := _OFFICES.get(role)) is not None:
            return (_Holder(lead, getattr(lead, office), role == _HEAD),)
        if role == _OFFICER:
            return [_Holder(lead, task.officer_id, is_needed=False)]
        if role == _COORDINATING:
            units = [self.units[unit_id] for unit_id in self.partners.get(task.id, []) if unit_id != task.lead_unit_id]
            return [_Holder(unit, unit.head_id, is_needed=False) for unit in units]
        if role == RecipientRole.COORDINATOR:
            return [_Holder(None, task.coordinator_id)]
        if role == RecipientRole.SUPERVISOR:
            supervisor = self.supervising_unit(task)
            return [_Holder(supervisor, supervisor.head_id)] if supervisor else []
        if role == RecipientRole.PARENT_ORGANISATION:
            return self._parent_organisation(task, lead)
        return self._deciders(role, task)

    def _parent_organisation(self, task: Addressed, lead: Row[Any]) -> Iterable["_Holder"]:
        parent = self.units.get(lead.parent_id) if lead.parent_id else None
        if parent is None or parent.kind is not UnitKind.ENTERPRISE or task.parent_id is not None:
            return []
        return [_Holder(parent, parent.head_id, is_needed=False)]

    def _deciders(self, role: str, task: Addressed) -> Iterable["_Holder"]:
        directive = self.directives[task.directive_id]
        office, assigner = self.units[directive.issuer_office_id], self.units[task.assigner_unit_id]
        if task.wait_kind is WaitKind.OBSTACLE and task.id in self.authorities:
            authority = self.units[self.authorities[task.id]]
            unit = authority if role == DECIDER else office
            return [_Holder(unit, unit.head_id)]
        if task.id in self.receivers:
            return self._deciders_of_results(role, task, self.units[self.receivers[task.id]])
        decided_by_issuer = task.parent_id is None and (
            task.assigner_unit_id == task.lead_unit_id
            or (task.wait_kind is WaitKind.EXTENSION and task.due_fixed_by is DueFixedBy.DIRECTIVE)
        )
        if decided_by_issuer:
            return [_Holder(office, office.head_id)] if role == DECIDER else []
        if role == DECIDER:
            return [_Holder(None, task.coordinator_id)]
        return [_Holder(assigner, assigner.head_id)] if role == DECIDER_SUPERIOR else []

    def _deciders_of_results(self, role: str, task: Addressed, receiver: Row[Any]) -> Iterable["_Holder"]:
        """Return the receiver's head or their superior; never the ministry, nor one who would judge their own work."""
        if role == DECIDER:
            return [_Holder(receiver, receiver.head_id)]
        superior = self.units.get(receiver.supervising_unit_id) if role == DECIDER_SUPERIOR else None
        if superior is None or superior.kind is UnitKind.MINISTRY or superior.id == task.lead_unit_id:
            return []
        return [_Holder(superior, superior.head_id)]

    def _coordinator_instead(self, task: Addressed) -> UUID:
        """Return the coordinator, else the head of the assigning unit, else of the issuer's office.

        If mail can reach none of them, it is the coordinator as well: the notice is then written all the same, and its
        letter fails, which alerts the administrators.
        """
        office = self.units[self.directives[task.directive_id].issuer_office_id]
        for person_id in (task.coordinator_id, self.units[task.assigner_unit_id].head_id, office.head_id):
            if person_id and self.undeliverable(person_id) is None:
                return self.stand_ins.get(person_id, person_id)
        return task.coordinator_id


class _Holder(NamedTuple):
    """An office's unit and holder. With `is_needed`, the coordinator gets the notices of a vacant office."""

    unit: Row[Any] | None
    person_id: UUID | None
    is_needed: bool = True


def _why_unreachable(person: Row[Any] | None) -> str | None:
    if person is None:
        return "no_head"
    if not person.is_active:
        return "retired"
    if not person.email:
        return "no_address"
    return "refused" if person.email_refused_at else None


def _offices(directive: Directive) -> tuple[UUID, UUID]:
    return directive.coordinating_unit_id, directive.issuer_office_id


def _fetch(session: Session, columns: list[Any], ids: set[UUID]) -> list[Row[Any]]:
    """Read plain rows: a launch reads tens of thousands, and ORM objects would cost more than writing the tasks."""
    return _rows(session, select_columns(*columns), columns[0], ids)


def _rows(session: Session, query: Select[Any], key: Any, ids: set[UUID]) -> list[Row[Any]]:
    """Return the rows whose `key`, the first column of the query, is one of the ids."""
    if len(ids) > _WHOLE_TABLE:
        return [row for row in session.execute(query) if row[0] in ids]
    return list(session.execute(query.where(one_of(session, key, ids)))) if ids else []
