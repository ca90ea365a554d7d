"""Choose the tasks of a selection for which an action is possible, before the person orders it for all of them."""

from models.i18n import _
from models.tasks.task import TaskStatus
from workflows.rules.figures.board_cells import Judged, Mark
from workflows.rules.tasks.actions import Action
from workflows.rules.tasks.lifecycle import SPECS

BULK_ACTIONS = (Action.REMIND, Action.SET_DATE, Action.WITHDRAW, Action.CHANGE_LEAD, Action.CHANGE_COORDINATOR)
"""The actions that a coordinator can take on many tasks at once."""
_WAITS = {
    Mark.EXTENSION: _("waiting for a decision on more time"),
    Mark.BLOCKED: _("waiting for the answer to an obstacle"),
    Mark.LEAD_CHANGE: _("waiting for a decision on another lead unit"),
}


def left_out(action: Action, judged: Judged, *, fixed_elsewhere: bool = False) -> str | None:
    """Return why an action is not possible (a message id). `fixed_elsewhere`: the reader may not move the date."""
    if judged.status not in SPECS[action].rule.sources:
        return judged.status.label
    if action is Action.REMIND:
        return next((_WAITS[mark] for mark in judged.marks if mark in _WAITS), None)
    if action is Action.SET_DATE and judged.status is TaskStatus.SUBMITTED:
        return judged.status.label
    if action is Action.SET_DATE and fixed_elsewhere:
        return _("the directive itself fixes its deadline: only the issuer's side may move it")
    return None
