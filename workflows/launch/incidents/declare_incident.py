"""Declare an incident or a drill, which starts contingency tasks, and stand it down, which withdraws them."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from models.database.rows import update_one
from models.directives.directive import Directive
from models.directives.launch import Incident
from models.errors import Refused
from models.tasks.task import OPEN_STATUSES, Task
from workflows.access.actor_context import ActorContext
from workflows.access.conflict import CHANGED, Conflict
from workflows.access.relations import check_declarer
from workflows.history.record import record_act
from workflows.launch.incidents.incident_plan import plan_incident
from workflows.rules.tasks.actions import Relation
from workflows.tasks.acts.closing import withdraw_for
from workflows.tasks.assign import Created, create_tasks


def declare(
    context: ActorContext,
    directive: Directive,
    *,
    title: str,
    unit_ids: Sequence[UUID],
    is_drill: bool,
    paths: Sequence[str] | None = None,
    incident_id: UUID | None = None,
    seen: Collection[str] | None = None,
) -> tuple[Incident, Created]:
    """Create the tasks of the armed contingency duties for the chosen units. Their ladders count hours from now.

    A form that is sent twice has the same `incident_id`: the incident of the first time is returned. `seen` holds the
    hexadecimal ids of the running incidents that the person knew; None skips the check. Raise Conflict where somebody
    has declared one of the same title since.
    """
    session = context.session
    existing = session.get(Incident, incident_id) if incident_id else None
    if existing is not None:
        return existing, Created()
    plan = plan_incident(
        context, directive, title=title, unit_ids=unit_ids, is_drill=is_drill, paths=paths, incident_id=incident_id
    )
    incident = plan.incident
    if seen is not None:
        _refuse_namesake(session, incident, seen)
    session.add(incident)
    session.flush()
    created = Created()
    for batch in plan.batches:
        created += create_tasks(
            session, batch.launch_context, batch.shares, partners=batch.partners, calendar=context.calendar
        )
    facts = {"incident": incident.id.hex, "drill": is_drill, "created": created.created}
    record_act(context, "incident_declared", directive.id, facts=facts)
    return incident, created


def _refuse_namesake(session: Session, incident: Incident, seen: Collection[str]) -> None:
    """Raise Conflict for a running incident (or drill) of this title that the person had not seen."""
    running = select(Incident).where(
        Incident.directive_id == incident.directive_id,
        Incident.is_drill == incident.is_drill,
        col(Incident.stood_down_at).is_(None),
    )
    title = incident.title.casefold()
    namesakes = [
        other.title for other in session.exec(running) if other.title.casefold() == title and other.id.hex not in seen
    ]
    if namesakes:
        raise Conflict(CHANGED, what=namesakes)


def stand_down(context: ActorContext, incident: Incident, *, reason: str) -> int:
    """End an incident and withdraw its open tasks. Return their number without child tasks."""
    session, actor, now = context.session, context.actor, context.now
    directive = session.get_one(Directive, incident.directive_id)
    check_declarer(session, directive, actor, context.today)
    changed = update_one(
        session,
        update(Incident)
        .where(col(Incident.id) == incident.id, col(Incident.stood_down_at).is_(None))
        .values(stood_down_at=now, stood_down_by=actor.id),
    )
    if not changed:
        raise Refused("this incident is stood down already")
    still_open = select(Task).where(Task.incident_id == incident.id, col(Task.status).in_(OPEN_STATUSES))
    # a parent before its children, which are younger: actions on a child lock them in the same order
    tasks = session.exec(still_open.order_by(col(Task.id)).with_for_update()).all()
    withdrawn = sum(task.parent_id is None for task in tasks)
    for task in tasks:
        if task.status not in OPEN_STATUSES:
            continue  # it was withdrawn with its parent
        withdraw_for(context, task, Relation.COORDINATOR, reason)
    facts = {"incident": incident.id.hex, "withdrawn": withdrawn}
    record_act(context, "incident_stood_down", directive.id, facts=facts, note=reason)
    return withdrawn
