"""Work out a ladder's dates: when each rung of a template fires for a given assignment and deadline, and for whom."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models.directives.ladders import RecipientRole, RungName, RungSpec
from models.directives.template import TemplateSpec
from models.organization.unit import UnitKind
from models.text.localtime import at_local, end_of_day, local_date
from workflows.rules.calendar.due import DueDecision, compute_due
from workflows.rules.calendar.periods import Period, following, period_of, periods_to_open, sending_date
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.escalation.ladder import SET_DATE, SET_DATE_AFTER, fire_moment, is_applicable

_EXAMPLE_TERM = timedelta(days=30)
"""The calendar days that an example's task has, where its template sets no deadline."""


@dataclass(frozen=True)
class RungDate:
    """The moments (UTC) at which one rung fires and its letter leaves; None without a deadline to count from.

    A rung that is past when its clock starts is not applicable: nobody is ever told.
    """

    rung: str
    offset: int  # working days or hours, as the ladder's clock says
    roles: tuple[RecipientRole, ...]
    fires_at: datetime | None
    leaves_at: datetime | None
    is_applicable: bool


@dataclass(frozen=True)
class LadderDates:
    """The rungs in the order in which they fire, those without a moment last."""

    clock: str  # working_days or hours
    assigned_at: datetime
    due_at: datetime | None
    rungs: tuple[RungDate, ...]


def ladder_dates(
    spec: TemplateSpec, *, assigned_at: datetime, due_at: datetime | None, calendar: WorkCalendar
) -> LadderDates:
    """Return the ladder if nobody acts (`due_at` is exclusive). Raise BadInput outside the calendar's years."""
    rungs = [_date_rung(rung, spec, assigned_at, due_at, calendar) for rung in spec.rungs.rungs]
    if due_at is None:
        rungs.append(_date_request_for_deadline(spec, assigned_at, calendar))
    rungs.sort(key=lambda rung: (rung.fires_at is None, rung.fires_at or assigned_at))
    return LadderDates(spec.rungs.clock, assigned_at, due_at, tuple(rungs))


def _date_rung(
    rung: RungSpec, spec: TemplateSpec, assigned_at: datetime, due_at: datetime | None, calendar: WorkCalendar
) -> RungDate:
    in_hours = spec.rungs.clock == "hours"
    if rung.rung is RungName.ASSIGNED:  # the launch itself sends the assignment
        leaves_at = assigned_at if in_hours else calendar.event_slot(assigned_at)
        return RungDate(rung.rung.value, rung.at, rung.to, assigned_at, leaves_at, is_applicable=True)
    fires_at = fire_moment(rung, spec.rungs, assigned_at=assigned_at, due_at=due_at, calendar=calendar)
    if fires_at is None:
        return RungDate(rung.rung.value, rung.at, rung.to, None, None, is_applicable=False)
    leaves_at = fires_at if in_hours else calendar.reminder_slot(spec.reminders, fires_at)
    applies = is_applicable(rung, fires_at, assigned_at=assigned_at, due_set_at=assigned_at)
    return RungDate(rung.rung.value, rung.at, rung.to, fires_at, leaves_at, applies)


def _date_request_for_deadline(spec: TemplateSpec, assigned_at: datetime, calendar: WorkCalendar) -> RungDate:
    """Return the rung that asks the coordinator of an undated task for a deadline."""
    fires_at = at_local(calendar.add(local_date(assigned_at), SET_DATE_AFTER))
    leaves_at = calendar.reminder_slot(spec.reminders, fires_at)
    return RungDate(SET_DATE, SET_DATE_AFTER, (RecipientRole.COORDINATOR,), fires_at, leaves_at, is_applicable=True)


def expected_due(
    spec: TemplateSpec,
    *,
    issued_on: date | None,
    assigned_at: datetime,
    launch_due_on: date | None,
    calendar: WorkCalendar,
    unit_kind: UnitKind = UnitKind.ENTERPRISE,
    period: Period | None = None,
) -> DueDecision:
    """Return the deadline that a launch would decide: by the template's rule, else the launch's own date.

    The kind of unit matters only for reporting periods. Raise BadInput where the rule counts from a missing signing
    date.
    """
    return compute_due(
        spec,
        unit_kind=unit_kind,
        issued_on=issued_on,
        assigned_at=assigned_at,
        occurrence=period,
        launch_due_on=launch_due_on,
        parent_due_at=None,
        calendar=calendar,
    )


def example_due(
    spec: TemplateSpec,
    *,
    issued_on: date | None,
    assigned_at: datetime,
    calendar: WorkCalendar,
    unit_kind: UnitKind = UnitKind.ENTERPRISE,
) -> tuple[DueDecision, Period | None]:
    """Return the deadline and the reporting period that a launch at that instant would open first.

    For a template without a deadline, the example assumes a working day some weeks ahead. Raise as `expected_due`.
    """
    period = None
    if spec.period is not None:
        opened = periods_to_open(spec.period, None, assigned_at, assigned_at)
        period = opened[-1] if opened else period_of(spec.period, local_date(assigned_at))
        while end_of_day(sending_date(spec.period, period, unit_kind)) <= assigned_at:
            period = following(period)
    due = expected_due(
        spec,
        issued_on=issued_on,
        assigned_at=assigned_at,
        launch_due_on=calendar.on_or_after(local_date(assigned_at) + _EXAMPLE_TERM),
        calendar=calendar,
        unit_kind=unit_kind,
        period=period,
    )
    return due, period
