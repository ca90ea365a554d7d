"""Find open tasks that are likely to miss their deadline, by adding up the points of signs.

Each constant says where its value comes from, and the page prints signs, points and reasons. Warnings come before the
deadline only. After it the task is late, and the ladder takes over.
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
"""The points that make a warning. One sign alone, or two weak ones, may have an innocent reason."""
SILENT_DAYS = 4
"""The working days without acceptance. On that day the ladder reminds for the second time."""
LONG_ENOUGH = 5
"""The shortest time to the deadline, in working days, for which progress reports are expected."""
HALF_TIME, LATE_TIME = 0.5, 0.75
"""The parts of the time without progress: at half a report is expected, at three quarters little can be made up."""


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
"""The signs in words, for the page that explains the warnings."""
WHY = {
    Sign.NOT_ACCEPTED: _("a task not accepted is not begun; the ladder has reminded twice by then"),
    Sign.SILENT: _("silence has innocent reasons as well: alone it does not warn"),
    Sign.SILENT_LONG: _("little can be made up in the last quarter"),
    Sign.RETURNED: _("work done twice takes longer"),
    Sign.ASKED_BEFORE: _("the unit itself said that the deadline is tight"),
    Sign.BLOCKED: _("time runs on while somebody else must answer"),
    Sign.LEFT_ALONE: _("the authority is late: remind it, not the unit"),
}


_TASK_WORDS = {
    Sign.SILENT: _n(
        "{used} of {count} working day is used, no progress reported",
        "{used} of {count} working days are used, no progress reported",
    ),
    Sign.RETURNED: _n(
        "a result was returned for completion ({count} time)", "a result was returned for completion ({count} times)"
    ),
    Sign.ASKED_BEFORE: _n("asked for more time ({count} time)", "asked for more time ({count} times)"),
}
_TASK_WORDS |= {Sign.SILENT_LONG: _TASK_WORDS[Sign.SILENT]}
"""The signs of one task in words, with numbers for which `SIGN_WORDS` has no place."""


@dataclass(frozen=True)
class RiskReason:
    sign: Sign
    facts: tuple[tuple[str, object], ...] = ()

    @classmethod
    def of(cls, sign: Sign, **facts: object) -> "RiskReason":
        return cls(sign, tuple(facts.items()))

    @property
    def words(self) -> Words:
        return Words(_TASK_WORDS.get(self.sign, SIGN_WORDS[self.sign]), **dict(self.facts))

    @property
    def points(self) -> int:
        return POINTS[self.sign]


@dataclass(frozen=True)
class Risk:
    """The signs against a task's deadline. `days_left` are the working days from tomorrow to the deadline."""

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
    """Return whether a task can get a warning at the end of a day: open, not submitted, its deadline still to come."""
    is_open = life.status in OPEN_STATUSES and life.status is not TaskStatus.SUBMITTED
    return is_open and life.due_on is not None and life.due_on > day and life.counts


def risk_of(life: Life, day: date, calendar: WorkCalendar) -> Risk | None:
    """Return the risk of a task at the end of a day; None for a task that cannot get a warning."""
    due_on, given_on = life.due_on, life.given_on
    if due_on is None or given_on is None or not _is_at_stake(life, day):
        return None
    reasons = [
        *_acceptance_reasons(life, given_on, day, calendar),
        *_silence_reasons(life, given_on, due_on, day, calendar),
        *_course_reasons(life, day),
    ]
    return Risk(due_on, calendar.between(day, due_on), tuple(reasons))


def _acceptance_reasons(life: Life, given_on: date, day: date, calendar: WorkCalendar) -> Iterator[RiskReason]:
    days_waited = calendar.between(given_on, day)
    if life.accepted_on is None and days_waited >= SILENT_DAYS:
        yield RiskReason.of(Sign.NOT_ACCEPTED, count=days_waited)


def _silence_reasons(
    life: Life, given_on: date, due_on: date, day: date, calendar: WorkCalendar
) -> Iterator[RiskReason]:
    whole, used = calendar.between(given_on, due_on), calendar.between(given_on, day)
    if life.heard_on is None and whole >= LONG_ENOUGH and used >= HALF_TIME * whole:
        sign = Sign.SILENT_LONG if used >= LATE_TIME * whole else Sign.SILENT
        yield RiskReason.of(sign, used=used, count=whole)


def _course_reasons(life: Life, day: date) -> Iterator[RiskReason]:
    if life.times_returned:
        yield RiskReason.of(Sign.RETURNED, count=life.times_returned)
    if life.times_asked:
        yield RiskReason.of(Sign.ASKED_BEFORE, count=life.times_asked)
    obstacle = life.open_obstacle
    if obstacle is not None:
        yield RiskReason.of(Sign.LEFT_ALONE if obstacle.is_unanswered(day) else Sign.BLOCKED)
