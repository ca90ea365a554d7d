"""The list of inspections, one of them, and what moves it: another day, sending, closing, calling off."""

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
from workflows.access.rights import is_run_by, seen_directive
from workflows.inspections.find import find_unit
from workflows.inspections.follow import cancel_inspection, close_inspection, move_visit, send_findings
from workflows.inspections.inspection_view import open_inspection_file, read_inspection_sheet
from workflows.inspections.listing import list_inspections
from workflows.inspections.seeing import InspectionAccess, look_at_inspection
from workflows.rules.rights_table import Right

router = APIRouter(prefix="/inspections")
ON_A_PAGE = 30


class StepForm(FormInput):
    """What a form of the inspection's page says; `seen`: the revision that the page showed."""

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
        found = list_inspections(session, principal, directive=directive, before=before, limit=ON_A_PAGE + 1)
        chosen = seen_directive(session, principal, directive) if directive else None
        may_plan = principal.may(Right.INSPECT) and (chosen is None or is_run_by(session, principal, chosen))
    return context.page(
        "inspections/list.html",
        found=found[:ON_A_PAGE],
        directive=directive,
        may_plan=may_plan,
        older=found[ON_A_PAGE - 1].id if len(found) > ON_A_PAGE else None,
        head=directive_head(context, chosen, "inspections") if chosen else None,
        **WORDING,
    )


@router.get("/{inspection_id}")
def inspection_page(inspection_id: UUID, context: Signed) -> HTMLResponse:
    return _page(context, inspection_id)


def _page(
    context: RequestContext, inspection_id: UUID, error: DondocError | None = None, typed: StepForm | None = None
) -> HTMLResponse:
    with context.reading() as session:
        sight = look_at_inspection(session, context.principal, inspection_id)
        sheet = read_inspection_sheet(session, sight, now=context.now)
    return context.page(
        "inspections/inspection.html",
        error=error,
        sheet=sheet,
        sight=sight,
        may=sight.may_now,
        typed=typed or StepForm(),
        **WORDING,
    )


@router.post("/{inspection_id}/move")
def move(inspection_id: UUID, context: Signed, given: SentStep) -> Response:
    with context.submit(lambda error: _page(context, inspection_id, error, given)) as session:
        found = find_unit(session, inspection_id, given.unit)
        move_visit(
            context.acting(session),
            _sight(session, context, inspection_id),
            found,
            read_day(_("new day"), given.day),
            given.reason,
            seen=given.seen,
        )
    return context.go(
        f"/inspections/{inspection_id}", _("The visit to {unit} is moved; the unit is informed."), unit=found.name
    )


@router.post("/{inspection_id}/send")
def send(inspection_id: UUID, context: Signed, given: SentStep) -> Response:
    with context.submit(lambda error: _page(context, inspection_id, error)) as session:
        send_findings(context.acting(session), _sight(session, context, inspection_id), seen=given.seen)
    return context.go(f"/inspections/{inspection_id}", _("Sent. Each unit is informed that it may read its findings."))


@router.post("/{inspection_id}/close")
def close(inspection_id: UUID, context: Signed, given: SentStep) -> Response:
    with context.submit(lambda error: _page(context, inspection_id, error, given)) as session:
        sight = _sight(session, context, inspection_id)
        close_inspection(context.acting(session), sight, given.summary, seen=given.seen)
    return context.go(f"/inspections/{inspection_id}", _("The inspection is closed."))


@router.post("/{inspection_id}/cancel")
def cancel(inspection_id: UUID, context: Signed, given: SentStep) -> Response:
    with context.submit(lambda error: _page(context, inspection_id, error, given)) as session:
        sight = _sight(session, context, inspection_id)
        cancel_inspection(context.acting(session), sight, given.reason, seen=given.seen)
    return context.go(
        f"/inspections/{inspection_id}", _("The inspection is cancelled; every unit is informed of the reason.")
    )


@router.get("/{inspection_id}/files/{file_id}")
def file(inspection_id: UUID, file_id: UUID, context: Signed) -> FileResponse:
    with context.reading() as session:
        found, path = open_inspection_file(session, _sight(session, context, inspection_id), file_id, context.settings)
    return FileResponse(path, media_type=found.media_type, filename=found.filename, headers=SAFE)


def _sight(session: Session, context: RequestContext, inspection_id: UUID) -> InspectionAccess:
    return look_at_inspection(session, context.principal, inspection_id)
