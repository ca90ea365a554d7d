"""Which of the actions that the transition table allows make sense now, the likeliest first.

The table knows status and relation only. What it cannot say (is a request open, is there a date) the handlers refuse;
pages leave those actions out, so that nobody is offered what would be refused.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from models.tasks.task import DueFixedBy, TaskStatus
from workflows.rules.tasks.lifecycle import Action, Relation, allowed_actions

A = Action


@dataclass(frozen=True)
class Situation:
    """What matters beside the status. `extension`: "open", "countered", or None where none is."""

    status: TaskStatus
    relations: frozenset[Relation]
    has_date: bool
    is_late: bool
    due_fixed_by: DueFixedBy | None
    extension: str | None
    by_issuer: bool  # the open request for more time is the issuer's side to decide
    has_obstacle: bool
    has_lead_request: bool
    owes_contribution: bool
    has_subordinates: bool
    has_open_children: bool
    may_take_back: bool = False  # the result that waits came from the site, and no paper of it has been recorded
    may_undo: bool = False  # the reader approved it just now, and nothing but that followed from it
    is_outgrown: bool = False  # the date has moved since, past the one that the open request asks for

    @property
    def decides_extension(self) -> bool:
        return self.extension == "open" and (not self.by_issuer or Relation.ISSUER_OFFICE in self.relations)

    @property
    def may_move_date(self) -> bool:
        fixed = self.has_date and self.due_fixed_by is DueFixedBy.DIRECTIVE
        return self.status is not TaskStatus.SUBMITTED and (not fixed or Relation.ISSUER_OFFICE in self.relations)


_MAKES_SENSE: dict[Action, Callable[[Situation], bool]] = {
    A.UNDO_APPROVAL: lambda s: s.may_undo,
    A.TAKE_BACK: lambda s: s.may_take_back,
    A.CORRECT: lambda s: s.may_take_back and not s.has_open_children,
    A.GRANT_EXTENSION: lambda s: s.decides_extension and not s.is_outgrown,
    A.COUNTER_EXTENSION: lambda s: s.decides_extension,
    A.REFUSE_EXTENSION: lambda s: s.decides_extension,
    A.AGREE_EXTENSION: lambda s: s.extension == "countered",
    A.DECLINE_EXTENSION: lambda s: s.extension == "countered",
    A.ASK_EXTENSION: lambda s: s.has_date and s.extension is None,
    A.SUBMIT: lambda s: not s.has_open_children,
    A.RAISE_OBSTACLE: lambda s: not s.has_obstacle,
    A.NOT_OURS: lambda s: not s.has_lead_request,
    A.KEEP_LEAD: lambda s: s.has_lead_request,
    A.CONTRIBUTE: lambda s: s.owes_contribution,
    A.CASCADE: lambda s: s.has_subordinates,
    A.SET_DATE: lambda s: s.may_move_date,
    A.PRESS_SIGNED: lambda s: s.is_late,
    A.REMIND: lambda s: not (s.has_obstacle or s.has_lead_request or s.extension == "open"),
}
_LIKELIEST_FIRST = (
    *(A.UNDO_APPROVAL, A.ACCEPT, A.AGREE_EXTENSION, A.DECLINE_EXTENSION, A.APPROVE, A.RETURN),
    *(A.GRANT_EXTENSION, A.COUNTER_EXTENSION, A.REFUSE_EXTENSION, A.ANSWER_OBSTACLE, A.KEEP_LEAD),
    *(
        A.SUBMIT,
        A.CORRECT,
        A.TAKE_BACK,
        A.CONTRIBUTE,
        A.PROGRESS,
        A.ASK_EXTENSION,
        A.RAISE_OBSTACLE,
        A.ASSIGN,
        A.CASCADE,
        A.RECEIVE,
    ),
    *(A.SET_DATE, A.REMIND, A.NOT_OURS, A.TELEPHONE, A.PRESS_SIGNED, A.CHANGE_LEAD, A.CHANGE_COORDINATOR),
    *(A.WITHDRAW, A.REOPEN),
)
_MAIN = (
    *(A.ACCEPT, A.AGREE_EXTENSION, A.APPROVE, A.GRANT_EXTENSION, A.ANSWER_OBSTACLE),
    *(A.SUBMIT, A.CONTRIBUTE, A.REMIND),
)
SELDOM = frozenset(_LIKELIEST_FIRST[_LIKELIEST_FIRST.index(A.NOT_OURS) :])
"""What pages show only when asked for more; `change-lead` is not among them while the unit asks for it."""


def offered(situation: Situation) -> list[Action]:
    """Return the actions to offer, in order."""
    allowed = set(allowed_actions(situation.status, situation.relations))
    return [action for action in _LIKELIEST_FIRST if action in allowed and _makes_sense(action, situation)]


def _makes_sense(action: Action, situation: Situation) -> bool:
    asked = _MAKES_SENSE.get(action)
    return asked is None or asked(situation)


def at_hand(situation: Situation) -> tuple[list[Action], list[Action]]:
    """Return the actions to offer at once, and those seldom needed."""
    actions = offered(situation)
    asked = {A.CHANGE_LEAD} if situation.has_lead_request else set()
    near = [action for action in actions if action not in SELDOM or action in asked]
    return near, [action for action in actions if action not in near]


def main_action(actions: Collection[Action]) -> Action | None:
    """Return the action of a page's main button: the first of `_MAIN` that the page offers, or None."""
    return next((action for action in _MAIN if action in actions), None)
