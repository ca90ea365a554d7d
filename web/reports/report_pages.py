"""The official report at a cut-off: the two by two, whole and by its parts, each number with the tasks behind it."""

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
from web.reports.report_query import ALL, CAPTIONS, HEADINGS, AskedReport, ReportQuery, address_of, count, read_asked
from web.request.having_right import MaySeeReport
from web.request.request_context import RequestContext
from web.request.word_filters import duty_words, period_words
from workflows.access.rights import overseen_tasks
from workflows.reports.choices import directives_to_draw
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
from workflows.reports.report_scope import ReportScope, whose_part
from workflows.reports.report_tasks import Figure, page_behind

router = APIRouter(prefix="/reports")
ON_A_PAGE, BARS = 100, 14
COLUMNS = ("total", "done_on_time", "done_late", "open_in_time", "open_overdue", "no_deadline")
WORDS = NUMBER_WORDS


@dataclass(frozen=True)
class BreakdownTable:
    """A breakdown on the page; `left_out` lines more stand on a page of its own."""

    breakdown: Breakdown
    lines: tuple[ReportLine, ...]
    left_out: int


@router.get("")
def report_page(context: MaySeeReport, asked: AskedReport) -> HTMLResponse:
    if asked.by not in ("", *Breakdown):
        raise NotFound("there is no such page")
    error: DondocError | None = None
    with context.reading() as session:
        directives = [(one.code, one.name) for one in directives_to_draw(session, context.principal)]
        try:
            scope = read_asked(session, context, asked)
        except DondocError as fault:
            error, first = fault, directives[0][0] if directives else None
            scope = ReportScope(first, context.today, whose_part(session, context.principal, first))
        found = count(session, context, scope) if directives else None
    alone = Breakdown(asked.by) if asked.by else None
    paging = Paging.of(asked.page, len(found.lines(alone)) if found and alone else 1, ON_A_PAGE)
    return context.page(
        "reports/report.html",
        error=error,
        found=found,
        scope=scope,
        directives=directives,
        all=ALL,
        alone=alone,
        paging=paging,
        tables=_tables(found, scope, alone, paging) if found else [],
        chart=draw(context, found, scope) if found and (draw := CHART.only) else None,
        **_wording(context, scope),
    )


CHART: Place[Callable[[RequestContext, Report, ReportScope], Any]] = Place("report.chart")


def _tables(found: Report, scope: ReportScope, alone: Breakdown | None, paging: Paging) -> list[BreakdownTable]:
    if alone is not None:
        return [BreakdownTable(alone, found.lines(alone)[paging.rows], 0)]
    both = (Breakdown.DUTY if scope.directive else Breakdown.DIRECTIVE, Breakdown.UNIT)
    return [
        BreakdownTable(one, found.lines(one)[:ON_A_PAGE], max(0, len(found.lines(one)) - ON_A_PAGE)) for one in both
    ]


@router.get("/tasks")
def tasks_page(context: MaySeeReport, asked: AskedReport) -> HTMLResponse:
    with context.reading() as session:
        scope = read_asked(session, context, asked)
        if asked.figure not in set(Figure):
            raise NotFound("there is no such page")
        directive_id = directive_of_code(session, scope.directive) if scope.directive is not None else None
        found, in_all = page_behind(
            session,
            CountQuery(scope.cutoff, directive_id, overseen_tasks(context.principal), context.now),
            Figure(asked.figure),
            asked.part,
            on_original=asked.dates == "original",
            skip=(asked.page - 1) * ON_A_PAGE,
            at_most=ON_A_PAGE,
        )
    return context.page(
        "reports/tasks.html",
        asked=asked,
        scope=scope,
        found=found,
        count=in_all,
        paging=Paging(asked.page, in_all, ON_A_PAGE),
        words=WORDS[asked.figure],
        part_of=_part_words(context, asked),
        **_wording(context, scope),
    )


def _part_words(context: RequestContext, asked: ReportQuery) -> list[str]:
    """Which line of a breakdown the list is of, but for the unit, whose name the list itself has."""
    said: list[str] = [context.words(duty_words(asked.duty))] if asked.duty else []
    if asked.part.kind:
        said.append(context.words(asked.part.kind.label))
    if asked.partner:
        said.append(context.words(_("coordinating unit {unit}"), unit=asked.partner))
    if asked.part.contributed is not None:
        said.append(context.words(_("share recorded") if asked.part.contributed else _("share awaited")))
    if asked.period:
        period = period_words(asked.period)
        words = NO_PERIOD_WORDS.get(asked.period, asked.period)
        said.append(context.words(period[0], **period[1]) if period else context.words(words))
    return said


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
