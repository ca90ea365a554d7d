"""Build the two kinds of charts from plain rows: stacked bars by row, and stacked columns by day or week.

Each is a part of a Vega-Lite specification without texts that Vega makes: words and numbers come written in the
reader's language. A colour is a name such as "@ink" that `render.py` looks up. Lengths are in units of the chart, which
a phone shows as some 0.9 pixels.
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
"""The width of a chart on a phone and in a panel."""
WIDE = 800
"""The width of a chart on a desk's page or a sheet of paper. Names stand beside their bars there."""
FONT_SIZE = 13
"""On a phone that is 390 pixels wide, these are 11 pixels."""
LINE_HEIGHT = 17
CHARACTERS_A_LINE = 52
"""Even in the widest font that a reader may have, a line of WIDTH holds these characters."""
LINKS_BEGIN = "https://chart.invalid"
"""Vega takes whole addresses only; `render.py` cuts this beginning off again."""
NAME_ROOM = 300
"""The room for the names beside bars."""
_CHARACTER_WIDTH, _AXIS, _MARGIN = 6.5, 46, 14
_BAR, _GAP, _NOTE_ROOM, _WIDEST_COLUMN = 15, 9, 92, 44
_ROUND_TOPS = (2, 4, 6, 8, 10, 12, 16)


@dataclass(frozen=True)
class BarPart:
    """A part of a bar or column. `place` gives its colour and its line in the key; `tip` is shown at a pointer."""

    place: str
    count: int
    tip: str
    href: str = ""


@dataclass(frozen=True)
class BarRow:
    """A bar or a column. Its label stands above or beside a bar or beneath a column, its note at the end of a bar."""

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
    """Return a table whose heads are given as message ids."""
    return ChartTable(tuple(write.up(head) for head in heads), tuple(rows))


def stacked_bars(
    rows: Sequence[BarRow], key: Mapping[str, str], *, note_head: str = "", least: int = 1, width: int = WIDTH
) -> Spec:
    """Return a bar for each row on one scale. `least`: the number of tasks that the scale reaches at least."""
    names, places, height = named_rows([row.label for row in rows], width, top=LINE_HEIGHT if note_head else 0)
    notes, bars = list[Spec](), list[Spec]()
    if note_head:
        notes.append({"y": LINE_HEIGHT / 2, "text": note_head, "weight": "normal"})
    for row, y in zip(rows, places, strict=True):
        notes.append({"y": y, "text": row.note, "weight": "bold"})
        bars += [part | {"y": y - _BAR / 2, "y2": y + _BAR / 2} for part in _stacked(row, key, "x")]
    highest = max([least, *(sum(part.count for part in row.parts) for row in rows)])
    start = NAME_ROOM if width >= WIDE else 0
    scale = {"domain": [0, highest], "range": [start, width - _NOTE_ROOM]}
    down = down_to(height)
    bar = {
        "x": {"field": "x", "type": "quantitative", "axis": None, "scale": scale},
        "x2": {"field": "x2"},
        "y": {"field": "y", **down},
        "y2": {"field": "y2"},
    }
    at_right = {"x": {"value": width}, "y": {"field": "y", **down}}
    return {
        "width": width,
        "height": height,
        "layer": [
            names,
            {"data": {"values": bars}, "mark": _RECT, "encoding": bar | _by_place(key, "top", width)},
            text_layer(notes, at_right, align="right", fontWeight={"expr": "datum.weight"}),
        ],
    }


