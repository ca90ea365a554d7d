"""What `dondoc doctor` finds, on a page: everything the installation needs, and what to do."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from web.request.having_right import MayRunJobs
from web.request.page_frame import admin_page
from workflows.operations.doctor import checks, examine
from workflows.operations.doctor.finding import STATE_WORDS, Case, State

router = APIRouter()
_MARKS = {State.OK: "done", State.WARNING: "waiting", State.BROKEN: "late"}


@router.get("/admin/check-up")
def check_up(context: MayRunJobs) -> HTMLResponse:
    """Look anew each time; change and send nothing."""
    engine = context.site.engine.execution_options(reading_only=True)
    found = list(examine(Case(context.settings, context.now, engine=engine)))
    return admin_page(
        context,
        "check_up.html",
        findings=sorted(found, key=lambda one: list(State).index(one.state), reverse=True),
        titles={check.name: check.title for check in checks()},
        states=STATE_WORDS,
        marks=_MARKS,
        has_trouble=any(one.state is not State.OK for one in found),
    )
