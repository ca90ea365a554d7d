"""Three kinds of charts from plain rows: stacked bars by row, stacked columns by day or week, and a trend over them.

Each is a part of a Vega-Lite specification, WIDTH units wide and without any text of Vega's own making: words and
numbers come written in the reader's language. A colour is a name such as "@ink" that `render.py` looks up.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from textwrap import wrap
from typing import Any

from notifications.composing.wording import Words
from workflows.reports.charts.chart import Spec

WIDTH = 400
"""Of a chart. A phone shows a unit of it as some 0.9 pixels."""
SIZE = 13
"""The height of letters in these units: on a phone 390 pixels wide at least 11 pixels."""
LINE = 17
LETTERS_A_LINE = 52
"""So many letters of the widest font a reader may have still stand in a line."""
LINKS_BEGIN = "https://chart.invalid"
"""Vega takes whole addresses only; `render.py` cuts this off again."""
_LETTER, _AXIS, _MARGIN = 6.5, 46, 14
_PLOT = WIDTH - _AXIS - _MARGIN
_BAR, _GAP, _NOTE_ROOM, _WIDEST = 15, 9, 92, 44
_STEPS = (2, 4, 6, 8, 10, 12, 16)
_FEW = 14  # points that have room to be large


@dataclass(frozen=True)
class Part:
    """A part of a bar or column: `place` is its colour and its line in the key, `tip` what a pointer is told."""

    place: str
    count: int
    tip: str
    href: str = ""


@dataclass(frozen=True)
class Row:
    """A bar or a column. Lines of `label` stand above a bar or beneath a column; `note` stands at a bar's end."""

    label: str
    parts: tuple[Part, ...]
    note: str = ""


@dataclass(frozen=True)
class Point:
    """One value of a trend; None breaks the line. A `loose` one is hollow and joined to none."""

    value: float | None
    tip: str
    loose: bool = False


def stacked_bars(rows: Sequence[Row], key: Mapping[str, str], *, note_head: str = "", least: int = 1) -> Spec:
    """Return a bar for each row on one scale, its name above it; `least` tasks fill a bar at least."""
    y, names, notes, bars = 0, list[Spec](), list[Spec](), list[Spec]()
    if note_head:
        notes.append({"y": LINE / 2, "text": note_head, "weight": "normal"})
        y = LINE
    for row in rows:
        for line in wrap(row.label, LETTERS_A_LINE):
            y += LINE
            names.append({"y": y - 7, "text": line})
        notes.append({"y": y + _BAR / 2 + 1, "text": row.note, "weight": "bold"})
        bars += [one | {"y": y + 1, "y2": y + 1 + _BAR} for one in _stacked(row, key, "x")]
        y += _BAR + _GAP
    most = max([least, *(sum(part.count for part in row.parts) for row in rows)])
    across = {"type": "quantitative", "axis": None, "scale": {"domain": [0, most], "range": [0, WIDTH - _NOTE_ROOM]}}
    down = down_to(y)
    bar = {"x": {"field": "x", **across}, "x2": {"field": "x2"}, "y": {"field": "y", **down}, "y2": {"field": "y2"}}
    return {
        "width": WIDTH,
        "height": y,
        "layer": [
            text_layer(names, {"x": {"value": 0}, "y": {"field": "y", **down}}),
            {"data": {"values": bars}, "mark": _RECT, "encoding": bar | _by_place(key, "top")},
            text_layer(
                notes,
                {"x": {"value": WIDTH}, "y": {"field": "y", **down}},
                align="right",
                fontWeight={"expr": "datum.weight"},
            ),
        ],
    }


