"""The list of inspections, the page of one, and its steps: move a visit, send the findings, close it, cancel it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from fastapi.responses import FileResponse, HTMLResponse, Response
from sqlmodel import Session

from models.errors import DondocError
from models.i18n import _
from models.text.localtime import read_day
from web.api.files import SAFE
from web.inspections.wording import WORDING
from web.request.form_input import FormInput, Revision
from web.request.having_right import MaySeeInspections
from web.request.page_frame import directive_head
from web.request.request_context import RequestContext, Signed
from workflows.access.rights import find_visible_directive, is_run_by
from workflows.inspections.findings import find_unit
from workflows.inspections.inspection_access import InspectionAccess, open_inspection
from workflows.inspections.inspection_steps import cancel_inspection, close_inspection, move_visit, send_findings
from workflows.inspections.inspection_view import open_inspection_file, read_inspection_sheet
from workflows.inspections.listing import list_inspections
from workflows.rules.rights_table import Right

router = APIRouter(prefix="/inspections")
ON_A_PAGE = 30


class StepForm(FormInput):
    """The fields of the forms on an inspection's page. `seen`: the revision that the page showed."""

    unit: str = ""
    day: str = ""
    reason: str = ""
    summary: str = ""
    seen: Revision = -1


SentStep = Annotated[StepForm, Depends(StepForm.sent)]


@router.get("")
def inspections_page(
    context: MaySeeInspections, directive: str = "", before: Annotated[UUID | None, Query()] = None
) -> HTMLResponse:
    with context.reading() as session:
        principal = context.principal
        inspections = list_inspections(session, principal, directive=directive, before=before, limit=ON_A_PAGE + 1)
        chosen_directive = find_visible_directive(session, principal, directive) if directive else None
        may_plan = principal.may(Right.INSPECT) and (
            chosen_directive is None or is_run_by(session, principal, chosen_directive)
        )
    return context.page(
        "inspections/list.html",
        found=inspections[:ON_A_PAGE],
        directive=directive,
        may_plan=may_plan,
        older=inspections[ON_A_PAGE - 1].id if len(inspections) > ON_A_PAGE else None,
        head=directive_head(context, chosen_directive, "inspections") if chosen_directive else None,
        **WORDING,
    )


@router.get("/{inspection_id}")
def inspection_page(inspection_id: UUID, context: Signed) -> HTMLResponse:
    return _page(context, inspection_id)


def _page(
    context: RequestContext, inspection_id: UUID, error: DondocError | None = None, form: StepForm | None = None
) -> HTMLResponse:
    with context.reading() as session:
        access = open_inspection(session, context.principal, inspection_id)
        sheet = read_inspection_sheet(session, access, now=context.now)
    return context.page(
        "inspections/inspection.html",
        error=error,
        sheet=sheet,
        access=access,
        may=access.may_now,
        typed=form or StepForm(),
        **WORDING,
    )


@router.post("/{inspection_id}/move")
def move(inspection_id: UUID, context: Signed, form: SentStep) -> Response:
    with context.submit(lambda error: _page(context, inspection_id, error, form)) as session:
        visit = find_unit(session, inspection_id, form.unit)
        move_visit(
            context.acting(session),
            _access(session, context, inspection_id),
            visit,
            read_day(_("new day"), form.day),
            form.reason,
            seen=form.seen,
        )
    return context.go(
        f"/inspections/{inspection_id}", _("The visit to {unit} is moved; the unit is informed."), unit=visit.name
    )


@router.post("/{inspection_id}/send")
def send(inspection_id: UUID, context: Signed, form: SentStep) -> Response:
    with context.submit(lambda error: _page(context, inspection_id, error)) as session:
        send_findings(context.acting(session), _access(session, context, inspection_id), seen=form.seen)
    return context.go(f"/inspections/{inspection_id}", _("Sent. Each unit is informed that it may read its findings."))


@router.post("/{inspection_id}/close")
def close(inspection_id: UUID, context: Signed, form: SentStep) -> Response:
    with context.submit(lambda error: _page(context, inspection_id, error, form)) as session:
        access = _access(session, context, inspection_id)
        close_inspection(context.acting(session), access, form.summary, seen=form.seen)
    return context.go(f"/inspections/{inspection_id}", _("The inspection is closed."))


@router.post("/{inspection_id}/cancel")
def cancel(inspection_id: UUID, context: Signed, form: SentStep) -> Response:
    with context.submit(lambda error: _page(context, inspection_id, error, form)) as session:
        access = _access(session, context, inspection_id)
        cancel_inspection(context.acting(session), access, form.reason, seen=form.seen)
    return context.go(
        f"/inspections/{inspection_id}", _("The inspection is cancelled; every unit is informed of the reason.")
    )


@router.get("/{inspection_id}/files/{file_id}")
def file(inspection_id: UUID, file_id: UUID, context: Signed) -> FileResponse:
    with context.reading() as session:
        evidence, path = open_inspection_file(
            session, _access(session, context, inspection_id), file_id, context.settings
        )
    return FileResponse(path, media_type=evidence.media_type, filename=evidence.filename, headers=SAFE)


def _access(session: Session, context: RequestContext, inspection_id: UUID) -> InspectionAccess:
    return open_inspection(session, context.principal, inspection_id)
