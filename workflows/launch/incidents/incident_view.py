"""Read incidents for pages and the API: a directive's list, and one incident with its tasks, calls and ladders.

A reader sees only the tasks that they oversee. A reader who oversees none sees the incident without tasks.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models.directives.directive import Directive, Duty
from models.directives.ladders import RungSpec
from models.directives.launch import Incident
from models.directives.template import TemplateVersion
from models.errors import NotFound, need
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.history import RECORDED, History, HistoryNote
from models.tasks.task import OPEN_STATUSES, Task, TaskStatus, TelephoneNote
from workflows.access.rights import Principal, overseen_tasks, runs_directive, visible_incidents
from workflows.launch.incidents.incident_plan import IncidentPlan, rung_moments
from workflows.rules.calendar.workdays import Countdown, WorkCalendar, count_down
from workflows.tasks.assign import FirstLetter, first_letters


@dataclass(frozen=True)
class IncidentLine:
    """One incident of the list. It counts the tasks that the reader oversees."""

    incident: Incident
    declared_by: str
    tasks: int
    accepted: int
    open: int


@dataclass(frozen=True)
class IncidentCall:
    at: datetime
    by: str
    answered_by: str
    note: str


@dataclass
class Share:
    """One unit's task in an incident, with the head to telephone. `accepted_by` is None until somebody accepts it."""

    task: Task
    duty_path: str
    duty_title: str
    unit_code: str
    unit: str
    head: str | None
    phone: str | None
    countdown: Countdown | None
    accepted_by: str | None = None
    calls: list[IncidentCall] = field(default_factory=list)


@dataclass(frozen=True)
class IncidentLadder:
    """A duty's ladder in this incident: each rung with its moment (UTC)."""

    path: str
    title: str
    rungs: list[tuple[RungSpec, datetime]]


@dataclass(frozen=True)
class IncidentSheet:
    incident: Incident
    declared_by: str
    stood_down_by: str | None
    reason: str  # why it is over; "" while it goes on
    shares: list[Share]
    clocks: list[IncidentLadder]

    def counted(self, *statuses: TaskStatus) -> int:
        return sum(share.task.status in statuses for share in self.shares)

    @property
    def open(self) -> int:
        return self.counted(*OPEN_STATUSES)


def list_incidents(session: Session, principal: Principal, directive_id: UUID) -> list[IncidentLine]:
    """Return a directive's incidents in one query: running ones first, then the newest first."""
    counts = (
        select(
            col(Task.incident_id).label("incident_id"),
            func.count().label("tasks"),
            func.count(case((col(Task.accepted_at).is_not(None), 1))).label("accepted"),
            func.count(case((col(Task.status).in_(OPEN_STATUSES), 1))).label("open"),
        )
        .where(
            col(Task.directive_id) == directive_id,
            col(Task.incident_id).is_not(None),
            col(Task.parent_id).is_(None),
            overseen_tasks(principal),
        )
        .group_by(col(Task.incident_id))
        .subquery()
    )
    query = (
        select(Incident, col(Person.full_name), counts.c.tasks, counts.c.accepted, counts.c.open)
        .join(Person, col(Person.id) == col(Incident.declared_by))
        .outerjoin(counts, counts.c.incident_id == col(Incident.id))
        .where(col(Incident.directive_id) == directive_id, visible_incidents(principal))
        .order_by(col(Incident.stood_down_at).is_not(None), col(Incident.declared_at).desc(), col(Incident.id).desc())
    )
    return [
        IncidentLine(incident, declared_by, tasks or 0, accepted or 0, still_open or 0)
        for incident, declared_by, tasks, accepted, still_open in session.execute(query)
    ]


def find_incident(session: Session, principal: Principal, directive: Directive, incident_id: UUID) -> Incident:
    """Return an incident. Raise NotFound also where the principal may not see it."""
    query = select(Incident).where(
        col(Incident.id) == incident_id, col(Incident.directive_id) == directive.id, visible_incidents(principal)
    )
    return need(session.scalars(query).first(), NotFound("there is no such incident"))


