"""What would make a person think again: events that, having happened while they looked, bear on what they are to do.

All else may happen in between, a word on progress or a telephone call, and the action still means what it meant.
"""

from workflows.rules.tasks.lifecycle import Action

A = Action
_DATE = frozenset({"due_set", "due_moved"})
_RESULT = frozenset({"submitted", "received", "returned", "approved"})
_EXTENSION = _DATE | {"extension_asked", "extension_countered", "extension_accepted", "extension_refused"}
_LEAD = frozenset({"lead_changed", "lead_change_asked", "lead_kept"})

CONFLICTING_EVENTS: dict[Action, frozenset[str]] = {
    A.ACCEPT: _DATE | {"lead_changed", "reopened"},
    A.ASSIGN: frozenset({"assigned_on", "lead_changed"}),
    A.SET_DATE: _EXTENSION,
    A.PROGRESS: frozenset(),
    A.SUBMIT: _RESULT | {"cascaded"},
    A.RECEIVE: _RESULT,
    A.RETURN: _RESULT,
    A.APPROVE: _RESULT,
    A.NOT_OURS: _LEAD,
    A.CHANGE_LEAD: _LEAD | _RESULT | {"accepted"},
    A.KEEP_LEAD: _LEAD,
    A.CHANGE_COORDINATOR: frozenset({"coordinator_changed"}),
    A.REMIND: _RESULT | {"reminded", "obstacle_raised", "extension_asked", "lead_change_asked"},
    A.TELEPHONE: frozenset(),
    A.ASK_EXTENSION: _EXTENSION,
    A.GRANT_EXTENSION: _EXTENSION,
    A.REFUSE_EXTENSION: _EXTENSION,
    A.COUNTER_EXTENSION: _EXTENSION,
    A.AGREE_EXTENSION: _EXTENSION,
    A.DECLINE_EXTENSION: _EXTENSION,
    A.RAISE_OBSTACLE: frozenset({"obstacle_raised", "obstacle_answered"}),
    A.ANSWER_OBSTACLE: frozenset({"obstacle_raised", "obstacle_answered"}),
    A.CONTRIBUTE: frozenset(),
    A.CASCADE: _DATE | {"cascaded", "lead_changed"},
    A.PRESS_SIGNED: frozenset({"press_signed"}),
    A.WITHDRAW: _RESULT | _LEAD | {"extension_asked", "obstacle_raised", "accepted"},
    A.REOPEN: frozenset({"approved", "withdrawn", "reopened"}),
}
