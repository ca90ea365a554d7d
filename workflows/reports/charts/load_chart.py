"""Load and lateness by week: what falls due in each week, and how it stands at the cut-off."""

from datetime import timedelta

from models.i18n import _, _n, translate
from notifications.composing.wording import Words, first_up
from workflows.reports.charts.chart_figures import Load, Pictures, WeekLoad
from workflows.reports.charts.column_chart import Plot, scale_room, stacks, week_labels
from workflows.reports.charts.legend import LEGEND_LINE, legend
from workflows.reports.charts.shapes import Label, Picture, Shape, Table, Trace
from workflows.reports.report_figures import FIGURE_WORDS
from workflows.rules.tasks.classification import Figures

_HEADS = ("total", "done_on_time", "done_late", "open_overdue", "open_in_time")
_TOP, _FOOT = 40, 200


def draw_load(pictures: Pictures, language: str) -> Picture:
    """Return the weeks in which anything falls due; what lies outside them and what has no date is said in words."""
    write, load = Words(language), pictures.load
    weeks = load.weeks
    inside = _sum(weeks)
    heading = first_up(translate(_("tasks by the week of their date"), language))
    shapes: list[Shape] = [Label(0, 12, heading, "strong")]
    figures = [week.figures for week in weeks]
    plot = Plot(_TOP, _FOOT, scale_room(figures, language), len(weeks))
    shapes += stacks(plot, figures, [_name(week, language) for week in weeks], language)
    shapes += _cutoff_line(pictures, plot, language)
    shapes += week_labels(plot, [week.monday for week in weeks], language)
    key, foot = legend(inside, _FOOT + 28, language)
    return Picture(
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
        height=foot - LEGEND_LINE + 18,
        shapes=(*shapes, *key),
        table=_table(load, language),
    )


def _sum(weeks: tuple[WeekLoad, ...]) -> Figures:
    parts = [week.figures for week in weeks]
    names = ("done_on_time", "done_late", "open_in_time", "open_overdue")
    return Figures(**{name: sum(getattr(part, name) for part in parts) for name in names})


def _name(week: WeekLoad, language: str) -> str:
    """ "14/06/2004 – 20/06/2004"."""
    write = Words(language)
    return f"{write.day(week.monday)} – {write.day(week.monday + timedelta(days=6))}"


def _cutoff_line(pictures: Pictures, plot: Plot, language: str) -> list[Shape]:
    """Between what has fallen due and what is to come: at the cut-off's day within its week."""
    weeks = pictures.load.weeks
    if not weeks or not weeks[0].monday <= pictures.cutoff < weeks[-1].monday + timedelta(days=7):
        return []
    x = plot.left + ((pictures.cutoff - weeks[0].monday).days + 1) / 7 * plot.pitch
    text = translate(_("cut-off {day}"), language, day=Words(language).day(pictures.cutoff))
    is_right = x > (plot.left + plot.columns * plot.pitch) / 2
    label = Label(x - 4 if is_right else x + 4, _TOP - 8, text, "quiet", "end" if is_right else "start")
    return [Trace(((x, _TOP - 16), (x, _FOOT)), "cutoff"), label]


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
    write = Words(language)
    heads = (_("week"), *(FIGURE_WORDS[name] for name in _HEADS))
    rows = [(_name(week, language), week.figures) for week in load.weeks]
    for words, figures in ((_("earlier"), load.earlier), (_("later"), load.later), (_("without a date"), load.undated)):
        if figures.total:
            rows.append((first_up(translate(words, language)), figures))
    return Table(
        heads=tuple(first_up(translate(head, language)) for head in heads),
        rows=tuple((name, *(write.count(getattr(figures, head)) for head in _HEADS)) for name, figures in rows),
    )
