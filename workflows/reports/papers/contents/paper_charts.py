"""The charts of a report: those of the pages, in the colours of print."""

from datetime import date

from sqlalchemy import ColumnElement
from sqlmodel import Session

from models.i18n import _
from workflows.reports.charts.chart import Chart
from workflows.reports.charts.chart_figures import read_pictures
from workflows.reports.charts.completion_chart import draw_completion
from workflows.reports.charts.load_chart import draw_load
from workflows.reports.charts.render import Theme, size_of, svg
from workflows.reports.charts.unit_chart import draw_units
from workflows.reports.papers.paper import Drawing
from workflows.reports.papers.paper_wording import Writer

UNITS_DRAWN = 15
"""Units in one picture, in alphabetical order; a paper with more says them in its table."""
_WIDTH, _HEIGHT = 110.0, 140.0  # mm, at most


def draw(
    session: Session, writer: Writer, *, cutoff: date, directive: str | None, among: ColumnElement[bool] | None
) -> tuple[Drawing, ...]:
    """Completion by week, load by week, and the units where they are few. None where nothing was counted."""
    told = read_pictures(session, cutoff=cutoff, directive=directive, among=among)
    if not told.figures.total:
        return ()
    charts = [draw_completion(told, writer.language), draw_load(told, writer.language)]
    if 1 < len(told.by_unit) <= UNITS_DRAWN:
        charts.append(draw_units(told.by_unit, cutoff, writer.language))
    return tuple(_drawing(writer, n, chart) for n, chart in enumerate(charts, 1))


def _drawing(writer: Writer, number: int, chart: Chart) -> Drawing:
    drawn = svg(chart, Theme.PRINT)
    width, height = size_of(drawn)
    return Drawing(
        svg=drawn,
        title=writer.say(_("Figure {number}. {title}"), number=number, title=chart.title),
        description=chart.description,
        width=min(_WIDTH, _HEIGHT * width / height),
    )
