"""The lifecycle of a task. The table `SPECS` says when each action is allowed, who may do it and where it leads.

Only an action that the table allows may change a status. `actions.py` holds the names that the table uses.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from models.errors import Refused
from models.tasks import act_inputs as inputs
from models.tasks.task import OPEN_STATUSES, DueFixedBy, TaskStatus
from workflows.rules.tasks.actions import Action, Relation

S = TaskStatus

UNDO_WITHIN = timedelta(seconds=60)
"""The person who approved a result can undo the approval for this long. Its letters wait until then."""


@dataclass(frozen=True)
class Transition:
    """The statuses that an action starts from, the relations that allow it, and the history event that it writes.

    The task goes to `target`; None keeps its status. `or_target` is the status that it may return to instead.
    """

    sources: frozenset[TaskStatus]
    by: frozenset[Relation]
    target: TaskStatus | None
    event: str
    or_target: TaskStatus | None = None


class ActionPlace(StrEnum):
    """Where a page offers an action."""

    MAIN = "main"
    """On the main button, unless an earlier main action of the table is offered too."""
    USUAL = "usual"
    SELDOM = "seldom"
    """Only among further actions, which the reader opens."""


@dataclass(frozen=True)
class Situation:
    """The facts about a task and its reader that decide which actions make sense.

    `extension` is the state of the open request for more time: "open", "countered", or None without a request.
    """

    status: TaskStatus
    relations: frozenset[Relation]
    has_date: bool
    is_late: bool
    due_fixed_by: DueFixedBy | None
    extension: str | None
    by_issuer: bool  # the issuer's side decides on the open request for more time
    has_obstacle: bool
    has_lead_request: bool
    owes_contribution: bool
    has_subordinates: bool
    has_open_children: bool
    may_take_back: bool = False  # the waiting result came through the site, and no receipt of it on paper is recorded
    may_undo: bool = False  # the reader approved the result just now, and nobody has been told yet
    is_outgrown: bool = False  # the deadline has moved past the day that the open request asks for

    @property
    def decides_extension(self) -> bool:
        return self.extension == "open" and (not self.by_issuer or Relation.ISSUER_OFFICE in self.relations)

    @property
    def may_move_date(self) -> bool:
        fixed = self.has_date and self.due_fixed_by is DueFixedBy.DIRECTIVE
        return self.status is not TaskStatus.SUBMITTED and (not fixed or Relation.ISSUER_OFFICE in self.relations)


@dataclass(frozen=True)
class ActionSpec:
    """The rule, the input and the place of an action.

    Its handler is in `workflows/tasks/act.py`, its form in `web/actions/action_forms.py`. `conflicts` are events that
    would make a person reconsider: the action is refused if one happened after the person opened the page.
    `makes_sense` tests what status and relation cannot express, such as an open request. The handler refuses the rest.
    """

    rule: Transition
    input: type[inputs.ActionInput]
    conflicts: frozenset[str] = frozenset()
    makes_sense: Callable[[Situation], bool] = lambda _situation: True
    place: ActionPlace = ActionPlace.USUAL


_UNIT = frozenset({Relation.HEAD, Relation.STAND_IN, Relation.DEPUTY})
_DOERS = _UNIT | {Relation.OFFICER, Relation.FOCAL_POINT}
_RECEIVER = frozenset({Relation.RECEIVER})
_DECIDERS = frozenset({Relation.COORDINATOR, Relation.ISSUER_OFFICE})
_WATCHERS = _DECIDERS | {Relation.SUPERVISOR}
_AUTHORITY = frozenset({Relation.AUTHORITY})
_WORKING = frozenset({S.ASSIGNED, S.ACCEPTED, S.RETURNED})
_SENT = frozenset({S.SUBMITTED})

_DATE = frozenset({"due_set", "due_moved"})
_RESULT = frozenset({"submitted", "taken_back", "corrected", "received", "returned", "approved", "approval_undone"})
_EXTENSION = _DATE | {"extension_asked", "extension_countered", "extension_accepted", "extension_refused"}
_OBSTACLE = frozenset({"obstacle_raised", "obstacle_answered"})
_LEAD = frozenset({"lead_changed", "lead_change_asked", "lead_kept"})

A = Action
SPECS: dict[Action, ActionSpec] = {
    A.UNDO_APPROVAL: ActionSpec(
        Transition(frozenset({S.APPROVED}), _RECEIVER, S.SUBMITTED, "approval_undone"),
        inputs.Note,
        makes_sense=lambda s: s.may_undo,
    ),
    A.ACCEPT: ActionSpec(
        Transition(frozenset({S.ASSIGNED}), _DOERS, S.ACCEPTED, "accepted"),
        inputs.Note,
        conflicts=_DATE | {"lead_changed", "reopened"},
        place=ActionPlace.MAIN,
    ),
    A.AGREE_EXTENSION: ActionSpec(
        Transition(OPEN_STATUSES, _DOERS, None, "extension_accepted"),
        inputs.Note,
        conflicts=_EXTENSION,
        makes_sense=lambda s: s.extension == "countered",
        place=ActionPlace.MAIN,
    ),
    A.DECLINE_EXTENSION: ActionSpec(
        Transition(OPEN_STATUSES, _DOERS, None, "extension_refused"),
        inputs.Note,
        conflicts=_EXTENSION,
        makes_sense=lambda s: s.extension == "countered",
    ),
    A.APPROVE: ActionSpec(
        Transition(_SENT, _RECEIVER, S.APPROVED, "approved"), inputs.Note, conflicts=_RESULT, place=ActionPlace.MAIN
    ),
    A.RETURN: ActionSpec(Transition(_SENT, _RECEIVER, S.RETURNED, "returned"), inputs.Reason, conflicts=_RESULT),
    A.GRANT_EXTENSION: ActionSpec(
        Transition(OPEN_STATUSES, _DECIDERS, None, "extension_accepted"),
        inputs.Note,
        conflicts=_EXTENSION,
        makes_sense=lambda s: s.decides_extension and not s.is_outgrown,
        place=ActionPlace.MAIN,
    ),
    A.COUNTER_EXTENSION: ActionSpec(
        Transition(OPEN_STATUSES, _DECIDERS, None, "extension_countered"),
        inputs.CounterExtension,
        conflicts=_EXTENSION,
        makes_sense=lambda s: s.decides_extension,
    ),
    A.REFUSE_EXTENSION: ActionSpec(
        Transition(OPEN_STATUSES, _DECIDERS, None, "extension_refused"),
        inputs.Reason,
        conflicts=_EXTENSION,
        makes_sense=lambda s: s.decides_extension,
    ),
    A.ANSWER_OBSTACLE: ActionSpec(
        Transition(OPEN_STATUSES, _AUTHORITY, None, "obstacle_answered"),
        inputs.Reason,
        conflicts=_OBSTACLE,
        place=ActionPlace.MAIN,
    ),
    A.KEEP_LEAD: ActionSpec(
        Transition(_WORKING, _DECIDERS, None, "lead_kept"),
        inputs.Reason,
        conflicts=_LEAD,
        makes_sense=lambda s: s.has_lead_request,
    ),
    A.SUBMIT: ActionSpec(
        Transition(_WORKING, _DOERS, S.SUBMITTED, "submitted"),
        inputs.Submission,
        conflicts=_RESULT | {"cascaded"},
        makes_sense=lambda s: not s.has_open_children,
        place=ActionPlace.MAIN,
    ),
    A.CORRECT: ActionSpec(
        Transition(_SENT, _DOERS, S.SUBMITTED, "corrected"),
        inputs.Submission,
        conflicts=_RESULT,
        makes_sense=lambda s: s.may_take_back and not s.has_open_children,
    ),
    A.TAKE_BACK: ActionSpec(
        Transition(_SENT, _DOERS, S.ACCEPTED, "taken_back", S.RETURNED),
        inputs.Note,
        conflicts=_RESULT,
        makes_sense=lambda s: s.may_take_back,
    ),
    A.CONTRIBUTE: ActionSpec(
        Transition(OPEN_STATUSES, frozenset({Relation.PARTNER}), None, "contributed"),
        inputs.Note,
        makes_sense=lambda s: s.owes_contribution,
        place=ActionPlace.MAIN,
    ),
    A.PROGRESS: ActionSpec(Transition(_WORKING, _DOERS, S.ACCEPTED, "progress"), inputs.Note),
    A.ASK_EXTENSION: ActionSpec(
        Transition(_WORKING, _DOERS, None, "extension_asked"),
        inputs.AskExtension,
        conflicts=_EXTENSION,
        makes_sense=lambda s: s.has_date and s.extension is None,
    ),
    A.RAISE_OBSTACLE: ActionSpec(
        Transition(_WORKING, _DOERS, None, "obstacle_raised"),
        inputs.RaiseObstacle,
        conflicts=_OBSTACLE,
        makes_sense=lambda s: not s.has_obstacle,
    ),
    A.ASSIGN: ActionSpec(
        Transition(_WORKING, _UNIT, S.ACCEPTED, "assigned_on"),
        inputs.AssignOn,
        conflicts=frozenset({"assigned_on", "lead_changed"}),
    ),
    A.CASCADE: ActionSpec(
        Transition(_WORKING, _UNIT, S.ACCEPTED, "cascaded"),
        inputs.CascadeTo,
        conflicts=_DATE | {"cascaded", "lead_changed"},
        makes_sense=lambda s: s.has_subordinates,
    ),
    A.RECEIVE: ActionSpec(
        Transition(OPEN_STATUSES, frozenset({Relation.CLERK}), S.SUBMITTED, "received"),
        inputs.Receipt,
        conflicts=_RESULT,
    ),
    A.SET_DATE: ActionSpec(
        Transition(OPEN_STATUSES, _DECIDERS, None, "due_moved"),
        inputs.SetDate,
        conflicts=_EXTENSION,
        makes_sense=lambda s: s.may_move_date,
    ),
    A.REMIND: ActionSpec(
        Transition(_WORKING, _WATCHERS, None, "reminded"),
        inputs.Note,
        conflicts=_RESULT | {"reminded", "obstacle_raised", "extension_asked", "lead_change_asked"},
        makes_sense=lambda s: not (s.has_obstacle or s.has_lead_request or s.extension == "open"),
        place=ActionPlace.MAIN,
    ),
    A.NOT_OURS: ActionSpec(
        Transition(frozenset({S.ASSIGNED, S.ACCEPTED}), _UNIT, None, "lead_change_asked"),
        inputs.NotOurs,
        conflicts=_LEAD,
        makes_sense=lambda s: not s.has_lead_request,
        place=ActionPlace.SELDOM,
    ),
    A.TELEPHONE: ActionSpec(
        Transition(OPEN_STATUSES, _WATCHERS, None, "telephone"), inputs.TelephoneCall, place=ActionPlace.SELDOM
    ),
    A.PRESS_SIGNED: ActionSpec(
        Transition(OPEN_STATUSES, _WATCHERS, None, "press_signed"),
        inputs.PressSigned,
        conflicts=frozenset({"press_signed"}),
        makes_sense=lambda s: s.is_late,
        place=ActionPlace.SELDOM,
    ),
    A.CHANGE_LEAD: ActionSpec(
        Transition(_WORKING, _DECIDERS, S.ASSIGNED, "lead_changed"),
        inputs.ChangeLead,
        conflicts=_LEAD | _RESULT | {"accepted"},
        place=ActionPlace.SELDOM,
    ),
    A.CHANGE_COORDINATOR: ActionSpec(
        Transition(OPEN_STATUSES, _DECIDERS, None, "coordinator_changed"),
        inputs.ChangeCoordinator,
        conflicts=frozenset({"coordinator_changed"}),
        place=ActionPlace.SELDOM,
    ),
    A.WITHDRAW: ActionSpec(
        Transition(OPEN_STATUSES, _DECIDERS, S.WITHDRAWN, "withdrawn"),
        inputs.Reason,
        conflicts=_RESULT | _LEAD | {"extension_asked", "obstacle_raised", "accepted"},
        place=ActionPlace.SELDOM,
    ),
    A.REOPEN: ActionSpec(
        Transition(frozenset({S.APPROVED, S.WITHDRAWN}), _DECIDERS, S.ACCEPTED, "reopened"),
        inputs.Reason,
        conflicts=frozenset({"approved", "withdrawn", "reopened"}),
        place=ActionPlace.SELDOM,
    ),
}
"""Pages offer the actions in this order: the most likely one first."""


def permit(action: Action, status: TaskStatus, relations: frozenset[Relation], *, task: str, person: str) -> Relation:
    """Return the relation under which the person may do the action now. Raise Refused if they may not.

    `task` and `person` are names for the message. The message names the status only to somebody for whom the action
    is meant, because a coordinating unit must not learn the status.
    """
    rule = SPECS[action].rule
    usable = rule.by & relations
    if not usable:
        raise Refused(
            "task {task}: {person} may not do “{action}”; that is for: {by}",
            task=task,
            person=person,
            action=action.label,
            by=[relation.label for relation in Relation if relation in rule.by],
        )
    if status not in rule.sources:
        raise Refused(
            "task {task}: “{action}” is not possible while it is {status}; possible now: {possible}",
            task=task,
            action=action.label,
            status=status.label,
            possible=[allowed.label for allowed in allowed_actions(status, relations)] or "–",
        )
    return min(usable, key=list(Relation).index)


def allowed_actions(status: TaskStatus, relations: frozenset[Relation]) -> list[Action]:
    """Return the actions in the order of the enum."""
    return [action for action in Action if status in SPECS[action].rule.sources and SPECS[action].rule.by & relations]
