"""Decide when the letter with a piece of news leaves: at the pace that its reader chose, else at their role's default.

Pure functions. Ladder rungs, assignments, incidents and account letters have their own moments and never come here.
News that asks for action does not wait beyond the day on which its task is due.
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

SENDING_TIMES: Mapping[Pace, tuple[time, ...]] = MappingProxyType(
    {
        Pace.TWO_HOURS: tuple(time(hour) for hour in range(8, 18, 2)),
        Pace.TWICE: (MORNING, time(14, 0)),
        Pace.MORNING: (MORNING,),
    }
)
"""The local times of a working day at which gathered news leaves."""
CHOICES: Mapping[Matter, tuple[Pace, ...]] = MappingProxyType(
    {
        Matter.CHANGES: (Pace.AT_ONCE, Pace.TWO_HOURS, Pace.TWICE, Pace.MORNING),
        Matter.REQUESTS: (Pace.TWO_HOURS, Pace.TWICE, Pace.MORNING, Pace.OFF),
        Matter.NEWS: (Pace.AT_ONCE, Pace.TWO_HOURS, Pace.TWICE, Pace.MORNING, Pace.OFF),
        Matter.MESSAGES: (Pace.AT_ONCE, Pace.TWO_HOURS, Pace.TWICE, Pace.MORNING, Pace.OFF),
        Matter.SUMMARY: (Pace.MORNING, Pace.OFF),
    }
)
"""The paces that a person may choose. Changes cannot be switched off. Requests to decide wait two hours at least."""
_URGENT_EVENTS = frozenset(
    {"assigned_on", "lead_changed", "reminded", News.MENTIONED.value, of_directive(News.MENTIONED)}
)
"""A task given to an officer or to another lead, a reminder by a person, and a message that names its reader."""
_RESULT_EVENTS = frozenset({"submitted", "corrected"})
_REQUEST_EVENTS = _RESULT_EVENTS | frozenset({"extension_asked", "obstacle_raised", "lead_change_asked"})
_NEWS_EVENTS = frozenset(
    {"approved", "received", "contributed", "template_changed", "lead_kept", "approval_undone", "taken_back"}
)
_MESSAGE_EVENTS = CONVERSATION_EVENTS - _URGENT_EVENTS
_FOLLOWING_ROLES = frozenset(
    {
        *(RecipientRole.COORDINATOR.value, RecipientRole.SUPERVISOR.value, RecipientRole.PARENT_ORGANISATION.value),
        *(DECIDER, DECIDER_SUPERIOR),
    }
)


@dataclass(frozen=True)
class PaceChoice:
    """One person's own paces, and their quiet hours: first and last minute of the local day without gathered news."""

    paces: Mapping[Matter, Pace] = field(default_factory=dict)
    quiet: tuple[int, int] | None = None


NO_CHOICE = PaceChoice()


class Departure(NamedTuple):
    """The moment at which news leaves (UTC). `with_digest`: the morning's digest tells it."""

    slot: datetime
    with_digest: bool


def matter_of(event: str) -> Matter | None:
    """Return the matter that an event belongs to; None for an event that is always told at once.

    An unknown event counts as a change, which nobody can switch off: it may ask its reader for something.
    """
    if event in _URGENT_EVENTS:
        return None
    if event in _REQUEST_EVENTS:
        return Matter.REQUESTS
    if event in _NEWS_EVENTS:
        return Matter.NEWS
    return Matter.MESSAGES if event in _MESSAGE_EVENTS else Matter.CHANGES


def default_pace(matter: Matter, role: str = RecipientRole.HEAD.value) -> Pace:
    """Return the pace of a role (`Notice.role`) that chose none for a matter.

    People who must act on a change hear of it twice a day. All other news waits for the next morning.
    """
    return Pace.TWICE if matter is Matter.CHANGES and role not in _FOLLOWING_ROLES else Pace.MORNING


def plan_departure(
    event: str, role: str, moment: datetime, due_at: datetime | None, choice: PaceChoice, calendar: WorkCalendar
) -> Departure | None:
    """Return when a reader is told of an event at `moment`; None if it is switched off. `due_at` is exclusive (UTC)."""
    matter = matter_of(event)
    if matter is None:
        return depart_at_once(moment, calendar)
    pace = choice.paces.get(matter) or default_pace(matter, role)
    if pace is Pace.OFF:
        return None
    departure = _move_after_quiet_hours(_gather(moment, pace, calendar), choice.quiet, calendar)
    asks_for_action = matter in (Matter.CHANGES, Matter.REQUESTS) and event not in _RESULT_EVENTS
    if asks_for_action and _is_too_late(departure.slot, due_at):
        fastest_pace = Pace.AT_ONCE if matter is Matter.CHANGES else Pace.TWO_HOURS
        return min(departure, _gather(moment, fastest_pace, calendar))
    return departure


def depart_at_once(moment: datetime, calendar: WorkCalendar) -> Departure:
    """Return `moment` itself within sending hours, else the digest of the next working morning."""
    slot = calendar.event_slot(moment)
    return Departure(slot, with_digest=slot != moment)


def has_summary(choice: PaceChoice) -> bool:
    return choice.paces.get(Matter.SUMMARY) is not Pace.OFF


def _gather(moment: datetime, pace: Pace, calendar: WorkCalendar) -> Departure:
    """Return the pace's next sending time on this working day, else the next working morning."""
    if pace is Pace.AT_ONCE:
        return depart_at_once(moment, calendar)
    today = local_date(moment)
    if calendar.is_working(today):
        for sending_time in SENDING_TIMES[pace]:
            slot = at_local(today, sending_time)
            if slot >= moment:
                return Departure(slot, with_digest=sending_time == MORNING)
    return Departure(at_local(calendar.add(today, 1)), with_digest=True)


def _move_after_quiet_hours(departure: Departure, quiet: tuple[int, int] | None, calendar: WorkCalendar) -> Departure:
    """Return the end of the quiet hours if the departure falls into them. The morning's digest ignores quiet hours."""
    if quiet is None or departure.with_digest:
        return departure
    start, end = quiet
    at = local(departure.slot)
    if not start <= at.hour * 60 + at.minute < end:
        return departure
    return depart_at_once(at_local(at.date(), time.min) + timedelta(minutes=end), calendar)


def _is_too_late(slot: datetime, due_at: datetime | None) -> bool:
    """Return whether the task's last day is over, or ends, on the day on which the letter would leave."""
    return due_at is not None and due_at <= end_of_day(local_date(slot))
