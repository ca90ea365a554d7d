"""Incidents as pages show them: the list of a directive's, and one with its tasks by the hour and its calls.

Somebody sees of an incident the tasks that they oversee; whoever oversees none of it sees no more than that it is.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
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
from workflows.launch.incidents.incident_plan import IncidentPlan
from workflows.rules.calendar.workdays import Countdown, WorkCalendar, count_down
from workflows.rules.escalation.ladder import fire_moment
from workflows.tasks.assign import first_letters


@dataclass(frozen=True)
class IncidentLine:
    """One incident of the list; the counts are of tasks that the reader oversees."""

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
    """One unit's task in an incident, with whom to telephone. `accepted_by`: who took it up, None for nobody yet."""

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
    """Those that run first, then the newest first. One query."""
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
    return [IncidentLine(row[0], row[1], row[2] or 0, row[3] or 0, row[4] or 0) for row in session.execute(query)]


def find_incident(session: Session, principal: Principal, directive: Directive, incident_id: UUID) -> Incident:
    """NotFound for one that they are not told of."""
    here = (col(Incident.id) == incident_id, col(Incident.directive_id) == directive.id)
    found = session.scalars(select(Incident).where(*here, visible_incidents(principal))).first()
    return need(found, NotFound("there is no such incident"))


def read_incident(
    session: Session, principal: Principal, incident: Incident, *, now: datetime, calendar: WorkCalendar
) -> IncidentSheet:
    """Only tasks that somebody oversees, as of `now` (UTC). Six queries."""
    head = aliased(Person)
    of_duty, of_unit = (col(Duty.path), col(Duty.title)), (col(Unit.code), col(Unit.name), col(Unit.phone))
    query: Any = (
        select(Task, *of_duty, *of_unit, col(head.full_name), col(head.phone))
        .join(Duty, col(Duty.id) == col(Task.duty_id))
        .join(Unit, col(Unit.id) == col(Task.lead_unit_id))
        .outerjoin(head, col(head.id) == col(Unit.head_id))
        .where(col(Task.incident_id) == incident.id, col(Task.parent_id).is_(None), overseen_tasks(principal))
        .order_by(col(Unit.sort_key), col(Unit.code), col(Duty.position))
    )
    shares = [_share(row, now, calendar) for row in session.execute(query)]
    _add_moves(session, shares, incident.id)
    people = {incident.declared_by, incident.stood_down_by} - {None}
    found = select(col(Person.id), col(Person.full_name)).where(col(Person.id).in_(people))
    names = {person_id: name for person_id, name in session.execute(found)}
    return IncidentSheet(
        incident=incident,
        declared_by=names[incident.declared_by],
        stood_down_by=names.get(incident.stood_down_by) if incident.stood_down_by else None,
        reason=_reason(session, incident),
        shares=shares,
        clocks=_clocks(session, shares, calendar),
    )


def _reason(session: Session, incident: Incident) -> str:
    """The words with which it was stood down; the row of history is of the same moment."""
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


def _add_moves(session: Session, shares: Sequence[Share], incident_id: UUID) -> None:
    by_task = {share.task.id: share for share in shares}
    of_incident = select(col(Task.id)).where(col(Task.incident_id) == incident_id)
    calls = (
        select(
            col(TelephoneNote.task_id),
            col(TelephoneNote.called_at),
            col(Person.full_name),
            col(TelephoneNote.answered_by),
            col(TelephoneNote.note),
        )
        .join(Person, col(Person.id) == col(TelephoneNote.called_by))
        .where(col(TelephoneNote.task_id).in_(of_incident))
        .order_by(col(TelephoneNote.called_at), col(TelephoneNote.id))
    )
    for task_id, *call in session.execute(calls):
        if task_id in by_task:
            by_task[task_id].calls.append(IncidentCall(*call))
    taken = (
        select(col(History.task_id), col(Person.full_name))
        .join(Person, col(Person.id) == col(History.actor_id))
        .where(
            col(History.task_id).in_(of_incident),
            col(History.from_status) == TaskStatus.ASSIGNED.value,
            col(History.to_status) != TaskStatus.ASSIGNED.value,
            col(History.to_status) != TaskStatus.WITHDRAWN.value,
        )
        .order_by(*RECORDED)
    )
    for task_id, name in session.execute(taken):
        if task_id in by_task:
            by_task[task_id].accepted_by = name  # the last time it was taken up: the lead may have changed


