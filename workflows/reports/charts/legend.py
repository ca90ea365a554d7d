"""The key to the patterns of the official two by two, each with its number."""

from collections.abc import Sequence

from models.i18n import translate
from notifications.composing.wording import Words, first_up
from workflows.reports.charts.shapes import WIDTH, Bar, Label, Shape, text_width
from workflows.reports.report_figures import FIGURE_WORDS
from workflows.rules.tasks.classification import Bucket, Figures

PLACES = (Bucket.DONE_ON_TIME, Bucket.DONE_LATE, Bucket.OPEN_OVERDUE, Bucket.OPEN_IN_TIME)
"""From the bottom of a column upwards."""
LEGEND_LINE = 18
_SWATCH = 12


def count_in(figures: Figures, place: Bucket) -> int:
    """Return how many tasks stand in a place."""
    found: int = getattr(figures, place.value)
    return found


def legend(figures: Figures, y: float, language: str, places: Sequence[Bucket] = PLACES) -> tuple[list[Shape], float]:
    """Return the key from `y` downwards, and where it ends."""
    write, x, shapes = Words(language), 0.0, list[Shape]()
    for place in places:
        text = f"{first_up(translate(FIGURE_WORDS[place.value], language))}: {write.count(count_in(figures, place))}"
        width = _SWATCH + 6 + text_width(text)
        if x and x + width > WIDTH:
            x, y = 0, y + LEGEND_LINE
        shapes += [Bar(x, y, _SWATCH, _SWATCH, place.value), Label(x + _SWATCH + 6, y + 10, text)]
        x += width + 14
    return shapes, y + LEGEND_LINE
