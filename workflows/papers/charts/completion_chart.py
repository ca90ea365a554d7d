"""Completion by week: the rate as a line above, the official two by two as columns beneath."""

from datetime import date
from fractions import Fraction
from functools import partial

from models.i18n import _, _n
from notifications.composing.wording import WrittenWords
from workflows.papers.charts.builders import BarRow, make_chart, one_above_the_other, stacked_columns
from workflows.papers.charts.chart import Chart, Lists, Spec, no_lists
from workflows.papers.charts.chart_figures import Pictures, WeekStand
from workflows.papers.charts.lines import SHARES, ChartLine, Point, trend
from workflows.papers.charts.places import HEADS, key_of, number_cells, parts_of, write_progress
from workflows.reports.report_figures import FIGURE_WORDS, FORMULA, RATES, write_completion
from workflows.rules.tasks.classification import percent


def draw_completion(pictures: Pictures, language: str, lists: Lists = no_lists) -> Chart:
    """Return the weeks up to the cut-off; the last column and the numbers in the key are the report's own."""
    write, stands, figures = WrittenWords(language), pictures.completion, pictures.figures
    rows = [_column(stand, language, lists) for stand in stands]
    done_or_late = [_point(stand.ends_on, stand.figures.completion.rate, write) for stand in stands]
    of_all = [_point(stand.ends_on, stand.figures.completion.of_all, write) for stand in stands]
    lines = [
        ChartLine(of_all, _end(figures.completion.of_all, _("of all tasks"), write), faint=True),
        ChartLine(done_or_late, _end(figures.completion.rate, _("of tasks done or overdue"), write)),
    ]

    def draw(width: int) -> Spec:
        title, key = write.up(_("number of tasks")), key_of(figures, language)
        rates = trend(lines, SHARES, title=write.up(_("completion rate")), height=90, width=width)
        return one_above_the_other(rates, stacked_columns(rows, key, language, title=title, height=140, width=width))

    return make_chart(
        write,
        "completion",
        _("completion by week"),
        draw,
        finding=write_progress(figures, language),
        description=write.say(
            _n(
                "{count} week up to {day}; at the end {tasks}, completion rate: {completion}",
                "{count} weeks up to {day}; at the end {tasks}, completion rate: {completion}",
            ),
            count=len(stands),
            day=pictures.cutoff,
            tasks=_n("{count} task", "{count} tasks", count=write.count(figures.total)),
            completion=write_completion(figures.completion, language),
        ),
        notes=(write.up(FORMULA),),
        heads=(_("week up to"), *(FIGURE_WORDS[name] for name in (*HEADS, *RATES))),
        rows=(
            (
                write.day(stand.ends_on),
                *number_cells(stand.figures, language, partial(lists, cutoff=stand.ends_on)),
                percent(stand.figures.completion.rate, language),
                percent(stand.figures.completion.of_all, language),
            )
            for stand in stands
        ),
    )


def short_day(day: date, language: str) -> str:
    """ "27/06" or "27 June"."""
    return WrittenWords(language).day(day)[:-5]


def _point(day: date, rate: Fraction | None, write: WrittenWords) -> Point:
    return Point(None if rate is None else float(rate), f"{write.day(day)}: {percent(rate, write.language)}")


def _end(rate: Fraction | None, words: str, write: WrittenWords) -> str:
    return "" if rate is None else f"{percent(rate, write.language)} {write.say(words)}"


def _column(stand: WeekStand, language: str, lists: Lists) -> BarRow:
    parts = parts_of(
        stand.figures, WrittenWords(language).day(stand.ends_on), language, partial(lists, cutoff=stand.ends_on)
    )
    return BarRow(short_day(stand.ends_on, language), parts)
