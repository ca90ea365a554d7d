"""The names of actions and relations. `lifecycle.py` says who may do which action, and when."""

from models.i18n import Labelled, _


class Relation(Labelled):
    """What a person is to a task at the moment of acting. A person with several relations acts under the first."""

    HEAD = "head", _("the unit's head")
    DEPUTY = "deputy", _("the deputy in charge")
    STAND_IN = "stand_in", _("the head's stand-in")
    OFFICER = "officer", _("the officer named")
    FOCAL_POINT = "focal_point", _("the focal point")
    PARTNER = "partner", _("a coordinating unit")  # head, focal point or officer of a coordinating unit
    # the unit that the template names, else the assigner's
    RECEIVER = "receiver", _("the unit that gets the result")
    # stands before the coordinator: a person who is both decides with the greater right
    ISSUER_OFFICE = "issuer_office", _("the issuer's office")
    COORDINATOR = "coordinator", _("the coordinator")  # of the assigning unit, its head included
    # of the unit to which an open obstacle was put
    AUTHORITY = "authority", _("the authority that answers the obstacle")
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
