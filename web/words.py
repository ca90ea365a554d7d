"""How a task's state, moves and waits are called on its page (message ids)."""

from models.i18n import _
from models.task import WaitKind

EVENT_WORDS = {
    "assigned": _("assigned to the unit"),
    "accepted": _("accepted"),
    "assigned_on": _("an officer was named"),
    "due_set": _("date set"),
    "due_moved": _("date moved"),
    "progress": _("progress reported"),
    "submitted": _("result sent"),
    "received": _("report received by the records clerk"),
    "returned": _("result returned for completion"),
    "approved": _("result approved"),
    "lead_change_asked": _("another lead unit was asked for"),
    "lead_changed": _("lead unit changed"),
    "lead_kept": _("lead unit unchanged"),
    "telephone": _("telephone call noted"),
    "extension_asked": _("more time asked for"),
    "extension_accepted": _("more time granted"),
    "extension_refused": _("more time not granted"),
    "extension_countered": _("another date proposed"),
    "obstacle_raised": _("difficulty reported"),
    "obstacle_answered": _("difficulty answered"),
    "contributed": _("coordinating unit contributed"),
    "cascaded": _("handed on to subordinate units"),
    "press_signed": _("pressing letter signed"),
    "withdrawn": _("task withdrawn"),
    "reopened": _("task reopened"),
    "children_closed": _("subordinate units finished"),
    "template_changed": _("procedure changed"),
    "handed_over": _("handed over"),
}

WAIT_WORDS = {
    WaitKind.DECISION: _("the result is waiting for approval"),
    WaitKind.EXTENSION: _("the request for more time is waiting for a decision"),
    WaitKind.OBSTACLE: _("the reported difficulty is waiting for an answer"),
    WaitKind.LEAD_CHANGE: _("the request for another lead unit is waiting for a decision"),
}

PERIOD_WORDS = {
    "Q": _("quarter {part} of {year}"),
    "H": _("half-year {part} of {year}"),
    "M": _("month {part} of {year}"),
    "Y": _("year {year}"),
}


PATH_WORDS = {
    "results": _("report of results"),
    "obstacles": _("report of difficulties"),
    "oversight": _("oversight"),
}
"""Duties that the directive does not number."""


def period_words(occurrence: str) -> tuple[str, dict[str, str]] | None:
    """A period's message id and facts; None for what happens once, on request or in an incident."""
    year, _dash, part = occurrence.partition("-")
    if not (year.isdigit() and len(year) == 4):
        return None
    kind = "Y" if not part else part[0] if part[0] in "QH" else "M"
    return PERIOD_WORDS[kind], {"year": year, "part": part.lstrip("QH0")}
