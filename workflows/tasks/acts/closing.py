"""Withdraw a task, and reopen a closed one."""

from collections.abc import Mapping
from typing import Any

from models.errors import Refused
from models.tasks.act_inputs import Reason
from models.tasks.task import DueFixedBy, Task, TaskStatus
from models.text.localtime import due_date
from workflows.access.actor_context import ActorContext
from workflows.rules.tasks.actions import Relation
from workflows.tasks.acts.child_tasks import read_parent, withdraw_children
from workflows.tasks.acts.results import give_back
from workflows.tasks.moves import TaskMove, apply


def withdraw(move: TaskMove, arguments: Reason) -> None:
    move.changes["closed_at"] = move.now
    move.note = arguments.note
    move.notify_roles = ["head", "officer", "coordinating"]
    withdraw_children(move, arguments.note)


def withdraw_for(
    context: ActorContext,
    task: Task,
    relation: Relation,
    note: str,
    *,
    facts: Mapping[str, Any] | None = None,
    tells: bool = True,
) -> None:
    """Withdraw a task because its launch, incident or inspection ends. Without `tells`, nobody is notified."""
    move = TaskMove(
        session=context.session,
        task=task,
        actor=context.actor,
        relation=relation,
        now=context.now,
        calendar=context.calendar,
        event="withdrawn",
        target=TaskStatus.WITHDRAWN,
        facts=dict(facts or {}),
    )
    withdraw(move, Reason(note=note))
    if not tells:
        move.notify_roles = []
    apply(move)


def reopen(move: TaskMove, arguments: Reason) -> None:
    """Reopen a closed task. It must be accepted if it never was, and a waiting result is returned to the unit."""
    if move.task.accepted_at is None:
        move.target = TaskStatus.ASSIGNED
    _check_parent(move)
    give_back(move)
    move.changes |= {"closed_at": None, "submitted_on": None}
    move.note = arguments.note
    move.starts_again = move.task.accepted_at is None
    # coordinating units were told of a withdrawal, but not of an approval
    move.notify_roles = ["head", "officer", *(["coordinating"] if move.task.status is TaskStatus.WITHDRAWN else [])]


def _check_parent(move: TaskMove) -> None:
    """Raise Refused for a child whose parent is not worked on any more. Cut its deadline to that of the parent."""
    task, parent = move.task, read_parent(move)
    if parent is None:
        return
    if parent.lead_unit_id != task.assigner_unit_id:
        raise Refused("another unit now leads the task that this one is a part of: that unit delegates anew")
    if parent.due_at is not None and (task.due_at is None or task.due_at > parent.due_at):
        move.new_due_on, move.new_due_by = due_date(parent.due_at), DueFixedBy.PARENT
