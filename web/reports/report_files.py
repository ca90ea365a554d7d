"""The report as files with the page's own numbers: CSV for programs, a workbook for offices."""

from collections.abc import Iterator

from fastapi import APIRouter
from fastapi.responses import Response

from models.i18n import _
from notifications.composing.wording import first_up
from web.reports.report_query import ALL, AskedReport, ReportQuery, count_report, read_query_scope
from web.request.request_context import RequestContext, Signed
from workflows.organization.plain_cells import plain_line
from workflows.reports.report_book import NUMBERS, write_book
from workflows.reports.report_figures import (
    BREAKDOWN_WORDS,
    FORMULA,
    NUMBER_WORDS,
    RATES,
    Breakdown,
    Report,
    ReportLine,
    line_name,
)
from workflows.reports.report_scope import ReportScope
from workflows.rules.rights_table import Right
from workflows.rules.tasks.classification import Figures, percent

router = APIRouter(prefix="/reports")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/csv")
def report_csv(context: Signed, query: AskedReport) -> Response:
    scope, report = _read(context, query)
    text = "\ufeff" + "".join(_csv_lines(context, report))
    return _file(context, scope, text.encode(), "csv", "text/csv; charset=utf-8")


@router.get("/xlsx")
def report_book(context: Signed, query: AskedReport) -> Response:
    scope, report = _read(context, query)
    return _file(context, scope, write_book(report, context.language, only=scope.only), "xlsx", XLSX)


def _read(context: RequestContext, query: ReportQuery) -> tuple[ReportScope, Report]:
    context.require(Right.SEE_REPORT)
    with context.reading() as session:
        scope = read_query_scope(session, context, query)
        return scope, count_report(session, context, scope)


def _file(context: RequestContext, scope: ReportScope, content: bytes, ending: str, media_type: str) -> Response:
    name = f"{'bao-cao' if context.language == 'vi' else 'report'}-{scope.directive or ALL}-{scope.cutoff}.{ending}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _csv_lines(context: RequestContext, report: Report) -> Iterator[str]:
    yield plain_line([first_up(context.words(_("as recorded by the end of {day}"), day=report.cutoff.isoformat()))])
    if report.provisional:
        yield plain_line([context.words(_("provisional"))])
    yield plain_line([context.words(FORMULA)])
    headings = [_("part"), _("code"), _("name"), *(NUMBER_WORDS[name] for name in (*NUMBERS, *RATES))]
    by_original = [
        context.words(_("{what}, by the original deadlines"), what=NUMBER_WORDS[name]) for name in (*NUMBERS, *RATES)
    ]
    yield plain_line([*(context.words(heading) for heading in headings), *by_original])
    whole = ReportLine("", "", "", report.figures, report.on_original)
    parts = [(_("all of it"), (whole,)), *((BREAKDOWN_WORDS[part], report.lines(part)) for part in Breakdown)]
    for words, lines in parts:
        for line in lines:
            cells = [context.words(words), line.code, line_name(line, context.language)]
            yield plain_line([*cells, *_numbers(context, line.figures), *_numbers(context, line.on_original)])


def _numbers(context: RequestContext, figures: Figures) -> list[str]:
    rates = (figures.completion.rate, figures.completion.of_all)
    return [*(str(getattr(figures, name)) for name in NUMBERS), *(percent(rate, context.language) for rate in rates)]
