"""Take a launch back before its first letter leaves: a page that says what that does, then the action."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from models.directives.directive import Directive
from models.directives.launch import Launch
from models.errors import DondocError, NotFound
from models.i18n import _n
from models.organization.person import Person
from web.request.form_input import ReasonForm
from web.request.page_frame import directive_head
from web.request.request_context import RequestContext, Signed
from workflows.access.rights import open_directive
from workflows.launch.take_back import count_tasks, find_obstacle, take_back
from workflows.rules.rights_table import Right

router = APIRouter(prefix="/directives/{code}/launches/{launch_id}")


@router.get("/take-back")
def take_back_page(code: str, launch_id: UUID, context: Signed) -> HTMLResponse:
    return _page(context, code, launch_id)


@router.post("/take-back")
def take_launch_back(
    code: str, launch_id: UUID, context: Signed, form: Annotated[ReasonForm, Depends(ReasonForm.sent)]
) -> Response:
    with context.submit(lambda error: _page(context, code, launch_id, error, form.reason)) as session:
        _directive, launch = _open(session, context, code, launch_id)
        count = take_back(context.acting(session), launch, reason=form.reason)
    return context.go(
        f"/directives/{code}/launches",
        _n(
            "Taken back; {count} task withdrawn. Nobody has been informed of it.",
            "Taken back; {count} tasks withdrawn. Nobody has been informed of them.",
        ),
        count=count,
    )


def _page(
    context: RequestContext, code: str, launch_id: UUID, error: DondocError | None = None, reason: str = ""
) -> HTMLResponse:
    with context.reading() as session:
        directive, launch = _open(session, context, code, launch_id)
        refused = find_obstacle(session, launch)
        count = count_tasks(session, launch.id)
        coordinator = session.get_one(Person, launch.coordinator_id).full_name
    return context.page(
        "launch/take_back.html",
        code=context.fault(error) if error else 200,
        error=None if refused else error,
        launch=launch,
        refused=refused,
        count=count,
        coordinator=coordinator,
        reason=reason,
        head=directive_head(context, directive, "launches"),
    )


def _open(session: Session, context: RequestContext, code: str, launch_id: UUID) -> tuple[Directive, Launch]:
    directive = open_directive(session, context.principal, code, Right.LAUNCH)
    launch = session.get(Launch, launch_id)
    if launch is None or launch.directive_id != directive.id:
        raise NotFound("there is no such page")
    return directive, launch