def _clocks(session: Session, shares: Sequence[Share], calendar: WorkCalendar) -> list[IncidentLadder]:
    first: dict[UUID, Share] = {}
    for share in shares:
        first.setdefault(share.task.template_version_id, share)
    versions = session.scalars(select(TemplateVersion).where(col(TemplateVersion.id).in_(first.keys()))).all()
    clocks = []
    for version in versions:
        share, ladder = first[version.id], version.read_spec().rungs
        moments = [
            (rung, moment)
            for rung in ladder.rungs
            if (
                moment := fire_moment(
                    rung, ladder, assigned_at=share.task.assigned_at, due_at=share.task.due_at, calendar=calendar
                )
            )
            is not None
        ]
        clocks.append(IncidentLadder(share.duty_path, share.duty_title, sorted(moments, key=lambda one: one[1])))
    return sorted(clocks, key=lambda clock: clock.path)


@dataclass(frozen=True)
class ToTell:
    """Somebody who gets the first letter, for which units' tasks and as what.

    `undeliverable`: why it cannot reach these units' own people; then it is the coordinator who is told.
    """

    name: str
    phone: str | None
    units: list[str]
    roles: list[str]
    undeliverable: str | None


def read_first_letters(session: Session, plan: IncidentPlan) -> list[ToTell]:
    """In the order of their units; the same people are the first to telephone."""
    rows: dict[tuple[UUID, str | None], list[tuple[UUID, str]]] = defaultdict(list)
    for batch in plan.batches:
        for one in first_letters(
            session, batch.launch_context, batch.shares, partners=batch.partners, calendar=plan.calendar
        ):
            rows[one.person_id, one.undeliverable].append((one.unit_id, one.role))
    named = select(col(Person.id), col(Person.full_name), col(Person.phone))
    named = named.where(col(Person.id).in_({person_id for person_id, _why in rows}))
    people = {person_id: (name, phone) for person_id, name, phone in session.execute(named)}
    placed = select(col(Unit.id), col(Unit.sort_key), col(Unit.name))
    placed = placed.where(col(Unit.id).in_({unit_id for told in rows.values() for unit_id, _role in told}))
    units = {unit_id: (key, name) for unit_id, key, name in session.execute(placed)}
    found = []
    for (person_id, why), told in rows.items():
        places = sorted({units[unit_id] for unit_id, _role in told})
        roles = sorted({role for _unit, role in told})
        name, phone = people[person_id]
        found.append((places[0], roles, name, ToTell(name, phone, [unit for _key, unit in places], roles, why)))
    return [row[-1] for row in sorted(found, key=lambda row: row[:-1])]


def follow_incidents(
    session: Session, principal: Principal, directive_id: UUID, *, after: UUID | None, limit: int
) -> list[Incident]:
    """In the order of their declaration, `after` one."""
    query = select(Incident).where(col(Incident.directive_id) == directive_id, visible_incidents(principal))
    query = query.where(col(Incident.id) > after) if after else query
    return list(session.scalars(query.order_by(col(Incident.id)).limit(limit)))


def incident_run_by(session: Session, principal: Principal, incident_id: UUID) -> Incident | None:
    """None for an incident of a directive that they do not run."""
    query = select(Incident).join(Directive, col(Directive.id) == col(Incident.directive_id))
    return session.scalars(query.where(col(Incident.id) == incident_id, runs_directive(principal))).first()
