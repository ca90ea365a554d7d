"""Which open tasks are likely to miss their date: signs with points, added up. Nothing is learnt, nothing is hidden.

Pure. Each constant says why it is what it is; the page prints signs, points and reasons. A task is warned of before its
date only: after it, it is late, and the ladder speaks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from models.i18n import Words, _, _n
from models.tasks.task import OPEN_STATUSES, TaskStatus
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.tasks.task_life import Life

WARN_FROM = 3
"""Points from which a task is warned of: by itself each sign may have an innocent reason, and so may two weak ones."""
SILENT_DAYS = 4
"""Working days without acceptance: the ladder's second reminder, which the coordinator hears of as well."""
LONG_ENOUGH = 5
"""Working days from assignment to date, below which nobody is expected to report progress in between."""
HALF_TIME, LATE_TIME = 0.5, 0.75
"""Parts of the time used up in silence: at half a word is due, at three quarters little can be caught up."""


class Sign(StrEnum):
    NOT_ACCEPTED = "not_accepted"
    SILENT = "silent"
    SILENT_LONG = "silent_long"
    RETURNED = "returned"
    ASKED_BEFORE = "asked_before"
    BLOCKED = "blocked"
    LEFT_ALONE = "left_alone"


POINTS = {
    Sign.NOT_ACCEPTED: 2,
    Sign.SILENT: 1,
    Sign.SILENT_LONG: 2,
    Sign.RETURNED: 2,
    Sign.ASKED_BEFORE: 1,
    Sign.BLOCKED: 1,
    Sign.LEFT_ALONE: 2,
}
SIGN_WORDS = {
    Sign.NOT_ACCEPTED: Words(_("not accepted {count} working days after it was given"), count=SILENT_DAYS),
    Sign.SILENT: _("half of the time is used, and the unit has reported no progress"),
    Sign.SILENT_LONG: _("three quarters of the time are used, and the unit has reported no progress"),
    Sign.RETURNED: _("a result was returned for completion"),
    Sign.ASKED_BEFORE: _("the unit has asked for more time"),
    Sign.BLOCKED: _("an obstacle waits for its answer"),
    Sign.LEFT_ALONE: _("an obstacle waits, and the authority's deadline for the answer is past"),
}
"""How the page explains each sign, in the order in which they are looked at."""
WHY = {
    Sign.NOT_ACCEPTED: _("a task not accepted is not begun; the ladder has reminded twice by then"),
    Sign.SILENT: _("silence has innocent reasons as well: alone it does not warn"),
    Sign.SILENT_LONG: _("little can be made up in the last quarter"),
    Sign.RETURNED: _("work done twice takes longer"),
    Sign.ASKED_BEFORE: _("the unit itself said that the deadline is tight"),
    Sign.BLOCKED: _("time runs on while somebody else must answer"),
    Sign.LEFT_ALONE: _("the authority is late: remind it, not the unit"),
}


_TOLD = {
    Sign.SILENT: _n(
        "{used} of {count} working day is used, no progress reported",
        "{used} of {count} working days are used, no progress reported",
    ),
    Sign.RETURNED: _n(
        "a result was returned for completion ({count} time)", "a result was returned for completion ({count} times)"
    ),
    Sign.ASKED_BEFORE: _n("asked for more time ({count} time)", "asked for more time ({count} times)"),
}
_TOLD |= {Sign.SILENT_LONG: _TOLD[Sign.SILENT]}
"""How a task's own sign is told, where it has numbers that the page's words have no place for."""


@dataclass(frozen=True)
class RiskReason:
    sign: Sign
    facts: tuple[tuple[str, object], ...] = ()

    @classmethod
    def of(cls, sign: Sign, **facts: object) -> "RiskReason":
        return cls(sign, tuple(facts.items()))

    @property
    def words(self) -> Words:
        return Words(_TOLD.get(self.sign, SIGN_WORDS[self.sign]), **dict(self.facts))

    @property
    def points(self) -> int:
        return POINTS[self.sign]


@dataclass(frozen=True)
class Risk:
    """What speaks against a task's date; `days_left` in working days, from tomorrow to the date."""

    due_on: date
    days_left: int
    reasons: tuple[RiskReason, ...]

    @property
    def points(self) -> int:
        return sum(reason.points for reason in self.reasons)

    @property
    def is_warned(self) -> bool:
        return self.points >= WARN_FROM


def _is_at_stake(life: Life, day: date) -> bool:
    """Return whether a task can be warned of at the end of a day: open, not sent in, its date still to come."""
    is_open = life.status in OPEN_STATUSES and life.status is not TaskStatus.SUBMITTED
    return is_open and life.due_on is not None and life.due_on > day and life.counts


def risk_of(life: Life, day: date, calendar: WorkCalendar) -> Risk | None:
    """At the end of a day. None for what cannot be warned of: closed, sent in, without a date, or past it."""
    due_on, given_on = life.due_on, life.given_on
    if due_on is None or given_on is None or not _is_at_stake(life, day):
        return None
    found = [
        *_accepting(life, given_on, day, calendar),
        *_time(life, given_on, due_on, day, calendar),
        *_course(life, day),
    ]
    return Risk(due_on, calendar.between(day, due_on), tuple(found))


def _accepting(life: Life, given_on: date, day: date, calendar: WorkCalendar) -> Iterator[RiskReason]:
    waited = calendar.between(given_on, day)
    if life.accepted_on is None and waited >= SILENT_DAYS:
        yield RiskReason.of(Sign.NOT_ACCEPTED, count=waited)


def _time(life: Life, given_on: date, due_on: date, day: date, calendar: WorkCalendar) -> Iterator[RiskReason]:
    whole, used = calendar.between(given_on, due_on), calendar.between(given_on, day)
    if life.heard_on is None and whole >= LONG_ENOUGH and used >= HALF_TIME * whole:
        sign = Sign.SILENT_LONG if used >= LATE_TIME * whole else Sign.SILENT
        yield RiskReason.of(sign, used=used, count=whole)


def _course(life: Life, day: date) -> Iterator[RiskReason]:
    if life.times_returned:
        yield RiskReason.of(Sign.RETURNED, count=life.times_returned)
    if life.times_asked:
        yield RiskReason.of(Sign.ASKED_BEFORE, count=life.times_asked)
    obstacle = life.open_obstacle
    if obstacle is not None:
        yield RiskReason.of(Sign.LEFT_ALONE if obstacle.is_unanswered(day) else Sign.BLOCKED)
