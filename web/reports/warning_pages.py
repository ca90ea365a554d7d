"""The page of warnings: open tasks that are likely to be late, with the reasons."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import Field

from models.database.paging import Paging
from models.errors import DondocError
from web.request.given_values import AddressQuery
from web.request.having_right import MaySeeWarnings
from workflows.reports.report_scope import directives_to_draw, whose_part
from workflows.reports.scorecards.scorecard_view import read_warnings
from workflows.rules.escalation.risk import POINTS, SIGN_WORDS, WARN_FROM, WHY

router = APIRouter()
ALL = "all"
ON_A_PAGE = 50


class WarningQuery(AddressQuery):
    """The query of the address as text; "" for a missing field."""

    directive: str = ""
    page: int = Field(1, ge=1, le=10_000)


@router.get("/warnings")
def warnings_page(context: MaySeeWarnings, query: Annotated[WarningQuery, Query()]) -> HTMLResponse:
    error: DondocError | None = None
    directive = None if query.directive in ("", ALL) else query.directive
    with context.reading() as session:
        directives = [(choice.code, choice.name) for choice in directives_to_draw(session, context.principal)]
        risks, only = None, list[str]()
        try:
            if directives:
                risks = read_warnings(
                    session,
                    context.principal,
                    directive=directive,
                    day=context.today,
                    calendar=context.calendar(session),
                )
                only = whose_part(session, context.principal, directive)
        except DondocError as query_error:
            error = query_error
    warned = risks.warned if risks else ()
    paging = Paging.of(query.page, len(warned), ON_A_PAGE)
    return context.page(
        "scorecards/warnings.html",
        error=error,
        found=risks,
        warned=warned[paging.rows],
        paging=paging,
        directives=directives,
        chosen=directive or ALL,
        all=ALL,
        only=only,
        rule=[(SIGN_WORDS[sign], POINTS[sign], WHY[sign]) for sign in POINTS],
        warn_from=WARN_FROM,
    )
