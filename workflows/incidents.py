"""Incidents: declare one, in earnest or as a drill, to start contingency tasks; stand it down to take them back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from models.directive import Directive, DutyKind
from models.errors import BadInput, Refused
from models.inputs import Reason
from models.launch import ArmedDuty, Incident, Launch
from models.person import Person, PersonRole, Role
from models.settings import Settings
from models.task import OPEN_STATUSES, Task, TaskStatus
from models.unit import Unit
from workflows.acts.closing import withdraw
from workflows.assign import Created, Occasion, create_tasks
from workflows.coverage import load_register, prove_coverage
from workflows.launch import duties_of, published, shares_for
from workflows.moves import Move, apply
from workflows.record import record
from workflows.rules.lifecycle import Relation
from workflows.rules.workdays import WorkCalendar


def declare(
    session: Session,
    directive: Directive,
    *,
    title: str,
    unit_ids: Sequence[UUID],
    is_drill: bool,
    actor: Person,
    now: datetime,
    calendar: WorkCalendar,
    paths: Sequence[str] | None = None,
) -> tuple[Incident, Created]:
    """Creates the armed contingency duties' tasks for the chosen units, their clock in hours from now."""
    check_declarer(session, directive, actor)
    if not title.strip():
        raise BadInput("title: say in a few words what is declared")
    armed = [(duty, session.get(ArmedDuty, duty.id)) for duty in duties_of(session, directive, paths)]
    contingencies = [
        (duty, row) for duty, row in armed if row and not row.stood_down_at and duty.kind is DutyKind.CONTINGENCY
    ]
    if not contingencies:
        raise Refused("no contingency duty of this directive is armed: launch it first")
    incident = Incident(
        directive_id=directive.id, title=title.strip(), is_drill=is_drill, declared_at=now, declared_by=actor.id
    )
    session.add(incident)
    session.flush()
    versions = published(session, [duty.id for duty, _row in contingencies])
    register = load_register(session)
    coverage = prove_coverage(
        session, directive, list(versions.values()), duties=[duty for duty, _row in contingencies], register=register
    )
    created = Created()
    for duty, row in contingencies:
        if duty.id not in versions:
            continue
        spec, audience = versions[duty.id].read_spec(), set(coverage.audience.get(duty.path, []))
        chosen = [unit_id for unit_id in unit_ids if unit_id in audience]
        occasion = Occasion(
            directive=directive,
            launch=session.get_one(Launch, row.launch_id),
            duty_id=duty.id,
            version_id=versions[duty.id].id,
            spec=spec,
            occurrence=f"incident:{incident.id.hex}",
            assigned_at=now,
            assigner_unit_id=directive.coordinating_unit_id,
            coordinator_id=actor.id,
            actor_id=actor.id,
            incident=incident,
        )
        shares = shares_for(spec, chosen, register, directive=directive, assigned_at=now, calendar=calendar)
        partners = coverage.coordinating.get(duty.path, [])
        created += create_tasks(session, occasion, shares, partners=partners, calendar=calendar)
    if not created.created:
        raise Refused("none of the chosen units is addressed by the armed contingency duties")
    record(
        session,
        event="incident_declared",
        directive_id=directive.id,
        now=now,
        actor_id=actor.id,
        relation="coordinator",
        facts={"incident": incident.id.hex, "drill": is_drill, "created": created.created},
    )
    return incident, created


def stand_down(
    session: Session,
    incident: Incident,
    *,
    actor: Person,
    reason: str,
    now: datetime,
    calendar: WorkCalendar,
    settings: Settings,
) -> int:
    """Ends an incident and withdraws what is still open of it; returns how many tasks that were."""
    directive = session.get_one(Directive, incident.directive_id)
    check_declarer(session, directive, actor)
    changed = session.execute(
        update(Incident)
        .where(col(Incident.id) == incident.id, col(Incident.stood_down_at).is_(None))
        .values(stood_down_at=now, stood_down_by=actor.id)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("this incident is stood down already")
    tasks = session.exec(select(Task).where(Task.incident_id == incident.id, col(Task.status).in_(OPEN_STATUSES))).all()
    for task in tasks:
        if task.status not in OPEN_STATUSES:
            continue  # went with its parent
        move = Move(
            session=session,
            task=task,
            actor=actor,
            relation=Relation.COORDINATOR,
            now=now,
            calendar=calendar,
            evidence=settings.evidence,
            evidence_max_bytes=settings.evidence_max_bytes,
            event="withdrawn",
            target=TaskStatus.WITHDRAWN,
        )
        withdraw(move, Reason(note=reason))
        apply(move)
    record(
        session,
        event="incident_stood_down",
        directive_id=directive.id,
        now=now,
        actor_id=actor.id,
        relation="coordinator",
        facts={"incident": incident.id.hex, "withdrawn": len(tasks)},
        note=reason,
    )
    return len(tasks)


def check_declarer(session: Session, directive: Directive, actor: Person) -> None:
    """Refused unless the person speaks for the coordinating unit, or coordinates at the issuer's office."""
    unit = session.get_one(Unit, directive.coordinating_unit_id)
    roles = session.exec(
        select(PersonRole.role).where(
            PersonRole.person_id == actor.id, col(PersonRole.unit_id).in_([unit.id, directive.issuer_office_id])
        )
    ).all()
    if not actor.is_active or not (actor.id in (unit.head_id, unit.deputy_id) or Role.COORDINATOR in roles):
        raise Refused(
            "{person} may not declare or stand down incidents of this directive; that is for {unit}",
            person=actor.full_name,
            unit=unit.name,
        )
