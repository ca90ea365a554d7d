"""Ask units once for what an on-request duty provides: figures, a report. A form, a check, then the action."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from models.directives.directive import Directive
from models.errors import BadInput, DondocError
from models.i18n import _, _n
from models.organization.unit import Unit
from models.text.localtime import end_of_day, read_day, write_date
from models.words import duty_words
from web.launch.asked import form_id
from web.launch.wording import WORDING
from web.request.form_input import FormInput
from web.request.page_frame import directive_head
from web.request.request_context import RequestContext, Signed
from workflows.access.rights import open_directive
from workflows.launch.request import Askable, askable_duties, request
from workflows.rules.calendar.due import kept_day_off
from workflows.rules.rights_table import Right

router = APIRouter(prefix="/launch/{code}/request")


class RequestForm(FormInput):
    duty: str = ""
    note: str = ""
    due: str = ""
    every: str = ""
    unit: tuple[str, ...] = ()
    step: str = ""
    nonce: str = ""

    def units(self, one: Askable) -> list[Unit]:
        """BadInput where none is meant."""
        found = [unit for unit in one.units if self.every or unit.code in self.unit]
        if not found:
            raise BadInput("unit: choose at least one, or all of them")
        return found

    def day(self, today: date) -> date | None:
        """The last day to answer; BadInput for one that is past."""
        day = read_day(_("Deadline"), self.due) if self.due else None
        if day is not None and day < today:
            raise BadInput("due {due}: the day is past", due=write_date(day))
        return day


@router.get("")
def request_page(code: str, context: Signed, duty: str = "") -> HTMLResponse:
    return _form(context, code, RequestForm(duty=duty))


@router.post("")
def request_it(code: str, context: Signed, given: Annotated[RequestForm, Depends(RequestForm.sent)]) -> Response:
    if given.step == "change":
        return _form(context, code, given)
    with context.again(lambda error: _form(context, code, given, error)):
        if given.step != "ask":
            return _check(context, code, given)
        with context.transaction() as session:
            directive = _open(session, context, code)
            one = _duty(session, directive, given)
            created = request(
                context.acting(session),
                directive,
                one.duty,
                unit_ids=[unit.id for unit in given.units(one)],
                note=given.note,
                due_on=given.day(context.today),
                request_id=form_id(given.nonce),
            )
    return context.go(
        f"/directives/{code}",
        _n("Asked: {count} task.", "Asked: {count} tasks."),
        is_repeated=True,
        count=len(created.task_ids),
    )


def _form(context: RequestContext, code: str, given: RequestForm, error: DondocError | None = None) -> HTMLResponse:
    with context.reading() as session:
        directive = _open(session, context, code)
        duties = askable_duties(session, directive)
    units: dict[UUID, Unit] = {unit.id: unit for one in duties for unit in one.units}
    return context.page(
        "launch/request.html",
        error=error,
        given=given,
        duties=duties,
        head=directive_head(context, directive, "board"),
        units=sorted(units.values(), key=lambda unit: unit.sort_key),
        **WORDING,
    )


def _check(context: RequestContext, code: str, given: RequestForm) -> HTMLResponse:
    with context.reading() as session:
        directive = _open(session, context, code)
        one = _duty(session, directive, given)
        units, calendar = given.units(one), context.calendar(session)
    if not given.note:
        raise BadInput("note: say what is asked for")
    due = given.day(context.today)
    return context.page(
        "launch/request_check.html",
        given=given,
        one=one,
        units=units,
        due=due,
        day_off=kept_day_off(end_of_day(due), calendar) if due else None,
        head=directive_head(context, directive, "board"),
        leaves_at=calendar.event_slot(context.now),
        **WORDING,
    )


def _duty(session: Session, directive: Directive, given: RequestForm) -> Askable:
    found = askable_duties(session, directive)
    one = next((one for one in found if one.duty.path == given.duty), None)
    if one is None:
        known = [one.duty.path for one in found]
        allowed = [duty_words(path) for path in known] or "–"
        raise BadInput("duty {duty}: expected one of {allowed}", duty=given.duty or "–", allowed=allowed)
    return one


def _open(session: Session, context: RequestContext, code: str) -> Directive:
    return open_directive(session, context.principal, code, Right.LAUNCH)
