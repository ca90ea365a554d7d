"""The tour: for each role a few real pages in turn, each with a card on top that says what the page is for.

`step=2` in the address of a page shows the card, so the tour needs no script. The account records that a person has
left the tour.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from models.i18n import Words, _
from web.request.given_values import int_or_none
from workflows.access.rights import Principal
from workflows.rules.rights_table import OfficeRole, Right


@dataclass(frozen=True)
class TourStep:
    page: str
    title: Words
    words: Words
    right: Right = Right.SEE_WORK


@dataclass(frozen=True)
class ShownStep:
    """A step on its page. `onward` is the address of the next step, "" at the last one."""

    step: TourStep
    number: int
    total: int
    onward: str


_UNIT = (
    TourStep(
        "/", _("Today"), _("Your most urgent tasks come first. Each number leads to exactly the tasks that it counts.")
    ),
    TourStep(
        "/work",
        _("My work"),
        _("Accept a task here. Open it to assign an officer, report progress or an obstacle, or send the result."),
    ),
    TourStep(
        "/calendar", _("Calendar of deadlines"), _("A month shows on which days tasks are due, and the days off.")
    ),
    TourStep(
        "/absences",
        _("My absences"),
        _("Before you are away, name a stand-in: they act in your place and get your letters."),
        Right.RECORD_ABSENCE,
    ),
)
_ALL_TASKS = TourStep(
    "/tasks?show=late",
    _("All tasks"),
    _("Filter, sort and choose columns; save the list under a name, or download exactly this list."),
)
_COORDINATOR = (
    TourStep(
        "/",
        _("Today"),
        _("Decisions that wait, late tasks with the telephone of the unit's head, and the days to come."),
    ),
    TourStep(
        "/inbox",
        _("To decide"),
        _("Look at a result with its files, then approve or return it. An approval can be undone for 60 seconds."),
        Right.SEE_INBOX,
    ),
    _ALL_TASKS,
    TourStep(
        "/letters/coming",
        _("Letters to come"),
        _("Read the letters of tomorrow and of the next 14 days before they leave."),
        Right.SEE_LETTERS,
    ),
    TourStep(
        "/launch",
        _("Launch"),
        _("Choose a directive: units, deadlines and letters are shown first; nothing is given before the last step."),
        Right.LAUNCH,
    ),
)
_OBSERVER = (
    TourStep("/", _("Today"), _("What is late and whom to call, what is due soon, and how far each directive is.")),
    _ALL_TASKS,
    TourStep(
        "/directives",
        _("Directives"),
        _("Each directive has a board of units and duties, a timeline and charts."),
        Right.SEE_BOARD,
    ),
    TourStep(
        "/reports",
        _("Reports"),
        _("The official figures at a cut-off. Each number leads to its tasks."),
        Right.SEE_REPORT,
    ),
)
_CLERK = (
    TourStep("/", _("Today"), _("When a written report arrives, find its task here by unit or item.")),
    TourStep(
        "/receipts",
        _("Receipts"),
        _("Record number, dates and signer. The day of arrival counts, and the unit is no longer reminded."),
        Right.RECORD_RECEIPTS,
    ),
)
_ADMINISTRATOR = (
    TourStep("/", _("Today"), _("Open alerts and letters that need attention come first, then the work of all units.")),
    TourStep(
        "/admin/check-up",
        _("Check-up"),
        _("One look at everything that this installation needs, with what to do about each problem."),
        Right.RUN_JOBS,
    ),
    TourStep("/admin/people", _("People"), _("Add people, give roles, and hand an office over."), Right.EDIT_REGISTER),
    TourStep(
        "/admin/calendar",
        _("Working calendar"),
        _("Enter the days off of next year as soon as they are decided: deadlines and letters follow them."),
        Right.EDIT_CALENDAR,
    ),
    TourStep("/admin/mail", _("Mail"), _("Set the mail server, and send yourself a test letter."), Right.EDIT_MAIL),
)
_TOURS = (
    (OfficeRole.ADMINISTRATOR, _ADMINISTRATOR),
    (OfficeRole.COORDINATOR, _COORDINATOR),
    (OfficeRole.OBSERVER, _OBSERVER),
    (OfficeRole.CLERK, _CLERK),
)
"""A person sees the tour of the first of these roles that they have; without any, the tour of a unit."""


def steps_of(principal: Principal) -> list[TourStep]:
    steps = next((steps for role, steps in _TOURS if role in principal.standings), _UNIT)
    return [step for step in steps if principal.may(step.right)]


def step_address(step: TourStep, number: int) -> str:
    return f"{step.page}{'&' if '?' in step.page else '?'}step={number}"


def shown_at(principal: Principal, path: str, given: str) -> ShownStep | None:
    """Return the step of this number, or None if it does not belong to this page."""
    steps, number = steps_of(principal), int_or_none(given)
    if number is None or not 1 <= number <= len(steps) or urlsplit(steps[number - 1].page).path != path:
        return None
    onward = step_address(steps[number], number + 1) if number < len(steps) else ""
    return ShownStep(steps[number - 1], number, len(steps), onward)
