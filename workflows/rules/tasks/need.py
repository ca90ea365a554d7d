"""What a task needs of the unit that leads it: the order in which a person's list shows it, and the next step."""

from models.i18n import Labelled, _
from models.tasks.task import TaskStatus
from workflows.rules.tasks.lifecycle import Action

SOON = 7
"""Working days ahead of which digests tell."""


class Need(Labelled):
    """What the person's own tasks need, most urgent first. Each open task stands under the first that is true."""

    INCIDENT = "incident", _("Incident: the clock runs in hours")
    LATE = "late", _("Late")
    ANSWER = "answer", _("Another deadline was proposed: please answer")
    ACCEPT = "accept", _("To accept")
    RETURNED = "returned", _("Returned for completion")
    DUE_SOON = "due-soon", _("Due within 7 days")
    UNDER_WAY = "under-way", _("Under way")
    WAITING = "waiting", _("Waiting for somebody else")
    UNDATED = "undated", _("Without a deadline")


def next_step(need: Need, status: TaskStatus, *, is_countered: bool) -> Action | None:
    """None where the task waits for somebody else."""
    if need is Need.WAITING:
        return None
    if is_countered:
        return Action.AGREE_EXTENSION
    return Action.ACCEPT if status is TaskStatus.ASSIGNED else Action.SUBMIT
