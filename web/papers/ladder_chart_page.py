"""The ladder of a duty in time: what its published template would do to a task assigned on a day and due on one."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from models.directives.directive import directive_name
from models.directives.template import HoursDeadline, TemplateVersion
from models.errors import BadInput
from models.i18n import _
from models.text.localtime import due_date, local_date, read_day
from web.request.given_values import AddressQuery
from web.request.having_right import MaySeePictures
from workflows.access.rights import open_directive
from workflows.escalation.ladder_dates import ladder_dates
from workflows.papers.charts.ladder_chart import LadderCase, chosen_duty, draw_ladder
from workflows.reports.choices import ladders_to_draw, newest_launch
from workflows.rules.rights_table import Right

router = APIRouter()


class LadderQuery(AddressQuery):
    directive: str
    duty: str = ""
    assigned: str = ""
    due: str = ""


@router.get("/ladder")
def ladder_page(context: MaySeePictures, asked: Annotated[LadderQuery, Query()]) -> HTMLResponse:
    """Real dates by the working calendar as it is; where none are asked for, those of the directive's last launch."""
    with context.reading() as session:
        directive = open_directive(session, context.principal, asked.directive, Right.SEE_PICTURES)
        duties = ladders_to_draw(session, directive.id)
        duty = chosen_duty(asked.duty, duties)
        spec = session.get_one(TemplateVersion, duty.id).read_spec() if duty else None
        case = LadderCase(directive, newest_launch(session, directive.id), context.calendar(session), context.now)
    error: BadInput | None = None
    assigned_at, due_at = case.assigned_at, None
    if spec is not None:
        try:
            given = _day(_("Assigned"), asked.assigned), _day(_("Deadline"), asked.due)
            assigned_at, due_at = case.dates(spec, *given)
        except BadInput as refused:
            error = refused
    ladder = ladder_dates(spec, assigned_at=assigned_at, due_at=due_at, calendar=case.calendar) if spec else None
    return context.page(
        "charts/ladder.html",
        error=error,
        directive=directive,
        directive_name=directive_name(directive.kind, directive.number, directive.subject),
        duties_as_options=[(one.code, f"{one.code} – {one.name}") for one in duties],
        duty=duty,
        assigned_on=local_date(assigned_at),
        due_on=due_date(due_at) if due_at else None,
        in_hours=spec is not None and isinstance(spec.deadline, HoursDeadline),
        ladder=draw_ladder(ladder, context.language) if ladder else None,
    )


def _day(name: str, text: str) -> date | None:
    return read_day(name, text) if text else None
