"""Choose the actions that a page offers: those that the table allows and that make sense now, the likeliest first."""

from collections.abc import Collection

from workflows.rules.tasks.actions import Action
from workflows.rules.tasks.lifecycle import SPECS, ActionPlace, Situation, allowed_actions


def offered(situation: Situation) -> list[Action]:
    allowed = set(allowed_actions(situation.status, situation.relations))
    return [action for action, spec in SPECS.items() if action in allowed and spec.makes_sense(situation)]


def at_hand(situation: Situation) -> tuple[list[Action], list[Action]]:
    """Return the usual actions and those seldom needed. Changing the lead is usual once the unit has asked for it."""
    actions = offered(situation)
    requested = {Action.CHANGE_LEAD} if situation.has_lead_request else set()
    near = [action for action in actions if SPECS[action].place is not ActionPlace.SELDOM or action in requested]
    return near, [action for action in actions if action not in near]


def main_action(actions: Collection[Action]) -> Action | None:
    """Return the action of a page's main button: the first of its place that the page offers, or None."""
    return next(
        (action for action, spec in SPECS.items() if spec.place is ActionPlace.MAIN and action in actions), None
    )
