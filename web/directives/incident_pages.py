"""Incidents and drills of a directive: declare one, follow it by the hour, record calls, stand it down."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from models.directives.directive import Directive
from models.directives.ladders import RecipientRole
from models.directives.launch import Incident
from models.errors import BadInput, DondocError
from models.i18n import _, _n
from models.organization.unit import Unit
from models.tasks.task import TaskStatus
from web.launch.launch_form import form_id
from web.request.form_input import FormInput, ReasonForm
from web.request.page_frame import directive_head
from web.request.request_context import RequestContext, Signed
from workflows.access.rights import is_run_by, open_directive
from workflows.launch.incidents.declare_incident import declare, stand_down
from workflows.launch.incidents.incident_plan import IncidentPlan, addressed_units, armed_contingencies, plan_incident
from workflows.launch.incidents.incident_view import (
    IncidentLine,
    find_incident,
    list_incidents,
    read_first_letters,
    read_incident,
)
from workflows.rules.rights_table import Right
from workflows.rules.tasks.actions import Action
from workflows.tasks.act import act

router = APIRouter(prefix="/directives/{code}/incidents")
UNREACHABLE = {
    "no_head": _("the unit has no head"),
    "retired": _("its head has retired"),
    "no_address": _("its head has no e-mail address"),
    "refused": _("mail to its head is refused"),
}
KINDS = ("earnest", "drill")


class DeclarationForm(FormInput):
    """The fields of a declaration. The address of the check page holds all of them."""

    title: str = ""
    kind: str = ""  # one of KINDS, with none chosen at first
    every: str = ""
    duty: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    seen: str = ""
    nonce: str = ""

    def pairs(self, *without: str) -> list[tuple[str, str]]:
        return super().pairs("seen", "nonce", *(["unit"] if self.every else ()), *without)

    def choose_units(self, units: Sequence[Unit]) -> list[UUID]:
        """Return the chosen ones of the addressed units. BadInput if the form leaves a choice open."""
        if self.kind not in KINDS:
            raise BadInput("kind: choose a real situation or a drill")
        if not self.duty:
            raise BadInput("duty: choose at least one")
        chosen = [unit.id for unit in units if self.every or unit.code in self.unit]
        if not chosen:
            raise BadInput("unit: choose at least one, or all of them")
        return chosen


class CallForm(FormInput):
    task: str = ""
    answered_by: str = ""
    note: str = ""


@router.get("")
def incidents_page(code: str, context: Signed) -> HTMLResponse:
    with context.reading() as session:
        directive = open_directive(session, context.principal, code)
        lines = list_incidents(session, context.principal, directive.id)
        may_declare = context.principal.may(Right.DECLARE_INCIDENT) and is_run_by(session, context.principal, directive)
        has_armed = bool(armed_contingencies(session, directive))
    return context.page(
        "incidents/list.html",
        head=directive_head(context, directive, "incidents"),
        lines=lines,
        may_declare=may_declare,
        has_armed=has_armed,
    )


@router.get("/declare")
def declare_page(
    code: str, context: Signed, form: Annotated[DeclarationForm, Depends(DeclarationForm.from_query)]
) -> HTMLResponse:
    return _form(context, code, form)


def _form(context: RequestContext, code: str, form: DeclarationForm, error: DondocError | None = None) -> HTMLResponse:
    with context.reading() as session:
        directive = _open(session, context, code)
        duties = [duty for duty, _row in armed_contingencies(session, directive)]
        units, coverage = addressed_units(session, directive)
    addressed = {unit.id: [path for path, ids in coverage.audience.items() if unit.id in ids] for unit in units}
    return context.page(
        "incidents/declare.html",
        error=error,
        asked=form,
        duties=duties,
        head=directive_head(context, directive, "incidents"),
        units=units,
        addressed=addressed,
        **_WORDS,
    )


@router.get("/check")
def check_page(
    code: str, context: Signed, form: Annotated[DeclarationForm, Depends(DeclarationForm.from_query)]
) -> HTMLResponse:
    return _check(context, code, form)


def _check(context: RequestContext, code: str, form: DeclarationForm, error: DondocError | None = None) -> HTMLResponse:
    try:
        with context.reading() as session:
            directive = _open(session, context, code)
            plan = _plan(session, context, directive, form)
            letters = read_first_letters(session, plan)
            lines = list_incidents(session, context.principal, directive.id)
    except DondocError as fault:
        return _form(context, code, form, error or fault)
    return context.page(
        "incidents/check.html",
        error=error,
        asked=form,
        plan=plan,
        head=directive_head(context, directive, "incidents"),
        told=[letter for letter in letters if not letter.undeliverable],
        unreached=[letter for letter in letters if letter.undeliverable],
        running=_running_namesakes(plan, lines),
        **_WORDS,
    )


def _running_namesakes(plan: IncidentPlan, lines: Sequence[IncidentLine]) -> list[IncidentLine]:
    """Return the incidents of the same title that go on. One may be the same, declared a moment ago."""
    title = plan.incident.title.casefold()
    return [line for line in lines if line.incident.stood_down_at is None and line.incident.title.casefold() == title]


def _plan(session: Session, context: RequestContext, directive: Directive, form: DeclarationForm) -> IncidentPlan:
    units, _coverage = addressed_units(session, directive)
    return plan_incident(
        context.acting(session),
        directive,
        title=form.title,
        unit_ids=form.choose_units(units),
        is_drill=form.kind == "drill",
        paths=form.duty,
    )


@router.post("")
def declare_incident(
    code: str, context: Signed, form: Annotated[DeclarationForm, Depends(DeclarationForm.sent)]
) -> Response:
    """Declare the incident. A form that is sent twice declares it once."""
    with context.submit(lambda error: _check(context, code, form, error)) as session:
        directive = _open(session, context, code)
        units, _coverage = addressed_units(session, directive)
        incident, created = declare(
            context.acting(session),
            directive,
            title=form.title,
            unit_ids=form.choose_units(units),
            is_drill=form.kind == "drill",
            paths=form.duty,
            incident_id=form_id(form.nonce),
            seen=form.seen.split(","),
        )
        incident = find_incident(session, context.principal, directive, incident.id)
    message = _n(
        "Declared: {count} task. Now telephone those who are to act first.",
        "Declared: {count} tasks. Now telephone those who are to act first.",
    )
    count = created.created
    return context.go(_address(code, incident), message if count else None, is_repeated=True, count=count)


@router.get("/{incident_id}")
def incident_page(code: str, incident_id: UUID, context: Signed) -> HTMLResponse:
    return _incident(context, code, incident_id)


def _incident(
    context: RequestContext, code: str, incident_id: UUID, error: DondocError | None = None, **typed: Any
) -> HTMLResponse:
    with context.reading() as session:
        directive = open_directive(session, context.principal, code)
        incident = find_incident(session, context.principal, directive, incident_id)
        sheet = read_incident(session, context.principal, incident, **context.moment(session))
        may_act = context.principal.may(Right.DECLARE_INCIDENT) and is_run_by(session, context.principal, directive)
    return context.page(
        "incidents/incident.html",
        error=error,
        sheet=sheet,
        incident=incident,
        head=directive_head(context, directive, "incidents"),
        may_act=may_act,
        now=context.now,
        accepted=sum(share.task.accepted_at is not None for share in sheet.shares),
        done=TaskStatus.APPROVED,
        typed={"task": "", "answered_by": "", "note": "", "reason": ""} | typed,
        **_WORDS,
    )


@router.post("/{incident_id}/telephone")
def telephone(
    code: str, incident_id: UUID, context: Signed, call: Annotated[CallForm, Depends(CallForm.sent)]
) -> Response:
    typed = call.model_dump()
    with context.submit(lambda error: _incident(context, code, incident_id, error, **typed)) as session:
        directive = open_directive(session, context.principal, code)
        incident = find_incident(session, context.principal, directive, incident_id)
        sheet = read_incident(session, context.principal, incident, **context.moment(session))
        share = next((share for share in sheet.shares if share.task.id.hex == call.task), None)
        if share is None:
            raise BadInput("task: choose a unit of this incident")
        if not call.answered_by:
            raise BadInput("answered by: say who answered")
        given = {"answered_by": call.answered_by, "note": call.note}
        act(context.acting(session), share.task.id, Action.TELEPHONE, given)
        unit = share.unit
    return context.go(f"{_address(code, incident)}#calls", _("The call to {unit} is recorded."), unit=unit)


@router.post("/{incident_id}/stand-down")
def stand_incident_down(
    code: str, incident_id: UUID, context: Signed, form: Annotated[ReasonForm, Depends(ReasonForm.sent)]
) -> Response:
    """End the incident, and withdraw its open tasks."""
    with context.submit(lambda error: _incident(context, code, incident_id, error, reason=form.reason)) as session:
        directive = _open(session, context, code)
        incident = find_incident(session, context.principal, directive, incident_id)
        if not form.reason:
            raise BadInput("reason: say why it is over")
        count = stand_down(context.acting(session), incident, reason=form.reason)
    return context.go(
        _address(code, incident),
        _n("Stood down; {count} task withdrawn.", "Stood down; {count} tasks withdrawn."),
        count=count,
    )


def _open(session: Session, context: RequestContext, code: str) -> Directive:
    return open_directive(session, context.principal, code, Right.DECLARE_INCIDENT)


def _address(code: str, incident: Incident) -> str:
    return f"/directives/{code}/incidents/{incident.id}"


_WORDS: dict[str, Any] = {"role_words": RecipientRole.labels(), "unreachable": UNREACHABLE}
