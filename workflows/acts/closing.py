"""Taking back and taking up again: withdraw, reopen."""

from sqlmodel import col, select

from models.inputs import Reason
from models.task import OPEN_STATUSES, Task, TaskStatus
from workflows.acts.results import give_back
from workflows.moves import Move, apply, system_move


def withdraw(move: Move, given: Reason) -> None:
    """The assigner takes the task back; what was handed on goes with it."""
    move.changes["closed_at"] = move.now
    move.note = given.note
    move.tells = ["head", "officer", "coordinating"]
    for child in move.session.exec(
        select(Task).where(Task.parent_id == move.task.id, col(Task.status).in_(OPEN_STATUSES))
    ).all():
        follow = system_move(move, child, "withdrawn")
        follow.target = TaskStatus.WITHDRAWN
        withdraw(follow, given)
        apply(follow)


def reopen(move: Move, given: Reason) -> None:
    """A closed task lives again under its own key; what was never accepted must still be.

    A result that waited when the task was withdrawn goes back to the unit: it submits again.
    """
    if move.task.accepted_at is None:
        move.target = TaskStatus.ASSIGNED
    give_back(move)
    move.changes |= {"closed_at": None, "submitted_on": None}
    move.note = given.note
    move.starts_again = move.task.accepted_at is None
    move.tells = ["head", "officer"]