def read_incident(
    session: Session, principal: Principal, incident: Incident, *, now: datetime, calendar: WorkCalendar
) -> IncidentSheet:
    """Read an incident with the tasks that the principal oversees, as of `now` (UTC), in six queries."""
    head = aliased(Person)
    duty_columns = (col(Duty.path), col(Duty.title))
    unit_columns = (col(Unit.code), col(Unit.name), col(Unit.phone))
    query: Any = (
        select(Task, *duty_columns, *unit_columns, col(head.full_name), col(head.phone))
        .join(Duty, col(Duty.id) == col(Task.duty_id))
        .join(Unit, col(Unit.id) == col(Task.lead_unit_id))
        .outerjoin(head, col(head.id) == col(Unit.head_id))
        .where(col(Task.incident_id) == incident.id, col(Task.parent_id).is_(None), overseen_tasks(principal))
        .order_by(col(Unit.sort_key), col(Unit.code), col(Duty.position))
    )
    shares = [_share(row, now, calendar) for row in session.execute(query)]
    shares_by_task = {share.task.id: share for share in shares}
    _add_calls(session, shares_by_task, incident.id)
    _add_acceptances(session, shares_by_task, incident.id)
    person_ids = {incident.declared_by, incident.stood_down_by} - {None}
    people = select(col(Person.id), col(Person.full_name)).where(col(Person.id).in_(person_ids))
    names = {person_id: name for person_id, name in session.execute(people)}
    return IncidentSheet(
        incident=incident,
        declared_by=names[incident.declared_by],
        stood_down_by=names.get(incident.stood_down_by) if incident.stood_down_by else None,
        reason=_reason(session, incident),
        shares=shares,
        clocks=_ladders(session, shares, calendar),
    )


def _reason(session: Session, incident: Incident) -> str:
    """Return the reason for which the incident was stood down, from the history's line of the same moment."""
    query = (
        select(col(HistoryNote.text))
        .join(History, col(History.id) == col(HistoryNote.history_id))
        .where(
            col(History.directive_id) == incident.directive_id,
            col(History.event) == "incident_stood_down",
            col(History.recorded_at) == incident.stood_down_at,
        )
    )
    return session.scalars(query).first() or ""


def _share(row: Any, now: datetime, calendar: WorkCalendar) -> Share:
    task, path, title, code, unit, unit_phone, head, phone = row
    countdown = None
    if task.due_at is not None and task.status in OPEN_STATUSES:
        countdown = count_down(task.due_at, now=now, calendar=calendar, by_the_hour=True)
    return Share(task, path, title, code, unit, head, phone or unit_phone, countdown)


def _add_calls(session: Session, shares_by_task: Mapping[UUID, Share], incident_id: UUID) -> None:
    calls = (
        select(
            col(TelephoneNote.task_id),
            col(TelephoneNote.called_at),
            col(Person.full_name),
            col(TelephoneNote.answered_by),
            col(TelephoneNote.note),
        )
        .join(Person, col(Person.id) == col(TelephoneNote.called_by))
        .where(col(TelephoneNote.task_id).in_(_task_ids(incident_id)))
        .order_by(col(TelephoneNote.called_at), col(TelephoneNote.id))
    )
    for task_id, *call in session.execute(calls):
        if task_id in shares_by_task:
            shares_by_task[task_id].calls.append(IncidentCall(*call))


