"""Two kinds of charts from plain rows: stacked bars by row, and stacked columns by day or week.

Each is a part of a Vega-Lite specification, WIDTH or WIDE units wide and without any text of Vega's own making: words
and numbers come written in the reader's language. A colour is a name such as "@ink" that `render.py` looks up.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from textwrap import wrap
from typing import Any

from notifications.composing.wording import WrittenWords
from workflows.papers.charts.chart import Chart, ChartTable, Linked, Spec

WIDTH = 400
"""Of a chart on a phone, which shows a unit of it as some 0.9 pixels, and in a panel."""
WIDE = 800
"""Of a chart as wide as a desk's page or a sheet of paper; names stand beside their bars."""
SIZE = 13
"""The height of letters in these units: on a phone 390 pixels wide at least 11 pixels."""
LINE = 17
LETTERS_A_LINE = 52
"""So many letters of the widest font a reader may have still stand in a line."""
LINKS_BEGIN = "https://chart.invalid"
"""Vega takes whole addresses only; `render.py` cuts this off again."""
NAME_ROOM = 300
"""For the names beside bars."""
_LETTER, _AXIS, _MARGIN = 6.5, 46, 14
_BAR, _GAP, _NOTE_ROOM, _WIDEST = 15, 9, 92, 44
_STEPS = (2, 4, 6, 8, 10, 12, 16)


@dataclass(frozen=True)
class BarPart:
    """A part of a bar or column: `place` is its colour and its line in the key, `tip` what a pointer is told."""

    place: str
    count: int
    tip: str
    href: str = ""


@dataclass(frozen=True)
class BarRow:
    """A bar or a column. Lines of `label` stand above a bar or beneath a column; `note` stands at a bar's end."""

    label: str
    parts: tuple[BarPart, ...]
    note: str = ""


def make_chart(
    write: WrittenWords,
    name: str,
    title: str,
    draw: Callable[[int], Spec],
    *,
    heads: Iterable[str],
    rows: Iterable[tuple[str | Linked, ...]],
    description: str,
    finding: str = "",
    notes: Iterable[str] = (),
) -> Chart:
    """Return a chart that `draw` draws for a phone and for a sheet of paper, with its table."""
    table = make_table(write, heads, rows)
    return Chart(name, write.up(title), description, tuple(notes), draw(WIDTH), table, draw(WIDE), finding)


def make_table(write: WrittenWords, heads: Iterable[str], rows: Iterable[tuple[str | Linked, ...]]) -> ChartTable:
    """The heads are message ids."""
    return ChartTable(tuple(write.up(head) for head in heads), tuple(rows))


def stacked_bars(
    rows: Sequence[BarRow], key: Mapping[str, str], *, note_head: str = "", least: int = 1, width: int = WIDTH
) -> Spec:
    """Return a bar for each row on one scale, its name above or beside it; `least` tasks fill a bar at least."""
    names, places, height = named_rows([row.label for row in rows], width, top=LINE if note_head else 0)
    notes, bars = list[Spec](), list[Spec]()
    if note_head:
        notes.append({"y": LINE / 2, "text": note_head, "weight": "normal"})
    for row, y in zip(rows, places, strict=True):
        notes.append({"y": y, "text": row.note, "weight": "bold"})
        bars += [one | {"y": y - _BAR / 2, "y2": y + _BAR / 2} for one in _stacked(row, key, "x")]
    most = max([least, *(sum(part.count for part in row.parts) for row in rows)])
    start = NAME_ROOM if width >= WIDE else 0
    across = {
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [0, most], "range": [start, width - _NOTE_ROOM]},
    }
    down = down_to(height)
    bar = {"x": {"field": "x", **across}, "x2": {"field": "x2"}, "y": {"field": "y", **down}, "y2": {"field": "y2"}}
    return {
        "width": width,
        "height": height,
        "layer": [
            names,
            {"data": {"values": bars}, "mark": _RECT, "encoding": bar | _by_place(key, "top", width)},
            text_layer(
                notes,
                {"x": {"value": width}, "y": {"field": "y", **down}},
                align="right",
                fontWeight={"expr": "datum.weight"},
            ),
        ],
    }


