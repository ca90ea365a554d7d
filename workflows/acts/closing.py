"""Taking back and taking up again: withdraw, reopen, and the record of a signed công văn đôn đốc."""

from sqlmodel import col, select

from models.errors import BadInput
from models.inputs import PressSigned, Reason
from models.localtime import local_date
from models.task import OPEN_STATUSES, SignedPress, Task, TaskStatus
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
    """A closed task lives again under its own key; what was never accepted must still be."""
    if move.task.accepted_at is None:
        move.target = TaskStatus.ASSIGNED
    move.changes |= {"closed_at": None, "submitted_on": None}
    move.note = given.note
    move.starts_again = move.task.accepted_at is None
    move.tells = ["head", "officer"]


def press_signed(move: Move, given: PressSigned) -> None:
    """A person signed a công văn đôn đốc: its number and date come from the paper."""
    if given.date > local_date(move.now):
        raise BadInput("date {date}: a document cannot be dated after today", date=given.date)
    move.session.add(
        SignedPress(
            task_id=move.task.id,
            number=given.number,
            signed_on=given.date,
            signer=given.signer,
            recorded_at=move.now,
            recorded_by=move.actor_id,
        )
    )
    move.occurred_on = given.date
    move.facts |= {"number": given.number, "date": given.date.isoformat()}
