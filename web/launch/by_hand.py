"""Create a task by hand: a form, a check, then the launch. Nothing is stored before the launch."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from models.database.ids import new_id
from models.directives.directive import Directive, Urgency
from models.directives.ladders import RecipientRole
from models.errors import BadInput, DondocError
from models.i18n import _
from models.letters.letter_reads import told_of_task
from models.organization.register_reads import resolve_unit, units_among
from models.organization.unit import Unit
from models.text.localtime import read_day
from notifications.composing.wording import first_up
from web.launch.launch_form import form_id
from web.request.form_input import FormInput
from web.request.having_right import MayLaunch
from web.request.request_context import RequestContext
from workflows.access.rights import open_directive
from workflows.launch.launch_tasks import Uncovered
from workflows.launch.type_task import TypedResult, check_may_type, is_typed, type_task, typed_documents
from workflows.rules.calendar.due import kept_day_off
from workflows.rules.rights_table import Right
from workflows.rules.secrecy import LEVELS
from workflows.templates.typed_task import KINDS, TypedTask

router = APIRouter(prefix="/launch")


class ByHand(FormInput):
    kind: str = ""
    number: str = ""
    issued_on: str = ""
    issuer: str = ""
    subject: str = ""
    urgency: str = ""
    secrecy: str = ""
    follows: str = ""
    document: str = ""
    title: str = ""
    quote: str = ""
    lead: str = ""
    partners: str = ""
    due: str = ""
    fixed: str = ""
    result: str = ""
    classified: str = ""
    override: str = ""
    reason: str = ""
    step: str = ""
    nonce: str = ""


@router.get("/by-hand")
def by_hand_page(context: MayLaunch, document: str = "") -> HTMLResponse:
    return _form(context, ByHand(document=document, secrecy="none", urgency="normal"))


@router.post("/by-hand")
def launch_by_hand(context: MayLaunch, form: Annotated[ByHand, Depends(ByHand.sent)]) -> Response:
    if form.step == "change":
        return _form(context, form)
    with context.again(lambda error: _refused(context, form, error)):
        typed = _read(form)
        if form.step != "launch":
            return _check(context, form, typed)
        launch_id = form_id(form.nonce)
        with context.transaction() as session:
            check_may_type(session, context.principal, typed)
            result = type_task(context.acting(session), typed, launch_id=launch_id)
            unit = _lead(session, result)
    return context.go(
        f"/directives/{result.directive.code}",
        _("Given to {unit}: {title}"),
        is_repeated=True,
        unit=unit,
        title=result.duty.title,
    )


def _refused(context: RequestContext, form: ByHand, error: DondocError) -> HTMLResponse:
    if isinstance(error, Uncovered):
        return _check(context, form, replace(_read(form), override=True, reason="–"), error)
    return _form(context, form, error)


def _form(context: RequestContext, form: ByHand, error: DondocError | None = None) -> HTMLResponse:
    with context.reading() as session:
        document = _document(session, context, form.document)
        documents = typed_documents(session, context.principal.speaks_for)
        units = units_among(session, context.principal.speaks_for)
    return context.page(
        "launch/by_hand.html",
        error=error,
        given=form,
        document=document,
        documents=documents,
        kinds_of_document=KINDS,
        urgencies=[(urgency.value, first_up(context.words(urgency.label))) for urgency in Urgency],
        levels=LEVELS,
        follow_up=[(unit.code, unit.name) for unit in units],
    )


def _check(context: RequestContext, form: ByHand, typed: TypedTask, error: Uncovered | None = None) -> HTMLResponse:
    """Show what the launch would create, by launching in a transaction that is rolled back."""
    recipients: list[tuple[str, str]] = []
    with context.dry_run() as session:
        check_may_type(session, context.principal, typed)
        calendar = context.calendar(session)
        everything = replace(typed, override=True, reason=typed.reason or "–")  # the page shows the gaps
        result = type_task(context.acting(session), everything, launch_id=new_id())
        assert result.task is not None and result.outcome is not None
        unit = _lead(session, result)
        partners = [resolve_unit(session, name).name for name in typed.partners]
        recipients = told_of_task(session, result.task.id)
        leaves_at = calendar.event_slot(context.now) if result.directive.urgency is not Urgency.EXPRESS else context.now
    return context.page(
        "launch/by_hand_check.html",
        error=error,
        given=form,
        done=result,
        unit=unit,
        partners=partners,
        told=recipients,
        gaps=result.outcome.coverage.gaps,
        leaves_at=leaves_at,
        day_off=kept_day_off(result.task.due_at, calendar),
        role_words=RecipientRole.labels(),
    )


def _read(form: ByHand) -> TypedTask:
    try:
        urgency = Urgency(form.urgency)
    except ValueError as error:
        raise BadInput(
            "{field} {value}: expected one of {allowed}", field=_("urgency"), value=form.urgency, allowed=list(Urgency)
        ) from error
    return TypedTask(
        kind=form.kind or KINDS[0],
        number=form.number,
        issued_on=read_day(_("Date of the document"), form.issued_on) if form.issued_on else None,
        issuer=form.issuer,
        subject=form.subject,
        urgency=urgency,
        secrecy=form.secrecy or "none",
        document=form.document,
        title=form.title,
        quote=form.quote,
        lead=form.lead,
        partners=tuple(line.strip() for line in form.partners.splitlines() if line.strip()),
        due_on=read_day(_("Deadline"), form.due) if form.due else None,
        fixed_by_document=bool(form.fixed),
        result=form.result,
        classified_mail=bool(form.classified),
        follows=form.follows,
        override=bool(form.override),
        reason=form.reason,
    )


def _document(session: Session, context: RequestContext, code: str) -> Directive | None:
    if not code:
        return None
    directive = open_directive(session, context.principal, code, Right.LAUNCH)
    return directive if is_typed(directive) else None


def _lead(session: Session, result: TypedResult) -> str:
    return session.get_one(Unit, result.task.lead_unit_id).name if result.task else ""
