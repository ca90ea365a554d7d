"""The four states of the official classification as parts of a bar, with the words of the key."""

from collections.abc import Callable, Mapping, Sequence

from models.i18n import _n
from notifications.composing.wording import WrittenWords
from workflows.papers.charts.builders import BarPart
from workflows.papers.charts.chart import Linked, cell
from workflows.reports.report_figures import FIGURE_WORDS
from workflows.rules.tasks.classification import Bucket, Figures

PLACES = (Bucket.DONE_ON_TIME, Bucket.DONE_LATE, Bucket.OPEN_OVERDUE, Bucket.OPEN_IN_TIME)
"""From the bottom of a column upwards."""
HEADS = ("total", "done_on_time", "done_late", "open_overdue", "open_in_time")
"""The columns of a chart's table."""


def count_in(figures: Figures, place: Bucket) -> int:
    count: int = getattr(figures, place.value)
    return count


def parts_of(
    figures: Figures, name: str, language: str, address: Callable[[str], str], places: Sequence[Bucket] = PLACES
) -> tuple[BarPart, ...]:
    """Return the parts of a bar. The tip of a part says the bar's name, the place and the number."""
    parts = []
    for place in places:
        count = count_in(figures, place)
        if count:
            tip = f"{name}: {_place_words(place, language)}: {WrittenWords(language).count(count)}"
            parts.append(BarPart(place.value, count, tip, address(place.value)))
    return tuple(parts)


def key_of(figures: Figures, language: str, places: Sequence[Bucket] = PLACES) -> Mapping[str, str]:
    """Return the key's words by place, each with its number."""
    count = WrittenWords(language).count
    return {place.value: f"{_place_words(place, language)}: {count(count_in(figures, place))}" for place in places}


def number_cells(figures: Figures, language: str, address: Callable[[str], str]) -> tuple[str | Linked, ...]:
    """Return the cells of a table under HEADS. A number other than 0 links to its tasks where there is a list."""
    counts = {name: getattr(figures, name) for name in HEADS}
    written = {name: WrittenWords(language).count(count) for name, count in counts.items()}
    return tuple(cell(written[name], address(name) if count else "") for name, count in counts.items())


def add_up(parts: Sequence[Figures]) -> Figures:
    """Add up the four places only: `no_deadline` stays 0."""
    return Figures(**{place.value: sum(count_in(part, place) for part in parts) for place in Bucket})


def write_progress(figures: Figures, language: str) -> str:
    """Say in a sentence the numbers of tasks done and overdue."""
    if not figures.open_overdue:
        message = _n(
            "{done} of {count} task is done, none is overdue", "{done} of {count} tasks are done, none is overdue"
        )
    else:
        message = _n(
            "{done} of {count} task is done, {late} overdue", "{done} of {count} tasks are done, {late} overdue"
        )
    return WrittenWords(language).say(message, done=figures.done, count=figures.total, late=figures.open_overdue)


def _place_words(place: Bucket, language: str) -> str:
    return WrittenWords(language).up(FIGURE_WORDS[place.value])
