"""The ladder of a duty for a case: its published template, a task given on a day, and the date it would have."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from models.directives.directive import Directive
from models.directives.launch import Launch
from models.directives.template import HoursDeadline, TemplateSpec, TemplateVersion
from models.errors import NotFound, need
from models.text.localtime import at_local, end_of_day, local_date
from workflows.escalation.ladder_dates import LadderDates, example_due, expected_due, ladder_dates
from workflows.reports.charts.chart_choices import Choice, ladders_to_draw, newest_launch
from workflows.rules.calendar.workdays import WorkCalendar


@dataclass(frozen=True)
class LadderCase:
    """What the dates are counted from."""

    directive: Directive
    launch: Launch | None
    calendar: WorkCalendar
    now: datetime

    @property
    def assigned_at(self) -> datetime:
        """Return the moment of the last launch; before the first, today."""
        return self.launch.launched_at if self.launch else at_local(local_date(self.now))

    def dates(self, spec: TemplateSpec, assigned: date | None, due: date | None) -> tuple[datetime, datetime | None]:
        """Assigned at 08:00 of the day asked for; due at its end, or so many hours later for contingency duties."""
        for day in (assigned, due):
            if day is not None:
                self.calendar.is_working(day)  # refuses a day outside the calendar's years
        assigned_at = at_local(assigned) if assigned else self.assigned_at
        if due and not isinstance(spec.deadline, HoursDeadline):
            return assigned_at, end_of_day(due)
        issued_on = self.directive.issued_on
        if spec.period is not None:
            decided, _period = example_due(spec, issued_on=issued_on, assigned_at=assigned_at, calendar=self.calendar)
        else:
            decided = expected_due(
                spec,
                issued_on=issued_on,
                assigned_at=assigned_at,
                launch_due_on=self.launch.due_on if self.launch else None,
                calendar=self.calendar,
            )
        return assigned_at, decided.due_at


def chosen_duty(path: str, duties: list[Choice]) -> Choice | None:
    """Return the duty of a path, the first where none is asked for. NotFound for one without a published template."""
    found = [one for one in duties if one.code == path] if path else duties
    if path and not found:
        raise NotFound("there is no such duty")
    return found[0] if found else None


def read_ladder(
    session: Session,
    directive: Directive,
    path: str,
    *,
    assigned: date | None,
    due: date | None,
    calendar: WorkCalendar,
    now: datetime,
) -> tuple[str, LadderDates]:
    """Return a duty's path and its ladder. NotFound where there is no published template."""
    duty = need(chosen_duty(path, ladders_to_draw(session, directive.id)), NotFound("there is no such duty"))
    spec = session.get_one(TemplateVersion, duty.id).read_spec()
    case = LadderCase(directive, newest_launch(session, directive.id), calendar, now)
    assigned_at, due_at = case.dates(spec, assigned, due)
    return duty.code, ladder_dates(spec, assigned_at=assigned_at, due_at=due_at, calendar=calendar)
