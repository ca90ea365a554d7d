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


def draw_report(context: RequestContext, found: Report, scope: ReportScope) -> Chart | None:
    """Return the first breakdown as bars where it has a few lines, more than one."""
    by = Breakdown.DUTY if scope.directive else Breakdown.DIRECTIVE
    if scope.directive is None and len(found.by_directive) == 1:
        by = Breakdown.DUTY
    lines = found.lines(by)
    if not 1 < len(lines) <= BARS:
        return None

    def name(line: ReportLine) -> str:
        if by is Breakdown.DIRECTIVE:
            return WrittenWords(context.language).directive(line.name)
        return f"{first_up(context.words(duty_words(line.code)))}: {line_name(line, context.language)}"

    def part(line: ReportLine) -> DrawnLine:
        def address(figure: str) -> str:
            return f"/reports/tasks?{address_of(scope, by, line, figure=figure)}"

        return DrawnLine(name(line), line.figures, address)

    return draw_breakdown(context.words(HEADINGS[by]), [part(one) for one in lines], found.figures, context.language)
