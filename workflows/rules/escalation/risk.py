"""Which open tasks are likely to miss their date: signs with points, added up. Nothing is learnt, nothing is hidden.

Pure. Each constant says why it is what it is; the page prints signs, points and reasons, and `backtest` says how well
they did. A task is warned of before its date only: after it, it is late, and the ladder speaks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from heapq import heappop, heappush
from uuid import UUID

from models.directives.directive import DutyKind
from models.i18n import Words, _, _n
from models.tasks.task import OPEN_STATUSES, TaskStatus
from models.text.localtime import end_of_day
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.escalation.experience import Experience, Past, turns
from workflows.rules.tasks.classification import HistoryRow
from workflows.rules.tasks.task_life import Life, TaskRecord

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
    Sign.OFTEN_LATE: _(
        "the unit missed a quarter or more of its deadlines for this kind of duty in the last 12 months"
    ),
    Sign.MOSTLY_LATE: _("the unit missed half or more of its deadlines for this kind of duty in the last 12 months"),
    Sign.SHORT_OF_TIME: _("the unit usually needs more time for this kind of duty than it was given"),
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
    Sign.OFTEN_LATE: _("habits last; but one deadline in four may still be chance"),
    Sign.MOSTLY_LATE: _("a unit that is usually late is on time by exception"),
    Sign.SHORT_OF_TIME: _("the middle one of the unit's own times, from assignment to submission"),
    Sign.SILENT: _("silence has innocent reasons as well: alone it does not warn"),
    Sign.SILENT_LONG: _("little can be made up in the last quarter"),
    Sign.RETURNED: _("work done twice takes longer"),
    Sign.ASKED_BEFORE: _("the unit itself said that the deadline is tight"),
    Sign.BLOCKED: _("time runs on while somebody else must answer"),
    Sign.LEFT_ALONE: _("the authority is late: remind it, not the unit"),
}


_TOLD = {
    Sign.OFTEN_LATE: _("missed {late} of {count} deadlines for this kind of duty in the last 12 months"),
    Sign.SHORT_OF_TIME: _n(
        "usually needs {count} working day for this kind of duty, and has {given}",
        "usually needs {count} working days for this kind of duty, and has {given}",
    ),
    Sign.SILENT: _n(
        "{used} of {count} working day is used, no progress reported",
        "{used} of {count} working days are used, no progress reported",
    ),
    Sign.RETURNED: _n(
        "a result was returned for completion ({count} time)", "a result was returned for completion ({count} times)"
    ),
    Sign.ASKED_BEFORE: _n("asked for more time ({count} time)", "asked for more time ({count} times)"),
}
_TOLD |= {Sign.MOSTLY_LATE: _TOLD[Sign.OFTEN_LATE], Sign.SILENT_LONG: _TOLD[Sign.SILENT]}
"""How a task's own sign is told, where it has numbers that the page's words have no place for."""


@dataclass(frozen=True)
class Reason:
    """One sign that a task shows, with its own numbers."""

    sign: Sign
    facts: tuple[tuple[str, object], ...] = ()

    @classmethod
    def of(cls, sign: Sign, **facts: object) -> "Reason":
        return cls(sign, tuple(facts.items()))

    @property
    def words(self) -> Words:
        """In words; made when they are wanted, for a replay looks at very many."""
        return Words(_TOLD.get(self.sign, SIGN_WORDS[self.sign]), **dict(self.facts))

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
        """Return whether that is enough to warn of it."""
        return self.points >= WARN_FROM


def is_at_stake(life: Life, day: date) -> bool:
    """Return whether a task can be warned of at the end of a day: open, not sent in, its date still to come."""
    is_open = life.status in OPEN_STATUSES and life.status is not TaskStatus.SUBMITTED
    return is_open and life.due_on is not None and life.due_on > day and life.counts


def risk_of(life: Life, past: Past, day: date, calendar: WorkCalendar) -> Risk | None:
    """At the end of a day. None for what cannot be warned of: closed, sent in, without a date, or past it."""
    due_on, given_on = life.due_on, life.given_on
    if due_on is None or given_on is None or not is_at_stake(life, day):
        return None
    found = [
        *_accepting(life, given_on, day, calendar),
        *_habit(past),
        *_time(life, past, given_on, due_on, day, calendar),
        *_course(life, day),
    ]
    return Risk(due_on, calendar.between(day, due_on), tuple(found))


def _accepting(life: Life, given_on: date, day: date, calendar: WorkCalendar) -> Iterator[Reason]:
    waited = calendar.between(given_on, day)
    if life.accepted_on is None and waited >= SILENT_DAYS:
        yield Reason.of(Sign.NOT_ACCEPTED, count=waited)


def _habit(past: Past) -> Iterator[Reason]:
    share = past.late_share
    if share is not None and share >= OFTEN:
        sign = Sign.MOSTLY_LATE if share >= HALF else Sign.OFTEN_LATE
        yield Reason.of(sign, late=past.late, count=past.dates)


def _time(life: Life, past: Past, given_on: date, due_on: date, day: date, calendar: WorkCalendar) -> Iterator[Reason]:
    whole, used = calendar.between(given_on, due_on), calendar.between(given_on, day)
    if past.usual_days is not None and past.usual_days > whole:
        yield Reason.of(Sign.SHORT_OF_TIME, count=f"{past.usual_days:g}", given=whole)
    if life.heard_on is None and whole >= LONG_ENOUGH and used >= HALF_TIME * whole:
        sign = Sign.SILENT_LONG if used >= LATE_TIME * whole else Sign.SILENT
        yield Reason.of(sign, used=used, count=whole)


def _course(life: Life, day: date) -> Iterator[Reason]:
    if life.times_returned:
        yield Reason.of(Sign.RETURNED, count=life.times_returned)
    if life.times_asked:
        yield Reason.of(Sign.ASKED_BEFORE, count=life.times_asked)
    obstacle = life.open_obstacle
    if obstacle is not None:
        yield Reason.of(Sign.LEFT_ALONE if obstacle.is_unanswered(day) else Sign.BLOCKED)


class Stage:
    """The tasks told so far, what is known of their units, and the risks of those that are open."""

    def __init__(self, tolds: Sequence[TaskRecord], calendar: WorkCalendar) -> None:
        # rows of one task keep their order: the sort is stable
        rows = ((row, told) for told in tolds for row in told.rows)
        self._rows: list[tuple[HistoryRow, TaskRecord]] = sorted(rows, key=lambda one: one[0].recorded_at)
        self._next = 0
        self._calendar = calendar
        self._known = Experience(calendar)
        self._open: set[UUID] = set()
        self._turns: list[tuple[date, UUID]] = []
        self.lives: dict[UUID, tuple[Life, DutyKind]] = {}

    def play(self, day: date) -> None:
        """On to the end of a day."""
        touched = set(self._happen(day))
        for task_id in touched:
            life, _kind = self.lives[task_id]
            for turn in turns(life):
                heappush(self._turns, (turn, task_id))
            (self._open.add if life.status in OPEN_STATUSES else self._open.discard)(task_id)
        while self._turns and self._turns[0][0] <= day:
            touched.add(heappop(self._turns)[1])
        for task_id in touched:
            self._known.put(task_id, *self.lives[task_id], day)

    def risks(self, day: date) -> Iterator[tuple[UUID, Risk]]:
        """Yield what speaks against the dates of the open tasks at the end of the day that was played last."""
        for task_id in self._open:
            life, kind = self.lives[task_id]
            risk = risk_of(life, self._known.past(life, kind), day, self._calendar) if is_at_stake(life, day) else None
            if risk is not None:
                yield task_id, risk

    def _happen(self, day: date) -> Iterator[UUID]:
        closes_at = end_of_day(day)
        while self._next < len(self._rows) and self._rows[self._next][0].recorded_at < closes_at:
            row, told = self._rows[self._next]
            if told.task_id not in self.lives:
                self.lives[told.task_id] = (Life(), told.kind)
            self.lives[told.task_id][0].happened(row)
            self._next += 1
            yield told.task_id
