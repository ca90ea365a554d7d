"""When news leaves: gathered as its reader chose, else as their role has it; never the rungs of a ladder.

Pure. What must not wait is not asked about here: rungs, assignments, incidents, account letters keep their own moment.
News that must be acted on is not gathered past the day on which its task is due.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from types import MappingProxyType
from typing import NamedTuple

from models.directives.ladders import RecipientRole
from models.letters.letter_preference import Matter, Pace
from models.text.localtime import MORNING, at_local, end_of_day, local, local_date
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.conversation_policy import CONVERSATION_EVENTS, News, of_directive
from workflows.rules.escalation.ladder import DECIDER, DECIDER_SUPERIOR

MARKS: Mapping[Pace, tuple[time, ...]] = MappingProxyType(
    {
        Pace.TWO_HOURS: tuple(time(hour) for hour in range(8, 18, 2)),
        Pace.TWICE: (MORNING, time(14, 0)),
        Pace.MORNING: (MORNING,),
    }
)
"""The moments of a working day, local, at which gathered news leaves."""
CHOICES: Mapping[Matter, tuple[Pace, ...]] = MappingProxyType(
    {
        Matter.CHANGES: (Pace.AT_ONCE, Pace.TWO_HOURS, Pace.TWICE, Pace.MORNING),
        Matter.REQUESTS: (Pace.TWO_HOURS, Pace.TWICE, Pace.MORNING, Pace.OFF),
        Matter.NEWS: (Pace.AT_ONCE, Pace.TWO_HOURS, Pace.TWICE, Pace.MORNING, Pace.OFF),
        Matter.MESSAGES: (Pace.AT_ONCE, Pace.TWO_HOURS, Pace.TWICE, Pace.MORNING, Pace.OFF),
        Matter.SUMMARY: (Pace.MORNING, Pace.OFF),
    }
)
"""What a person may choose. Changes cannot be off; requests to decide are gathered, two hours at least."""
_AT_ONCE = frozenset({"assigned_on", "lead_changed", "reminded", News.MENTIONED.value, of_directive(News.MENTIONED)})
"""A task given to an officer or to another lead, a reminder that somebody pressed for: as an assignment or a rung. And
a message that names its reader."""
_RESULTS = frozenset({"submitted", "corrected"})
_REQUESTS = _RESULTS | frozenset({"extension_asked", "obstacle_raised", "lead_change_asked"})
_NEWS = frozenset(
    {"approved", "received", "contributed", "template_changed", "lead_kept", "approval_undone", "taken_back"}
)
_MESSAGES = CONVERSATION_EVENTS - _AT_ONCE
_FOLLOWERS = frozenset(
    {
        *(RecipientRole.COORDINATOR.value, RecipientRole.SUPERVISOR.value, RecipientRole.PARENT_ORGANISATION.value),
        *(DECIDER, DECIDER_SUPERIOR),
    }
)


@dataclass(frozen=True)
class PaceChoice:
    """What one person chose: a pace by matter, and minutes of the local day without letters that may wait."""

    paces: Mapping[Matter, Pace] = field(default_factory=dict)
    quiet: tuple[int, int] | None = None


NO_CHOICE = PaceChoice()


class Leaving(NamedTuple):
    """When news leaves (UTC), and whether the morning's digest tells it."""

    slot: datetime
    with_digest: bool


def matter_of(event: str) -> Matter | None:
    """Return what an event's news is about; None for what leaves at once whatever anybody chose.

    An event that is not named here may ask for something: it is told as a change, which cannot be off.
    """
    if event in _AT_ONCE:
        return None
    if event in _REQUESTS:
        return Matter.REQUESTS
    if event in _NEWS:
        return Matter.NEWS
    return Matter.MESSAGES if event in _MESSAGES else Matter.CHANGES


def default_pace(matter: Matter, role: str = RecipientRole.HEAD.value) -> Pace:
    """Return how soon a role hears of a matter that it chose nothing for (`Notice.role`).

    Who must act on a change of a task hears of it twice a day; who follows tasks up, and of all else, in the morning.
    """
    return Pace.TWICE if matter is Matter.CHANGES and role not in _FOLLOWERS else Pace.MORNING


def news_leaves(
    event: str, role: str, moment: datetime, due_at: datetime | None, choice: PaceChoice, calendar: WorkCalendar
) -> Leaving | None:
    """Return when the news of an event at `moment` leaves for one reader; None where they switched its matter off.

    `due_at` is the task's (exclusive, UTC), as it stands after the event.
    """
    matter = matter_of(event)
    if matter is None:
        return at_once(moment, calendar)
    pace = choice.paces.get(matter) or default_pace(matter, role)
    if pace is Pace.OFF:
        return None
    leaving = _after_quiet(_gathered(moment, pace, calendar), choice.quiet, calendar)
    if matter in (Matter.CHANGES, Matter.REQUESTS) and event not in _RESULTS and _is_too_late(leaving.slot, due_at):
        soon = Pace.AT_ONCE if matter is Matter.CHANGES else Pace.TWO_HOURS
        return min(leaving, _gathered(moment, soon, calendar))
    return leaving


def at_once(moment: datetime, calendar: WorkCalendar) -> Leaving:
    """Return `moment` within sending hours, else the next working morning's digest."""
    slot = calendar.event_slot(moment)
    return Leaving(slot, slot != moment)


def has_summary(choice: PaceChoice) -> bool:
    return choice.paces.get(Matter.SUMMARY) is not Pace.OFF


def _gathered(moment: datetime, pace: Pace, calendar: WorkCalendar) -> Leaving:
    """Return the next mark of the pace, of this working day or of the next."""
    if pace is Pace.AT_ONCE:
        return at_once(moment, calendar)
    today = local_date(moment)
    if calendar.is_working(today):
        for mark in MARKS[pace]:
            if (slot := at_local(today, mark)) >= moment:
                return Leaving(slot, mark == MORNING)
    return Leaving(at_local(calendar.add(today, 1)), True)


def _after_quiet(leaving: Leaving, quiet: tuple[int, int] | None, calendar: WorkCalendar) -> Leaving:
    """Return the end of the quiet hours for what would leave in them. The morning's digest leaves in any case."""
    if quiet is None or leaving.with_digest:
        return leaving
    start, end = quiet
    at = local(leaving.slot)
    if not start <= at.hour * 60 + at.minute < end:
        return leaving
    return at_once(at_local(at.date(), time.min) + timedelta(minutes=end), calendar)


def _is_too_late(slot: datetime, due_at: datetime | None) -> bool:
    """Return whether the task's last day is over, or ends, on the day on which the letter would leave."""
    return due_at is not None and due_at <= end_of_day(local_date(slot))
