"""What a task needs of the unit that leads it: the order in which a person's list shows it, and the next step."""

from enum import StrEnum

from models.i18n import _
from models.tasks.task import TaskStatus
from workflows.rules.tasks.lifecycle import Action

SOON = 7
"""Working days ahead that count as soon, in lists, in digests and before a meeting."""


class Need(StrEnum):
    """What the person's own tasks need, most urgent first. Each open task has exactly one."""

    INCIDENT = "incident"  # its clock runs in hours
    LATE = "late"
    ANSWER = "answer"  # another date was proposed: agree or decline
    ACCEPT = "accept"
    RETURNED = "returned"
    DUE_SOON = "due-soon"
    UNDER_WAY = "under-way"
    WAITING = "waiting"  # on somebody else
    UNDATED = "undated"


NEED_WORDS = {
    Need.INCIDENT: _("Incident: the clock runs in hours"),
    Need.LATE: _("Late"),
    Need.ANSWER: _("Another date was proposed: your answer is awaited"),
    Need.ACCEPT: _("To accept"),
    Need.RETURNED: _("Returned for completion"),
    Need.DUE_SOON: _("Due soon"),
    Need.UNDER_WAY: _("Under way"),
    Need.WAITING: _("Waiting for somebody else"),
    Need.UNDATED: _("Without a date"),
}


def next_step(need: Need, status: TaskStatus, *, is_countered: bool) -> Action | None:
    """Return the action that brings the task on; None where it waits for somebody else."""
    if need is Need.WAITING:
        return None
    if is_countered:
        return Action.AGREE_EXTENSION
    return Action.ACCEPT if status is TaskStatus.ASSIGNED else Action.SUBMIT
