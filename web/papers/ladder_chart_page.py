"""The ladder of a duty as a chart: the dates of its published template for a task assigned and due on given days."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from models.directives.directive import Directive, directive_name
from models.directives.launch import Launch
from models.directives.template import HoursDeadline, TemplateSpec, TemplateVersion
from models.errors import BadInput, NotFound, need
from models.i18n import _
from models.text.localtime import at_local, due_date, end_of_day, local_date, read_day
from web.request.given_values import AddressQuery
from web.request.having_right import MaySeePictures
from workflows.access.rights import open_directive
from workflows.escalation.ladder_dates import example_due, expected_due, ladder_dates
from workflows.papers.charts.ladder_chart import draw_ladder
from workflows.reports.report_scope import Choice, ladders_to_draw, newest_launch
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.rights_table import Right

router = APIRouter()


class LadderQuery(AddressQuery):
    directive: str
    duty: str = ""
    assigned: str = ""
    due: str = ""


@router.get("/ladder")
def ladder_page(context: MaySeePictures, asked: Annotated[LadderQuery, Query()]) -> HTMLResponse:
    """Show real dates by the working calendar. Where no days are asked for, those of the last launch count."""
    with context.reading() as session:
        directive = open_directive(session, context.principal, asked.directive, Right.SEE_PICTURES)
        duties = ladders_to_draw(session, directive.id)
        duty = _choose_duty(asked.duty, duties)
        spec = session.get_one(TemplateVersion, duty.id).read_spec() if duty else None
        case = _LadderCase(directive, newest_launch(session, directive.id), context.calendar(session), context.now)
    error: BadInput | None = None
    assigned_at, due_at = case.assigned_at, None
    if spec is not None:
        try:
            assigned, due = _day(_("Assigned"), asked.assigned), _day(_("Deadline"), asked.due)
            assigned_at, due_at = case.dates(spec, assigned, due)
        except BadInput as refused:
            error = refused
    ladder = ladder_dates(spec, assigned_at=assigned_at, due_at=due_at, calendar=case.calendar) if spec else None
    return context.page(
        "charts/ladder.html",
        error=error,
        directive=directive,
        directive_name=directive_name(directive.kind, directive.number, directive.subject),
        duties_as_options=[(choice.code, f"{choice.code} – {choice.name}") for choice in duties],
        duty=duty,
        assigned_on=local_date(assigned_at),
        due_on=due_date(due_at) if due_at else None,
        in_hours=spec is not None and isinstance(spec.deadline, HoursDeadline),
        ladder=draw_ladder(ladder, context.language) if ladder else None,
    )


def _day(name: str, text: str) -> date | None:
    return read_day(name, text) if text else None


def _choose_duty(path: str, duties: list[Choice]) -> Choice | None:
    """Return the duty of a path, or the first one without a path. NotFound for one without a published template."""
    if not path:
        return duties[0] if duties else None
    return need(next((duty for duty in duties if duty.code == path), None), NotFound("there is no such duty"))


@dataclass(frozen=True)
class _LadderCase:
    """The facts from which the dates of a ladder are counted."""

    directive: Directive
    launch: Launch | None
    calendar: WorkCalendar
    now: datetime

    @property
    def assigned_at(self) -> datetime:
        """Return the moment of the last launch; before the first, today."""
        return self.launch.launched_at if self.launch else at_local(local_date(self.now))

    def dates(self, spec: TemplateSpec, assigned: date | None, due: date | None) -> tuple[datetime, datetime | None]:
        """Return the moments of assignment and deadline, each as asked for or else as the template counts it.

        A task is assigned at 08:00 of the day asked for. It is due at the end of its day, and a contingency duty a
        number of hours after the assignment. BadInput for a day outside the calendar's years.
        """
        for day in (assigned, due):
            if day is not None:
                self.calendar.is_working(day)  # raises for a day outside the calendar's years
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
