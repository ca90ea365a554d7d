"""A ladder with real dates: when each rung of a template fires for one assignment and one date, and whom it tells."""

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

_AHEAD = timedelta(days=30)
"""How far ahead an example's date lies, in calendar days, where the template has none of its own."""


@dataclass(frozen=True)
class RungDate:
    """One rung. `fires_at`: when it is decided; `leaves_at`: when its letter leaves; None without a date to count from.

    Instants are UTC. Not applicable: past already when its clock starts, so nobody is ever told.
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
    """What the clock would do to a task assigned at an instant and due at one (exclusive), if nobody acted.

    Raises BadInput where a rung leaves the years the calendar knows.
    """
    rungs = [_dated(rung, spec, assigned_at, due_at, calendar) for rung in spec.rungs.rungs]
    if due_at is None:
        rungs.append(_asks_for_date(spec, assigned_at, calendar))
    rungs.sort(key=lambda rung: (rung.fires_at is None, rung.fires_at or assigned_at))
    return LadderDates(spec.rungs.clock, assigned_at, due_at, tuple(rungs))


def _dated(
    rung: RungSpec, spec: TemplateSpec, assigned_at: datetime, due_at: datetime | None, calendar: WorkCalendar
) -> RungDate:
    in_hours = spec.rungs.clock == "hours"
    if rung.rung is RungName.ASSIGNED:  # told at launch, by the event's own rules; not by the clock
        leaves_at = assigned_at if in_hours else calendar.event_slot(assigned_at)
        return RungDate(rung.rung.value, rung.at, rung.to, assigned_at, leaves_at, is_applicable=True)
    fires_at = fire_moment(rung, spec.rungs, assigned_at=assigned_at, due_at=due_at, calendar=calendar)
    if fires_at is None:
        return RungDate(rung.rung.value, rung.at, rung.to, None, None, is_applicable=False)
    leaves_at = fires_at if in_hours else calendar.reminder_slot(spec.reminders, fires_at)
    applies = is_applicable(rung, fires_at, assigned_at=assigned_at, due_set_at=assigned_at)
    return RungDate(rung.rung.value, rung.at, rung.to, fires_at, leaves_at, applies)


def _asks_for_date(spec: TemplateSpec, assigned_at: datetime, calendar: WorkCalendar) -> RungDate:
    """An undated task's own rung: its coordinator is asked for a date."""
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
    """The date that the template's own rule gives an assignment, else the launch's, as a launch decides it.

    The kind of unit matters for reporting periods alone. Raises BadInput where the rule counts from a signing date that
    is missing.
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
    """The date and reporting period that a launch at that instant would give, or give next.

    A template without a date of its own gets an assumed one, the first working day some weeks ahead, as a coordinator
    may set it. Raises as `expected_due`.
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
        launch_due_on=calendar.on_or_after(local_date(assigned_at) + _AHEAD),
        calendar=calendar,
        unit_kind=unit_kind,
        period=period,
    )
    return due, period
