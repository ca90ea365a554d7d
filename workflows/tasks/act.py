"""Do one action on a task. The transition table permits it, and the caller's transaction writes it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from pydantic import ValidationError
from sqlmodel import Session, col, or_, select

from models.directives.ladders import RecipientRole
from models.directives.launch import Incident, Launch
from models.errors import BadInput, NotFound, Refused
from models.i18n import _
from models.organization.person import Person
from models.organization.register_reads import resolve_unit, units_below
from models.organization.unit import Unit
from models.tasks import act_inputs as inputs
from models.tasks.act_inputs import CascadeTo, Note, PressSigned
from models.tasks.task import DueFixedBy, SignedPress, Task
from models.text.faults import fault_words
from models.text.localtime import due_date, end_of_day, local_date, write_date
from workflows.access.actor_context import ActorContext
from workflows.access.conflict import refuse_stale
from workflows.access.find_task import short
from workflows.access.relations import find_represented, relations_of
from workflows.access.roster import Roster
from workflows.rules.calendar.due import DueDecision, within_parent
from workflows.rules.tasks.actions import Action
from workflows.rules.tasks.lifecycle import SPECS, permit
from workflows.tasks.acts import closing, lead, obstacles, results, taking
from workflows.tasks.acts import due_dates as dates
from workflows.tasks.assign import LaunchContext, create_tasks
from workflows.tasks.moves import TaskMove, apply, last_event


def cascade(move: TaskMove, arguments: CascadeTo) -> None:
    """Create one child task for each subordinate unit. The lead of the parent task is the assigner."""
    parent = move.task
    incident = move.session.get_one(Incident, parent.incident_id) if parent.incident_id else None
    units = _find_subordinates(move, arguments.units)
    due = _child_due(move, arguments)
    lead = move.session.get_one(Unit, parent.lead_unit_id)
    # a stand-in's head coordinates the child tasks, as the stand-in acts only during the absence
    head_id = find_represented(move.session, move.session.get_one(Person, move.actor_id), lead, local_date(move.now))
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
            coordinator_id=head_id or move.actor_id,
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
    move.note = arguments.note


def _find_subordinates(move: TaskMove, names: Iterable[str]) -> list[Unit]:
    units = [resolve_unit(move.session, name) for name in dict.fromkeys(names)]
    subordinate_ids = {unit.id for unit in units_below(move.session, move.task.lead_unit_id)}
    for unit in units:
        if unit.is_outside or not unit.is_active:
            raise Refused("{unit} is an outside contact or retired and cannot lead", unit=unit.name)
        if unit.id not in subordinate_ids:
            raise BadInput("units {unit}: not a unit subordinate to the one that leads", unit=unit.code)
    return units


def _child_due(move: TaskMove, arguments: CascadeTo) -> DueDecision:
    parent = move.task
    if arguments.due is None:
        return DueDecision(parent.due_at, DueFixedBy.PARENT if parent.due_at else None)
    if arguments.due < local_date(move.now):
        raise BadInput("due {due}: the day is past", due=write_date(arguments.due))
    if parent.due_at is not None and arguments.due > due_date(parent.due_at):
        raise BadInput(
            "due {due}: after the parent task's deadline, {parent}",
            due=write_date(arguments.due),
            parent=write_date(due_date(parent.due_at)),
        )
    due = DueDecision(end_of_day(arguments.due), DueFixedBy.ASSIGNER)
    return (
        due if parent.due_at is None else within_parent(due, parent.due_at)
    )  # the parent's deadline may be an hour of that day


_REMINDED_ROLES = [RecipientRole.HEAD.value, RecipientRole.OFFICER.value]


def remind(move: TaskMove, arguments: Note) -> None:
    """Remind the unit, at most once a day, not while it waits for others, and only if somebody can get the letter."""
    task, today = move.task, local_date(move.now)
    if task.wait_kind is not None:
        raise Refused(
            "the unit waits for somebody else: {wait}; there is nothing to remind it of", wait=task.wait_kind.label
        )
    last = last_event(move.session, task.id, ["reminded"])
    if last is not None and local_date(last.recorded_at) == today:
        raise Refused("the unit was reminded of this task today, {day}, already", day=write_date(today))
    roster = Roster.for_tasks(move.session, [task], today)
    recipients = [recipient for role in _REMINDED_ROLES for recipient in roster.recipients(role, task)]
    if all(recipient.undeliverable is not None for recipient in recipients):
        unit = move.session.get_one(Unit, task.lead_unit_id)
        raise Refused("nobody at {unit} can get letters now: telephone, and record the call", unit=unit.name)
    move.note = arguments.note
    move.notify_roles = _REMINDED_ROLES


def press_signed(move: TaskMove, arguments: PressSigned) -> None:
    """Record a signed công văn đôn đốc by the number and date on the paper."""
    if arguments.date > local_date(move.now):
        raise BadInput("date {date}: a document cannot be dated after today", date=write_date(arguments.date))
    move.session.add(
        SignedPress(
            task_id=move.task.id,
            number=arguments.number,
            signed_on=arguments.date,
            signer=arguments.signer,
            recorded_at=move.now,
            recorded_by=move.actor_id,
        )
    )
    move.occurred_on = arguments.date
    move.facts |= {"number": arguments.number, "date": arguments.date.isoformat()}


Handler = Callable[[TaskMove, Any], None]

HANDLERS: dict[Action, Handler] = {
    Action.ACCEPT: taking.accept,
    Action.ASSIGN: taking.assign,
    Action.SET_DATE: dates.set_date,
    Action.PROGRESS: taking.progress,
    Action.SUBMIT: results.submit,
    Action.TAKE_BACK: results.take_back,
    Action.CORRECT: results.correct,
    Action.RECEIVE: results.receive,
    Action.RETURN: results.return_,
    Action.APPROVE: results.approve,
    Action.UNDO_APPROVAL: results.undo_approval,
    Action.NOT_OURS: lead.not_ours,
    Action.CHANGE_LEAD: lead.change_lead,
    Action.KEEP_LEAD: lead.keep_lead,
    Action.CHANGE_COORDINATOR: lead.change_coordinator,
    Action.REMIND: remind,
    Action.TELEPHONE: taking.telephone,
    Action.ASK_EXTENSION: dates.ask_extension,
    Action.GRANT_EXTENSION: dates.grant_extension,
    Action.REFUSE_EXTENSION: dates.refuse_extension,
    Action.COUNTER_EXTENSION: dates.counter_extension,
    Action.AGREE_EXTENSION: dates.agree_extension,
    Action.DECLINE_EXTENSION: dates.decline_extension,
    Action.RAISE_OBSTACLE: obstacles.raise_obstacle,
    Action.ANSWER_OBSTACLE: obstacles.answer_obstacle,
    Action.CONTRIBUTE: taking.contribute,
    Action.CASCADE: cascade,
    Action.PRESS_SIGNED: press_signed,
    Action.WITHDRAW: closing.withdraw,
    Action.REOPEN: closing.reopen,
}


@dataclass(frozen=True)
class ActionResult:
    task: Task
    history_id: UUID
    event: str


def act(
    context: ActorContext,
    task_id: UUID,
    action: Action,
    arguments: Mapping[str, Any],
    *,
    seen: UUID | None = None,
    letters_at: datetime | None = None,
) -> ActionResult:
    """Do one action with the fields of its input (`arguments`).

    `seen` is the newest line of history on the page that the person acted from. `letters_at` is a moment that the
    letters of several actions share; the default is `now`. Raise Refused if the action is not possible now or for this
    person, Conflict if a line after `seen` matters to it, and BadInput for a wrong field.
    """
    task = _lock(context.session, task_id)
    relations = relations_of(context.session, task, context.actor, context.today)
    relation = permit(action, task.status, relations, task=short(task_id), person=context.actor.full_name)
    if seen is not None:
        refuse_stale(context.session, task, action, seen)
    spec = SPECS[action]
    move = TaskMove(
        session=context.session,
        task=task,
        actor=context.actor,
        relation=relation,
        now=context.now,
        letters_at=letters_at,
        calendar=context.calendar,
        settings=context.settings,
        event=spec.rule.event,
        target=spec.rule.target,
    )
    HANDLERS[action](move, read_input(spec.input, arguments))
    history_id = apply(move)
    return ActionResult(task, history_id, move.event)


def _lock(session: Session, task_id: UUID) -> Task:
    """Return the task, locked. Its parent is locked first, as the parent's status limits its children."""
    parent_id = select(Task.parent_id).where(Task.id == task_id).scalar_subquery()
    both = select(Task).where(or_(col(Task.id) == task_id, col(Task.id) == parent_id)).order_by(col(Task.id) == task_id)
    tasks = session.exec(both.with_for_update().execution_options(populate_existing=True)).all()
    if not tasks or tasks[-1].id != task_id:
        raise NotFound("task {task}: there is no such task", task=str(task_id))
    return tasks[-1]


_FIELDS = {
    "number": _("number"),
    "date": _("date"),
    "received_on": _("received on"),
    "subject": _("subject"),
    "signer": _("signer"),
    "note": _("note"),
    "units": _("units"),
    "answered_by": _("answered by"),
    "text": _("text of the message"),
    "mention": _("people mentioned"),
    "question": _("question"),
}
"""Names of the fields in error messages."""


_Input = TypeVar("_Input", bound=inputs.ActionInput)


def read_input(kind: type[_Input], arguments: Mapping[str, Any]) -> _Input:
    """Validate an input. Raise BadInput with the first wrong field and what it must be."""
    try:
        return kind.model_validate(dict(arguments))
    except ValidationError as error:
        first = error.errors()[0]
        name, wrong = ".".join(str(part) for part in first["loc"]), fault_words(first)
        field = _FIELDS.get(name, name)
        if first["type"] == "missing":
            raise BadInput("{field}: {wrong}", field=field, wrong=wrong) from error
        raise BadInput("{field} {value}: {wrong}", field=field, value=repr(first["input"]), wrong=wrong) from error