def _add_acceptances(session: Session, shares_by_task: Mapping[UUID, Share], incident_id: UUID) -> None:
    acceptances = (
        select(col(History.task_id), col(Person.full_name))
        .join(Person, col(Person.id) == col(History.actor_id))
        .where(
            col(History.task_id).in_(_task_ids(incident_id)),
            col(History.from_status) == TaskStatus.ASSIGNED.value,
            col(History.to_status) != TaskStatus.ASSIGNED.value,
            col(History.to_status) != TaskStatus.WITHDRAWN.value,
        )
        .order_by(*RECORDED)
    )
    for task_id, name in session.execute(acceptances):
        if task_id in shares_by_task:
            shares_by_task[task_id].accepted_by = name  # the last acceptance counts: the lead may have changed


def _task_ids(incident_id: UUID) -> Select[Any]:
    return select(col(Task.id)).where(col(Task.incident_id) == incident_id)


def _ladders(session: Session, shares: Sequence[Share], calendar: WorkCalendar) -> list[IncidentLadder]:
    samples: dict[UUID, Share] = {}  # the tasks of one template version have the same dates
    for share in shares:
        samples.setdefault(share.task.template_version_id, share)
    versions = session.scalars(select(TemplateVersion).where(col(TemplateVersion.id).in_(samples.keys()))).all()
    ladders = []
    for version in versions:
        share = samples[version.id]
        moments = rung_moments(version.read_spec().rungs, share.task.assigned_at, share.task.due_at, calendar)
        ladders.append(IncidentLadder(share.duty_path, share.duty_title, moments))
    return sorted(ladders, key=lambda ladder: ladder.path)


@dataclass(frozen=True)
class FirstRecipient:
    """A person who gets the first letter of an incident, the names of the units it is about, and the person's roles.

    `undeliverable` says why the letter cannot reach these units' own people. The coordinator then gets it for them.
    """

    name: str
    phone: str | None
    units: list[str]
    roles: list[str]
    undeliverable: str | None


def read_first_letters(session: Session, plan: IncidentPlan) -> list[FirstRecipient]:
    """Return who gets the first letters, and is to be telephoned first, in the order of their units."""
    letters: dict[tuple[UUID, str | None], list[FirstLetter]] = defaultdict(list)
    for batch in plan.batches:
        for letter in first_letters(
            session, batch.launch_context, batch.shares, partners=batch.partners, calendar=plan.calendar
        ):
            letters[letter.person_id, letter.undeliverable].append(letter)
    person_ids = {person_id for person_id, _reason in letters}
    unit_ids = {letter.unit_id for group in letters.values() for letter in group}
    people = {person.id: person for person in session.scalars(select(Person).where(col(Person.id).in_(person_ids)))}
    units = {unit.id: unit for unit in session.scalars(select(Unit).where(col(Unit.id).in_(unit_ids)))}
    recipients = []
    for (person_id, undeliverable), group in letters.items():
        person = people[person_id]
        places = sorted({(units[letter.unit_id].sort_key, units[letter.unit_id].name) for letter in group})
        roles = sorted({letter.role for letter in group})
        unit_names = [name for _sort_key, name in places]
        recipient = FirstRecipient(person.full_name, person.phone, unit_names, roles, undeliverable)
        recipients.append((places[0], roles, person.full_name, recipient))
    return [recipient for *_order, recipient in sorted(recipients, key=lambda entry: entry[:-1])]


def follow_incidents(
    session: Session, principal: Principal, directive_id: UUID, *, after: UUID | None, limit: int
) -> list[Incident]:
    """Return the incidents declared after the one with the id `after`, in the order of their declaration."""
    query = select(Incident).where(col(Incident.directive_id) == directive_id, visible_incidents(principal))
    query = query.where(col(Incident.id) > after) if after else query
    return list(session.scalars(query.order_by(col(Incident.id)).limit(limit)))


def incident_run_by(session: Session, principal: Principal, incident_id: UUID) -> Incident | None:
    """Return an incident; None where the principal does not run its directive."""
    query = select(Incident).join(Directive, col(Directive.id) == col(Incident.directive_id))
    return session.scalars(query.where(col(Incident.id) == incident_id, runs_directive(principal))).first()
