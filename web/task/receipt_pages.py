"""The pages on which a records clerk finds a task and records that its report arrived."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from sqlmodel import Session

from models.directives.directive import Directive, Duty, directive_name
from models.directives.template import TemplateVersion
from models.errors import BadInput, DondocError, NotFound
from models.i18n import _
from models.organization.unit import Unit
from models.tasks.task import OPEN_STATUSES, Task, TaskStatus
from models.words import duty_words, period_words
from web.request.form_input import FormInput
from web.request.having_right import MayRecordReceipts
from web.request.request_context import RequestContext, Signed
from web.request.word_filters import duty_name
from workflows.access.task_access import look_at
from workflows.rules.rights_table import Right
from workflows.rules.tasks.actions import Action
from workflows.rules.tasks.lifecycle import SPECS
from workflows.tasks.act import act
from workflows.worklists.result_files import waiting_files
from workflows.worklists.search import search

router = APIRouter(prefix="/receipts")


class ReceiptForm(FormInput):
    number: str = ""
    date: str = ""
    received_on: str = ""
    subject: str = ""
    signer: str = ""


@router.get("")
def receipts_page(context: MayRecordReceipts, q: str = "") -> Response:
    """Search open tasks. If only one matches, open it."""
    query, error, tasks = q.strip(), None, []
    if query:
        try:
            with context.reading() as session:
                results = search(session, context.principal, query, now=context.now, limit=100, only_open=True)
            tasks = [task for task in results.tasks if task.status is not None]  # None: only contributed to
        except BadInput as input_error:
            error = input_error
    if len(tasks) == 1:
        return context.go(f"/receipts/{tasks[0].task_id}")
    return context.page("receipts.html", query=query, found=tasks, status_words=TaskStatus.labels(), error=error)


@router.get("/{task_id}")
def receipt_page(task_id: UUID, context: Signed) -> Response:
    """Show the form of a receipt, with today as both dates."""
    today = context.today.isoformat()
    return _form(context, task_id, ReceiptForm(date=today, received_on=today))


@router.post("/{task_id}")
def record_receipt(task_id: UUID, context: Signed, form: Annotated[ReceiptForm, Depends(ReceiptForm.sent)]) -> Response:
    with context.submit(lambda error: _form(context, task_id, form, error)) as session:
        task = _find_receivable(session, context, task_id)
        unit, duty = session.get_one(Unit, task.lead_unit_id).name, session.get_one(Duty, task.duty_id)
        act(context.acting(session), task_id, Action.RECEIVE, dict(form.pairs()))
    message = _("Recorded: {number} of {unit}, {item}. The unit is no longer reminded, and the coordinator decides.")
    return context.go("/receipts", message, number=form.number, unit=unit, item=duty_words(duty.path))


def _find_receivable(session: Session, context: RequestContext, task_id: UUID) -> Task:
    """Return a task for which the reader records receipts. Raise NotFound for any other task."""
    context.require(Right.RECORD_RECEIPTS)
    sight = look_at(session, context.principal, task_id, context.today)
    if not sight.relations & SPECS[Action.RECEIVE].rule.by:
        raise NotFound("there is no such page")
    return sight.task


def _form(context: RequestContext, task_id: UUID, form: ReceiptForm, error: DondocError | None = None) -> Response:
    with context.reading() as session:
        task = _find_receivable(session, context, task_id)
        directive, duty = session.get_one(Directive, task.directive_id), session.get_one(Duty, task.duty_id)
        facts: dict[str, Any] = {
            "task": task,
            "unit": session.get_one(Unit, task.lead_unit_id).name,
            "directive": directive_name(directive.kind, directive.number, directive.subject),
            "item": duty_name(duty.path, context.language),
            "duty": duty,
            "period": period_words(task.occurrence),
            "classified": session.get_one(TemplateVersion, task.template_version_id).read_spec().result.classified_mail,
            "is_open": task.status in OPEN_STATUSES,
            "status": task.status.label,
            "files": waiting_files(session, task_id),
        }
    facts["signed"] = context.signatures_of(facts["files"])
    return context.page("receipt.html", given=form, error=error, **facts)
