"""Which of the actions that the table allows make sense now, the likeliest first.

Pages leave the others out, so that nobody is offered what would be refused.
"""

from collections.abc import Collection

from workflows.rules.tasks.lifecycle import SPECS, Action, ActionPlace, Situation, allowed_actions


def offered(situation: Situation) -> list[Action]:
    """The likeliest action comes first."""
    allowed = set(allowed_actions(situation.status, situation.relations))
    return [action for action, spec in SPECS.items() if action in allowed and spec.makes_sense(situation)]


def at_hand(situation: Situation) -> tuple[list[Action], list[Action]]:
    """Return the actions to offer at once, and those seldom needed."""
    actions = offered(situation)
    asked = {Action.CHANGE_LEAD} if situation.has_lead_request else set()
    near = [action for action in actions if SPECS[action].place is not ActionPlace.SELDOM or action in asked]
    return near, [action for action in actions if action not in near]


def main_action(actions: Collection[Action]) -> Action | None:
    """Return the action of a page's main button: the first of its place that the page offers, or None."""
    return next((one for one, spec in SPECS.items() if spec.place is ActionPlace.MAIN and one in actions), None)
