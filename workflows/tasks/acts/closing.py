"""Taking back and taking up again: withdraw, reopen."""

from collections.abc import Mapping
from typing import Any

from models.errors import Refused
from models.tasks.act_inputs import Reason
from models.tasks.task import DueFixedBy, Task, TaskStatus
from models.text.localtime import due_date
from workflows.access.actor_context import ActorContext
from workflows.rules.tasks.lifecycle import Relation
from workflows.tasks.acts.results import give_back
from workflows.tasks.acts.task_parts import read_whole, withdraw_parts
from workflows.tasks.moves import TaskMove, apply


def withdraw(move: TaskMove, given: Reason) -> None:
    """The assigner takes the task back; what was handed on goes with it."""
    move.changes["closed_at"] = move.now
    move.note = given.note
    move.notify_roles = ["head", "officer", "coordinating"]
    withdraw_parts(move, given.note)


def withdraw_for(
    context: ActorContext,
    task: Task,
    relation: Relation,
    note: str,
    *,
    facts: Mapping[str, Any] | None = None,
    tells: bool = True,
) -> None:
    """Withdraw a task because its launch, incident or inspection ends; `tells`: notify its people."""
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


def reopen(move: TaskMove, given: Reason) -> None:
    """A closed task lives again under its own key; what was never accepted must still be.

    A result that waited when the task was withdrawn goes back to the unit: it submits again.
    """
    if move.task.accepted_at is None:
        move.target = TaskStatus.ASSIGNED
    _put_under_parent(move)
    give_back(move)
    move.changes |= {"closed_at": None, "submitted_on": None}
    move.note = given.note
    move.starts_again = move.task.accepted_at is None
    # those beside the lead heard of a withdrawal, and of no approval
    move.notify_roles = ["head", "officer", *(["coordinating"] if move.task.status is TaskStatus.WITHDRAWN else [])]


def _put_under_parent(move: TaskMove) -> None:
    """A part lives again only where the whole is still being worked on, and no longer than that."""
    task = move.task
    if (parent := read_whole(move)) is None:
        return
    if parent.lead_unit_id != task.assigner_unit_id:
        raise Refused("another unit now leads the task that this one is a part of: that unit delegates anew")
    if parent.due_at is not None and (task.due_at is None or task.due_at > parent.due_at):
        move.new_due_on, move.new_due_by = due_date(parent.due_at), DueFixedBy.PARENT
