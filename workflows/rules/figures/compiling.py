"""Our own tier: the day on which a period's report is compiled, which periods have come, how each unit's part stands.

Pure. Our day is a working day always: a report date moves back before a day off, unless the preset says forward.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from models.directives.template import DayOffMove, DayOfPeriod, PeriodRule
from models.papers.report_schedule import Came
from models.tasks.task import TaskStatus
from models.text.localtime import MORNING, at_local, due_date, local, local_date
from workflows.rules.calendar.periods import Period, data_range, following, own_day, parse, period_of
from workflows.rules.calendar.workdays import WorkCalendar


@dataclass(frozen=True)
class Cycle:
    """A schedule's days. `last`: the newest period that was compiled; `since`: what came before is left out."""

    rule: PeriodRule
    own: DayOfPeriod | None
    last: str | None
    since: datetime


@dataclass(frozen=True)
class ReportPeriod:
    """A period and our own day in it. `moved_from`: the preset's day, where the calendar moved it."""

    period: Period
    due_on: date
    moved_from: date | None
    data: tuple[date, date]

    @property
    def at(self) -> datetime:
        """08:00 local of the day."""
        return at_local(self.due_on)

    @property
    def is_estimate(self) -> bool:
        """Return whether our day lies before the data's end."""
        return self.due_on < self.data[1]

    def cutoff(self, today: date) -> date:
        """Return the day to whose end figures are read: the data's last, or today if that is earlier."""
        return min(self.data[1], today)


def turn_of(cycle: Cycle, period: Period, calendar: WorkCalendar) -> ReportPeriod | None:
    """Our day of a period; None where neither schedule nor preset has one."""
    day = own_day(cycle.rule, period, cycle.own)
    if day is None:
        return None
    forward = cycle.rule.move is DayOffMove.FORWARD
    moved = calendar.on_or_after(day) if forward else calendar.on_or_before(day)
    return ReportPeriod(period, moved, day if moved != day else None, data_range(cycle.rule, period))


def coming(cycle: Cycle, calendar: WorkCalendar) -> Iterator[ReportPeriod]:
    """Yield the turns still to be compiled, in order and without gaps; none where no day is given."""
    first = local_date(cycle.since)
    period = period_of(cycle.rule, first) if cycle.last is None else _after(cycle.rule, cycle.last)
    while (turn := turn_of(cycle, period, calendar)) is not None:
        if turn.at > cycle.since:
            yield turn
        period = following(period)


def come(cycle: Cycle, now: datetime, calendar: WorkCalendar) -> list[ReportPeriod]:
    """Return the turns whose moment has come, in order. On a day off, and before 08:00, none: they wait for the
    morning.
    """
    if not is_open(now, calendar):
        return []
    turns = []
    for turn in coming(cycle, calendar):
        if turn.at > now:
            break
        turns.append(turn)
    return turns


def is_open(now: datetime, calendar: WorkCalendar) -> bool:
    """Return whether anything is compiled at an instant: a working day from 08:00 local on."""
    moment = local(now)
    return moment.time() >= MORNING and calendar.is_working(moment.date())


def stands(status: TaskStatus, submitted_on: date | None, due_at: datetime | None, today: date) -> Came:
    """Return how a unit's report stands on a local day. The day it came in decides, however slow the approval."""
    due_on = due_date(due_at) if due_at else None
    if status in (TaskStatus.SUBMITTED, TaskStatus.APPROVED):
        late = due_on is not None and submitted_on is not None and submitted_on > due_on
        return Came.LATE if late else Came.ON_TIME
    if status is TaskStatus.RETURNED:
        return Came.RETURNED
    return Came.MISSING if due_on is not None and due_on < today else Came.NOT_DUE


def _after(rule: PeriodRule, last: str) -> Period:
    """Return the rule's first period after one that may be of another length: the template's own may have changed."""
    ended = parse(last)
    period = period_of(rule, ended.last_day)
    return following(period) if period.last_day <= ended.last_day else period
