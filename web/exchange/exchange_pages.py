"""The actions on a directive that came by the document exchange: send the office's report, and ask for it back."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from sqlmodel import Session
from starlette.datastructures import UploadFile

from models.directives.directive import Directive
from models.errors import BadInput
from models.i18n import _
from models.text.localtime import read_day
from web.request.form_input import FormInput, Posted, ReasonForm
from web.request.request_context import RequestContext, Signed
from workflows.access.rights import Forbidden, is_run_by, open_directive
from workflows.exchange.answers import GivenReport, ask_back, send_report
from workflows.exchange.edxml_view import lines_of_directive
from workflows.exchange.message_xml import TYPE_DETAILS
from workflows.rules.rights_table import Right

router = APIRouter(prefix="/directives")


class ReportForm(FormInput):
    """The office's facts on the paper that it sends."""

    number: str = ""
    issued_on: str = ""
    kind: str = ""
    subject: str = ""
    signer: str = ""
    position: str = ""


@router.post("/{code}/messages")
def send_paper(
    code: str, context: Signed, fields: Annotated[ReportForm, Depends(ReportForm.sent)], form: Posted
) -> Response:
    upload = form.get("file")
    if not isinstance(upload, UploadFile) or not upload.filename:
        raise BadInput("file: choose the signed report, as .pdf or .docx")
    report = GivenReport(
        **fields.model_dump(exclude={"issued_on"}),
        issued_on=read_day(_("date of the document"), fields.issued_on) if fields.issued_on else None,
        filename=upload.filename,
        content=upload.file.read(),
    )
    with context.transaction() as session:
        directive = _open_run_directive(session, context, code)
        send_report(context.acting(session), directive, report)
    return context.go(f"/directives/{code}/text", _("The report goes to the sender of the directive."))


@router.post("/{code}/messages/{message_id}")
def ask_paper_back(
    code: str, message_id: UUID, context: Signed, given: Annotated[ReasonForm, Depends(ReasonForm.sent)]
) -> Response:
    with context.transaction() as session:
        directive = _open_run_directive(session, context, code)
        ask_back(context.acting(session), directive, message_id, reason=given.reason)
    return context.go(f"/directives/{code}/text", _("The receiver is asked to give the report back."))


def may_answer(session: Session, context: RequestContext, directive: Directive) -> bool:
    is_part = context.settings.edxml is not None
    return is_part and context.principal.may(Right.LAUNCH) and is_run_by(session, context.principal, directive)


def exchanged(session: Session, context: RequestContext, directive: Directive) -> dict[str, Any]:
    lines = lines_of_directive(session, directive.id) if is_run_by(session, context.principal, directive) else []
    return {
        "messages": lines,
        "may_answer": bool(lines) and may_answer(session, context, directive),
        "paper_kinds": [(kind, kind) for kind in TYPE_DETAILS],
    }


def _open_run_directive(session: Session, context: RequestContext, code: str) -> Directive:
    context.require(Right.LAUNCH)
    directive = open_directive(session, context.principal, code)
    if not is_run_by(session, context.principal, directive):
        raise Forbidden("only who coordinates a directive sends papers about it")
    return directive
