"""Keep child tasks in step with their parent: they are withdrawn with it, and block its submission while open."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_
from sqlmodel import col, select

from models.errors import Refused
from models.i18n import _n
from models.letters.letter import Notice
from models.organization.register_reads import units_below
from models.organization.unit import Unit
from models.tasks.history import History
from models.tasks.task import OPEN_STATUSES, Task, TaskStatus
from workflows.history.notify import untell
from workflows.history.record import EVENT
from workflows.tasks.moves import TaskMove, apply, system_move

PARENT_IS_DONE = "Nhiệm vụ giao xuống đã hoàn thành ở đơn vị chủ trì"
"""The reason for withdrawing a child whose parent is approved. It stands in the history and in the letter."""
ANOTHER_LEAD = "Đơn vị chủ trì nhiệm vụ cấp trên đã thay đổi"
"""The reason for which a child gets another coordinator, or is withdrawn, when its parent changes the lead."""


def refuse_open_children(move: TaskMove) -> None:
    count = len(_open_children(move, move.task.id))
    if count:
        raise Refused(
            _n(
                "{count} task still open at subordinate units: approve or withdraw first",
                "{count} tasks still open at subordinate units: approve or withdraw first",
            ),
            count=count,
        )


def withdraw_children(move: TaskMove, note: str) -> None:
    """Withdraw the open children. Their units are told with the note."""
    for child in _open_children(move, move.task.id):
        _withdraw(move, child, note)


def hand_children_over(move: TaskMove, lead: Unit) -> None:
    """Make the new lead the assigner of the children. An open child of a unit that is not below it is withdrawn."""
    subordinate_ids = {unit.id for unit in units_below(move.session, lead.id)}
    for child in move.session.exec(select(Task).where(Task.parent_id == move.task.id)).all():
        if child.lead_unit_id in subordinate_ids:
            _hand_over(move, child, lead)
        elif child.status in OPEN_STATUSES:
            _withdraw(move, child, ANOTHER_LEAD)


def _hand_over(move: TaskMove, child: Task, lead: Unit) -> None:
    former_id = child.coordinator_id
    coordinator_id = lead.head_id or lead.deputy_id or former_id
    child_move = system_move(move, child, "coordinator_changed")
    child_move.changes |= {"assigner_unit_id": lead.id, "coordinator_id": coordinator_id}
    child_move.facts = {"from": former_id.hex, "to": coordinator_id.hex}
    child_move.note = ANOTHER_LEAD
    if child.status in OPEN_STATUSES:
        child_move.notify_roles, child_move.notify_people = ["coordinator"], [former_id]
    apply(child_move)


def _withdraw(move: TaskMove, child: Task, note: str) -> None:
    child_move = system_move(move, child, "withdrawn")
    child_move.target = TaskStatus.WITHDRAWN
    child_move.changes["closed_at"] = move.now
    child_move.note = note
    child_move.notify_roles = ["head", "officer", "coordinating"]
    withdraw_children(child_move, note)
    apply(child_move)


def tell_parent_when_last(move: TaskMove) -> None:
    """Tell the parent's lead when its last open child is done, unless the parent is submitted already."""
    if move.task.parent_id is None:
        return
    if move.session.get_one(Task, move.task.parent_id).status is TaskStatus.SUBMITTED:
        return
    siblings = [child for child in _open_children(move, move.task.parent_id) if child.id != move.task.id]
    if not siblings:
        move.follow_ups.append("children_closed")


def ended_with_parent(child: Any, parent_id: Any, approved_at: Any) -> ColumnElement[bool]:
    """Return the condition for children that were withdrawn because their parent was approved at a moment."""
    return and_(
        col(child.parent_id) == parent_id,
        col(child.status) == TaskStatus.WITHDRAWN,
        col(child.closed_at) == approved_at,
    )


def read_parent(move: TaskMove) -> Task | None:
    """Return the parent of the task, if any. Raise Refused if the parent is closed or submitted."""
    if move.task.parent_id is None:
        return None
    parent = move.session.get_one(Task, move.task.parent_id)
    if parent.status not in OPEN_STATUSES or parent.status is TaskStatus.SUBMITTED:
        raise Refused(
            "the task that this one is a part of is at: {status}; reopen or return that task first",
            status=parent.status.label,
        )
    return parent


def drop_parent_notices(move: TaskMove, approval: History) -> None:
    """Drop the notices that tell the parent's lead of an approval. Raise Refused as `read_parent` does."""
    parent = read_parent(move)
    if parent is None:
        return
    of_children = (col(Notice.task_id) == parent.id, col(Notice.rung) == f"{EVENT}children_closed")
    untell(move.session, *of_children, col(Notice.fired_at) >= approval.recorded_at, reason="reopened")


def _open_children(move: TaskMove, parent_id: UUID) -> list[Task]:
    query = select(Task).where(Task.parent_id == parent_id, col(Task.status).in_(OPEN_STATUSES))
    return list(move.session.exec(query))
