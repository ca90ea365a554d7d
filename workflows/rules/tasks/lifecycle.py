"""The lifecycle: one table says which action is allowed from which status, by whom, and where it leads."""

from dataclasses import dataclass
from datetime import timedelta

from models.errors import Refused
from models.i18n import Labelled, _
from models.tasks.task import OPEN_STATUSES, TaskStatus

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
    """Everything that can be done to a task."""

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


_UNIT = frozenset({Relation.HEAD, Relation.STAND_IN, Relation.DEPUTY})
_DOERS = _UNIT | {Relation.OFFICER, Relation.FOCAL_POINT}
_RECEIVER = frozenset({Relation.RECEIVER})
_DECIDERS = frozenset({Relation.COORDINATOR, Relation.ISSUER_OFFICE})
_WORKING = frozenset({S.ASSIGNED, S.ACCEPTED, S.RETURNED})

TRANSITIONS: dict[Action, Transition] = {
    Action.ACCEPT: Transition(frozenset({S.ASSIGNED}), _DOERS, S.ACCEPTED, "accepted"),
    Action.ASSIGN: Transition(_WORKING, _UNIT, S.ACCEPTED, "assigned_on"),
    Action.SET_DATE: Transition(OPEN_STATUSES, _DECIDERS, None, "due_moved"),
    Action.PROGRESS: Transition(_WORKING, _DOERS, S.ACCEPTED, "progress"),
    Action.SUBMIT: Transition(_WORKING, _DOERS, S.SUBMITTED, "submitted"),
    Action.TAKE_BACK: Transition(frozenset({S.SUBMITTED}), _DOERS, S.ACCEPTED, "taken_back", S.RETURNED),
    Action.CORRECT: Transition(frozenset({S.SUBMITTED}), _DOERS, S.SUBMITTED, "corrected"),
    Action.RECEIVE: Transition(OPEN_STATUSES, frozenset({Relation.CLERK}), S.SUBMITTED, "received"),
    Action.RETURN: Transition(frozenset({S.SUBMITTED}), _RECEIVER, S.RETURNED, "returned"),
    Action.APPROVE: Transition(frozenset({S.SUBMITTED}), _RECEIVER, S.APPROVED, "approved"),
    Action.UNDO_APPROVAL: Transition(frozenset({S.APPROVED}), _RECEIVER, S.SUBMITTED, "approval_undone"),
    Action.NOT_OURS: Transition(frozenset({S.ASSIGNED, S.ACCEPTED}), _UNIT, None, "lead_change_asked"),
    Action.CHANGE_LEAD: Transition(_WORKING, _DECIDERS, S.ASSIGNED, "lead_changed"),
    Action.KEEP_LEAD: Transition(_WORKING, _DECIDERS, None, "lead_kept"),
    Action.CHANGE_COORDINATOR: Transition(OPEN_STATUSES, _DECIDERS, None, "coordinator_changed"),
    Action.REMIND: Transition(_WORKING, _DECIDERS | {Relation.SUPERVISOR}, None, "reminded"),
    Action.TELEPHONE: Transition(OPEN_STATUSES, _DECIDERS | {Relation.SUPERVISOR}, None, "telephone"),
    Action.ASK_EXTENSION: Transition(_WORKING, _DOERS, None, "extension_asked"),
    Action.GRANT_EXTENSION: Transition(OPEN_STATUSES, _DECIDERS, None, "extension_accepted"),
    Action.REFUSE_EXTENSION: Transition(OPEN_STATUSES, _DECIDERS, None, "extension_refused"),
    Action.COUNTER_EXTENSION: Transition(OPEN_STATUSES, _DECIDERS, None, "extension_countered"),
    Action.AGREE_EXTENSION: Transition(OPEN_STATUSES, _DOERS, None, "extension_accepted"),
    Action.DECLINE_EXTENSION: Transition(OPEN_STATUSES, _DOERS, None, "extension_refused"),
    Action.RAISE_OBSTACLE: Transition(_WORKING, _DOERS, None, "obstacle_raised"),
    Action.ANSWER_OBSTACLE: Transition(OPEN_STATUSES, frozenset({Relation.AUTHORITY}), None, "obstacle_answered"),
    Action.CONTRIBUTE: Transition(OPEN_STATUSES, frozenset({Relation.PARTNER}), None, "contributed"),
    Action.CASCADE: Transition(_WORKING, _UNIT, S.ACCEPTED, "cascaded"),
    Action.PRESS_SIGNED: Transition(OPEN_STATUSES, _DECIDERS | {Relation.SUPERVISOR}, None, "press_signed"),
    Action.WITHDRAW: Transition(OPEN_STATUSES, _DECIDERS, S.WITHDRAWN, "withdrawn"),
    Action.REOPEN: Transition(frozenset({S.APPROVED, S.WITHDRAWN}), _DECIDERS, S.ACCEPTED, "reopened"),
}


def permit(action: Action, status: TaskStatus, relations: frozenset[Relation], *, task: str, person: str) -> Relation:
    """Return the relation under which the person may do it now; Refused names the action, the status or the person.

    The status only to whom the action is for: a coordinating unit sees it nowhere.
    """
    rule = TRANSITIONS[action]
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
    """Return what a person with these relations may do to a task of this status, in the table's order."""
    return [action for action, rule in TRANSITIONS.items() if status in rule.sources and rule.by & relations]


A = Action
_DATE = frozenset({"due_set", "due_moved"})
_RESULT = frozenset({"submitted", "taken_back", "corrected", "received", "returned", "approved", "approval_undone"})
_EXTENSION = _DATE | {"extension_asked", "extension_countered", "extension_accepted", "extension_refused"}
_LEAD = frozenset({"lead_changed", "lead_change_asked", "lead_kept"})

CONFLICTING_EVENTS: dict[Action, frozenset[str]] = {
    A.ACCEPT: _DATE | {"lead_changed", "reopened"},
    A.ASSIGN: frozenset({"assigned_on", "lead_changed"}),
    A.SET_DATE: _EXTENSION,
    A.PROGRESS: frozenset(),
    A.SUBMIT: _RESULT | {"cascaded"},
    A.TAKE_BACK: _RESULT,
    A.CORRECT: _RESULT,
    A.RECEIVE: _RESULT,
    A.RETURN: _RESULT,
    A.APPROVE: _RESULT,
    A.UNDO_APPROVAL: frozenset(),
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
