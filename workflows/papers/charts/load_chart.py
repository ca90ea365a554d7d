"""Load and lateness by week: what falls due in each week, and how it stands at the cut-off."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from models.i18n import _, _n
from notifications.composing.wording import WrittenWords, first_up
from workflows.papers.charts.builders import BarRow, make_chart, stacked_columns, text_layer
from workflows.papers.charts.chart import Chart, Lists, Spec, no_lists
from workflows.papers.charts.chart_figures import Load, Pictures, WeekLoad
from workflows.papers.charts.completion_chart import short_day
from workflows.papers.charts.places import HEADS, add_up, key_of, number_cells, parts_of
from workflows.reports.report_figures import FIGURE_WORDS
from workflows.rules.tasks.classification import Figures

_SIX_DAYS = timedelta(days=6)


def draw_load(pictures: Pictures, language: str, lists: Lists = no_lists) -> Chart:
    """Return the weeks in which anything falls due; what lies outside them and what has no date is said in words."""
    write, load = WrittenWords(language), pictures.load
    weeks = load.weeks
    inside = add_up([week.figures for week in weeks])
    rows = [
        BarRow(
            short_day(week.monday, language),
            parts_of(week.figures, _name(week, write), language, _of_week(week, lists)),
        )
        for week in weeks
    ]

    def draw(width: int) -> Spec:
        title, key = write.up(_("tasks by the week of their deadline")), key_of(inside, language)
        line = _cutoff_line(pictures, write)
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
        notes=_outside(load, write),
        finding=_finding(pictures, write),
        heads=(_("week"), *(FIGURE_WORDS[name] for name in HEADS)),
        rows=(
            (name, *number_cells(figures, language, address)) for name, figures, address in _lines(load, write, lists)
        ),
    )


def _of_week(week: WeekLoad, lists: Lists) -> Callable[[str], str]:
    return partial(lists, first=week.monday, last=week.monday + _SIX_DAYS)


def _finding(pictures: Pictures, write: WrittenWords) -> str:
    """Say in which week to come most falls due."""
    ahead = [week for week in pictures.load.weeks if week.monday + _SIX_DAYS >= pictures.cutoff]
    busiest = max(ahead, key=lambda week: week.figures.open_in_time, default=None)
    if busiest is None or not busiest.figures.open_in_time:
        return write.say(_("Nothing more falls due in these weeks."))
    message = _n(
        "Most still falls due in the week from {day}: {count} task",
        "Most still falls due in the week from {day}: {count} tasks",
    )
    return write.say(message, day=busiest.monday, count=busiest.figures.open_in_time)


def _name(week: WeekLoad, write: WrittenWords) -> str:
    """ "14/06/2004 – 20/06/2004"."""
    return f"{write.day(week.monday)} – {write.day(week.monday + _SIX_DAYS)}"


def _cutoff_line(pictures: Pictures, write: WrittenWords) -> list[Spec]:
    """Return a rule between what has fallen due and what is to come, at the cut-off's day within its week."""
    weeks = pictures.load.weeks
    if not weeks or not weeks[0].monday <= pictures.cutoff < weeks[-1].monday + timedelta(days=7):
        return []
    week, day = divmod((pictures.cutoff - weeks[0].monday).days, 7)
    at = {"x": {"field": "n", "type": "ordinal", "bandPosition": (day + 1) / 7}}
    text = write.say(_("cut-off {day}"), day=pictures.cutoff)
    is_right = week >= len(weeks) / 2
    rule = {"mark": {"type": "rule", "color": "@ink", "strokeDash": [4, 3]}, "encoding": at}
    said = text_layer(
        [{"n": week, "text": text}], at | {"y": {"value": -8}}, align="right" if is_right else "left", color="@quiet"
    )
    return [{"data": {"values": [{"n": week}]}, **rule}, said]


def _outside(load: Load, write: WrittenWords) -> tuple[str, ...]:
    parts = (
        (_("falling due before these weeks: {count}"), load.earlier.total),
        (_("falling due after these weeks: {count}"), load.later.total),
        (_("without a deadline: {count}"), load.undated.total),
    )
    said = [write.say(words, count=count) for words, count in parts if count]
    return (first_up("; ".join(said)),) if said else ()


def _lines(load: Load, write: WrittenWords, lists: Lists) -> Iterator[tuple[str, Figures, Callable[[str], str]]]:
    """Yield the name, the figures and the addresses of each row of the table."""
    for week in load.weeks:
        yield _name(week, write), week.figures, _of_week(week, lists)
    before, after = no_lists, no_lists
    if load.weeks:
        before = partial(lists, last=load.weeks[0].monday - timedelta(days=1))
        after = partial(lists, first=load.weeks[-1].monday + timedelta(days=7))
    for words, figures, address in (
        (_("earlier"), load.earlier, before),
        (_("later"), load.later, after),
        (_("without a deadline"), load.undated, no_lists),
    ):
        if figures.total:
            yield write.up(words), figures, address
