"""The parts of a task that was handed on: their state rolls up, and they end with the whole."""

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

WHOLE_IS_DONE = "Nhiệm vụ giao xuống đã hoàn thành ở đơn vị chủ trì"
"""Why a part is withdrawn when its whole is approved; it stands in the history and in the letter."""
ANOTHER_LEAD = "Đơn vị chủ trì nhiệm vụ cấp trên đã thay đổi"
"""Why a part is followed up by somebody else, or withdrawn, likewise."""


def refuse_open_parts(move: TaskMove) -> None:
    """A whole is not submitted while a part is open."""
    if count := len(_open_parts(move, move.task.id)):
        raise Refused(
            _n(
                "{count} task still open at subordinate units: approve or withdraw first",
                "{count} tasks still open at subordinate units: approve or withdraw first",
            ),
            count=count,
        )


def withdraw_parts(move: TaskMove, note: str) -> None:
    """Withdraw the open parts with the whole; the units are told with the note."""
    for part in _open_parts(move, move.task.id):
        _withdraw(move, part, note)


def hand_parts_over(move: TaskMove, unit: Unit) -> None:
    """Let the new lead of the whole decide on its parts, closed ones too: they may be reopened.

    A part of a unit that is not below the new lead ends: its lateness is none of another enterprise's business.
    """
    below = {one.id for one in units_below(move.session, unit.id)}
    for part in move.session.exec(select(Task).where(Task.parent_id == move.task.id)).all():
        if part.lead_unit_id in below:
            _hand_over(move, part, unit)
        elif part.status in OPEN_STATUSES:
            _withdraw(move, part, ANOTHER_LEAD)


def _hand_over(move: TaskMove, part: Task, unit: Unit) -> None:
    former = part.coordinator_id
    coordinator = unit.head_id or unit.deputy_id or former
    follow = system_move(move, part, "coordinator_changed")
    follow.changes |= {"assigner_unit_id": unit.id, "coordinator_id": coordinator}
    follow.facts = {"from": former.hex, "to": coordinator.hex}
    follow.note = ANOTHER_LEAD
    if part.status in OPEN_STATUSES:
        follow.notify_roles, follow.notify_people = ["coordinator"], [former]
    apply(follow)


def _withdraw(move: TaskMove, part: Task, note: str) -> None:
    follow = system_move(move, part, "withdrawn")
    follow.target = TaskStatus.WITHDRAWN
    follow.changes["closed_at"] = move.now
    follow.note = note
    follow.notify_roles = ["head", "officer", "coordinating"]
    withdraw_parts(follow, note)
    apply(follow)


def tell_whole_when_last(move: TaskMove) -> None:
    """With its last open part done, the lead of the whole is told, unless the whole's report has arrived already."""
    if move.task.parent_id is None:
        return
    if move.session.get_one(Task, move.task.parent_id).status is TaskStatus.SUBMITTED:
        return
    others = [part for part in _open_parts(move, move.task.parent_id) if part.id != move.task.id]
    if not others:
        move.follow_ups.append("children_closed")


def ended_with_whole(part: Any, whole_id: Any, approved_at: Any) -> ColumnElement[bool]:
    """Return which parts were withdrawn because their whole was approved at a moment: their units were told."""
    return and_(
        col(part.parent_id) == whole_id, col(part.status) == TaskStatus.WITHDRAWN, col(part.closed_at) == approved_at
    )


def read_whole(move: TaskMove) -> Task | None:
    """Return the task that this one is a part of. Refuse where that is closed, or waits for its own decision."""
    if move.task.parent_id is None:
        return None
    whole = move.session.get_one(Task, move.task.parent_id)
    if whole.status not in OPEN_STATUSES or whole.status is TaskStatus.SUBMITTED:
        raise Refused(
            "the task that this one is a part of is at: {status}; reopen or return that task first",
            status=whole.status.label,
        )
    return whole


def untell_whole(move: TaskMove, approval: History) -> None:
    """Take back what the lead of the whole was to be told of a part's approval. Refuse where the whole has gone on."""
    if (whole := read_whole(move)) is None:
        return
    of_parts = (col(Notice.task_id) == whole.id, col(Notice.rung) == f"{EVENT}children_closed")
    untell(move.session, *of_parts, col(Notice.fired_at) >= approval.recorded_at, reason="reopened")


def _open_parts(move: TaskMove, whole_id: UUID) -> list[Task]:
    return list(move.session.exec(select(Task).where(Task.parent_id == whole_id, col(Task.status).in_(OPEN_STATUSES))))
