"""Ask units once for figures or a report: a form, a check, then the action."""

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
from web.launch.launch_form import form_id
from web.launch.wording import WORDING
from web.request.form_input import FormInput
from web.request.page_frame import directive_head
from web.request.request_context import RequestContext, Signed
from workflows.access.rights import open_directive
from workflows.launch.on_request import Askable, ask_addressed_units, askable_duties
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

    def units(self, askable: Askable) -> list[Unit]:
        """Return the chosen units. Raise BadInput if there are none."""
        chosen = [unit for unit in askable.units if self.every or unit.code in self.unit]
        if not chosen:
            raise BadInput("unit: choose at least one, or all of them")
        return chosen

    def day(self, today: date) -> date | None:
        """Return the last day to answer. Raise BadInput for a past day."""
        day = read_day(_("Deadline"), self.due) if self.due else None
        if day is not None and day < today:
            raise BadInput("due {due}: the day is past", due=write_date(day))
        return day


@router.get("")
def request_page(code: str, context: Signed, duty: str = "") -> HTMLResponse:
    return _form(context, code, RequestForm(duty=duty))


@router.post("")
def send_request(code: str, context: Signed, form: Annotated[RequestForm, Depends(RequestForm.sent)]) -> Response:
    if form.step == "change":
        return _form(context, code, form)
    with context.again(lambda error: _form(context, code, form, error)):
        if form.step != "ask":
            return _check(context, code, form)
        with context.transaction() as session:
            directive = _open(session, context, code)
            askable = _find_askable(session, directive, form)
            created = ask_addressed_units(
                context.acting(session),
                directive,
                askable.duty,
                unit_ids=[unit.id for unit in form.units(askable)],
                note=form.note,
                due_on=form.day(context.today),
                request_id=form_id(form.nonce),
            )
    return context.go(
        f"/directives/{code}",
        _n("Asked: {count} task.", "Asked: {count} tasks."),
        is_repeated=True,
        count=len(created.task_ids),
    )


def _form(context: RequestContext, code: str, form: RequestForm, error: DondocError | None = None) -> HTMLResponse:
    with context.reading() as session:
        directive = _open(session, context, code)
        duties = askable_duties(session, directive)
    units: dict[UUID, Unit] = {unit.id: unit for askable in duties for unit in askable.units}
    return context.page(
        "launch/request.html",
        error=error,
        given=form,
        duties=duties,
        head=directive_head(context, directive, "board"),
        units=sorted(units.values(), key=lambda unit: unit.sort_key),
        **WORDING,
    )


def _check(context: RequestContext, code: str, form: RequestForm) -> HTMLResponse:
    with context.reading() as session:
        directive = _open(session, context, code)
        askable = _find_askable(session, directive, form)
        units, calendar = form.units(askable), context.calendar(session)
    if not form.note:
        raise BadInput("note: say what is asked for")
    due = form.day(context.today)
    return context.page(
        "launch/request_check.html",
        given=form,
        one=askable,
        units=units,
        due=due,
        day_off=kept_day_off(end_of_day(due), calendar) if due else None,
        head=directive_head(context, directive, "board"),
        leaves_at=calendar.event_slot(context.now),
        **WORDING,
    )


def _find_askable(session: Session, directive: Directive, form: RequestForm) -> Askable:
    duties = {askable.duty.path: askable for askable in askable_duties(session, directive)}
    if form.duty not in duties:
        allowed = [duty_words(path) for path in duties] or "–"
        raise BadInput("duty {duty}: expected one of {allowed}", duty=form.duty or "–", allowed=allowed)
    return duties[form.duty]


def _open(session: Session, context: RequestContext, code: str) -> Directive:
    return open_directive(session, context.principal, code, Right.LAUNCH)
