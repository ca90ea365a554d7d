"""Recipients of notices, as the register stands on a day: heads, deputies, officers, those above, stand-ins.

Loaded in bulk for the units and people of a batch of tasks; nothing here asks the database once per task.
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
"""From so many ids on, one pass over the register costs less than naming each."""
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
    """What of a task decides who is told: a row of the table, or one about to be written."""

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
    """A person to be told in a role; `undeliverable` says why the coordinator hears it instead."""

    person_id: UUID
    role: str
    undeliverable: str | None = None


@dataclass
class Roster:
    """Units, people, absences, partners, open obstacles and receivers of results of a batch of tasks."""

    session: Session
    day: date
    units: dict[UUID, Row[Any]] = field(default_factory=dict)
    people: dict[UUID, Row[Any]] = field(default_factory=dict)
    stand_ins: dict[UUID, UUID] = field(default_factory=dict)
    directives: dict[UUID, Directive] = field(default_factory=dict)
    partners: dict[UUID, list[UUID]] = field(default_factory=dict)
    authorities: dict[UUID, UUID] = field(default_factory=dict)
    receivers: dict[UUID, UUID] = field(default_factory=dict)
    """All three by task; the receivers that decide in the assigner's place."""
    _reached_offices: dict[tuple[str, UUID] | None, list[RoleRecipient]] = field(default_factory=dict)
    """Who reads the letters to a unit's offices, for each but where somebody else hears it in their place."""

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
        """It resolves any role of these tasks on a local day; `partners` are read unless given.

        `of_results`: who decides is who decides on results, though none waits now.
        """
        roster = cls(session, day)
        roster.directives = {
            directive.id: directive
            for chunk in chunks({task.directive_id for task in tasks})
            for directive in session.exec(select(Directive).where(col(Directive.id).in_(chunk)))
        }
        if partners is None:
            shares = select_columns(_CONTRIBUTION.task_id, _CONTRIBUTION.unit_id)
            mine = one_of(session, _CONTRIBUTION.task_id, {task.id for task in tasks})
            for task_id, unit_id in session.execute(shares.where(mine)):
                roster.partners.setdefault(task_id, []).append(unit_id)
        roster.partners.update((task_id, units) for task_id, units in (partners or {}).items())
        waiting = [task.id for task in tasks if task.wait_kind is WaitKind.OBSTACLE]
        for chunk in chunks(waiting):
            raised = session.exec(
                select(Obstacle.task_id, Obstacle.authority_unit_id).where(
                    col(Obstacle.task_id).in_(chunk), col(Obstacle.answered_at).is_(None)
                )
            )
            roster.authorities.update((task_id, unit_id) for task_id, unit_id in raised)
        results = [task.id for task in tasks if of_results or task.wait_kind is WaitKind.DECISION]
        roster.receivers = receivers_of(session, results)
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
        """Add units, those above them, and everyone who holds an office in them."""
        wanted = unit_ids - self.units.keys()
        for _level in range(2):
            found = _fetch(self.session, UNIT_COLUMNS, wanted)
            self.units.update({unit.id: unit for unit in found})
            above = {u for unit in found for u in (unit.supervising_unit_id, unit.parent_id) if u}
            wanted = above - self.units.keys()
        self.load_people(
            {p for unit in self.units.values() for p in (unit.head_id, unit.deputy_id, unit.focal_point_id) if p}
        )

    def load_people(self, person_ids: set[UUID]) -> None:
        wanted = person_ids - self.people.keys()
        self.people.update({person.id: person for person in _fetch(self.session, PERSON_COLUMNS, wanted)})
        away = select_columns(_ABSENCE.person_id, _ABSENCE.stand_in_id).where(
            _ABSENCE.starts_on <= self.day, _ABSENCE.ends_on >= self.day
        )
        self.stand_ins.update(tuple(row) for row in _rows(self.session, away, _ABSENCE.person_id, wanted))
        missing = set(self.stand_ins.values()) - self.people.keys()
        self.people.update({person.id: person for person in _fetch(self.session, PERSON_COLUMNS, missing)})

    def recipients(self, role: str, task: Addressed) -> list[RoleRecipient]:
        """The coordinator replaces the unreachable. Outside units: nobody."""
        of_unit = (role, task.lead_unit_id) if role in _OFFICES else None
        if of_unit in self._reached_offices:
            return self._reached_offices[of_unit]
        answer = []
        for unit, person_id, needed in self._holders(role, task):
            if (person_id is None and not needed) or (unit is not None and unit.is_outside):
                continue
            reached, reason = self._reached(person_id)
            if reached is None or reason is not None:
                reached, of_unit = self._coordinator_instead(task), None
            answer.append(RoleRecipient(reached, role, reason))
        if of_unit is not None:
            self._reached_offices[of_unit] = answer
        return answer

    def _reached(self, person_id: UUID | None) -> tuple[UUID | None, str | None]:
        """Whoever reads the letters of a holder of an office today, and why mail cannot reach them."""
        if person_id is not None and self.stand_ins:
            person_id = self.stand_ins.get(person_id, person_id)
        person = self.people.get(person_id) if person_id else None
        return person_id, _why_unreachable(person)

    def deputy_of(self, unit_id: UUID) -> RoleRecipient | None:
        """None where there is none, mail cannot reach them, or the unit is outside."""
        self.load_units({unit_id})
        unit = self.units[unit_id]
        reached, reason = self._reached(unit.deputy_id)
        if reached is None or reason is not None or unit.is_outside:
            return None
        return RoleRecipient(reached, RecipientRole.DEPUTY.value)

    def undeliverable(self, person_id: UUID | None) -> str | None:
        """Why mail cannot reach the holder of an office today (their stand-in counts), or None."""
        return self._reached(person_id)[1]

    def supervising_unit(self, task: Addressed) -> Row[Any] | None:
        """The parent task's lead, the unit's supervisor, or the issuer's office."""
        if task.parent_id is not None:
            return self.units.get(task.assigner_unit_id)
        directive, lead = self.directives[task.directive_id], self.units[task.lead_unit_id]
        above = lead.supervising_unit_id or directive.coordinating_unit_id
        return self.units.get(directive.issuer_office_id if above == lead.id else above)

    def _holders(self, role: str, task: Addressed) -> Iterable[tuple[Row[Any] | None, UUID | None, bool]]:
        """(unit, holder, whether the coordinator hears of a vacancy) for each office of the role."""
        if role == _OFFICER and task.officer_id is None:
            return ()
        if role == _COORDINATING and not self.partners.get(task.id):
            return ()
        lead = self.units[task.lead_unit_id]
        if (office := _OFFICES.get(role)) is not None:
            return ((lead, getattr(lead, office), role == _HEAD),)
        if role == _OFFICER:
            return [(lead, task.officer_id, False)]
        if role == _COORDINATING:
            units = [self.units[unit_id] for unit_id in self.partners.get(task.id, []) if unit_id != task.lead_unit_id]
            return [(unit, unit.head_id, False) for unit in units]
        if role == RecipientRole.COORDINATOR:
            return [(None, task.coordinator_id, True)]
        if role == RecipientRole.SUPERVISOR:
            above = self.supervising_unit(task)
            return [(above, above.head_id, True)] if above else []
        if role == RecipientRole.PARENT_ORGANISATION:
            return self._parent_organisation(task, lead)
        return self._deciders(role, task)

    def _parent_organisation(
        self, task: Addressed, lead: Row[Any]
    ) -> Iterable[tuple[Row[Any] | None, UUID | None, bool]]:
        parent = self.units.get(lead.parent_id) if lead.parent_id else None
        if parent is None or parent.kind is not UnitKind.ENTERPRISE or task.parent_id is not None:
            return []
        return [(parent, parent.head_id, False)]

    def _deciders(self, role: str, task: Addressed) -> Iterable[tuple[Row[Any] | None, UUID | None, bool]]:
        directive = self.directives[task.directive_id]
        office, assigner = self.units[directive.issuer_office_id], self.units[task.assigner_unit_id]
        if task.wait_kind is WaitKind.OBSTACLE and task.id in self.authorities:
            authority = self.units[self.authorities[task.id]]
            unit = authority if role == DECIDER else office
            return [(unit, unit.head_id, True)]
        if task.id in self.receivers:
            return self._of_receiver(role, task, self.units[self.receivers[task.id]])
        by_issuer = task.parent_id is None and (
            task.assigner_unit_id == task.lead_unit_id
            or (task.wait_kind is WaitKind.EXTENSION and task.due_fixed_by is DueFixedBy.DIRECTIVE)
        )
        if by_issuer:
            return [(office, office.head_id, True)] if role == DECIDER else []
        if role == DECIDER:
            return [(None, task.coordinator_id, True)]
        return [(assigner, assigner.head_id, True)] if role == DECIDER_SUPERIOR else []

    def _of_receiver(
        self, role: str, task: Addressed, unit: Row[Any]
    ) -> Iterable[tuple[Row[Any] | None, UUID | None, bool]]:
        """Its head, or whose unit supervises it: never the ministry's, nor who would judge their own work."""
        if role == DECIDER:
            return [(unit, unit.head_id, True)]
        above = self.units.get(unit.supervising_unit_id) if role == DECIDER_SUPERIOR else None
        if above is None or above.kind is UnitKind.MINISTRY or above.id == task.lead_unit_id:
            return []
        return [(above, above.head_id, True)]

    def _coordinator_instead(self, task: Addressed) -> UUID:
        """The coordinator, else the head of the assigning unit, else of the issuer's office.

        The coordinator also where none of them can be reached: what falls due is then written down all the same, and
        their letter, which fails, makes it the administrators' affair.
        """
        office = self.units[self.directives[task.directive_id].issuer_office_id]
        for person_id in (task.coordinator_id, self.units[task.assigner_unit_id].head_id, office.head_id):
            if person_id and self.undeliverable(person_id) is None:
                return self.stand_ins.get(person_id, person_id)
        return task.coordinator_id


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
    """Plain rows: a launch reads tens of thousands, and the ORM would cost more than writing the tasks."""
    return _rows(session, select_columns(*columns), columns[0], ids)


def _rows(session: Session, query: Select[Any], key: Any, ids: set[UUID]) -> list[Row[Any]]:
    """The query's first column, `key`, is one of the ids."""
    if len(ids) > _WHOLE_TABLE:
        return [row for row in session.execute(query) if row[0] in ids]
    return list(session.execute(query.where(one_of(session, key, ids)))) if ids else []
