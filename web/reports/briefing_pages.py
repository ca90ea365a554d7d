"""The page of a directive's giao ban list, which fits on one A4 sheet."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from models.errors import DondocError
from models.i18n import _
from models.text.localtime import read_day
from web.reports.report_pages import COLUMNS, WORDS
from web.request.having_right import MaySeeReport
from web.request.page_frame import directive_head
from workflows.access.rights import open_directive, overseen_tasks
from workflows.reports.briefing import read_briefing
from workflows.reports.report_figures import FORMULA
from workflows.reports.report_scope import check_cutoff, whose_part
from workflows.rules.rights_table import Right

router = APIRouter(prefix="/directives")
ON_PAPER = (14, 6, 3, 4)
"""The lines of each section on the sheet. Further lines are only counted."""


@router.get("/{code}/briefing")
def briefing_page(code: str, context: MaySeeReport, cutoff: str = "") -> HTMLResponse:
    error: DondocError | None = None
    today = day = context.today
    try:
        day = read_day(_("Cut-off"), cutoff) if cutoff else today
        check_cutoff(day, today)
    except DondocError as day_error:
        error, day = day_error, today
    with context.reading() as session:
        directive = open_directive(session, context.principal, code, Right.SEE_REPORT)
        briefing = read_briefing(
            session,
            directive,
            cutoff=day,
            calendar=context.calendar(session),
            among=overseen_tasks(context.principal),
            now=context.now,
        )
        only = whose_part(session, context.principal, code)
    return context.page(
        "reports/briefing.html",
        error=error,
        found=briefing,
        cutoff=day,
        only=only,
        head=directive_head(context, directive, "briefing"),
        columns=COLUMNS,
        figure_words=WORDS,
        formula=FORMULA,
        on_paper=ON_PAPER,
    )
