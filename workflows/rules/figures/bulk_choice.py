"""Which of many tasks an action is for, told before it is asked for: the rest would be refused one by one."""

from models.i18n import _
from models.tasks.task import TaskStatus
from workflows.rules.figures.board_cells import Judged, Mark
from workflows.rules.tasks.lifecycle import SPECS, Action

BULK_ACTIONS = (Action.REMIND, Action.SET_DATE, Action.WITHDRAW, Action.CHANGE_LEAD, Action.CHANGE_COORDINATOR)
"""What a coordinator does to many tasks at once."""
_WAITS = {
    Mark.EXTENSION: _("waiting for a decision on more time"),
    Mark.BLOCKED: _("waiting for the answer to an obstacle"),
    Mark.LEAD_CHANGE: _("waiting for a decision on another lead unit"),
}


def left_out(action: Action, judged: Judged, *, fixed_elsewhere: bool = False) -> str | None:
    """Return why the action is not for a task (a message id), or None. `fixed_elsewhere`: its date is not theirs to
    move.
    """
    if judged.status not in SPECS[action].rule.sources:
        return judged.status.label
    if action is Action.REMIND:
        return next((_WAITS[mark] for mark in judged.marks if mark in _WAITS), None)
    if action is Action.SET_DATE and judged.status is TaskStatus.SUBMITTED:
        return judged.status.label
    if action is Action.SET_DATE and fixed_elsewhere:
        return _("the directive itself fixes its deadline: only the issuer's side may move it")
    return None
