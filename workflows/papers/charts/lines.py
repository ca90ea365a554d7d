"""A line chart, which stands above a chart with as many columns as the line has points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workflows.papers.charts.builders import WIDTH, column_scale, plot, text_layer, vertical_scale
from workflows.papers.charts.chart import Spec

SHARES = {0: "0%", 0.5: "50%", 1: "100%"}
"""The scale of a rate."""
_FEW = 14  # points that have room to be large


@dataclass(frozen=True)
class Point:
    value: float | None  # None breaks the line
    tip: str
    loose: bool = False  # drawn hollow, and joined to no other point


@dataclass(frozen=True)
class ChartLine:
    points: Sequence[Point]
    end: str = ""  # the words beside the last point
    faint: bool = False  # dashed and without dots

    @property
    def last(self) -> float | None:
        return self.points[-1].value if self.points else None


def trend(
    lines: Sequence[ChartLine], scale: Mapping[float, str], *, title: str, height: int, width: int = WIDTH
) -> Spec:
    """Draw lines that all have the same number of points. `scale` gives the words of each marked value."""
    x = {"field": "n", **column_scale(len(lines[0].points)), "axis": None}
    at: Spec = {"x": x, "y": {"field": "value", **vertical_scale(scale)}}
    layers: list[Spec] = []
    for line in lines:
        layers += _faint_line(line, at) if line.faint else _firm_line(line, at)
    layers += _end_labels(lines, max(scale), at)
    drawn = plot(title, height, layers, width)
    return drawn | {"title": drawn["title"] | {"offset": 24}}


def _firm_line(line: ChartLine, at: Spec) -> list[Spec]:
    joined = [{"n": n, "value": None if point.loose else point.value} for n, point in enumerate(line.points)]
    dots = [
        {"n": n, "value": point.value, "tip": point.tip, "look": "loose" if point.loose else "firm"}
        for n, point in enumerate(line.points)
        if point.value is not None
    ]
    fill: Spec = {
        "field": "look",
        "legend": None,
        "scale": {"domain": ["firm", "loose"], "range": ["@accent", "@paper"]},
    }
    dot = {
        "type": "point",
        "aria": True,
        "filled": True,
        "size": 60 if len(line.points) <= _FEW else 24,
        "opacity": 1,
        "stroke": "@accent",
    }
    return [
        {"data": {"values": joined}, "mark": {**_LINE, "color": "@accent", "strokeWidth": 2}, "encoding": at},
        {"data": {"values": dots}, "mark": dot, "encoding": at | {"fill": fill, "description": {"field": "tip"}}},
    ]


def _faint_line(line: ChartLine, at: Spec) -> list[Spec]:
    joined = [{"n": n, "value": point.value} for n, point in enumerate(line.points)]
    mark = {**_LINE, "color": "@quiet", "strokeWidth": 1.5, "strokeDash": [5, 3]}
    return [{"data": {"values": joined}, "mark": mark, "encoding": at}]


_LINE: Spec = {"type": "line", "invalid": "break-paths-show-domains"}


def _end_labels(lines: Sequence[ChartLine], top: float, at: Spec) -> list[Spec]:
    """Write the words of the highest line above its end, and those of the others below theirs.

    Words that would not fit below a low line stand above it, where the highest line leaves room.
    """
    labelled = [line for line in lines if line.end and line.last is not None]
    labelled.sort(key=lambda line: line.last or 0, reverse=True)
    shares = [(line.last or 0) / top for line in labelled]
    layers: list[Spec] = []
    for n, line in enumerate(labelled):
        is_low_with_room = shares[n] <= _LOW and shares[0] - shares[n] > _ROOM
        layers += _end_label(line, at, -14 if n == 0 or is_low_with_room else 16)
    return layers


_ROOM, _LOW = 0.4, 0.2  # shares of the scale


def _end_label(line: ChartLine, at: Spec, dy: int) -> list[Spec]:
    """Return the words at a line's end, with a halo beneath them."""
    words = [{"n": len(line.points) - 1, "value": line.last, "text": line.end}]
    looks: Spec = {"align": "right", "fontWeight": "bold", "dx": 12, "dy": dy}
    return [
        text_layer(words, at, stroke="@paper", strokeWidth=4, strokeJoin="round", **looks),
        text_layer(words, at, **looks),
    ]
