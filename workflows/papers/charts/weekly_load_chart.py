"""The chart of load and lateness by week: the tasks that fall due in each week, by their state at the cut-off."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from models.i18n import _, _n
from notifications.composing.wording import WrittenWords, first_up
from workflows.papers.charts.builders import BarRow, make_chart, stacked_columns, text_layer
from workflows.papers.charts.chart import Chart, Spec, TaskLinks, no_links
from workflows.papers.charts.chart_figures import ChartFigures, Load, WeekLoad
from workflows.papers.charts.completion_chart import short_day
from workflows.papers.charts.places import HEADS, add_up, key_of, number_cells, parts_of
from workflows.reports.report_figures import FIGURE_WORDS
from workflows.rules.tasks.classification import Figures

_SIX_DAYS = timedelta(days=6)


def draw_weekly_load(figures: ChartFigures, language: str, links: TaskLinks = no_links) -> Chart:
    """Draw the weeks in which anything falls due. Notes count the other tasks, and those without a deadline."""
    write, load = WrittenWords(language), figures.load
    weeks = load.weeks
    inside = add_up([week.figures for week in weeks])
    rows = [
        BarRow(
            short_day(week.monday, language),
            parts_of(week.figures, _week_name(week, write), language, _links_of_week(week, links)),
        )
        for week in weeks
    ]

    def draw(width: int) -> Spec:
        title, key = write.up(_("tasks by the week of their deadline")), key_of(inside, language)
        line = _cutoff_line(figures, write)
        return stacked_columns(rows, key, language, title=title, height=170, more=line, width=width)

    return make_chart(
        write,
        "load",
        _("load and lateness by week"),
        draw,
        description=write.say(
            _n(
                "{count} task falls due in {weeks}; {late} of them were done late or are overdue",
                "{count} tasks fall due in {weeks}; {late} of them were done late or are overdue",
            ),
            count=inside.total,
            weeks=_n("{count} week", "{count} weeks", count=write.count(len(weeks))),
            late=inside.done_late + inside.open_overdue,
        ),
        notes=_notes_of_other_tasks(load, write),
        finding=_finding(figures, write),
        heads=(_("week"), *(FIGURE_WORDS[name] for name in HEADS)),
        rows=((row.name, *number_cells(row.figures, language, row.address)) for row in _table_rows(load, write, links)),
    )


def _links_of_week(week: WeekLoad, links: TaskLinks) -> Callable[[str], str]:
    return partial(links, first=week.monday, last=week.monday + _SIX_DAYS)


def _finding(figures: ChartFigures, write: WrittenWords) -> str:
    """Say in which week most tasks still fall due."""
    ahead = [week for week in figures.load.weeks if week.monday + _SIX_DAYS >= figures.cutoff]
    busiest = max(ahead, key=lambda week: week.figures.open_in_time, default=None)
    if busiest is None or not busiest.figures.open_in_time:
        return write.say(_("Nothing more falls due in these weeks."))
    message = _n(
        "Most still falls due in the week from {day}: {count} task",
        "Most still falls due in the week from {day}: {count} tasks",
    )
    return write.say(message, day=busiest.monday, count=busiest.figures.open_in_time)


def _week_name(week: WeekLoad, write: WrittenWords) -> str:
    """ "14/06/2004 – 20/06/2004"."""
    return f"{write.day(week.monday)} – {write.day(week.monday + _SIX_DAYS)}"


def _cutoff_line(figures: ChartFigures, write: WrittenWords) -> list[Spec]:
    """Return a vertical line at the cut-off's day within its week, with its words."""
    weeks = figures.load.weeks
    if not weeks or not weeks[0].monday <= figures.cutoff < weeks[-1].monday + timedelta(days=7):
        return []
    week, day = divmod((figures.cutoff - weeks[0].monday).days, 7)
    at = {"x": {"field": "n", "type": "ordinal", "bandPosition": (day + 1) / 7}}
    text = write.say(_("cut-off {day}"), day=figures.cutoff)
    is_right = week >= len(weeks) / 2
    rule = {
        "data": {"values": [{"n": week}]},
        "mark": {"type": "rule", "color": "@ink", "strokeDash": [4, 3]},
        "encoding": at,
    }
    label = text_layer(
        [{"n": week, "text": text}], at | {"y": {"value": -8}}, align="right" if is_right else "left", color="@quiet"
    )
    return [rule, label]


def _notes_of_other_tasks(load: Load, write: WrittenWords) -> tuple[str, ...]:
    counts = (
        (_("falling due before these weeks: {count}"), load.earlier.total),
        (_("falling due after these weeks: {count}"), load.later.total),
        (_("without a deadline: {count}"), load.undated.total),
    )
    notes = [write.say(words, count=count) for words, count in counts if count]
    return (first_up("; ".join(notes)),) if notes else ()


class _TableRow(NamedTuple):
    name: str
    figures: Figures
    address: Callable[[str], str]


def _table_rows(load: Load, write: WrittenWords, links: TaskLinks) -> Iterator[_TableRow]:
    for week in load.weeks:
        yield _TableRow(_week_name(week, write), week.figures, _links_of_week(week, links))
    before, after = no_links, no_links
    if load.weeks:
        before = partial(links, last=load.weeks[0].monday - timedelta(days=1))
        after = partial(links, first=load.weeks[-1].monday + timedelta(days=7))
    for words, figures, address in (
        (_("earlier"), load.earlier, before),
        (_("later"), load.later, after),
        (_("without a deadline"), load.undated, no_links),
    ):
        if figures.total:
            yield _TableRow(write.up(words), figures, address)
