"""A directive that came by the document exchange: the office's report goes back, and is asked back."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session
from starlette.datastructures import UploadFile

from models.directives.directive import Directive
from models.errors import BadInput
from models.i18n import _
from models.text.localtime import read_day
from web.request.request_context import Posted, RequestContext, Signed, text
from workflows.access.rights import Forbidden, is_run_by, open_directive
from workflows.delivery.edxml.answers import GivenReport, ask_back, send_report
from workflows.rules.rights_table import Right

router = APIRouter(prefix="/directives")


@router.post("/{code}/messages")
def send_paper(code: str, context: Signed, form: Posted) -> Response:
    sent = form.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise BadInput("file: choose the signed report, as .pdf or .docx")
    day = text(form, "issued_on")
    given = GivenReport(
        number=text(form, "number"),
        issued_on=read_day(_("date of the document"), day) if day else None,
        kind=text(form, "kind"),
        subject=text(form, "subject"),
        signer=text(form, "signer"),
        position=text(form, "position"),
        filename=sent.filename,
        content=sent.file.read(),
    )
    with context.transaction() as session:
        directive = _run_here(session, context, code)
        send_report(session, context.settings, directive, given, actor=context.person, now=context.now)
    return context.go(f"/directives/{code}/text", _("The report goes to the sender of the directive."))


@router.post("/{code}/messages/{message_id}")
def ask_paper_back(code: str, message_id: UUID, context: Signed, form: Posted) -> Response:
    with context.transaction() as session:
        directive = _run_here(session, context, code)
        ask_back(
            session,
            context.settings,
            directive,
            message_id,
            actor=context.person,
            reason=text(form, "reason"),
            now=context.now,
        )
    return context.go(f"/directives/{code}/text", _("The receiver is asked to give the report back."))


def may_answer(session: Session, context: RequestContext, directive: Directive) -> bool:
    is_part = context.settings.edxml is not None
    return is_part and context.principal.may(Right.LAUNCH) and is_run_by(session, context.principal, directive)


def _run_here(session: Session, context: RequestContext, code: str) -> Directive:
    context.require(Right.LAUNCH)
    directive = open_directive(session, context.principal, code)
    if not is_run_by(session, context.principal, directive):
        raise Forbidden("only who coordinates a directive sends papers about it")
    return directive
