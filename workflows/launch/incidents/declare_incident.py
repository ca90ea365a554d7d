"""Incidents: declare one, in earnest or as a drill, to start contingency tasks; stand it down to take them back."""

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
from workflows.rules.tasks.lifecycle import Relation
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
    """Create the armed contingency duties' tasks for the chosen units, their clock in hours from now.

    With an id that is there already, that is the incident, and nothing new is declared: a form sent twice. `seen`: ids
    in hexadecimal of what the person knew to go on, None unasked; Conflict where another of this name was declared
    since.
    """
    session = context.session
    there = session.get(Incident, incident_id) if incident_id else None
    if there is not None:
        return there, Created()
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
    """Perhaps the very same, declared by somebody else a moment ago. What is in earnest waits for no drill."""
    running = select(Incident).where(
        Incident.directive_id == incident.directive_id,
        Incident.is_drill == incident.is_drill,
        col(Incident.stood_down_at).is_(None),
    )
    name = incident.title.casefold()
    new = [one.title for one in session.exec(running) if one.title.casefold() == name and one.id.hex not in seen]
    if new:
        raise Conflict(CHANGED, what=new)


def stand_down(context: ActorContext, incident: Incident, *, reason: str) -> int:
    """End an incident and withdraw what is still open of it; return how many tasks that were, beside their parts."""
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
    # a whole before its parts, which are younger: in the order in which whoever acts on a part holds them
    tasks = session.exec(still_open.order_by(col(Task.id)).with_for_update()).all()
    withdrawn = sum(task.parent_id is None for task in tasks)
    for task in tasks:
        if task.status not in OPEN_STATUSES:
            continue  # went with its parent
        withdraw_for(context, task, Relation.COORDINATOR, reason)
    facts = {"incident": incident.id.hex, "withdrawn": withdrawn}
    record_act(context, "incident_stood_down", directive.id, facts=facts, note=reason)
    return withdrawn
