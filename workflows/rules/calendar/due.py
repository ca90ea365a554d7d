"""Work out a task's deadline from the template's rule, the reporting preset, the launch and the parent task.

`due_at` is 24:00 local of the last permitted day, as an exclusive UTC instant. Reasons are facts, not words.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import assert_never

from models.directives.template import (
    DayOffMove,
    FixedDeadline,
    HoursDeadline,
    NoDeadline,
    RelativeDeadline,
    TemplateSpec,
    VagueDeadline,
)
from models.errors import BadInput
from models.organization.calendar import OffDay
from models.organization.unit import UnitKind
from models.tasks.due_facts import (
    BeforeDay,
    CountedFrom,
    CutToWhole,
    DateMovedTo,
    DateOfWhole,
    DueFact,
    HoursFromAssignment,
    OnDayOff,
    WithinPeriod,
)
from models.tasks.task import DueFixedBy
from models.text.localtime import due_date, end_of_day, local_date
from workflows.rules.calendar.periods import Period, last_permitted, months_on, parse, sending_date, sent_before
from workflows.rules.calendar.workdays import WorkCalendar


@dataclass(frozen=True)
class DueDecision:
    """A task's deadline, who set it, and why. `moved_from` is the day before the calendar or the parent moved it."""

    due_at: datetime | None
    fixed_by: DueFixedBy | None
    facts: tuple[DueFact, ...] = ()
    moved_from: date | None = None


def compute_due(
    spec: TemplateSpec,
    *,
    unit_kind: UnitKind,
    issued_on: date | None,
    assigned_at: datetime,
    occurrence: Period | None,
    launch_due_on: date | None,
    parent_due_at: datetime | None,
    calendar: WorkCalendar,
) -> DueDecision:
    """Return the deadline of one task. `launch_due_on` counts only if the template sets no deadline.

    `occurrence` is the reporting period; None for tasks that are done once, on request or in an incident. Raise
    BadInput for a missing signing date, and for a day outside the calendar's years.
    """
    rule = spec.deadline
    if isinstance(rule, HoursDeadline):
        counted = HoursFromAssignment(hours=rule.hours, assigned_at=assigned_at)
        own = DueDecision(assigned_at + timedelta(hours=rule.hours), DueFixedBy.TEMPLATE, (counted,))
    elif spec.period is not None and occurrence is not None:
        day = sending_date(spec.period, occurrence, unit_kind)
        exclusive_day = sent_before(spec.period, occurrence, unit_kind)
        own = _settle(
            day,
            (BeforeDay(day=exclusive_day),) if exclusive_day else (),
            spec.period.move,
            DueFixedBy.TEMPLATE,
            local_date(assigned_at),
            calendar,
            is_report=True,
        )
    elif isinstance(rule, NoDeadline):
        due_at = end_of_day(launch_due_on) if launch_due_on else None
        own = DueDecision(due_at, DueFixedBy.ASSIGNER if due_at else None)
    else:
        day, facts = _count(spec.duty, rule, issued_on, local_date(assigned_at), calendar)
        own = _settle(day, facts, rule.move, DueFixedBy(rule.fixed_by), local_date(assigned_at), calendar)
    return own if parent_due_at is None else within_parent(own, parent_due_at)


def within_parent(own: DueDecision, parent_due_at: datetime) -> DueDecision:
    """Cut a child task's deadline to that of its parent. A child without a deadline gets that of its parent."""
    if own.due_at is None:
        return DueDecision(parent_due_at, DueFixedBy.PARENT, (DateOfWhole(due_at=parent_due_at),))
    if own.due_at <= parent_due_at:
        return own
    return replace(
        own,
        due_at=parent_due_at,
        fixed_by=DueFixedBy.PARENT,
        facts=(*own.facts, CutToWhole(own_due_at=own.due_at, due_at=parent_due_at)),
        moved_from=own.moved_from or due_date(own.due_at),
    )


def kept_day_off(due_at: datetime | None, calendar: WorkCalendar) -> OffDay | None:
    """Return why the last day of a deadline is a day off; None for a working day, an hour or no deadline."""
    if due_at is None:
        return None
    day = due_date(due_at)
    return calendar.why_off(day) if due_at == end_of_day(day) else None


def moves_with_calendar(spec: TemplateSpec) -> bool:
    if spec.period is not None:
        return spec.period.move is not DayOffMove.STAYS
    rule = spec.deadline
    if isinstance(rule, RelativeDeadline):
        return rule.unit == "working_days" or rule.move is not DayOffMove.STAYS
    return isinstance(rule, FixedDeadline | VagueDeadline) and rule.move is not DayOffMove.STAYS


def _count(
    duty: str,
    rule: FixedDeadline | RelativeDeadline | VagueDeadline,
    issued_on: date | None,
    assigned_on: date,
    calendar: WorkCalendar,
) -> tuple[date, tuple[DueFact, ...]]:
    """Return the last permitted day before the calendar moves it, and how it was counted."""
    match rule:
        case FixedDeadline():
            return last_permitted(rule.on, before=rule.before), (BeforeDay(day=rule.on),) if rule.before else ()
        case VagueDeadline():
            return parse(rule.within).last_day, (WithinPeriod(period=rule.within),)
        case RelativeDeadline():
            start = assigned_on if rule.since == "assigned" else issued_on
            if start is None:
                raise BadInput(
                    "duty {duty}: deadline counts from the signing date, but issued_on of the directive is empty;"
                    " give the date or count from assignment (since: assigned)",
                    duty=duty,
                )
            counted = CountedFrom(amount=rule.amount, unit=rule.unit, since=rule.since, day=start)
            return _add(start, rule, calendar), (counted,)
        case _:
            assert_never(rule)


def _add(start: date, rule: RelativeDeadline, calendar: WorkCalendar) -> date:
    """Add a span to a day that itself does not count: 15 days from the 7th end with the 22nd."""
    if rule.unit == "working_days":
        return calendar.add(start, rule.amount)
    if rule.unit == "months":
        return months_on(start, rule.amount)
    return start + timedelta(days=rule.amount)


def _settle(
    day: date,
    facts: tuple[DueFact, ...],
    move: DayOffMove,
    fixed_by: DueFixedBy,
    assigned_on: date,
    calendar: WorkCalendar,
    *,
    is_report: bool = False,
) -> DueDecision:
    """Move a deadline away from a day off, and say why. It moves forward if back would be before the assignment."""
    off = calendar.why_off(day)
    if off is None or move is DayOffMove.STAYS:
        return DueDecision(end_of_day(day), fixed_by, facts)
    moved = calendar.on_or_before(day) if move is DayOffMove.BACK else calendar.on_or_after(day)
    to = DateMovedTo.BACK if move is DayOffMove.BACK else DateMovedTo.FORWARD
    if moved < assigned_on <= day:
        moved, to = calendar.on_or_after(day), DateMovedTo.FORWARD_AFTER_ALL
    reason = OnDayOff(off=off, moved=to, is_report=is_report)
    return DueDecision(end_of_day(moved), fixed_by, (*facts, reason), moved_from=day)
