"""The pictures of a report, drawn by the same hand as those of the pages."""

from collections.abc import Iterator
from datetime import date
from xml.sax.saxutils import escape, quoteattr

from sqlalchemy import ColumnElement
from sqlmodel import Session

from models.i18n import _
from workflows.reports.charts.chart_figures import read_pictures
from workflows.reports.charts.completion_chart import draw_completion
from workflows.reports.charts.load_chart import draw_load
from workflows.reports.charts.shapes import SIZE, WIDTH, Bar, Label, Mark, Picture, Shape, Trace
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


_INK, _QUIET, _LINE, _ACCENT, _LATE = "#1a1a1a", "#555555", "#c8c8c8", "#1f5a8c", "#a4262c"
_FILLS = {
    "done_on_time": _ACCENT,
    "done_late": "url(#done_late)",
    "open_overdue": "url(#open_overdue)",
    "open_in_time": "#ffffff",
}
_STROKES = {
    "rule": f'stroke="{_LINE}" stroke-width="1"',
    "foot": f'stroke="{_QUIET}" stroke-width="1"',
    "line": f'stroke="{_INK}" stroke-width="2" stroke-linejoin="round"',
    "cutoff": f'stroke="{_INK}" stroke-width="1" stroke-dasharray="4 3"',
    "spine": f'stroke="{_QUIET}" stroke-width="2"',
}
_PATTERNS = (
    '<pattern id="done_late" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<rect width="5" height="5" fill="#ffffff"/><rect width="2.2" height="5" fill="{_ACCENT}"/></pattern>'
    '<pattern id="open_overdue" width="4" height="4" patternUnits="userSpaceOnUse">'
    f'<rect width="4" height="4" fill="{_LATE}"/><circle cx="2" cy="2" r="0.9" fill="#ffffff"/></pattern>'
)


def write_svg(picture: Picture, family: str) -> str:
    """Return the SVG, its letters in a font family."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -2 {WIDTH} {picture.height + 4:.0f}" '
        f'font-family={quoteattr(family)} font-size="{SIZE}">'
    )
    about = f"<title>{escape(picture.title)}</title><desc>{escape(picture.description)}</desc>"
    drawn = "".join(part for shape in picture.shapes for part in _draw(shape))
    return f"{head}{about}<defs>{_PATTERNS}</defs>{drawn}</svg>"


def _draw(shape: Shape) -> Iterator[str]:
    match shape:
        case Bar():
            fill = _FILLS.get(shape.look, "#ffffff")
            yield (
                f'<rect x="{shape.x:.1f}" y="{shape.y:.1f}" width="{shape.width:.1f}" height="{shape.height:.1f}" '
                f'fill="{fill}" stroke="{_INK}" stroke-width="0.7"/>'
            )
        case Label():
            yield from _label(shape)
        case Trace():
            points = " ".join(f"{x:.1f},{y:.1f}" for x, y in shape.points)
            yield f'<polyline points="{points}" fill="none" {_STROKES.get(shape.look, _STROKES["foot"])}/>'
        case Mark(sign="dot"):
            radius = 2.5 if shape.look == "line" else 5
            yield f'<circle cx="{shape.x:.1f}" cy="{shape.y:.1f}" r="{radius}" fill="{_INK}"/>'
        case Mark():
            path = "M0-7L7 0L0 7L-7 0Z" if shape.sign == "diamond" else "M0-7L6.5 5L-6.5 5Z"
            yield f'<path transform="translate({shape.x:.1f} {shape.y:.1f})" d="{path}" fill="{_INK}"/>'


def _label(label: Label) -> Iterator[str]:
    looks = label.look.split()
    weight = ' font-weight="bold"' if "strong" in looks else ""
    place = f'x="{label.x:.1f}" y="{label.y:.1f}" text-anchor="{label.anchor}"{weight}'
    text = escape(label.text)
    if "halo" in looks:  # beneath the letters, so that a line behind them does not cross them
        yield f'<text {place} fill="#ffffff" stroke="#ffffff" stroke-width="4" stroke-linejoin="round">{text}</text>'
    yield f'<text {place} fill="{_QUIET if "quiet" in looks else _INK}">{text}</text>'
