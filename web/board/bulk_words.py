"""What each action on many tasks asks for, and what follows from it (message ids)."""

from models.i18n import _
from workflows.rules.tasks.lifecycle import Action

BULK_FIELDS = {
    Action.REMIND: ("note",),
    Action.SET_DATE: ("due", "note"),
    Action.WITHDRAW: ("note",),
    Action.CHANGE_LEAD: ("to", "note"),
    Action.CHANGE_COORDINATOR: ("to", "note"),
}
EXPLAINED = {
    Action.REMIND: _(
        "Each unit's head and officer get one letter about their tasks, at once within sending hours, else at 08:00 of "
        "the next working day. A unit is reminded of a task once a day."
    ),
    Action.SET_DATE: _(
        "The original deadline of a task is always kept; heads and officers get the new one with its .ics."
    ),
    Action.WITHDRAW: _(
        "Withdrawn tasks leave the total of every report from today; the units are informed, with the reason."
    ),
    Action.CHANGE_LEAD: _("The new lead unit must accept; both heads are informed, with the reason."),
    Action.CHANGE_COORDINATOR: _(
        "Letters and decisions about these tasks go to this person from now on; both are informed."
    ),
}
