"""A report's lines as bars: each in its four places, with done of all at its end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.i18n import _, translate
from notifications.composing.wording import Words, first_up
from workflows.reports.charts.builders import WIDE, WIDTH, Row, stacked_bars
from workflows.reports.charts.chart import Chart, Spec, Table
from workflows.reports.charts.places import HEADS, key_of, number_cells, parts_of, write_progress
from workflows.reports.report_figures import FIGURE_WORDS
from workflows.rules.tasks.classification import Figures


@dataclass(frozen=True)
class Part:
    """One line of a report, its name written; `address` leads from a figure to its tasks."""

    name: str
    figures: Figures
    address: Callable[[str], str]


def draw_breakdown(title: str, parts: Sequence[Part], whole: Figures, language: str) -> Chart:
    """Return the lines in the order given, on one scale; `title` is written already."""
    count = Words(language).count
    rows = [
        Row(
            one.name,
            parts_of(one.figures, one.name, language, one.address),
            f"{count(one.figures.done)} / {count(one.figures.total)}",
        )
        for one in parts
    ]

    def spec(width: int) -> Spec:
        head = translate(_("done / total"), language)
        return stacked_bars(rows, key_of(whole, language), note_head=head, least=5, width=width)

    return Chart(
        name="breakdown",
        title=title,
        finding=write_progress(whole, language),
        description="; ".join(key_of(whole, language).values()),
        notes=(),
        spec=spec(WIDTH),
        wide=spec(WIDE),
        table=Table(
            heads=tuple(first_up(translate(head, language)) for head in (_("name"), *(FIGURE_WORDS[n] for n in HEADS))),
            rows=tuple((one.name, *number_cells(one.figures, language, one.address)) for one in parts),
        ),
    )
