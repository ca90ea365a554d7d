"""Papers by Decree 30/2020/NĐ-CP, charts, and reports that are drafted period by period."""

from models.i18n import _
from models.rooms import Room

ROOM = Room(
    name="papers",
    title=_("papers and charts"),
    needs=("docx", "lxml", "typst", "vl_convert", "fontpkg_source_serif_4", "fontTools"),
    addresses=("/reports/pictures", "/papers"),
    adds={
        "web.pages": (
            "web.papers.chart_pages:router",
            "web.papers.paper_pages:router",
            "web.papers.schedule_pages:router",  # before /papers/{report_id}
            "web.papers.issued_pages:router",
        ),
        "page.chart": ("workflows.papers.charts.render:svg",),
        "today.charts": ("web.papers.today_charts:draw_today",),
        "report.chart": ("web.papers.report_chart:draw_report",),
        "scorecard.trend": ("web.papers.trend:draw_trend",),
        "tick.compile_reports": ("workflows.papers.compile_reports:compile_due",),
        "tick.next_moment": ("workflows.papers.compile_reports:next_compiling",),
    },
)