def named_rows(labels: Sequence[str], width: int, *, top: float = 0) -> tuple[Spec, list[float], float]:
    """Return a layer with the names of rows, the middle of each row's bar from the top, and the height of all."""
    is_beside, y = width >= WIDE, top
    names, places = list[Spec](), list[float]()
    for label in labels:
        lines = wrap(label, NAME_ROOM * LETTERS_A_LINE // WIDTH if is_beside else LETTERS_A_LINE) or [""]
        tall = len(lines) * LINE
        height = max(_BAR + _GAP, tall + 6) if is_beside else tall + _BAR + _GAP
        first = y + (height - tall) / 2 if is_beside else y
        names += [{"y": first + (n + 0.5) * LINE, "text": line} for n, line in enumerate(lines)]
        places.append(y + height / 2 if is_beside else y + tall + 1 + _BAR / 2)
        y += height
    return text_layer(names, {"x": {"value": 0}, "y": {"field": "y", **down_to(y)}}), places, y


def stacked_columns(
    rows: Sequence[BarRow],
    key: Mapping[str, str],
    language: str,
    *,
    title: str,
    height: int,
    more: Iterable[Spec] = (),
    width: int = WIDTH,
) -> Spec:
    """Return a column for each row, with a scale at the left; `more` layers lie over them."""
    top = round_top(max((sum(part.count for part in row.parts) for row in rows), default=0))
    scale = {value: WrittenWords(language).count(value) for value in (0, top // 2, top)}
    bars = [one | {"n": n} for n, row in enumerate(rows) for one in _stacked(row, key, "y")]
    column = {
        "x": {"field": "n", **band(len(rows)), "axis": _beneath([row.label for row in rows], _plot_width(width))},
        "y": {"field": "y", **up(scale)},
        "y2": {"field": "y2"},
    }
    columns = {
        "data": {"values": bars},
        "mark": {**_RECT, "width": min(0.78 * _plot_width(width) / max(len(rows), 1), _WIDEST)},
        "encoding": column | _by_place(key, "bottom", width),
    }
    return plot(title, height, [columns, *more], width)


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


def _stacked(row: BarRow, key: Mapping[str, str], side: str) -> Iterable[Spec]:
    reached = 0
    for part in row.parts:
        href = {"href": LINKS_BEGIN + part.href} if part.href else {}
        yield {side: reached, f"{side}2": reached + part.count, "key": key[part.place], "tip": part.tip, **href}
        reached += part.count


def _by_place(key: Mapping[str, str], orient: str, width: int) -> Spec:
    """Return fill, outline, key, tip and link of the parts of bars."""
    fit = max(1, int(width / (max(map(len, key.values())) * _LETTER + 30)))
    columns = ceil(len(key) / ceil(len(key) / fit))  # lines of the same length
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


def plot(title: str, height: int, layers: list[Spec], width: int) -> Spec:
    """Return a chart with scales at its left and foot."""
    heading = {"text": title, "offset": 14, "dx": -_AXIS}
    return {"title": heading, "width": _plot_width(width), "height": height, "layer": layers}


def _plot_width(width: int) -> int:
    return width - _AXIS - _MARGIN


def band(columns: int) -> Spec:
    """Return the scale of so many columns beside each other."""
    return {"type": "ordinal", "scale": {"domain": list(range(columns)), "paddingInner": 0, "paddingOuter": 0}}


def up(scale: Mapping[Any, str]) -> Spec:
    """Return a scale with a rule for each of its values, written as the mapping says."""
    values = list(scale)
    axis = {
        "values": values,
        "labelExpr": f"{json.dumps(list(scale.values()))}[indexof({values}, datum.value)]",
        "minExtent": _AXIS,
        "maxExtent": _AXIS,
    }
    return {"type": "quantitative", "scale": {"domain": [min(scale), max(scale)], "nice": False}, "axis": axis}


def _beneath(labels: Sequence[str], plot: int) -> Spec:
    """Return the axis beneath columns: the last label always, and of the others as many as there is room for."""
    lines = [label.split("\n") for label in labels]
    widest = max((len(first) for first, *_rest in lines), default=0) * _LETTER
    every = max(1, ceil((widest + 6) * len(labels) / plot))
    return {
        "grid": False,
        "domain": True,
        "values": list(range(len(labels) - 1, -1, -every)),
        "labelExpr": f"{json.dumps(lines)}[datum.value]",
        "labelAngle": 0,
        "labelOverlap": False,
    }
