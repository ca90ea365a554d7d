"""Columns of stacked places over a row of weeks, with a scale at the left and dates beneath."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

from notifications.composing.wording import Words
from workflows.reports.charts.legend import PLACES, count_in
from workflows.reports.charts.shapes import WIDTH, Bar, Label, Shape, Trace, text_width
from workflows.rules.tasks.classification import Figures

_STEPS = (2, 4, 6, 8, 10, 12, 16)


@dataclass(frozen=True)
class Plot:
    """The area in which columns stand: from `top` down to `foot`, right of the scale's numbers."""

    top: float
    foot: float
    left: float
    columns: int

    @property
    def pitch(self) -> float:
        return (WIDTH - self.left) / max(self.columns, 1)

    def middle(self, column: int) -> float:
        """Return the x of a column's middle."""
        return self.left + (column + 0.5) * self.pitch

    def height(self, part: float) -> float:
        """Return the y of a part of the whole height, 0 at the foot and 1 at the top."""
        return self.foot - part * (self.foot - self.top)


def round_top(highest: int) -> int:
    """Return the smallest round even number that is not below, so that its half is a whole number too."""
    power = 1
    while True:
        for step in _STEPS:
            top = step * power
            if top >= highest and top % 2 == 0:
                return top
        power *= 10


def _top(figures: Sequence[Figures]) -> int:
    return round_top(max((one.total for one in figures), default=0))


def _marks(figures: Sequence[Figures], language: str) -> list[tuple[float, str]]:
    write, top = Words(language), _top(figures)
    return [(0, "0"), (0.5, write.count(top // 2)), (1, write.count(top))]


def scale(plot: Plot, marks: Sequence[tuple[float, str]]) -> list[Shape]:
    """Return rules across the plot with what they mean at their left end."""
    shapes: list[Shape] = []
    for part, text in marks:
        y = plot.height(part)
        shapes.append(Trace(((plot.left, y), (WIDTH, y)), "foot" if part == 0 else "rule"))
        shapes.append(Label(plot.left - 4, y + 4, text, "quiet", "end"))
    return shapes


def scale_room(figures: Sequence[Figures], language: str) -> float:
    """Return how far right a plot of the figures begins, to leave room for its scale."""
    return max(text_width(text) for _part, text in _marks(figures, language)) + 6


def stacks(plot: Plot, figures: Sequence[Figures], names: Sequence[str], language: str) -> list[Shape]:
    """Return a column for each of the figures, with its scale; a tip names the column, the place and the number."""
    write, top = Words(language), _top(figures)
    shapes = scale(plot, _marks(figures, language))
    width = min(plot.pitch * 0.76, 40)
    for column, (one, name) in enumerate(zip(figures, names, strict=True)):
        below = 0
        for place in PLACES:
            number = count_in(one, place)
            if number:
                y, foot = plot.height((below + number) / top), plot.height(below / top)
                tip = f"{name}: {write.count(number)}"
                shapes.append(Bar(plot.middle(column) - width / 2, y, width, foot - y, place.value, tip))
                below += number
    return shapes


def week_labels(plot: Plot, days: Sequence[date], language: str) -> list[Shape]:
    """Days beneath the columns: the last one always, and of the others as many as there is room for."""
    if not days:
        return []
    texts = [short_day(day, language) for day in days]
    widest = max(map(text_width, texts))
    last = len(days) - 1
    moved = max(0.0, widest / 2 - plot.pitch / 2)  # the last one keeps off the picture's edge
    every = max(1, ceil((widest + 8 + moved) / plot.pitch))
    return [_beneath(plot, column, texts[column]) for column in range(last, -1, -every)]


def _beneath(plot: Plot, column: int, text: str) -> Label:
    """Place a label under its column's middle, but never across the picture's edge."""
    half = text_width(text) / 2
    x = min(max(plot.middle(column), half), WIDTH - half)
    return Label(x, plot.foot + 16, text, "quiet", "middle")


def short_day(day: date, language: str) -> str:
    """ "27/06" or "27 June"."""
    return Words(language).day(day)[:-5]
