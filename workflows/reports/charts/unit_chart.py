"""Bars of a report: on time against late by unit, and any of its lines in their four places."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from models.i18n import _, _n, translate
from notifications.composing.wording import Words, first_up
from workflows.reports.charts.builders import WIDE, WIDTH, Row, stacked_bars
from workflows.reports.charts.chart import Chart, Lists, Spec, Table, no_lists
from workflows.reports.charts.chart_figures import UnitStand
from workflows.reports.charts.places import HEADS, add_up, key_of, number_cells, parts_of, write_progress
from workflows.reports.report_figures import FIGURE_WORDS
from workflows.rules.tasks.classification import Bucket, Figures

_SHOWN = (Bucket.DONE_ON_TIME, Bucket.DONE_LATE, Bucket.OPEN_OVERDUE)
_LEAST = 5  # tasks that fill a bar at least: a single one is never drawn as long as it can be


def draw_units(
    units: Sequence[UnitStand],
    cutoff: date,
    language: str,
    lists: Lists = no_lists,
    *,
    notes: Sequence[str] = (),
    everyone: Sequence[UnitStand] = (),
) -> Chart:
    """Return the units in the order given, all on one scale; a page of `everyone` is enough for one chart."""
    write = Words(language)
    whole = add_up([unit.figures for unit in units])
    rows = [_row(unit, language, lists) for unit in units]

    def spec(width: int) -> Spec:
        head, key = translate(_("on time / late"), language), key_of(whole, language, _SHOWN)
        return stacked_bars(rows, key, note_head=head, least=_LEAST, width=width)

    return Chart(
        name="units",
        finding=_finding(everyone or units, language),
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
        spec=spec(WIDTH),
        wide=spec(WIDE),
        table=_table(units, language, lists),
    )


def _finding(units: Sequence[UnitStand], language: str) -> str:
    write, late = Words(language), sum(1 for unit in units if unit.figures.open_overdue)
    given = {"count": write.count(len(units)), "late": write.count(late)}
    if not late:
        return translate(
            _n("{count} unit has no overdue task", "None of {count} units has an overdue task"), language, **given
        )
    return translate(
        _n("{late} of {count} unit has overdue tasks", "{late} of {count} units have overdue tasks"), language, **given
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


@dataclass(frozen=True)
class DrawnLine:
    """One line of a report, its name written; `address` leads from a figure to its tasks."""

    name: str
    figures: Figures
    address: Callable[[str], str]


def draw_breakdown(title: str, lines: Sequence[DrawnLine], whole: Figures, language: str) -> Chart:
    """Return the lines in the order given, on one scale; `title` is written already."""
    count = Words(language).count
    rows = [
        Row(
            one.name,
            parts_of(one.figures, one.name, language, one.address),
            f"{count(one.figures.done)} / {count(one.figures.total)}",
        )
        for one in lines
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
            rows=tuple((one.name, *number_cells(one.figures, language, one.address)) for one in lines),
        ),
    )
