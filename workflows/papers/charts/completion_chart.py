"""The chart of completion by week: the completion rate as a line, and beneath it the tasks as columns by state."""

from datetime import date
from fractions import Fraction
from functools import partial

from models.i18n import _, _n
from notifications.composing.wording import WrittenWords
from workflows.papers.charts.builders import BarRow, make_chart, stack_charts, stacked_columns
from workflows.papers.charts.chart import Chart, Spec, TaskLinks, no_links
from workflows.papers.charts.chart_figures import ChartFigures, WeekStand
from workflows.papers.charts.lines import SHARES, ChartLine, Point, trend
from workflows.papers.charts.places import HEADS, key_of, number_cells, parts_of, write_progress
from workflows.reports.report_figures import FIGURE_WORDS, FORMULA, RATES, write_completion
from workflows.rules.tasks.classification import percent


def draw_completion(chart_figures: ChartFigures, language: str, links: TaskLinks = no_links) -> Chart:
    """Draw the weeks up to the cut-off. The last column and the numbers in the key equal the report's."""
    write = WrittenWords(language)
    stands, figures = chart_figures.completion, chart_figures.figures
    rows = [_column(stand, language, links) for stand in stands]
    rate_points = [_point(stand.ends_on, stand.figures.completion.rate, write) for stand in stands]
    of_all_points = [_point(stand.ends_on, stand.figures.completion.of_all, write) for stand in stands]
    lines = [
        ChartLine(of_all_points, _end_label(figures.completion.of_all, _("of all tasks"), write), faint=True),
        ChartLine(rate_points, _end_label(figures.completion.rate, _("of tasks done or overdue"), write)),
    ]

    def draw(width: int) -> Spec:
        title, key = write.up(_("number of tasks")), key_of(figures, language)
        rates = trend(lines, SHARES, title=write.up(_("completion rate")), height=90, width=width)
        return stack_charts(rates, stacked_columns(rows, key, language, title=title, height=140, width=width))

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
            day=chart_figures.cutoff,
            tasks=_n("{count} task", "{count} tasks", count=write.count(figures.total)),
            completion=write_completion(figures.completion, language),
        ),
        notes=(write.up(FORMULA),),
        heads=(_("week up to"), *(FIGURE_WORDS[name] for name in (*HEADS, *RATES))),
        rows=(
            (
                write.day(stand.ends_on),
                *number_cells(stand.figures, language, partial(links, cutoff=stand.ends_on)),
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


def _end_label(rate: Fraction | None, words: str, write: WrittenWords) -> str:
    return "" if rate is None else f"{percent(rate, write.language)} {write.say(words)}"


def _column(stand: WeekStand, language: str, links: TaskLinks) -> BarRow:
    parts = parts_of(
        stand.figures, WrittenWords(language).day(stand.ends_on), language, partial(links, cutoff=stand.ends_on)
    )
    return BarRow(short_day(stand.ends_on, language), parts)
