"""The calendar of the reports that the coordinating unit compiles from the reports of the units.

The compiling day is always a working day: it moves back before a day off, unless the preset moves it forward.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile

from models.directives.template import DayOffMove, DayOfPeriod, PeriodRule
from models.papers.report_schedule import Came
from models.tasks.task import TaskStatus
from models.text.localtime import MORNING, at_local, due_date, local, local_date
from workflows.rules.calendar.periods import Period, data_range, following, own_day, parse, period_of
from workflows.rules.calendar.workdays import WorkCalendar


@dataclass(frozen=True)
class Cycle:
    """The days of a schedule. `last` is the key of the newest compiled period. Days before `since` are left out."""

    rule: PeriodRule
    own: DayOfPeriod | None
    last: str | None
    since: datetime


@dataclass(frozen=True)
class ReportPeriod:
    """A period and its compiling day. `moved_from` is the preset's day if the calendar moved it."""

    period: Period
    due_on: date
    moved_from: date | None
    data: tuple[date, date]

    @property
    def at(self) -> datetime:
        """Return 08:00 local of the day."""
        return at_local(self.due_on)

    @property
    def is_estimate(self) -> bool:
        """Return whether the report is compiled before its data ends."""
        return self.due_on < self.data[1]

    def cutoff(self, today: date) -> date:
        """Return the last day of the figures: the last day of the data, or today if that is earlier."""
        return min(self.data[1], today)


def report_period(cycle: Cycle, period: Period, calendar: WorkCalendar) -> ReportPeriod | None:
    """Return a period with its compiling day, or None if no compiling day is set."""
    day = own_day(cycle.rule, period, cycle.own)
    if day is None:
        return None
    forward = cycle.rule.move is DayOffMove.FORWARD
    moved = calendar.on_or_after(day) if forward else calendar.on_or_before(day)
    return ReportPeriod(period, moved, day if moved != day else None, data_range(cycle.rule, period))


def coming_periods(cycle: Cycle, calendar: WorkCalendar) -> Iterator[ReportPeriod]:
    """Yield the periods still to be compiled, without end and without gaps. Yield none if no compiling day is set."""
    first_day = local_date(cycle.since)
    period = period_of(cycle.rule, first_day) if cycle.last is None else _period_after(cycle.rule, cycle.last)
    while (coming := report_period(cycle, period, calendar)) is not None:
        if coming.at > cycle.since:
            yield coming
        period = following(period)


def periods_to_compile(cycle: Cycle, now: datetime, calendar: WorkCalendar) -> list[ReportPeriod]:
    """Return the periods whose moment has come, in order. On a day off or before 08:00 they wait."""
    if not is_compiling_time(now, calendar):
        return []
    return list(takewhile(lambda period: period.at <= now, coming_periods(cycle, calendar)))


def is_compiling_time(now: datetime, calendar: WorkCalendar) -> bool:
    """Return whether reports are compiled now: on working days, from 08:00 local."""
    moment = local(now)
    return moment.time() >= MORNING and calendar.is_working(moment.date())


def judge_unit_report(status: TaskStatus, submitted_on: date | None, due_at: datetime | None, today: date) -> Came:
    """Return whether a unit's report came in, and in time. The day of submission decides, not that of approval."""
    due_on = due_date(due_at) if due_at else None
    if status in (TaskStatus.SUBMITTED, TaskStatus.APPROVED):
        is_late = due_on is not None and submitted_on is not None and submitted_on > due_on
        return Came.LATE if is_late else Came.ON_TIME
    if status is TaskStatus.RETURNED:
        return Came.RETURNED
    return Came.MISSING if due_on is not None and due_on < today else Came.NOT_DUE


def _period_after(rule: PeriodRule, key: str) -> Period:
    """Return the rule's first period after a compiled one. That one may have another length if the preset changed."""
    compiled = parse(key)
    period = period_of(rule, compiled.last_day)
    return following(period) if period.last_day <= compiled.last_day else period
