"""The pictures of a report, drawn by the same hand as those of the pages."""

from datetime import date

from sqlalchemy import ColumnElement
from sqlmodel import Session

from models.i18n import _
from workflows.reports.charts.as_svg import write_svg
from workflows.reports.charts.chart_figures import read_pictures
from workflows.reports.charts.completion_chart import draw_completion
from workflows.reports.charts.load_chart import draw_load
from workflows.reports.charts.shapes import Picture
from workflows.reports.charts.unit_chart import draw_units
from workflows.reports.papers.formats.as_pdf import FAMILY
from workflows.reports.papers.paper import Drawing
from workflows.reports.papers.paper_wording import Writer

UNITS_DRAWN = 15
"""Units in one picture, in alphabetical order; a paper with more says them in its table."""
_WIDTH = 110.0


def draw(
    session: Session, writer: Writer, *, cutoff: date, directive: str | None, among: ColumnElement[bool] | None
) -> tuple[Drawing, ...]:
    """Completion by week, load by week, and the units where they are few. None where nothing was counted."""
    told = read_pictures(session, cutoff=cutoff, directive=directive, among=among)
    if not told.figures.total:
        return ()
    pictures = [draw_completion(told, writer.language), draw_load(told, writer.language)]
    if 1 < len(told.by_unit) <= UNITS_DRAWN:
        pictures.append(draw_units(told.by_unit, cutoff, writer.language))
    return tuple(_drawing(writer, n, picture) for n, picture in enumerate(pictures, 1))


def _drawing(writer: Writer, number: int, picture: Picture) -> Drawing:
    return Drawing(
        svg=write_svg(picture, FAMILY),
        title=writer.say(_("Figure {number}. {title}"), number=number, title=picture.title),
        description=picture.description,
        width=_WIDTH if picture.height <= 420 else _WIDTH * 420 / picture.height,
    )
