"""Bar charts of a report: on time and late by unit, and the lines of any breakdown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from models.i18n import _, _n
from notifications.composing.wording import WrittenWords
from workflows.papers.charts.builders import BarRow, make_chart, stacked_bars
from workflows.papers.charts.chart import Chart, TaskLinks, no_links
from workflows.papers.charts.chart_figures import UnitStand
from workflows.papers.charts.places import HEADS, add_up, key_of, number_cells, parts_of, write_progress
from workflows.reports.report_figures import FIGURE_WORDS
from workflows.rules.tasks.classification import Bucket, Figures

_SHOWN_PLACES = (Bucket.DONE_ON_TIME, Bucket.DONE_LATE, Bucket.OPEN_OVERDUE)
_FEWEST_IN_FULL_BAR = 5  # tasks: the bar of a single task is never drawn at full length


def draw_units(
    units: Sequence[UnitStand],
    cutoff: date,
    language: str,
    links: TaskLinks = no_links,
    *,
    notes: Sequence[str] = (),
    everyone: Sequence[UnitStand] = (),
) -> Chart:
    """Draw the units in the order given, on one scale.

    `everyone`: all units, where `units` are one page of them. The finding speaks of all.
    """
    write = WrittenWords(language)
    whole = add_up([unit.figures for unit in units])
    rows = [_row(unit, write, links) for unit in units]
    head, key = write.say(_("on time / late")), key_of(whole, language, _SHOWN_PLACES)
    return make_chart(
        write,
        "units",
        _("on time and late by unit"),
        lambda width: stacked_bars(rows, key, note_head=head, least=_FEWEST_IN_FULL_BAR, width=width),
        finding=_finding(everyone or units, write),
        description=write.say(
            _n(
                "{count} unit at {day}: {tasks} done on time, {late} late",
                "{count} units at {day}: {tasks} done on time, {late} late",
            ),
            count=len(units),
            day=cutoff,
            tasks=_n("{count} task", "{count} tasks", count=write.count(whole.done_on_time)),
            late=whole.done_late + whole.open_overdue,
        ),
        notes=notes,
        heads=(_("unit"), *(FIGURE_WORDS[name] for name in HEADS)),
        rows=((unit.name, *number_cells(unit.figures, language, partial(links, unit=unit.code))) for unit in units),
    )


def _finding(units: Sequence[UnitStand], write: WrittenWords) -> str:
    late = sum(1 for unit in units if unit.figures.open_overdue)
    if not late:
        return write.say(
            _n("{count} unit has no overdue task", "None of {count} units has an overdue task"), count=len(units)
        )
    message = _n("{late} of {count} unit has overdue tasks", "{late} of {count} units have overdue tasks")
    return write.say(message, count=len(units), late=late)


def _row(unit: UnitStand, write: WrittenWords, links: TaskLinks) -> BarRow:
    parts = parts_of(unit.figures, unit.name, write.language, partial(links, unit=unit.code), _SHOWN_PLACES)
    return BarRow(unit.name, parts, f"{write.count(unit.figures.done_on_time)} / {write.count(unit.late)}")


@dataclass(frozen=True)
class DrawnLine:
    name: str  # in the reader's language
    figures: Figures
    address: Callable[[str], str]  # of the list of a figure's tasks


def draw_breakdown(title: str, lines: Sequence[DrawnLine], whole: Figures, language: str) -> Chart:
    """Draw the lines in the order given, on one scale. `title` is in the reader's language."""
    write = WrittenWords(language)
    rows = [
        BarRow(
            line.name,
            parts_of(line.figures, line.name, language, line.address),
            f"{write.count(line.figures.done)} / {write.count(line.figures.total)}",
        )
        for line in lines
    ]
    key, head = key_of(whole, language), write.say(_("done / total"))
    return make_chart(
        write,
        "breakdown",
        title,
        lambda width: stacked_bars(rows, key, note_head=head, least=_FEWEST_IN_FULL_BAR, width=width),
        finding=write_progress(whole, language),
        description="; ".join(key.values()),
        heads=(_("name"), *(FIGURE_WORDS[name] for name in HEADS)),
        rows=((line.name, *number_cells(line.figures, language, line.address)) for line in lines),
    )
