"""On-time against late by unit: a bar for each unit, what was done on time from the left, what is late after it."""

from collections.abc import Sequence
from datetime import date

from models.i18n import _, _n, translate
from notifications.composing.wording import Words, first_up
from workflows.reports.charts.chart_figures import UnitStand
from workflows.reports.charts.legend import count_in, legend
from workflows.reports.charts.shapes import WIDTH, Bar, Label, Picture, Shape, Table, wrap
from workflows.reports.report_figures import FIGURE_WORDS
from workflows.rules.tasks.classification import Bucket, Figures

_SHOWN = (Bucket.DONE_ON_TIME, Bucket.DONE_LATE, Bucket.OPEN_OVERDUE)
_HEADS = ("total", "done_on_time", "done_late", "open_overdue", "open_in_time")
_BAR_WIDTH, _BAR_HEIGHT = 268.0, 14
_NAME_LINE = 16
_LEAST = 5  # tasks that fill a bar at least: a single one is never drawn as long as it can be


def draw_units(units: Sequence[UnitStand], cutoff: date, language: str, *, notes: Sequence[str] = ()) -> Picture:
    """Return the units in the order given, all on one scale; a page of them is enough for one picture."""
    write = Words(language)
    whole = _sum(units)
    shapes, y = legend(whole, 0, language, _SHOWN)
    shapes.append(Label(WIDTH, y + 12, translate(_("on time / late"), language), "quiet", "end"))
    y += 20
    most = max([_LEAST, *map(_measured, units)])
    for unit in units:
        row, y = _row(unit, y, most, language)
        shapes += row
    return Picture(
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
        height=y,
        shapes=tuple(shapes),
        table=_table(units, language),
    )


def _row(unit: UnitStand, y: float, most: int, language: str) -> tuple[list[Shape], float]:
    """Return a unit's name over its bar, and where the next one begins."""
    write, x = Words(language), 0.0
    shapes: list[Shape] = []
    for line in wrap(unit.name, WIDTH):
        y += _NAME_LINE
        shapes.append(Label(0, y - 4, line))
    for place in _SHOWN:
        number = count_in(unit.figures, place)
        if number:
            width = number / most * _BAR_WIDTH
            tip = f"{unit.name}: {first_up(translate(FIGURE_WORDS[place.value], language))}: {write.count(number)}"
            shapes.append(Bar(x, y, width, _BAR_HEIGHT, place.value, tip))
            x += width
    told = f"{write.count(unit.figures.done_on_time)} / {write.count(unit.late)}"
    shapes.append(Label(WIDTH, y + 11, told, "strong", "end"))
    return shapes, y + _BAR_HEIGHT + 8


def _measured(unit: UnitStand) -> int:
    return unit.figures.done_on_time + unit.late


def _sum(units: Sequence[UnitStand]) -> Figures:
    return Figures(**{place.value: sum(count_in(unit.figures, place) for unit in units) for place in Bucket})


def _table(units: Sequence[UnitStand], language: str) -> Table:
    write = Words(language)
    heads = (_("unit"), *(FIGURE_WORDS[name] for name in _HEADS))
    return Table(
        heads=tuple(first_up(translate(head, language)) for head in heads),
        rows=tuple((unit.name, *(write.count(getattr(unit.figures, name)) for name in _HEADS)) for unit in units),
    )
