"""Load and lateness by week: what falls due in each week, and how it stands at the cut-off."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from models.i18n import _, _n, translate
from notifications.composing.wording import Words, first_up
from workflows.reports.charts.builders import WIDE, WIDTH, Row, stacked_columns, text_layer
from workflows.reports.charts.chart import Chart, Lists, Spec, Table, no_lists
from workflows.reports.charts.chart_figures import Load, Pictures, WeekLoad
from workflows.reports.charts.completion_chart import short_day
from workflows.reports.charts.places import HEADS, add_up, key_of, number_cells, parts_of
from workflows.reports.report_figures import FIGURE_WORDS

_SIX_DAYS = timedelta(days=6)


def draw_load(pictures: Pictures, language: str, lists: Lists = no_lists) -> Chart:
    """Return the weeks in which anything falls due; what lies outside them and what has no date is said in words."""
    write, load = Words(language), pictures.load
    weeks = load.weeks
    inside = add_up([week.figures for week in weeks])
    rows = [
        Row(
            short_day(week.monday, language),
            parts_of(week.figures, _name(week, language), language, _of_week(week, lists)),
        )
        for week in weeks
    ]

    def spec(width: int) -> Spec:
        title, key = first_up(translate(_("tasks by the week of their deadline"), language)), key_of(inside, language)
        line = _cutoff_line(pictures, language)
        return stacked_columns(rows, key, language, title=title, height=170, more=line, width=width)

    return Chart(
        name="load",
        title=first_up(translate(_("load and lateness by week"), language)),
        description=translate(
            _n(
                "{count} task falls due in {weeks}; {late} of them were done late or are overdue",
                "{count} tasks fall due in {weeks}; {late} of them were done late or are overdue",
            ),
            language,
            count=write.count(inside.total),
            weeks=_n("{count} week", "{count} weeks", count=write.count(len(weeks))),
            late=write.count(inside.done_late + inside.open_overdue),
        ),
        notes=_outside(load, language),
        spec=spec(WIDTH),
        wide=spec(WIDE),
        finding=_finding(pictures, language),
        table=_table(load, language, lists),
    )


def _of_week(week: WeekLoad, lists: Lists) -> Callable[[str], str]:
    return partial(lists, first=week.monday, last=week.monday + _SIX_DAYS)


def _finding(pictures: Pictures, language: str) -> str:
    """Return the week to come in which most falls due."""
    ahead = [week for week in pictures.load.weeks if week.monday + _SIX_DAYS >= pictures.cutoff]
    busiest = max(ahead, key=lambda week: week.figures.open_in_time, default=None)
    if busiest is None or not busiest.figures.open_in_time:
        return translate(_("Nothing more falls due in these weeks."), language)
    return translate(
        _n(
            "Most still falls due in the week from {day}: {count} task",
            "Most still falls due in the week from {day}: {count} tasks",
        ),
        language,
        day=Words(language).day(busiest.monday),
        count=Words(language).count(busiest.figures.open_in_time),
    )


def _name(week: WeekLoad, language: str) -> str:
    """ "14/06/2004 – 20/06/2004"."""
    write = Words(language)
    return f"{write.day(week.monday)} – {write.day(week.monday + _SIX_DAYS)}"


def _cutoff_line(pictures: Pictures, language: str) -> list[Spec]:
    """Return a rule between what has fallen due and what is to come, at the cut-off's day within its week."""
    weeks = pictures.load.weeks
    if not weeks or not weeks[0].monday <= pictures.cutoff < weeks[-1].monday + timedelta(days=7):
        return []
    week, day = divmod((pictures.cutoff - weeks[0].monday).days, 7)
    at = {"x": {"field": "n", "type": "ordinal", "bandPosition": (day + 1) / 7}}
    text = translate(_("cut-off {day}"), language, day=Words(language).day(pictures.cutoff))
    is_right = week >= len(weeks) / 2
    rule = {"mark": {"type": "rule", "color": "@ink", "strokeDash": [4, 3]}, "encoding": at}
    said = text_layer(
        [{"n": week, "text": text}], at | {"y": {"value": -8}}, align="right" if is_right else "left", color="@quiet"
    )
    return [{"data": {"values": [{"n": week}]}, **rule}, said]


def _outside(load: Load, language: str) -> tuple[str, ...]:
    write = Words(language)
    parts = (
        (_("falling due before these weeks: {count}"), load.earlier.total),
        (_("falling due after these weeks: {count}"), load.later.total),
        (_("without a deadline: {count}"), load.undated.total),
    )
    said = [translate(words, language, count=write.count(count)) for words, count in parts if count]
    return (first_up("; ".join(said)),) if said else ()


def _table(load: Load, language: str, lists: Lists) -> Table:
    heads = (_("week"), *(FIGURE_WORDS[name] for name in HEADS))
    rows = [(_name(week, language), week.figures, _of_week(week, lists)) for week in load.weeks]
    others = [(_("earlier"), load.earlier, no_lists), (_("later"), load.later, no_lists)]
    if load.weeks:
        others[0] = (_("earlier"), load.earlier, partial(lists, last=load.weeks[0].monday - timedelta(days=1)))
        others[1] = (_("later"), load.later, partial(lists, first=load.weeks[-1].monday + timedelta(days=7)))
    for words, figures, address in (*others, (_("without a deadline"), load.undated, no_lists)):
        if figures.total:
            rows.append((first_up(translate(words, language)), figures, address))
    return Table(
        heads=tuple(first_up(translate(head, language)) for head in heads),
        rows=tuple((name, *number_cells(figures, language, address)) for name, figures, address in rows),
    )
