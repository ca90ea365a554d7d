"""A trend as a line through points, to stand above columns of the same number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workflows.papers.charts.builders import WIDTH, band, plot, text_layer, up
from workflows.papers.charts.chart import Spec

SHARES = {0: "0%", 0.5: "50%", 1: "100%"}
"""The scale of a rate."""
_FEW = 14  # points that have room to be large


@dataclass(frozen=True)
class Point:
    """One value of a trend; None breaks the line. A `loose` one is hollow and joined to none."""

    value: float | None
    tip: str
    loose: bool = False


@dataclass(frozen=True)
class ChartLine:
    """A line through points; `end` is written beside the last one. A `faint` one is dashed and without dots."""

    points: Sequence[Point]
    end: str = ""
    faint: bool = False

    @property
    def last(self) -> float | None:
        return self.points[-1].value if self.points else None


def trend(
    lines: Sequence[ChartLine], scale: Mapping[float, str], *, title: str, height: int, width: int = WIDTH
) -> Spec:
    """Return lines of as many points each, over columns of the same number."""
    x = {"field": "n", **band(len(lines[0].points)), "axis": None}
    at: Spec = {"x": x, "y": {"field": "value", **up(scale)}}
    layers = [layer for line in lines for layer in (_faint(line, at) if line.faint else _firm(line, at))]
    ended = sorted((one for one in lines if one.end and one.last is not None), key=lambda one: -(one.last or 0))
    values = [(one.last or 0) / max(scale) for one in ended]
    for n, line in enumerate(ended):
        is_above = n == 0 or (values[n] <= _LOW and values[0] - values[n] > _ROOM)
        layers += _end(line, at, -14 if is_above else 16)
    drawn = plot(title, height, layers, width)
    return drawn | {"title": drawn["title"] | {"offset": 24}}


_ROOM, _LOW = 0.4, 0.2


def _firm(line: ChartLine, at: Spec) -> list[Spec]:
    joined = [{"n": n, "value": None if one.loose else one.value} for n, one in enumerate(line.points)]
    dots = [
        {"n": n, "value": one.value, "tip": one.tip, "look": "loose" if one.loose else "firm"}
        for n, one in enumerate(line.points)
        if one.value is not None
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


def _faint(line: ChartLine, at: Spec) -> list[Spec]:
    joined = [{"n": n, "value": one.value} for n, one in enumerate(line.points)]
    mark = {**_LINE, "color": "@quiet", "strokeWidth": 1.5, "strokeDash": [5, 3]}
    return [{"data": {"values": joined}, "mark": mark, "encoding": at}]


_LINE: Spec = {"type": "line", "invalid": "break-paths-show-domains"}


def _end(line: ChartLine, at: Spec, dy: int) -> list[Spec]:
    """Return the words at a line's end, with a halo beneath them."""
    said = [{"n": len(line.points) - 1, "value": line.last, "text": line.end}]
    looks: Spec = {"align": "right", "fontWeight": "bold", "dx": 12, "dy": dy}
    return [
        text_layer(said, at, stroke="@paper", strokeWidth=4, strokeJoin="round", **looks),
        text_layer(said, at, **looks),
    ]
