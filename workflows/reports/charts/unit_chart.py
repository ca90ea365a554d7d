"""On-time against late by unit: a bar for each unit, what was done on time from the left, what is late after it."""

from collections.abc import Sequence
from datetime import date
from functools import partial

from models.i18n import _, _n, translate
from notifications.composing.wording import Words, first_up
from workflows.reports.charts.builders import Row, stacked_bars
from workflows.reports.charts.chart import Chart, Lists, Table, no_lists
from workflows.reports.charts.chart_figures import UnitStand
from workflows.reports.charts.places import HEADS, add_up, key_of, number_cells, parts_of
from workflows.reports.report_figures import FIGURE_WORDS
from workflows.rules.tasks.classification import Bucket

_SHOWN = (Bucket.DONE_ON_TIME, Bucket.DONE_LATE, Bucket.OPEN_OVERDUE)
_LEAST = 5  # tasks that fill a bar at least: a single one is never drawn as long as it can be


def draw_units(
    units: Sequence[UnitStand], cutoff: date, language: str, lists: Lists = no_lists, *, notes: Sequence[str] = ()
) -> Chart:
    """Return the units in the order given, all on one scale; a page of them is enough for one chart."""
    write = Words(language)
    whole = add_up([unit.figures for unit in units])
    return Chart(
        name="units",
        title=first_up(translate(_("on time and late by unit"), language)),
        description=translate(
            _n(
                "{count} unit at {day}: {tasks} done on time, {late} late",
                "{count} units at {day}: {tasks} done on time, {late} late",
            ),
            language,
            count=write.count(len(units)),
            day=write.day(cutoff),
            tasks=_n("{count} task", "{count} tasks", count=write.count(whole.done_on_time)),
            late=write.count(whole.done_late + whole.open_overdue),
        ),
        notes=tuple(notes),
        spec=stacked_bars(
            [_row(unit, language, lists) for unit in units],
            key_of(whole, language, _SHOWN),
            note_head=translate(_("on time / late"), language),
            least=_LEAST,
        ),
        table=_table(units, language, lists),
    )


def _row(unit: UnitStand, language: str, lists: Lists) -> Row:
    count = Words(language).count
    parts = parts_of(unit.figures, unit.name, language, partial(lists, unit=unit.code), _SHOWN)
    return Row(unit.name, parts, f"{count(unit.figures.done_on_time)} / {count(unit.late)}")


def _table(units: Sequence[UnitStand], language: str, lists: Lists) -> Table:
    heads = (_("unit"), *(FIGURE_WORDS[name] for name in HEADS))
    return Table(
        heads=tuple(first_up(translate(head, language)) for head in heads),
        rows=tuple(
            (unit.name, *number_cells(unit.figures, language, partial(lists, unit=unit.code))) for unit in units
        ),
    )
