"""Demand that a unit puts a shortcoming right: an ordinary task of the inspection's document, tied to the finding."""

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
from workflows.inspections.find import find_finding, refuse_unseen
from workflows.inspections.held import hold, tell_history
from workflows.inspections.seeing import InspectionAccess, refuse_unless_while, require
from workflows.launch.launch_plan import default_coordinator
from workflows.launch.type_task import type_task
from workflows.rules.tasks.inspection_policy import SHORTCOMINGS, Deed
from workflows.templates.typed_task import TypedTask


@dataclass(frozen=True)
class Demand:
    """What the unit must do, word for word and in a few words, until when, and what shows it."""

    text: str
    title: str
    due_on: date
    result: str
    partners: tuple[str, ...] = ()
    override: bool = False
    reason: str = ""


def demand_correction(
    context: ActorContext,
    sight: InspectionAccess,
    unit: Unit,
    number: int,
    demand: Demand,
    *,
    correction_id: UUID,
    seen: int | None = None,
) -> Task:
    """Give the unit a task for the finding of a question, in the name of who follows it up.

    `correction_id` is the form's: sent twice it is demanded once. `seen` as in `settle`, and what is demanded counts as
    a change of the finding. Refused where nothing is lacking.
    """
    session = context.session
    there = session.get(InspectionCorrection, correction_id)
    if there is not None:
        return session.get_one(Task, there.task_id)
    require(sight, Deed.CORRECT)
    if demand.due_on < context.today:
        raise BadInput("due {due}: the day is past", due=write_date(demand.due_on))
    if not hold(session, sight.inspection, Deed.CORRECT):  # first: nobody changes the finding meanwhile
        refuse_unless_while(sight.inspection, Deed.CORRECT)
    finding = find_finding(session, sight.inspection, unit, number)
    refuse_unseen(number, finding, seen)
    if finding.verdict not in SHORTCOMINGS:
        raise Refused("{unit}, question {question}: nothing is lacking there", unit=unit.name, question=number)
    follows = session.get_one(Unit, sight.document.coordinating_unit_id)
    typed = TypedTask(
        lead=unit.code,
        title=demand.title,
        quote=demand.text,
        result=demand.result,
        follows=follows.code,
        document=sight.document.code,
        partners=demand.partners,
        due_on=demand.due_on,
        override=demand.override,
        reason=demand.reason,
    )
    follower = replace(context, actor=_coordinator(context, sight))
    done = type_task(follower, typed, launch_id=correction_id)
    assert done.task is not None
    finding.revision += 1
    session.add(
        InspectionCorrection(
            id=correction_id,
            inspection_id=sight.inspection.id,
            unit_id=unit.id,
            item_id=finding.item_id,
            task_id=done.task.id,
            demanded_at=context.now,
            demanded_by=context.actor.id,
        )
    )
    session.flush()
    tell_history(
        context,
        sight,
        "correction_demanded",
        {"unit": unit.id.hex, "question": number, "task": done.task.id.hex, "due_on": demand.due_on.isoformat()},
    )
    return done.task


def _coordinator(context: ActorContext, sight: InspectionAccess) -> Person:
    """Return who follows the task up: whoever demands it, where they coordinate; else who planned it; else another."""
    session = context.session
    unit = session.get_one(Unit, sight.document.coordinating_unit_id)
    for person_id in (context.actor.id, sight.inspection.planned_by):
        person = session.get_one(Person, person_id)
        holds = session.get(PersonRole, (person_id, Role.COORDINATOR, unit.id)) is not None
        if person.is_active and (holds or person_id in (unit.head_id, unit.deputy_id)):
            return person
    return session.get_one(Person, default_coordinator(session, sight.document))
