"""Say what a task needs from its lead unit: its group in a person's list, and the next action."""

from models.i18n import Labelled, _
from models.tasks.task import TaskStatus
from workflows.rules.tasks.actions import Action

SOON = 7
"""A digest lists the tasks that are due within this number of working days."""


class Need(Labelled):
    """The groups of a person's list, the most urgent first. A task stands in the first group that applies."""

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
    """Return the next action; None while the task waits for somebody else."""
    if need is Need.WAITING:
        return None
    if is_countered:
        return Action.AGREE_EXTENSION
    return Action.ACCEPT if status is TaskStatus.ASSIGNED else Action.SUBMIT
