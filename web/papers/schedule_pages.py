"""The pages of report schedules: their list, a new one, and one with its coming days and compiled reports."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from models.errors import BadInput, DondocError
from models.i18n import _
from models.organization.unit import UnitKind
from models.papers.issued_report import ReportKind
from models.papers.report_schedule import Came
from web.papers.issued_pages import REPORT_KIND_WORDS
from web.request.form_input import FormInput, Revision, SwitchForm
from web.request.given_values import int_or_none
from web.request.having_right import MayScheduleReports
from web.request.request_context import RequestContext, Signed
from web.request.template_words import CHOICES
from workflows.papers.paper_wording import Writer
from workflows.papers.report_schedules import (
    NewSchedule,
    ScheduleSettings,
    change_schedule,
    collecting_duties,
    make_schedule,
    open_schedule,
    switch_schedule,
)
from workflows.papers.schedule_view import list_schedules, read_compiled_of, read_schedule, read_stuck_reason
from workflows.rules.rights_table import Right

router = APIRouter(prefix="/papers/schedules")
CAME_WORDS = {
    Came.ON_TIME: _("on time"),
    Came.LATE: _("sent late"),
    Came.RETURNED: _("returned"),
    Came.MISSING: _("not sent"),
    Came.NOT_DUE: _("not yet due"),
}


class ScheduleForm(FormInput):
    kind: str = ""
    collects: str = ""
    to_issuer: str = ""
    language: str = ""
    own_day: str = ""
    own_months: str = ""
    seen: Revision = -1

    @property
    def settings(self) -> ScheduleSettings:
        """Read the settings. BadInput for a day that is no number."""
        return ScheduleSettings(
            to_issuer=bool(self.to_issuer),
            language=self.language or "vi",
            own_day=_number(self.own_day) if self.own_day else None,
            own_months_before=_number(self.own_months) if self.own_months else 0,
        )


SentSchedule = Annotated[ScheduleForm, Depends(ScheduleForm.sent)]
SHOWN_KINDS = (ReportKind.DIRECTIVE, ReportKind.CONSOLIDATED)


@router.get("")
def schedules_page(context: MayScheduleReports) -> HTMLResponse:
    with context.reading() as session:
        schedules = list_schedules(session, context.principal, context.calendar(session))
        return _page(context, "schedules.html", schedules=schedules)


@router.get("/new")
def new_page(context: MayScheduleReports) -> HTMLResponse:
    return _new_schedule_page(context, ScheduleForm())


@router.post("/new")
def make(context: MayScheduleReports, form: SentSchedule) -> Response:
    with context.again(lambda error: _new_schedule_page(context, form, error)):
        code, _slash, path = form.collects.partition("/")
        if not path or form.kind not in {kind.value for kind in SHOWN_KINDS}:
            raise BadInput("choose the kind of report, and the duty by which units send theirs")
        wanted = NewSchedule(ReportKind(form.kind), code, path, settings=form.settings)
        with context.transaction() as session:
            row = make_schedule(session, context.principal, wanted, context.audit_actor)
    return context.go(
        f"/papers/schedules/{row.id.hex}", _("Scheduled: the first draft comes on the day that is shown.")
    )


@router.get("/{schedule_id}")
def schedule_page(schedule_id: UUID, context: Signed) -> HTMLResponse:
    return _schedule_page(context, schedule_id)


@router.post("/{schedule_id}")
def change(schedule_id: UUID, context: Signed, form: SentSchedule) -> Response:
    with context.submit(lambda error: _schedule_page(context, schedule_id, form, error)) as session:
        change_schedule(session, context.principal, schedule_id, form.settings, context.audit_actor, revision=form.seen)
    return context.go(f"/papers/schedules/{schedule_id.hex}", _("Saved."))


@router.post("/{schedule_id}/switch")
def switch(schedule_id: UUID, context: Signed, form: Annotated[SwitchForm, Depends(SwitchForm.sent)]) -> Response:
    with context.transaction() as session:
        switch_schedule(session, context.principal, schedule_id, context.audit_actor, on=form.on)
    message = (
        _("It goes on: from now, without what fell into the pause.") if form.on else _("Paused: nothing is compiled.")
    )
    return context.go(f"/papers/schedules/{schedule_id.hex}", message)


def _number(form: str) -> int:
    number = int_or_none(form)
    if number is None or number > 99:
        raise BadInput("own day: expected a day from 1 to 31, and 0 to 13 months before")
    return number


def _new_schedule_page(context: RequestContext, form: ScheduleForm, error: DondocError | None = None) -> HTMLResponse:
    with context.reading() as session:
        duties = [
            (f"{directive.code}/{duty.path}", directive, duty, rule)
            for directive, duty, rule in collecting_duties(session, context.principal)
        ]
        return _page(context, "schedule_new.html", error, duties=duties, given=form, kinds=SHOWN_KINDS)


def _schedule_page(
    context: RequestContext, schedule_id: UUID, form: ScheduleForm | None = None, error: DondocError | None = None
) -> HTMLResponse:
    with context.reading() as session:
        row = open_schedule(session, context.principal, schedule_id)
        facts = {
            "one": read_schedule(session, row, context.calendar(session)),
            "compiled": read_compiled_of(session, row.id),
            "stuck": read_stuck_reason(session, row.id),
        }
    stored = ScheduleForm(
        to_issuer="on" if row.to_issuer else "",
        language=row.language,
        seen=row.revision,
        own_day=str(row.own_day or ""),
        own_months=str(row.own_months_before) if row.own_day else "",
    )
    return _page(
        context,
        "schedule.html",
        error,
        **facts,
        given=form or stored,
        may_edit=context.principal.may(Right.EDIT_TEMPLATES),
    )


def _page(context: RequestContext, template: str, error: DondocError | None = None, **facts: Any) -> HTMLResponse:
    return context.page(
        f"papers/{template}",
        error=error,
        kind_words=REPORT_KIND_WORDS,
        every_words=CHOICES["every"],
        came_words=CAME_WORDS,
        unit_kinds=UnitKind.labels(),
        writer=Writer(context.language),
        **facts,
    )
