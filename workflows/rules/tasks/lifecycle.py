"""The lifecycle: one table says which action is allowed from which status, by whom, and where it leads."""

from dataclasses import dataclass
from enum import StrEnum

from models.errors import Refused
from models.i18n import _
from models.tasks.task import OPEN_STATUSES, TaskStatus

S = TaskStatus


class Relation(StrEnum):
    """What a person is to a task at the moment of acting."""

    HEAD = "head"
    DEPUTY = "deputy"
    STAND_IN = "stand_in"
    OFFICER = "officer"
    FOCAL_POINT = "focal_point"
    PARTNER = "partner"  # head, focal point or officer of a coordinating unit
    ISSUER_OFFICE = "issuer_office"  # before the coordinator: who is both decides with the greater right
    COORDINATOR = "coordinator"  # of the assigning unit, its head included
    AUTHORITY = "authority"  # of the unit that an open obstacle was put to
    SUPERVISOR = "supervisor"
    CLERK = "clerk"
    SYSTEM = "system"


class Action(StrEnum):
    """Everything that can be done to a task."""

    ACCEPT = "accept"
    ASSIGN = "assign"
    SET_DATE = "set-date"
    PROGRESS = "progress"
    SUBMIT = "submit"
    RECEIVE = "receive"
    RETURN = "return"
    APPROVE = "approve"
    NOT_OURS = "not-ours"
    CHANGE_LEAD = "change-lead"
    KEEP_LEAD = "keep-lead"
    CHANGE_COORDINATOR = "change-coordinator"
    REMIND = "remind"
    TELEPHONE = "telephone"
    ASK_EXTENSION = "ask-extension"
    GRANT_EXTENSION = "grant-extension"
    REFUSE_EXTENSION = "refuse-extension"
    COUNTER_EXTENSION = "counter-extension"
    AGREE_EXTENSION = "agree-extension"
    DECLINE_EXTENSION = "decline-extension"
    RAISE_OBSTACLE = "raise-obstacle"
    ANSWER_OBSTACLE = "answer-obstacle"
    CONTRIBUTE = "contribute"
    CASCADE = "cascade"
    PRESS_SIGNED = "press-signed"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


@dataclass(frozen=True)
class Transition:
    """From which statuses, by whom, to which status (None: it stays), and the history event it writes."""

    sources: frozenset[TaskStatus]
    by: frozenset[Relation]
    target: TaskStatus | None
    event: str


_UNIT = frozenset({Relation.HEAD, Relation.STAND_IN, Relation.DEPUTY})
_DOERS = _UNIT | {Relation.OFFICER, Relation.FOCAL_POINT}
_ASSIGNER = frozenset({Relation.COORDINATOR})
_DECIDERS = _ASSIGNER | {Relation.ISSUER_OFFICE}
_WORKING = frozenset({S.ASSIGNED, S.ACCEPTED, S.RETURNED})

TRANSITIONS: dict[Action, Transition] = {
    Action.ACCEPT: Transition(frozenset({S.ASSIGNED}), _DOERS, S.ACCEPTED, "accepted"),
    Action.ASSIGN: Transition(_WORKING, _UNIT, S.ACCEPTED, "assigned_on"),
    Action.SET_DATE: Transition(OPEN_STATUSES, _DECIDERS, None, "due_moved"),
    Action.PROGRESS: Transition(_WORKING, _DOERS, S.ACCEPTED, "progress"),
    Action.SUBMIT: Transition(_WORKING, _DOERS, S.SUBMITTED, "submitted"),
    Action.RECEIVE: Transition(OPEN_STATUSES, frozenset({Relation.CLERK}), S.SUBMITTED, "received"),
    Action.RETURN: Transition(frozenset({S.SUBMITTED}), _ASSIGNER, S.RETURNED, "returned"),
    Action.APPROVE: Transition(frozenset({S.SUBMITTED}), _ASSIGNER, S.APPROVED, "approved"),
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

STATUS_WORDS = {
    S.ASSIGNED: _("not accepted yet"),
    S.ACCEPTED: _("under way"),
    S.SUBMITTED: _("waiting for approval"),
    S.RETURNED: _("returned for completion"),
    S.APPROVED: _("done"),
    S.WITHDRAWN: _("withdrawn"),
}

ACTION_WORDS = {
    Action.ACCEPT: _("Accept"),
    Action.ASSIGN: _("Assign an officer"),
    Action.SET_DATE: _("Set or move the date"),
    Action.PROGRESS: _("Report progress"),
    Action.SUBMIT: _("Send the result"),
    Action.RECEIVE: _("Record a report that arrived"),
    Action.RETURN: _("Return for completion"),
    Action.APPROVE: _("Approve the result"),
    Action.NOT_OURS: _("Not our function"),
    Action.CHANGE_LEAD: _("Change the lead unit"),
    Action.KEEP_LEAD: _("Keep the lead unit"),
    Action.CHANGE_COORDINATOR: _("Change the coordinator"),
    Action.REMIND: _("Remind now"),
    Action.TELEPHONE: _("Note a telephone call"),
    Action.ASK_EXTENSION: _("Ask for more time"),
    Action.GRANT_EXTENSION: _("Grant the time asked for"),
    Action.REFUSE_EXTENSION: _("Grant no more time"),
    Action.COUNTER_EXTENSION: _("Propose another date"),
    Action.AGREE_EXTENSION: _("Agree to the date proposed"),
    Action.DECLINE_EXTENSION: _("Decline the date proposed"),
    Action.RAISE_OBSTACLE: _("Report an obstacle"),
    Action.ANSWER_OBSTACLE: _("Answer the obstacle"),
    Action.CONTRIBUTE: _("Report our contribution"),
    Action.CASCADE: _("Delegate to subordinate units"),
    Action.PRESS_SIGNED: _("Record a signed pressing letter"),
    Action.WITHDRAW: _("Withdraw the task"),
    Action.REOPEN: _("Reopen the task"),
}

RELATION_WORDS = {
    Relation.HEAD: _("the unit's head"),
    Relation.DEPUTY: _("the deputy in charge"),
    Relation.STAND_IN: _("the head's stand-in"),
    Relation.OFFICER: _("the officer named"),
    Relation.FOCAL_POINT: _("the focal point"),
    Relation.PARTNER: _("a coordinating unit"),
    Relation.COORDINATOR: _("the coordinator"),
    Relation.ISSUER_OFFICE: _("the issuer's office"),
    Relation.AUTHORITY: _("the authority that answers the obstacle"),
    Relation.SUPERVISOR: _("the supervising unit"),
    Relation.CLERK: _("the records clerk"),
    Relation.SYSTEM: _("the system"),
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
            action=ACTION_WORDS[action],
            by=[RELATION_WORDS[relation] for relation in Relation if relation in rule.by],
        )
    if status not in rule.sources:
        raise Refused(
            "task {task}: “{action}” is not possible while it is {status}; possible now: {possible}",
            task=task,
            action=ACTION_WORDS[action],
            status=STATUS_WORDS[status],
            possible=[ACTION_WORDS[one] for one in allowed_actions(status, relations)] or "–",
        )
    return min(usable, key=list(Relation).index)


def allowed_actions(status: TaskStatus, relations: frozenset[Relation]) -> list[Action]:
    """Return what a person with these relations may do to a task of this status, in the table's order."""
    return [action for action, rule in TRANSITIONS.items() if status in rule.sources and rule.by & relations]


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
