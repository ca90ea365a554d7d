"""The plots of docs/performance.md, as SVG: what a tick or a launch costs a task at every size, and the peers.

Drawn as the product's own charts are.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.results import Result, Run
from workflows.papers.charts.builders import WIDTH
from workflows.papers.charts.chart import Chart, ChartTable, Spec
from workflows.papers.charts.render import Theme, svg

_PLOT = WIDTH - 80


@dataclass(frozen=True)
class Series:
    """Points of one database."""

    database: str
    points: tuple[tuple[float, float], ...]


def scaling(run: Run, section: str, name: str, *, of: int | None = None) -> str | None:
    """The median of ours in µs a task, against the size, both as logarithms; a task is one of `of`, else of the size.

    None where nothing of it was measured.
    """
    found = [one for one in run.of(section) if one.name == name]
    if not found:
        return None
    series = [
        Series(
            database,
            tuple((one.size, one.median / (of or one.size) * 1e6) for one in found if one.database == database),
        )
        for database in dict.fromkeys(one.database for one in found)
    ]
    what = f"{section}, {name}" if name != section else section
    title = f"Cost of a {what}: µs a task against {'open tasks' if of else 'tasks'}"
    return svg(_curve(f"{section}-{name}", title, series), Theme.PRINT)


def peers(run: Run) -> str | None:
    """How many times what ours takes each peer takes for the same, as bars on a logarithmic scale; None without any."""
    found = [one for one in run.of("peers") if one.ratio is not None]
    if not found:
        return None
    return svg(_bars(found), Theme.PRINT)


def _curve(name: str, title: str, series: Sequence[Series]) -> Chart:
    sizes = sorted({size for one in series for size, _cost in one.points})
    rows = tuple(
        (f"{size:,}", *(f"{dict(one.points)[size]:.1f}" if size in dict(one.points) else "–" for one in series))
        for size in sizes
    )
    points = [
        {"size": size, "cost": cost, "database": one.database} for one in series for size, cost in sorted(one.points)
    ]
    costs = [cost for one in series for _size, cost in one.points]
    names = [one.database for one in series]
    legend = {"orient": "top"}
    spec: Spec = {
        "width": _PLOT,
        "height": 170,
        "data": {"values": points},
        "mark": {"type": "line", "point": {"size": 50, "filled": True}},
        "encoding": {
            "x": {"field": "size", **_powers(sizes, "format(datum.value, ',')")},
            "y": {"field": "cost", **_powers(costs, "format(datum.value, ',') + ' µs'")},
            "color": {"field": "database", "scale": {"domain": names, "range": ["@accent", "@done"]}, "legend": legend},
            "shape": {
                "field": "database",
                "scale": {"domain": names, "range": ["circle", "diamond"]},
                "legend": legend,
            },
        },
    }
    gist = "; ".join(f"{row[0]} tasks: {', '.join(row[1:])} µs" for row in rows)
    return Chart(name, title, gist, (), spec, ChartTable(("tasks", *names), rows))


def _powers(values: Sequence[float], words: str) -> Spec:
    """Return a logarithmic scale over whole powers of ten, each with a rule and its words."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    powers = [10**power for power in range(low, max(high, low + 1) + 1)]
    scale = {"type": "log", "domain": [powers[0], powers[-1]]}
    axis = {"values": powers, "labelExpr": words, "labelOverlap": False}
    return {"type": "quantitative", "scale": scale, "axis": axis}


def _bars(found: Sequence[Result]) -> Chart:
    bars = [
        {
            "name": f"{one.name.removeprefix('beside ')}, {one.database}",
            "ratio": max(one.ratio or 1.0, 1.0),
            "limit": one.limit,
            "text": f"{one.ratio or 1.0:,.0f}×" if (one.ratio or 1.0) >= 10 else f"{one.ratio or 1.0:.1f}×",
            "end": max(one.ratio or 1.0, one.limit or 1.0),
        }
        for one in found
    ]
    rows = tuple((str(bar["name"]), f"{one.ratio:.1f}") for bar, one in zip(bars, found, strict=True))
    across = _powers(
        [1.0, *(max(one.ratio or 1.0, one.limit or 1.0) for one in found)], "format(datum.value, ',') + '×'"
    )
    y: Spec = {"field": "name", "type": "nominal", "sort": None, "axis": {"labelLimit": 0, "grid": False}}
    limits = [bar for bar in bars if bar["limit"] is not None]
    spec: Spec = {
        "width": _PLOT - 100,
        "height": {"step": 26},
        "data": {"values": bars},
        "layer": [
            {
                "mark": {"type": "bar", "color": "@done", "height": 15},
                "encoding": {"x": {"field": "ratio", **across}, "x2": {"datum": 1}, "y": y},
            },
            {
                "data": {"values": limits},
                "mark": {"type": "tick", "color": "@ink", "thickness": 2, "height": 22},
                "encoding": {"x": {"field": "limit", **across}, "y": y},
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 6},
                "encoding": {"x": {"field": "end", **across}, "y": y, "text": {"field": "text"}},
            },
        ],
        "title": {"text": "stroke: the limit; the scale is logarithmic", "fontWeight": "normal", "orient": "bottom"},
    }
    gist = "; ".join(": ".join(row) for row in rows)
    title = "The same work by others: how many times our seconds"
    return Chart("peers", title, gist, (), spec, ChartTable(("peer", "times"), rows))


def plots(run: Run, due: int) -> Mapping[str, str]:
    """The plots that a run has figures for, by file name; `due` tasks are due in a busy tick."""
    drawn = {
        "launch.svg": scaling(run, "launch", "launch"),
        "tick.svg": scaling(run, "tick", "busy", of=due),
        "peers.svg": peers(run),
    }
    return {name: svg + "\n" for name, svg in drawn.items() if svg is not None}
