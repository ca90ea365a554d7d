"""The pages of the official report at a cut-off, and the lists of tasks behind its numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from models.database.paging import Paging
from models.errors import DondocError, NotFound
from models.i18n import _
from models.rooms import Place
from models.words import duty_words, period_words
from web.reports.report_query import (
    ALL,
    CAPTIONS,
    HEADINGS,
    AskedReport,
    ReportQuery,
    address_of,
    count_report,
    read_query_scope,
)
from web.request.having_right import MaySeeReport
from web.request.request_context import RequestContext
from workflows.access.rights import overseen_tasks
from workflows.reports.counted_history import directive_of_code
from workflows.reports.counted_places import CountQuery
from workflows.reports.report_figures import (
    BREAKDOWN_WORDS,
    FORMULA,
    NO_PERIOD_WORDS,
    NUMBER_WORDS,
    RATES,
    Breakdown,
    Report,
    ReportLine,
    line_name,
)
from workflows.reports.report_scope import ReportScope, directives_to_draw, whose_part
from workflows.reports.report_tasks import Figure, page_behind

router = APIRouter(prefix="/reports")
ON_A_PAGE, BARS = 100, 14
COLUMNS = ("total", "done_on_time", "done_late", "open_in_time", "open_overdue", "no_deadline")
WORDS = NUMBER_WORDS


@dataclass(frozen=True)
class BreakdownTable:
    """A breakdown on the page. Its own page shows the `left_out` other lines."""

    breakdown: Breakdown
    lines: tuple[ReportLine, ...]
    left_out: int


@router.get("")
def report_page(context: MaySeeReport, query: AskedReport) -> HTMLResponse:
    if query.by not in ("", *Breakdown):
        raise NotFound("there is no such page")
    error: DondocError | None = None
    with context.reading() as session:
        directives = [(choice.code, choice.name) for choice in directives_to_draw(session, context.principal)]
        try:
            scope = read_query_scope(session, context, query)
        except DondocError as query_error:
            error, first = query_error, directives[0][0] if directives else None
            scope = ReportScope(first, context.today, whose_part(session, context.principal, first))
        report = count_report(session, context, scope) if directives else None
    alone = Breakdown(query.by) if query.by else None
    draw = CHART.only
    paging = Paging.of(query.page, len(report.lines(alone)) if report and alone else 1, ON_A_PAGE)
    return context.page(
        "reports/report.html",
        error=error,
        found=report,
        scope=scope,
        directives=directives,
        all=ALL,
        alone=alone,
        paging=paging,
        tables=_tables(report, scope, alone, paging) if report else [],
        chart=draw(context, report, scope) if report and draw else None,
        **_wording(context, scope),
    )


CHART: Place[Callable[[RequestContext, Report, ReportScope], Any]] = Place("report.chart")


def _tables(report: Report, scope: ReportScope, alone: Breakdown | None, paging: Paging) -> list[BreakdownTable]:
    if alone is not None:
        return [BreakdownTable(alone, report.lines(alone)[paging.rows], 0)]
    tables = []
    for breakdown in (Breakdown.DUTY if scope.directive else Breakdown.DIRECTIVE, Breakdown.UNIT):
        lines = report.lines(breakdown)
        tables.append(BreakdownTable(breakdown, lines[:ON_A_PAGE], max(0, len(lines) - ON_A_PAGE)))
    return tables


@router.get("/tasks")
def tasks_page(context: MaySeeReport, query: AskedReport) -> HTMLResponse:
    with context.reading() as session:
        scope = read_query_scope(session, context, query)
        if query.figure not in set(Figure):
            raise NotFound("there is no such page")
        directive_id = directive_of_code(session, scope.directive) if scope.directive is not None else None
        tasks, count = page_behind(
            session,
            CountQuery(scope.cutoff, directive_id, overseen_tasks(context.principal), context.now),
            Figure(query.figure),
            query.part,
            on_original=query.dates == "original",
            skip=(query.page - 1) * ON_A_PAGE,
            at_most=ON_A_PAGE,
        )
    return context.page(
        "reports/tasks.html",
        asked=query,
        scope=scope,
        found=tasks,
        count=count,
        paging=Paging(query.page, count, ON_A_PAGE),
        words=WORDS[query.figure],
        part_of=_part_words(context, query),
        **_wording(context, scope),
    )


def _part_words(context: RequestContext, query: ReportQuery) -> list[str]:
    """Return the line of a breakdown in words, without the unit, which the list itself names."""
    parts: list[str] = [context.words(duty_words(query.duty))] if query.duty else []
    if query.part.kind:
        parts.append(context.words(query.part.kind.label))
    if query.partner:
        parts.append(context.words(_("coordinating unit {unit}"), unit=query.partner))
    if query.part.contributed is not None:
        parts.append(context.words(_("share recorded") if query.part.contributed else _("share awaited")))
    if query.period:
        period = period_words(query.period)
        words = NO_PERIOD_WORDS.get(query.period, query.period)
        parts.append(context.words(period[0], **period[1]) if period else context.words(words))
    return parts


def _wording(context: RequestContext, scope: ReportScope) -> dict[str, Any]:
    return {
        "line_name": lambda line: line_name(line, context.language),
        "address": lambda breakdown=None, line=None, **more: address_of(scope, breakdown, line, **more),
        "columns": COLUMNS,
        "rates": RATES,
        "figure_words": WORDS,
        "breakdowns": HEADINGS,
        "breakdown_words": BREAKDOWN_WORDS,
        "captions": CAPTIONS,
        "formula": FORMULA,
        "query": lambda **fields: urlencode({name: value for name, value in fields.items() if value}),
    }