def stacked_columns(
    rows: Sequence[Row], key: Mapping[str, str], language: str, *, title: str, height: int, more: Iterable[Spec] = ()
) -> Spec:
    """Return a column for each row, with a scale at the left; `more` layers lie over them."""
    top = round_top(max((sum(part.count for part in row.parts) for row in rows), default=0))
    scale = {value: Words(language).count(value) for value in (0, top // 2, top)}
    bars = [one | {"n": n} for n, row in enumerate(rows) for one in _stacked(row, key, "y")]
    column = {
        "x": {"field": "n", **_band(len(rows)), "axis": _beneath([row.label for row in rows])},
        "y": {"field": "y", **_up(scale)},
        "y2": {"field": "y2"},
    }
    width = min(0.78 * _PLOT / max(len(rows), 1), _WIDEST)
    columns = {
        "data": {"values": bars},
        "mark": {**_RECT, "width": width},
        "encoding": column | _by_place(key, "bottom"),
    }
    return _plot(title, height, [columns, *more])


def trend(
    points: Sequence[Point], scale: Mapping[float, str], *, title: str, height: int, end: str = "", area: bool = False
) -> Spec:
    """Return a line through the points, over columns of the same number; `end` is written beside the last point."""
    x, y = {"field": "n", **_band(len(points)), "axis": None}, {"field": "value", **_up(scale)}
    line = [{"n": n, "value": None if one.loose else one.value} for n, one in enumerate(points)]
    dots = [
        {"n": n, "value": one.value, "tip": one.tip, "look": "loose" if one.loose else "firm"}
        for n, one in enumerate(points)
        if one.value is not None
    ]
    stroke = {"color": "@accent", "strokeWidth": 2}
    mark: Spec = {"type": "line", **stroke, "invalid": "break-paths-show-domains"}
    if area:
        mark |= {"type": "area", "line": stroke, "strokeWidth": 0, "fillOpacity": 0.25}
    fill: Spec = {
        "field": "look",
        "legend": None,
        "scale": {"domain": ["firm", "loose"], "range": ["@accent", "@paper"]},
    }
    dot = {
        "type": "point",
        "aria": True,
        "filled": True,
        "size": 60 if len(points) <= _FEW else 24,
        "opacity": 1,
        "stroke": "@accent",
    }
    layers: list[Spec] = [
        {"data": {"values": line}, "mark": mark, "encoding": {"x": x, "y": y}},
        {
            "data": {"values": dots},
            "mark": dot,
            "encoding": {"x": x, "y": y, "fill": fill, "description": {"field": "tip"}},
        },
    ]
    if end and points and points[-1].value is not None:
        low = points[-1].value > 0.7 * max(scale)
        said = [{"n": len(points) - 1, "value": points[-1].value, "text": end}]
        at = {"x": x, "y": y}
        looks: Spec = {"align": "right", "fontWeight": "bold", "dx": 12, "dy": 16 if low else -13}
        layers += [
            text_layer(said, at, stroke="@paper", strokeWidth=4, strokeJoin="round", **looks),
            text_layer(said, at, **looks),
        ]
    return _plot(title, height, layers)


def text_layer(values: Sequence[Spec], at: Spec, **mark: Any) -> Spec:
    """Return a layer that writes the field `text` of its values."""
    return {
        "data": {"values": list(values)},
        "mark": {"type": "text", "align": "left", "baseline": "middle", **mark},
        "encoding": at | {"text": {"field": "text"}},
    }


def one_above_the_other(*views: Spec) -> Spec:
    """Return one chart of several, each with its own colours and key."""
    apart = {"fill": "independent", "stroke": "independent"}
    return {"vconcat": list(views), "resolve": {"scale": apart, "legend": apart}}


def down_to(height: float) -> Spec:
    """Return the encoding of a place given in units from the chart's top."""
    return {"type": "quantitative", "axis": None, "scale": {"domain": [0, height], "range": [0, height]}}


def round_top(highest: int) -> int:
    """Return the smallest round even number that is not below, so that its half is a whole number too."""
    power = 1
    while True:
        for step in _STEPS:
            top = step * power
            if top >= highest and top % 2 == 0:
                return top
        power *= 10


_RECT: Spec = {"type": "rect", "aria": True, "strokeWidth": 0.8}


def _stacked(row: Row, key: Mapping[str, str], side: str) -> Iterable[Spec]:
    reached = 0
    for part in row.parts:
        href = {"href": LINKS_BEGIN + part.href} if part.href else {}
        yield {side: reached, f"{side}2": reached + part.count, "key": key[part.place], "tip": part.tip, **href}
        reached += part.count


def _by_place(key: Mapping[str, str], orient: str) -> Spec:
    """Return fill, outline, key, tip and link of the parts of bars."""
    columns = 2 if max(map(len, key.values())) <= 26 else 1
    legend = {"orient": orient, "columns": columns}
    words = list(key.values())

    def scale(ending: str) -> Spec:
        return {"domain": words, "range": [f"@{place}{ending}" for place in key]}

    return {
        "fill": {"field": "key", "type": "nominal", "scale": scale(""), "legend": legend},
        "stroke": {"field": "key", "type": "nominal", "scale": scale("-edge"), "legend": legend},
        "description": {"field": "tip"},
        "href": {"field": "href"},
    }


def _plot(title: str, height: int, layers: list[Spec]) -> Spec:
    return {"title": {"text": title, "offset": 14, "dx": -_AXIS}, "width": _PLOT, "height": height, "layer": layers}


def _band(columns: int) -> Spec:
    return {"type": "ordinal", "scale": {"domain": list(range(columns)), "paddingInner": 0, "paddingOuter": 0}}


def _up(scale: Mapping[Any, str]) -> Spec:
    """Return a scale with a rule for each of its values, written as the mapping says."""
    values = list(scale)
    axis = {
        "values": values,
        "labelExpr": f"{json.dumps(list(scale.values()))}[indexof({values}, datum.value)]",
        "minExtent": _AXIS,
        "maxExtent": _AXIS,
    }
    return {"type": "quantitative", "scale": {"domain": [min(scale), max(scale)], "nice": False}, "axis": axis}


def _beneath(labels: Sequence[str]) -> Spec:
    """Return the axis beneath columns: the last label always, and of the others as many as there is room for."""
    lines = [label.split("\n") for label in labels]
    widest = max((len(first) for first, *_rest in lines), default=0) * _LETTER
    every = max(1, ceil((widest + 6) * len(labels) / _PLOT))
    return {
        "grid": False,
        "domain": True,
        "values": list(range(len(labels) - 1, -1, -every)),
        "labelExpr": f"{json.dumps(lines)}[datum.value]",
        "labelAngle": 0,
        "labelOverlap": False,
    }
