"""Load and lateness by week: what falls due in each week, and how it stands at the cut-off."""

from datetime import timedelta

from models.i18n import _, _n, translate
from notifications.composing.wording import Words, first_up
from workflows.reports.charts.builders import Row, stacked_columns, text_layer
from workflows.reports.charts.chart import Chart, Spec, Table, no_lists
from workflows.reports.charts.chart_figures import Load, Pictures, WeekLoad
from workflows.reports.charts.completion_chart import short_day
from workflows.reports.charts.places import HEADS, add_up, key_of, number_cells, parts_of
from workflows.reports.report_figures import FIGURE_WORDS


def draw_load(pictures: Pictures, language: str) -> Chart:
    """Return the weeks in which anything falls due; what lies outside them and what has no date is said in words."""
    write, load = Words(language), pictures.load
    weeks = load.weeks
    inside = add_up([week.figures for week in weeks])
    columns = stacked_columns(
        [
            Row(short_day(week.monday, language), parts_of(week.figures, _name(week, language), language, no_lists))
            for week in weeks
        ],
        key_of(inside, language),
        language,
        title=first_up(translate(_("tasks by the week of their date"), language)),
        height=170,
        more=_cutoff_line(pictures, language),
    )
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
        spec=columns,
        table=_table(load, language),
    )


def _name(week: WeekLoad, language: str) -> str:
    """ "14/06/2004 – 20/06/2004"."""
    write = Words(language)
    return f"{write.day(week.monday)} – {write.day(week.monday + timedelta(days=6))}"


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
        (_("without a date: {count}"), load.undated.total),
    )
    said = [translate(words, language, count=write.count(count)) for words, count in parts if count]
    return (first_up("; ".join(said)),) if said else ()


def _table(load: Load, language: str) -> Table:
    heads = (_("week"), *(FIGURE_WORDS[name] for name in HEADS))
    rows = [(_name(week, language), week.figures) for week in load.weeks]
    for words, figures in ((_("earlier"), load.earlier), (_("later"), load.later), (_("without a date"), load.undated)):
        if figures.total:
            rows.append((first_up(translate(words, language)), figures))
    return Table(
        heads=tuple(first_up(translate(head, language)) for head in heads),
        rows=tuple((name, *number_cells(figures, language, no_lists)) for name, figures in rows),
    )
