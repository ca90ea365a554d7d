"""Which open tasks are likely to miss their date: signs with points, added up. Nothing is learnt, nothing is hidden.

Pure. Each constant says why it is what it is; the page prints signs, points and reasons, and `backtest` says how well
they did. A task is warned of before its date only: after it, it is late, and the ladder speaks.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from models.i18n import Words, _
from models.task import OPEN_STATUSES, TaskStatus
from workflows.rules.experience import Past
from workflows.rules.task_life import Life
from workflows.rules.workdays import WorkCalendar

WARN_FROM = 3
"""Points from which a task is warned of: one strong sign, or two that would each have an innocent reason."""
SILENT_DAYS = 4
"""Working days without acceptance: the ladder's second reminder, which the coordinator hears of as well."""
OFTEN, HALF = 0.25, 0.5
"""Shares of a unit's dates missed: one in four is more than a bad week; half means that late is the usual thing."""
LONG_ENOUGH = 5
"""Working days from assignment to date, below which nobody is expected to report progress in between."""
HALF_TIME, LATE_TIME = 0.5, 0.75
"""Parts of the time used up in silence: at half a word is due, at three quarters little can be caught up."""


class Sign(StrEnum):
    """What is looked at."""

    NOT_ACCEPTED = "not_accepted"
    OFTEN_LATE = "often_late"
    MOSTLY_LATE = "mostly_late"
    SHORT_OF_TIME = "short_of_time"
    SILENT = "silent"
    SILENT_LONG = "silent_long"
    RETURNED = "returned"
    ASKED_BEFORE = "asked_before"
    BLOCKED = "blocked"
    LEFT_ALONE = "left_alone"


POINTS = {
    Sign.NOT_ACCEPTED: 2,
    Sign.OFTEN_LATE: 2,
    Sign.MOSTLY_LATE: 3,
    Sign.SHORT_OF_TIME: 2,
    Sign.SILENT: 1,
    Sign.SILENT_LONG: 2,
    Sign.RETURNED: 2,
    Sign.ASKED_BEFORE: 1,
    Sign.BLOCKED: 1,
    Sign.LEFT_ALONE: 2,
}
SIGN_WORDS = {
    Sign.NOT_ACCEPTED: Words(_("not accepted {count} working days after it was given"), count=SILENT_DAYS),
    Sign.OFTEN_LATE: _("the unit missed a quarter or more of its dates for this kind of duty in the last 12 months"),
    Sign.MOSTLY_LATE: _("the unit missed half or more of its dates for this kind of duty in the last 12 months"),
    Sign.SHORT_OF_TIME: _("the unit usually needs more time for this kind of duty than it was given"),
    Sign.SILENT: _("half of the time is used, and the unit has reported no progress"),
    Sign.SILENT_LONG: _("three quarters of the time are used, and the unit has reported no progress"),
    Sign.RETURNED: _("a result was returned for completion"),
    Sign.ASKED_BEFORE: _("the unit has asked for more time"),
    Sign.BLOCKED: _("a difficulty waits for its answer"),
    Sign.LEFT_ALONE: _("a difficulty waits, and the authority's date for the answer is past"),
}
"""How the page explains each sign, in the order in which they are looked at."""
WHY = {
    Sign.NOT_ACCEPTED: _("who has not accepted has not begun; the ladder has reminded twice by then"),
    Sign.OFTEN_LATE: _("habits last; but one date in four may still be chance"),
    Sign.MOSTLY_LATE: _("where late is the usual thing, on time is the exception"),
    Sign.SHORT_OF_TIME: _("the middle one of the unit's own times, from assignment to submission"),
    Sign.SILENT: _("silence has innocent reasons as well: alone it does not warn"),
    Sign.SILENT_LONG: _("little can be caught up in the last quarter"),
    Sign.RETURNED: _("work that is done twice takes longer"),
    Sign.ASKED_BEFORE: _("the unit said itself that the date is narrow"),
    Sign.BLOCKED: _("the clock runs on while somebody else must answer"),
    Sign.LEFT_ALONE: _("this is the authority's lateness: press there, not at the unit"),
}


@dataclass(frozen=True)
class Reason:
    """One sign that a task shows, with its own numbers in words."""

    sign: Sign
    words: Words

    @property
    def points(self) -> int:
        return POINTS[self.sign]


@dataclass(frozen=True)
class Risk:
    """What speaks against a task's date; `days_left` in working days, from tomorrow to the date."""

    due_on: date
    days_left: int
    reasons: tuple[Reason, ...]

    @property
    def points(self) -> int:
        return sum(reason.points for reason in self.reasons)

    @property
    def is_warned(self) -> bool:
        """Whether that is enough to warn of it."""
        return self.points >= WARN_FROM


def risk_of(life: Life, past: Past, day: date, calendar: WorkCalendar) -> Risk | None:
    """At the end of a day. None for what cannot be warned of: closed, sent in, without a date, or past it."""
    due_on, given_on = life.due_on, life.given_on
    if due_on is None or given_on is None or due_on <= day or not life.counts or life.status not in OPEN_STATUSES:
        return None
    if life.status is TaskStatus.SUBMITTED:
        return None
    found = [
        *_accepting(life, given_on, day, calendar),
        *_habit(past),
        *_time(life, past, given_on, due_on, day, calendar),
        *_course(life, day),
    ]
    return Risk(due_on, calendar.between(day, due_on), tuple(found))


def _accepting(life: Life, given_on: date, day: date, calendar: WorkCalendar) -> list[Reason]:
    waited = calendar.between(given_on, day)
    if life.accepted_on is not None or waited < SILENT_DAYS:
        return []
    return [Reason(Sign.NOT_ACCEPTED, Words(_("not accepted {count} working days after it was given"), count=waited))]


def _habit(past: Past) -> list[Reason]:
    share = past.late_share
    if share is None or share < OFTEN:
        return []
    message = _("missed {late} of {count} dates for this kind of duty in the last 12 months")
    words = Words(message, late=past.late, count=past.dates)
    return [Reason(Sign.MOSTLY_LATE if share >= HALF else Sign.OFTEN_LATE, words)]


def _time(life: Life, past: Past, given_on: date, due_on: date, day: date, calendar: WorkCalendar) -> list[Reason]:
    whole, used = calendar.between(given_on, due_on), calendar.between(given_on, day)
    found = []
    if past.usual_days is not None and past.usual_days > whole:
        words = Words(
            _("usually needs {usual} working days for this kind of duty, and has {given}"),
            usual=f"{past.usual_days:g}", given=whole,
        )  # fmt: skip
        found.append(Reason(Sign.SHORT_OF_TIME, words))
    if life.heard_on is None and whole >= LONG_ENOUGH and used >= HALF_TIME * whole:
        words = Words(_("{used} of {given} working days are used, no progress reported"), used=used, given=whole)
        found.append(Reason(Sign.SILENT_LONG if used >= LATE_TIME * whole else Sign.SILENT, words))
    return found


def _course(life: Life, day: date) -> list[Reason]:
    found = []
    if life.times_returned:
        words = Words(_("a result was returned for completion ({count} times)"), count=life.times_returned)
        found.append(Reason(Sign.RETURNED, words))
    if life.times_asked:
        words = Words(_("asked for more time ({count} times)"), count=life.times_asked)
        found.append(Reason(Sign.ASKED_BEFORE, words))
    obstacle = life.open_obstacle
    if obstacle is not None:
        is_alone = obstacle.is_unanswered(day)
        sign = Sign.LEFT_ALONE if is_alone else Sign.BLOCKED
        found.append(Reason(sign, Words(SIGN_WORDS[sign])))
    return found
