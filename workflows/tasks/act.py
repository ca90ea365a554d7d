"""Act on a task: one action, by one person, now. Allowed by the transition table, written whole or not at all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlmodel import Session, col, or_, select

from models.errors import BadInput, NotFound
from models.i18n import _
from models.organization.person import Person
from models.settings import Settings
from models.tasks import act_inputs as inputs
from models.tasks.search_reads import ends_in
from models.tasks.task import Task
from models.text.faults import fault_words
from models.text.localtime import local_date
from workflows.access.conflict import refuse_stale
from workflows.access.relations import relations_of
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.tasks.lifecycle import TRANSITIONS, Action, permit
from workflows.tasks.acts import cascade, closing, lead, obstacles, pressing, results, taking
from workflows.tasks.acts import due_dates as dates
from workflows.tasks.moves import Move, apply

Handler = Callable[[Move, Any], None]

ACTIONS: dict[Action, tuple[type[inputs.ActionInput], Handler]] = {
    Action.ACCEPT: (inputs.Note, taking.accept),
    Action.ASSIGN: (inputs.AssignOn, taking.assign),
    Action.SET_DATE: (inputs.SetDate, dates.set_date),
    Action.PROGRESS: (inputs.Note, taking.progress),
    Action.SUBMIT: (inputs.Submission, results.submit),
    Action.RECEIVE: (inputs.Receipt, results.receive),
    Action.RETURN: (inputs.Reason, results.return_),
    Action.APPROVE: (inputs.Note, results.approve),
    Action.NOT_OURS: (inputs.NotOurs, lead.not_ours),
    Action.CHANGE_LEAD: (inputs.ChangeLead, lead.change_lead),
    Action.KEEP_LEAD: (inputs.Reason, lead.keep_lead),
    Action.CHANGE_COORDINATOR: (inputs.ChangeCoordinator, lead.change_coordinator),
    Action.REMIND: (inputs.Note, pressing.remind),
    Action.TELEPHONE: (inputs.TelephoneCall, taking.telephone),
    Action.ASK_EXTENSION: (inputs.AskExtension, dates.ask_extension),
    Action.GRANT_EXTENSION: (inputs.Note, dates.grant_extension),
    Action.REFUSE_EXTENSION: (inputs.Reason, dates.refuse_extension),
    Action.COUNTER_EXTENSION: (inputs.CounterExtension, dates.counter_extension),
    Action.AGREE_EXTENSION: (inputs.Note, dates.agree_extension),
    Action.DECLINE_EXTENSION: (inputs.Note, dates.decline_extension),
    Action.RAISE_OBSTACLE: (inputs.RaiseObstacle, obstacles.raise_obstacle),
    Action.ANSWER_OBSTACLE: (inputs.Reason, obstacles.answer_obstacle),
    Action.CONTRIBUTE: (inputs.Note, taking.contribute),
    Action.CASCADE: (inputs.CascadeTo, cascade.cascade),
    Action.PRESS_SIGNED: (inputs.PressSigned, pressing.press_signed),
    Action.WITHDRAW: (inputs.Reason, closing.withdraw),
    Action.REOPEN: (inputs.Reason, closing.reopen),
}


@dataclass(frozen=True)
class Acted:
    """What came of it."""

    task: Task
    history_id: UUID
    event: str


def act(
    session: Session,
    task_id: UUID,
    action: Action,
    actor: Person,
    given: Mapping[str, Any],
    *,
    now: datetime,
    calendar: WorkCalendar,
    settings: Settings,
    seen: UUID | None = None,
    told_at: datetime | None = None,
) -> Acted:
    """Do one action. Raises Refused (not now, not by this person, not twice) or BadInput (what was given).

    `seen` is the newest history row that the person knew of; Stale where what came after it bears on the action.
    `told_at` is the moment that its letters share with those of other actions; else `now`.
    """
    task = _hold(session, task_id)
    relations = relations_of(session, task, actor, local_date(now))
    relation = permit(action, task.status, relations, task=short(task_id), person=actor.full_name)
    if seen is not None:
        refuse_stale(session, task, action, seen)
    kind, handler = ACTIONS[action]
    rule = TRANSITIONS[action]
    move = Move(
        session=session,
        task=task,
        actor=actor,
        relation=relation,
        now=now,
        told_at=told_at,
        calendar=calendar,
        evidence=settings.evidence,
        evidence_max_bytes=settings.evidence_max_bytes,
        event=rule.event,
        target=rule.target,
    )
    handler(move, read_input(kind, given))
    history_id = apply(move)
    return Acted(task, history_id, move.event)


def _hold(session: Session, task_id: UUID) -> Task:
    """Return a task, locked, and before it the one that it is a part of: what may be done to a part depends on the
    whole.
    """
    whole = select(Task.parent_id).where(Task.id == task_id).scalar_subquery()
    both = select(Task).where(or_(col(Task.id) == task_id, col(Task.id) == whole)).order_by(col(Task.id) == task_id)
    held = session.exec(both.with_for_update().execution_options(populate_existing=True)).all()
    if not held or held[-1].id != task_id:
        raise NotFound("task {task}: there is no such task", task=str(task_id))
    return held[-1]


_FIELDS = {
    "number": _("number"),
    "date": _("date"),
    "received_on": _("received on"),
    "subject": _("subject"),
    "signer": _("signer"),
    "note": _("note"),
    "units": _("units"),
    "answered_by": _("answered by"),
}
"""What fields are called."""


def read_input(kind: type[inputs.ActionInput], given: Mapping[str, Any]) -> inputs.ActionInput:
    """Return what was given, checked; BadInput names the first field at fault and what it must be."""
    try:
        return kind.model_validate(dict(given))
    except ValidationError as error:
        first = error.errors()[0]
        name, wrong = ".".join(str(part) for part in first["loc"]), fault_words(first)
        field = _FIELDS.get(name, name)
        if first["type"] == "missing":
            raise BadInput("{field}: {wrong}", field=field, wrong=wrong) from error
        raise BadInput("{field} {value}: {wrong}", field=field, value=repr(first["input"]), wrong=wrong) from error


def short(task_id: UUID) -> str:
    """Return the last eight hexadecimal digits: how people name a task on the command line."""
    return task_id.hex[-8:]


def find_task(session: Session, name: str) -> Task:
    """Return a task by its id or by the last digits of it (at least six). NotFound when none or several fit."""
    wanted = name.replace("-", "").lower()
    if len(wanted) == 32:
        found = session.exec(select(Task).where(Task.id == _uuid(wanted, name))).all()
    else:
        if not 6 <= len(wanted) <= 12 or not all(char in "0123456789abcdef" for char in wanted):
            raise BadInput("task {task}: give its id, or the last six to twelve digits of it", task=name)
        found = session.exec(select(Task).where(ends_in(wanted)).limit(2)).all()
    if len(found) != 1:
        raise NotFound("task {task}: {count} tasks fit", task=name, count=len(found))
    return found[0]


def _uuid(text: str, name: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise BadInput("task {task}: give its id, or the last six to twelve digits of it", task=name) from error
