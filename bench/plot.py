"""The plots of docs/performance.md, as SVG: what a tick or a launch costs a task at every size, and the peers.

Drawn with the shapes of the product's own pictures.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.results import Result, Run
from workflows.reports.charts.shapes import WIDTH, Bar, Label, Mark, Picture, Shape, Table, Trace, text_width
from workflows.reports.papers.contents.paper_charts import write_svg

FAMILY = "sans-serif"
_LEFT, _RIGHT, _TOP, _HEIGHT = 46.0, 28.0, 22.0, 170.0
_SIGNS = {"SQLite": ("dot", "line"), "PostgreSQL": ("diamond", "cutoff")}


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
    return write_svg(_curve(f"{section}-{name}", title, series), FAMILY)


def peers(run: Run) -> str | None:
    """How many times what ours takes each peer takes for the same, as bars on a logarithmic scale; None without any."""
    found = [one for one in run.of("peers") if one.ratio is not None]
    if not found:
        return None
    return write_svg(_bars(found), FAMILY)


def _curve(name: str, title: str, series: Sequence[Series]) -> Picture:
    sizes = sorted({size for one in series for size, _cost in one.points})
    costs = [cost for one in series for _size, cost in one.points]
    across = _Scale(math.floor(math.log10(sizes[0])), math.ceil(math.log10(sizes[-1])), _LEFT, WIDTH - _RIGHT)
    up = _Scale(math.floor(math.log10(min(costs))), math.ceil(math.log10(max(costs))), _TOP + _HEIGHT, _TOP)
    shapes: list[Shape] = [*_grid(across, up)]
    for n, one in enumerate(series):
        sign, look = _SIGNS[one.database]
        points = tuple((across.at(size), up.at(cost)) for size, cost in sorted(one.points))
        shapes.append(Trace(points, look))
        shapes += [Mark(x, y, sign, "line") for x, y in points]
        shapes += [Mark(_LEFT + 8 + n * 110, 8, sign, "line"), Label(_LEFT + 20 + n * 110, 12, one.database)]
    rows = tuple(
        (f"{size:,}", *(f"{dict(one.points)[size]:.1f}" if size in dict(one.points) else "–" for one in series))
        for size in sizes
    )
    table = Table(("tasks", *(one.database for one in series)), rows)
    gist = "; ".join(f"{row[0]} tasks: {', '.join(row[1:])} µs" for row in rows)
    return Picture(name, title, gist, (), _TOP + _HEIGHT + 24, tuple(shapes), table)


@dataclass(frozen=True)
class _Scale:
    """Powers of ten from `low` to `high`, from one coordinate to the other."""

    low: int
    high: int
    start: float
    end: float

    def at(self, value: float) -> float:
        part = (math.log10(value) - self.low) / max(self.high - self.low, 1)
        return self.start + part * (self.end - self.start)

    @property
    def tens(self) -> range:
        return range(self.low, max(self.high, self.low + 1) + 1)


def _grid(across: _Scale, up: _Scale) -> Iterator[Shape]:
    for power in up.tens:
        y = up.at(10.0**power)
        yield Trace(((_LEFT, y), (WIDTH - _RIGHT, y)), "rule")
        yield Label(_LEFT - 4, y + 4, f"{10.0**power:g} µs", "quiet", "end")
    for power in across.tens:
        x = across.at(10.0**power)
        yield Trace(((x, _TOP), (x, _TOP + _HEIGHT)), "rule")
        words = f"{10**power:,}" if power < 6 else f"{10 ** (power - 6)} million"
        yield Label(x, _TOP + _HEIGHT + 16, words, "quiet", "middle")


def _bars(found: Sequence[Result]) -> Picture:
    names = {id(one): f"{one.name.removeprefix('beside ')}, {one.database}" for one in found}
    left = max(text_width(name) for name in names.values()) * 0.9 + 6
    most = max(max(one.ratio or 1.0, one.limit or 1.0) for one in found)
    across = _Scale(0, math.ceil(math.log10(most)), left, WIDTH - 40)
    shapes: list[Shape] = []
    y = 4.0
    for one in found:
        ratio = one.ratio or 1.0
        shapes.append(Label(0, y + 13, names[id(one)]))
        shapes.append(Bar(left, y, across.at(max(ratio, 1.0)) - left, 16, "done_on_time"))
        times = f"{ratio:,.0f}×" if ratio >= 10 else f"{ratio:.1f}×"
        shapes.append(Label(max(across.at(max(ratio, 1.0)), across.at(one.limit or 1.0)) + 5, y + 13, times))
        if one.limit is not None:
            x = across.at(one.limit)
            shapes.append(Trace(((x, y - 3), (x, y + 19)), "cutoff"))
        y += 26
    shapes.append(Label(left, y + 10, "dashed: the limit; logarithmic", "quiet"))
    table = Table(("peer", "times"), tuple((names[id(one)], f"{one.ratio:.1f}") for one in found))
    gist = "; ".join(": ".join(row) for row in table.rows)
    title = "The same work by others: how many times our seconds"
    return Picture("peers", title, gist, (), y + 16, tuple(shapes), table)


def plots(run: Run, due: int) -> Mapping[str, str]:
    """The plots that a run has figures for, by file name; `due` tasks are due in a busy tick."""
    drawn = {
        "launch.svg": scaling(run, "launch", "launch"),
        "tick.svg": scaling(run, "tick", "busy", of=due),
        "peers.svg": peers(run),
    }
    return {name: svg + "\n" for name, svg in drawn.items() if svg is not None}
