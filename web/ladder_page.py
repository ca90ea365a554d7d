"""The ladder of a duty in time: what its published template would do to a task assigned on a day and due on one."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse

from models.directive import Directive, directive_name
from models.errors import BadInput, NotFound
from models.i18n import _
from models.launch import Launch
from models.localtime import at_local, due_date, end_of_day, local_date, read_day
from models.template import HoursDeadline, TemplateSpec, TemplateVersion
from web.pictures.ladder import draw_ladder
from web.visit import Signed
from workflows.ladder_dates import expected_due, ladder_dates
from workflows.picture_choices import Choice, ladders_to_draw, newest_launch
from workflows.rights import open_directive
from workflows.rules.rights import Right
from workflows.rules.workdays import WorkCalendar

router = APIRouter()


@dataclass
class Asked:
    """What the address asks for, as text; "" where it does not say."""

    directive: str
    duty: str = ""
    assigned: str = ""
    due: str = ""


@router.get("/ladder")
def ladder_page(visit: Signed, asked: Annotated[Asked, Depends()]) -> HTMLResponse:
    """Real dates by the working calendar as it is; where none are asked for, those of the directive's last launch."""
    visit.require(Right.SEE_PICTURES)
    with visit.reading() as session:
        directive = open_directive(session, visit.the_place, asked.directive, Right.SEE_PICTURES)
        duties = ladders_to_draw(session, directive.id)
        duty = _chosen(asked.duty, duties)
        spec = session.get_one(TemplateVersion, duty.id).read_spec() if duty else None
        case = _Case(directive, newest_launch(session, directive.id), visit.calendar(session), visit.now)
    error: BadInput | None = None
    assigned_at, due_at = case.assigned_at, None
    if spec is not None:
        try:
            assigned_at, due_at = case.dates(spec, asked)
        except BadInput as refused:
            error = refused
    ladder = ladder_dates(spec, assigned_at=assigned_at, due_at=due_at, calendar=case.calendar) if spec else None
    return visit.page(
        "pictures/ladder.html",
        code=visit.fault(error) if error else 200,
        error=error,
        directive=directive,
        directive_name=directive_name(directive.kind, directive.number, directive.subject),
        duties_as_options=[(one.code, f"{one.code} – {one.name}") for one in duties],
        duty=duty,
        assigned_on=local_date(assigned_at),
        due_on=due_date(due_at) if due_at else None,
        in_hours=spec is not None and isinstance(spec.deadline, HoursDeadline),
        ladder=draw_ladder(ladder, visit.language) if ladder else None,
    )


def _chosen(path: str, duties: list[Choice]) -> Choice | None:
    found = [one for one in duties if one.code == path] if path else duties
    if path and not found:
        raise NotFound("there is no such page")
    return found[0] if found else None


@dataclass(frozen=True)
class _Case:
    """What the dates are counted from."""

    directive: Directive
    launch: Launch | None
    calendar: WorkCalendar
    now: datetime

    @property
    def assigned_at(self) -> datetime:
        """Of the last launch; before the first, today."""
        return self.launch.launched_at if self.launch else at_local(local_date(self.now))

    def dates(self, spec: TemplateSpec, asked: Asked) -> tuple[datetime, datetime | None]:
        """Assigned at 08:00 of the day asked for; due at its end, or so many hours later for contingency duties."""
        assigned_at = at_local(self._day(_("Assigned"), asked.assigned)) if asked.assigned else self.assigned_at
        if asked.due and not isinstance(spec.deadline, HoursDeadline):
            return assigned_at, end_of_day(self._day(_("Date"), asked.due))
        due_at = expected_due(
            spec,
            issued_on=self.directive.issued_on,
            assigned_at=assigned_at,
            launch_due_on=self.launch.due_on if self.launch else None,
            calendar=self.calendar,
        )
        return assigned_at, due_at

    def _day(self, name: str, text: str) -> date:
        day = read_day(name, text)
        self.calendar.is_working(day)  # refuses a day outside the calendar's years
        return day
