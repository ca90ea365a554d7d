"""Warnings before the date: which open tasks are likely to be late, and why."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import Field

from models.database.paging import Paging
from models.errors import DondocError
from web.request.given_values import AddressQuery
from web.request.having_right import MaySeeWarnings
from workflows.reports.choices import directives_to_draw
from workflows.reports.report_scope import whose_part
from workflows.reports.scorecards.scorecard_view import read_warnings
from workflows.rules.escalation.risk import POINTS, SIGN_WORDS, WARN_FROM, WHY

router = APIRouter()
ALL = "all"
ON_A_PAGE = 50


class WarningQuery(AddressQuery):
    """What the address asks for, as text; "" where it does not say."""

    directive: str = ""
    page: int = Field(1, ge=1, le=10_000)


@router.get("/warnings")
def warnings_page(context: MaySeeWarnings, asked: Annotated[WarningQuery, Query()]) -> HTMLResponse:
    error: DondocError | None = None
    directive = None if asked.directive in ("", ALL) else asked.directive
    with context.reading() as session:
        directives = [(one.code, one.name) for one in directives_to_draw(session, context.principal)]
        found, only = None, list[str]()
        try:
            if directives:
                found = read_warnings(
                    session,
                    context.principal,
                    directive=directive,
                    day=context.today,
                    calendar=context.calendar(session),
                )
                only = whose_part(session, context.principal, directive)
        except DondocError as fault:
            error = fault
    warned = found.warned if found else ()
    paging = Paging.of(asked.page, len(warned), ON_A_PAGE)
    return context.page(
        "scorecards/warnings.html",
        error=error,
        found=found,
        warned=warned[paging.rows],
        paging=paging,
        directives=directives,
        chosen=directive or ALL,
        all=ALL,
        only=only,
        rule=[(SIGN_WORDS[sign], POINTS[sign], WHY[sign]) for sign in POINTS],
        warn_from=WARN_FROM,
    )
