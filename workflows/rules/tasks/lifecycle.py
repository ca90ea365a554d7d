"""The lifecycle: one table says from which status an action is allowed, by whom, where it leads and what it takes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from models.errors import Refused
from models.i18n import Labelled, _
from models.tasks import act_inputs as inputs
from models.tasks.task import OPEN_STATUSES, DueFixedBy, TaskStatus

S = TaskStatus

UNDO_WITHIN = timedelta(seconds=60)
"""An approval can be undone so long by who gave it; its letters wait until then."""


class Relation(Labelled):
    """What a person is to a task at the moment of acting."""

    HEAD = "head", _("the unit's head")
    DEPUTY = "deputy", _("the deputy in charge")
    STAND_IN = "stand_in", _("the head's stand-in")
    OFFICER = "officer", _("the officer named")
    FOCAL_POINT = "focal_point", _("the focal point")
    PARTNER = "partner", _("a coordinating unit")  # head, focal point or officer of a coordinating unit
    RECEIVER = "receiver", _("the unit that gets the result")  # that the template names, else the assigner's
    # before the coordinator: a person who is both decides with the greater right
    ISSUER_OFFICE = "issuer_office", _("the issuer's office")
    COORDINATOR = "coordinator", _("the coordinator")  # of the assigning unit, its head included
    AUTHORITY = (
        "authority",
        _("the authority that answers the obstacle"),
    )  # of the unit that an open obstacle was put to
    SUPERVISOR = "supervisor", _("the supervising unit")
    CLERK = "clerk", _("the records clerk")
    SYSTEM = "system", _("the system")


class Action(Labelled):
    ACCEPT = "accept", _("Accept")
    ASSIGN = "assign", _("Assign an officer")
    SET_DATE = "set-date", _("Set or move the deadline")
    PROGRESS = "progress", _("Report progress")
    SUBMIT = "submit", _("Send the result")
    TAKE_BACK = "take-back", _("Take the result back")
    CORRECT = "correct", _("Correct the result")
    RECEIVE = "receive", _("Record a report that arrived")
    RETURN = "return", _("Return for completion")
    APPROVE = "approve", _("Approve the result")
    UNDO_APPROVAL = "undo-approval", _("Undo the approval")
    NOT_OURS = "not-ours", _("Not our function")
    CHANGE_LEAD = "change-lead", _("Change the lead unit")
    KEEP_LEAD = "keep-lead", _("Keep the lead unit")
    CHANGE_COORDINATOR = "change-coordinator", _("Change the coordinator")
    REMIND = "remind", _("Remind now")
    TELEPHONE = "telephone", _("Record a telephone call")
    ASK_EXTENSION = "ask-extension", _("Ask for more time")
    GRANT_EXTENSION = "grant-extension", _("Grant the requested time")
    REFUSE_EXTENSION = "refuse-extension", _("Refuse more time")
    COUNTER_EXTENSION = "counter-extension", _("Propose another deadline")
    AGREE_EXTENSION = "agree-extension", _("Agree to the deadline proposed")
    DECLINE_EXTENSION = "decline-extension", _("Decline the deadline proposed")
    RAISE_OBSTACLE = "raise-obstacle", _("Report an obstacle")
    ANSWER_OBSTACLE = "answer-obstacle", _("Answer the obstacle")
    CONTRIBUTE = "contribute", _("Report our contribution")
    CASCADE = "cascade", _("Delegate to subordinate units")
    PRESS_SIGNED = "press-signed", _("Record a signed official reminder")
    WITHDRAW = "withdraw", _("Withdraw the task")
    REOPEN = "reopen", _("Reopen the task")


@dataclass(frozen=True)
class Transition:
    """From which statuses, by whom, to which status (None: it stays), and the history event it writes.

    `or_target` is another status that it may lead to: the one from which the task had come.
    """

    sources: frozenset[TaskStatus]
    by: frozenset[Relation]
    target: TaskStatus | None
    event: str
    or_target: TaskStatus | None = None


class ActionPlace(StrEnum):
    MAIN = "main"
    """On its main button, unless one before it in the table is offered too."""
    USUAL = "usual"
    SELDOM = "seldom"
    """Only when asked for more."""


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


@dataclass(frozen=True)
class ActionSpec:
    """What an action is, but for what it does (`workflows/tasks/act.py`) and how a page asks for it
    (`web/actions/action_forms.py`).

    `conflicts`: events that make somebody think again who has not seen them. `makes_sense`: what status and relation
    cannot say, such as whether a request is open; the handler refuses it.
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
"""The likeliest first, as pages offer them."""


def permit(action: Action, status: TaskStatus, relations: frozenset[Relation], *, task: str, person: str) -> Relation:
    """Return the relation under which the person may do it now; Refused names the action, the status or the person.

    The status only to whom the action is for: a coordinating unit sees it nowhere.
    """
    rule = SPECS[action].rule
    if not (usable := rule.by & relations):
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
            possible=[one.label for one in allowed_actions(status, relations)] or "–",
        )
    return min(usable, key=list(Relation).index)


def allowed_actions(status: TaskStatus, relations: frozenset[Relation]) -> list[Action]:
    """The actions come in the order of their enum."""
    return [one for one in Action if status in SPECS[one].rule.sources and SPECS[one].rule.by & relations]
