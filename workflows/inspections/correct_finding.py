"""Demand that a unit corrects a shortcoming: an ordinary task of the inspection's document, tied to the finding."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from models.errors import BadInput, Refused
from models.inspections.inspection import InspectionCorrection
from models.organization.person import Person, PersonRole, Role
from models.organization.unit import Unit
from models.tasks.task import Task
from models.text.localtime import write_date
from workflows.access.actor_context import ActorContext
from workflows.inspections.findings import find_finding, refuse_stale_finding
from workflows.inspections.guarded_update import record_history, update_if
from workflows.inspections.inspection_access import InspectionAccess, refuse_wrong_state, require
from workflows.launch.launch_plan import default_coordinator
from workflows.launch.type_task import type_task
from workflows.rules.tasks.inspection_policy import SHORTCOMINGS, InspectionAction
from workflows.templates.typed_task import TypedTask


@dataclass(frozen=True)
class Demand:
    """A demand: what the unit must do, its short title, the local due date, and the document that proves it."""

    text: str
    title: str
    due_on: date
    result: str
    partners: tuple[str, ...] = ()
    override: bool = False
    reason: str = ""


def demand_correction(
    context: ActorContext,
    access: InspectionAccess,
    unit: Unit,
    number: int,
    demand: Demand,
    *,
    correction_id: UUID,
    seen: int | None = None,
) -> Task:
    """Give the unit a task for the finding of a question, in the name of the person who follows the unit up.

    `correction_id` comes from the form, so that a form sent twice makes one task. `seen` is as in `settle_finding`.
    The demand counts as a change of the finding. Raises Refused where nothing is lacking.
    """
    session = context.session
    demanded = session.get(InspectionCorrection, correction_id)
    if demanded is not None:
        return session.get_one(Task, demanded.task_id)
    require(access, InspectionAction.CORRECT)
    if demand.due_on < context.today:
        raise BadInput("due {due}: the day is past", due=write_date(demand.due_on))
    # the update locks the inspection, so that nobody changes the finding meanwhile
    if not update_if(session, access.inspection, InspectionAction.CORRECT):
        refuse_wrong_state(access.inspection, InspectionAction.CORRECT)
    finding = find_finding(session, access.inspection, unit, number)
    refuse_stale_finding(number, finding, seen)
    if finding.verdict not in SHORTCOMINGS:
        raise Refused("{unit}, question {question}: nothing is lacking there", unit=unit.name, question=number)
    follow_up_unit = session.get_one(Unit, access.document.coordinating_unit_id)
    new_task = TypedTask(
        lead=unit.code,
        title=demand.title,
        quote=demand.text,
        result=demand.result,
        follows=follow_up_unit.code,
        document=access.document.code,
        partners=demand.partners,
        due_on=demand.due_on,
        override=demand.override,
        reason=demand.reason,
    )
    coordinator_context = replace(context, actor=_choose_coordinator(context, access))
    task = type_task(coordinator_context, new_task, launch_id=correction_id).task
    assert task is not None
    finding.revision += 1
    session.add(
        InspectionCorrection(
            id=correction_id,
            inspection_id=access.inspection.id,
            unit_id=unit.id,
            item_id=finding.item_id,
            task_id=task.id,
            demanded_at=context.now,
            demanded_by=context.actor.id,
        )
    )
    session.flush()
    record_history(
        context,
        access,
        "correction_demanded",
        {"unit": unit.id.hex, "question": number, "task": task.id.hex, "due_on": demand.due_on.isoformat()},
    )
    return task


def _choose_coordinator(context: ActorContext, access: InspectionAccess) -> Person:
    """Return the coordinator of the task: the actor, else the planner of the inspection, else the unit's default."""
    session = context.session
    unit = session.get_one(Unit, access.document.coordinating_unit_id)
    for person_id in (context.actor.id, access.inspection.planned_by):
        person = session.get_one(Person, person_id)
        has_role = session.get(PersonRole, (person_id, Role.COORDINATOR, unit.id)) is not None
        if person.is_active and (has_role or person_id in (unit.head_id, unit.deputy_id)):
            return person
    return session.get_one(Person, default_coordinator(session, access.document))