def named_rows(labels: Sequence[str], width: int, *, top: float = 0) -> tuple[Spec, list[float], float]:
    """Return a layer with the names of rows, the middle of each row's bar from the top, and the height of all rows."""
    is_beside, y = width >= WIDE, top
    characters = NAME_ROOM * CHARACTERS_A_LINE // WIDTH if is_beside else CHARACTERS_A_LINE
    names, places = list[Spec](), list[float]()
    for label in labels:
        lines = wrap(label, characters) or [""]
        label_height = len(lines) * LINE_HEIGHT
        if is_beside:
            row_height = max(_BAR + _GAP, label_height + 6)
            first_line, bar_middle = y + (row_height - label_height) / 2, y + row_height / 2
        else:
            row_height = label_height + _BAR + _GAP
            first_line, bar_middle = y, y + label_height + 1 + _BAR / 2
        names += [{"y": first_line + (n + 0.5) * LINE_HEIGHT, "text": line} for n, line in enumerate(lines)]
        places.append(bar_middle)
        y += row_height
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
    """Return a column for each row, with a scale at the left. The layers of `more` lie over the columns."""
    top = round_top(max((sum(part.count for part in row.parts) for row in rows), default=0))
    scale = {value: WrittenWords(language).count(value) for value in (0, top // 2, top)}
    bars = [part | {"n": n} for n, row in enumerate(rows) for part in _stacked(row, key, "y")]
    column = {
        "x": {
            "field": "n",
            **column_scale(len(rows)),
            "axis": _beneath([row.label for row in rows], _plot_width(width)),
        },
        "y": {"field": "y", **vertical_scale(scale)},
        "y2": {"field": "y2"},
    }
    columns = {
        "data": {"values": bars},
        "mark": {**_RECT, "width": min(0.78 * _plot_width(width) / max(len(rows), 1), _WIDEST_COLUMN)},
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


def stack_charts(*views: Spec) -> Spec:
    """Return one chart of several, one above the other, each with its own colours and key."""
    apart = {"fill": "independent", "stroke": "independent"}
    return {"vconcat": list(views), "resolve": {"scale": apart, "legend": apart}}


def down_to(height: float) -> Spec:
    """Return the encoding of a place given in units from the chart's top."""
    return {"type": "quantitative", "axis": None, "scale": {"domain": [0, height], "range": [0, height]}}


def round_top(highest: int) -> int:
    """Return the smallest round even number that is not below the highest: its half is a whole number too."""
    power = 1
    while True:
        for step in _ROUND_TOPS:
            top = step * power
            if top >= highest and top % 2 == 0:
                return top
        power *= 10


_RECT: Spec = {"type": "rect", "aria": True, "strokeWidth": 0.8}


def _stacked(row: BarRow, key: Mapping[str, str], side: str) -> Iterable[Spec]:
    start = 0
    for part in row.parts:
        href = {"href": LINKS_BEGIN + part.href} if part.href else {}
        yield {side: start, f"{side}2": start + part.count, "key": key[part.place], "tip": part.tip, **href}
        start += part.count


def _by_place(key: Mapping[str, str], orient: str, width: int) -> Spec:
    """Return fill, outline, key, tip and link of the parts of bars."""
    most_columns = max(1, int(width / (max(map(len, key.values())) * _CHARACTER_WIDTH + 30)))
    columns = ceil(len(key) / ceil(len(key) / most_columns))  # lines of the same length
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


def column_scale(columns: int) -> Spec:
    """Return a scale for columns beside each other."""
    return {"type": "ordinal", "scale": {"domain": list(range(columns)), "paddingInner": 0, "paddingOuter": 0}}


def vertical_scale(scale: Mapping[Any, str]) -> Spec:
    """Return a vertical scale with a line for each value, labelled with its words."""
    values = list(scale)
    axis = {
        "values": values,
        "labelExpr": f"{json.dumps(list(scale.values()))}[indexof({values}, datum.value)]",
        "minExtent": _AXIS,
        "maxExtent": _AXIS,
    }
    return {"type": "quantitative", "scale": {"domain": [min(scale), max(scale)], "nice": False}, "axis": axis}


def _beneath(labels: Sequence[str], plot: int) -> Spec:
    """Return the axis beneath columns. It has the last label, and of the others those for which there is room."""
    lines = [label.split("\n") for label in labels]
    widest = max((len(first) for first, *_rest in lines), default=0) * _CHARACTER_WIDTH
    every = max(1, ceil((widest + 6) * len(labels) / plot))
    return {
        "grid": False,
        "domain": True,
        "values": list(range(len(labels) - 1, -1, -every)),
        "labelExpr": f"{json.dumps(lines)}[datum.value]",
        "labelAngle": 0,
        "labelOverlap": False,
    }
