"""The chart of the report: its first breakdown as bars."""

from models.words import duty_words
from notifications.composing.wording import WrittenWords, first_up
from web.reports.report_pages import BARS
from web.reports.report_query import HEADINGS, address_of
from web.request.request_context import RequestContext
from workflows.papers.charts.chart import Chart
from workflows.papers.charts.unit_chart import DrawnLine, draw_breakdown
from workflows.reports.report_figures import Breakdown, Report, ReportLine, line_name
from workflows.reports.report_scope import ReportScope


def draw_report(context: RequestContext, totals: Report, scope: ReportScope) -> Chart | None:
    """Draw the first breakdown. None where it has one line, or more lines than a chart can show."""
    breakdown = Breakdown.DUTY if scope.directive else Breakdown.DIRECTIVE
    if scope.directive is None and len(totals.by_directive) == 1:
        breakdown = Breakdown.DUTY
    lines = totals.lines(breakdown)
    if not 1 < len(lines) <= BARS:
        return None

    def name(line: ReportLine) -> str:
        if breakdown is Breakdown.DIRECTIVE:
            return WrittenWords(context.language).directive(line.name)
        return f"{first_up(context.words(duty_words(line.code)))}: {line_name(line, context.language)}"

    def drawn_line(line: ReportLine) -> DrawnLine:
        def address(figure: str) -> str:
            return f"/reports/tasks?{address_of(scope, breakdown, line, figure=figure)}"

        return DrawnLine(name(line), line.figures, address)

    return draw_breakdown(
        context.words(HEADINGS[breakdown]), [drawn_line(line) for line in lines], totals.figures, context.language
    )
