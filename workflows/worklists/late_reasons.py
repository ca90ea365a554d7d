"""Why tasks are late, as far as anybody said: each late task has one reason, the first that holds."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, not_, or_
from sqlmodel import col

from models.i18n import Labelled, _
from models.tasks.history import History
from models.tasks.task import Obstacle, Task, TaskStatus, WaitKind


class LateReason(Labelled):
    """Who must move next on a late task, or that nobody said anything."""

    AUTHORITY = "authority", _("the authority has not answered in time")
    OBSTACLE = "obstacle", _("an obstacle waits for its answer")
    EXTENSION = "extension", _("more time was asked for")
    LEAD_CHANGE = "lead_change", _("another lead was asked for")
    DECISION = "decision", _("the result waits for our decision")
    RETURNED = "returned", _("the result was returned for completion")
    UNDER_WAY = "under_way", _("progress was reported, no obstacle")
    SILENT = "silent", _("nothing was heard")


def reason_condition(reason: LateReason, now: datetime) -> ColumnElement[bool]:
    """Return which late tasks have this reason; only those that the report counts have one."""
    waits = {one: col(Task.wait_kind) == one for one in WaitKind}
    of_task = col(History.task_id) == col(Task.id)
    heard = exists().where(of_task, col(History.event) == "progress")
    is_overdue = exists().where(
        col(Obstacle.task_id) == col(Task.id), col(Obstacle.answered_at).is_(None), col(Obstacle.respond_by) < now
    )
    calm = col(Task.wait_kind).is_(None)
    returned = col(Task.status) == TaskStatus.RETURNED
    found = {
        LateReason.AUTHORITY: and_(waits[WaitKind.OBSTACLE], is_overdue),
        LateReason.OBSTACLE: and_(waits[WaitKind.OBSTACLE], not_(is_overdue)),
        LateReason.EXTENSION: waits[WaitKind.EXTENSION],
        LateReason.LEAD_CHANGE: waits[WaitKind.LEAD_CHANGE],
        LateReason.DECISION: waits[WaitKind.DECISION],
        LateReason.RETURNED: and_(calm, returned),
        LateReason.UNDER_WAY: and_(calm, not_(returned), heard),
        LateReason.SILENT: and_(calm, not_(or_(returned, heard))),
    }
    return and_(col(Task.parent_id).is_(None), found[reason])
