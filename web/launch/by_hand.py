"""A task typed by hand: a form, what it would make shown once more, then the launch. Nothing is kept in between."""

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
from web.launch.asked import form_id
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
def type_it(context: MayLaunch, given: Annotated[ByHand, Depends(ByHand.sent)]) -> Response:
    if given.step == "change":
        return _form(context, given)
    with context.again(lambda error: _refused(context, given, error)):
        typed = _read(given)
        if given.step != "launch":
            return _check(context, given, typed)
        launch_id = form_id(given.nonce)
        with context.transaction() as session:
            check_may_type(session, context.principal, typed)
            done = type_task(context.acting(session), typed, launch_id=launch_id)
            unit = _lead(session, done)
    return context.go(
        f"/directives/{done.directive.code}",
        _("Given to {unit}: {title}"),
        is_repeated=True,
        unit=unit,
        title=done.duty.title,
    )


def _refused(context: RequestContext, given: ByHand, error: DondocError) -> HTMLResponse:
    if isinstance(error, Uncovered):
        return _check(context, given, replace(_read(given), override=True, reason="–"), error)
    return _form(context, given, error)


def _form(context: RequestContext, given: ByHand, error: DondocError | None = None) -> HTMLResponse:
    with context.reading() as session:
        document = _document(session, context, given.document)
        documents = typed_documents(session, context.principal.speaks_for)
        units = units_among(session, context.principal.speaks_for)
    return context.page(
        "launch/by_hand.html",
        error=error,
        given=given,
        document=document,
        documents=documents,
        kinds_of_document=KINDS,
        urgencies=[(one.value, first_up(context.words(one.label))) for one in Urgency],
        levels=LEVELS,
        follow_up=[(unit.code, unit.name) for unit in units],
    )


def _check(context: RequestContext, given: ByHand, typed: TypedTask, error: Uncovered | None = None) -> HTMLResponse:
    """Show what it would make, found by making it and undoing that. Faults go back to the form."""
    told: list[tuple[str, str]] = []
    with context.dry_run() as session:
        check_may_type(session, context.principal, typed)
        calendar = context.calendar(session)
        everything = replace(typed, override=True, reason=typed.reason or "–")  # gaps are shown, and asked about
        done = type_task(context.acting(session), everything, launch_id=new_id())
        assert done.task is not None and done.outcome is not None
        unit = _lead(session, done)
        partners = [resolve_unit(session, name).name for name in typed.partners]
        told = told_of_task(session, done.task.id)
        leaves_at = calendar.event_slot(context.now) if done.directive.urgency is not Urgency.EXPRESS else context.now
    return context.page(
        "launch/by_hand_check.html",
        error=error,
        given=given,
        done=done,
        unit=unit,
        partners=partners,
        told=told,
        gaps=done.outcome.coverage.gaps,
        leaves_at=leaves_at,
        day_off=kept_day_off(done.task.due_at, calendar),
        role_words=RecipientRole.labels(),
    )


def _read(given: ByHand) -> TypedTask:
    try:
        urgency = Urgency(given.urgency)
    except ValueError as error:
        raise BadInput(
            "{field} {value}: expected one of {allowed}", field=_("urgency"), value=given.urgency, allowed=list(Urgency)
        ) from error
    return TypedTask(
        kind=given.kind or KINDS[0],
        number=given.number,
        issued_on=read_day(_("Date of the document"), given.issued_on) if given.issued_on else None,
        issuer=given.issuer,
        subject=given.subject,
        urgency=urgency,
        secrecy=given.secrecy or "none",
        document=given.document,
        title=given.title,
        quote=given.quote,
        lead=given.lead,
        partners=tuple(line.strip() for line in given.partners.splitlines() if line.strip()),
        due_on=read_day(_("Deadline"), given.due) if given.due else None,
        fixed_by_document=bool(given.fixed),
        result=given.result,
        classified_mail=bool(given.classified),
        follows=given.follows,
        override=bool(given.override),
        reason=given.reason,
    )


def _document(session: Session, context: RequestContext, code: str) -> Directive | None:
    if not code:
        return None
    found = open_directive(session, context.principal, code, Right.LAUNCH)
    return found if is_typed(found) else None


def _lead(session: Session, done: TypedResult) -> str:
    return session.get_one(Unit, done.task.lead_unit_id).name if done.task else ""
