"""Cascade: a unit hands its task on to subordinate units as child tasks whose dates stay within its own."""

from models.directives.launch import Incident, Launch
from models.errors import BadInput, Refused
from models.organization.person import Person
from models.organization.register_reads import resolve_unit, units_below
from models.organization.unit import Unit
from models.tasks.act_inputs import CascadeTo
from models.tasks.task import DueFixedBy
from models.text.localtime import due_date, end_of_day, local_date, write_date
from workflows.access.relations import in_whose_place
from workflows.rules.calendar.due import DueDecision, within_parent
from workflows.tasks.assign import LaunchContext, create_tasks
from workflows.tasks.moves import Move


def cascade(move: Move, given: CascadeTo) -> None:
    """Create one child task for each subordinate unit; the handing unit is their assigner."""
    parent = move.task
    incident = move.session.get_one(Incident, parent.incident_id) if parent.incident_id else None
    units = [resolve_unit(move.session, name) for name in dict.fromkeys(given.units)]
    below = {unit.id for unit in units_below(move.session, parent.lead_unit_id)}
    for unit in units:
        if unit.is_outside or not unit.is_active:
            raise Refused("{unit} is outside or closed and cannot lead", unit=unit.name)
        if unit.id not in below:
            raise BadInput("units {unit}: not a unit subordinate to the one that leads", unit=unit.code)
    due = _due(move, given)
    lead = move.session.get_one(Unit, parent.lead_unit_id)
    # whoever acts in the head's place does so for as long as that lasts; the parts are the head's
    holder = in_whose_place(move.session, move.session.get_one(Person, move.actor_id), lead, local_date(move.now))
    created = create_tasks(
        move.session,
        LaunchContext(
            directive=move.directive,
            launch=move.session.get_one(Launch, parent.launch_id),
            duty_id=parent.duty_id,
            version_id=parent.template_version_id,
            spec=move.spec,
            occurrence=parent.occurrence,
            assigned_at=move.now,
            assigner_unit_id=parent.lead_unit_id,
            coordinator_id=holder or move.actor_id,
            actor_id=move.actor_id,
            relation=move.relation.value,
            incident=incident,
            parent=parent,
        ),
        {unit.id: due for unit in units},
        calendar=move.calendar,
    )
    if created.created == 0:
        raise Refused("these units have the task already")
    move.changes["accepted_at"] = parent.accepted_at or move.now
    move.facts |= {"children": [child.hex for child in created.task_ids]}
    move.note = given.note


def _due(move: Move, given: CascadeTo) -> DueDecision:
    parent = move.task
    if given.due is None:
        return DueDecision(parent.due_at, DueFixedBy.PARENT if parent.due_at else None)
    if given.due < local_date(move.now):
        raise BadInput("due {due}: the day is past", due=write_date(given.due))
    if parent.due_at is not None and given.due > due_date(parent.due_at):
        raise BadInput(
            "due {due}: after the parent task's date, {parent}",
            due=write_date(given.due),
            parent=write_date(due_date(parent.due_at)),
        )
    due = DueDecision(end_of_day(given.due), DueFixedBy.ASSIGNER)
    return due if parent.due_at is None else within_parent(due, parent.due_at)  # whose last day may end by the hour
