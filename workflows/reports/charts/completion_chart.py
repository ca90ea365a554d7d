"""Completion by week: the rate as a line above, the official two by two as columns beneath."""

from datetime import date
from fractions import Fraction
from functools import partial

from models.i18n import _, _n, translate
from notifications.composing.wording import Words, first_up
from workflows.reports.charts.builders import WIDE, WIDTH, Row, one_above_the_other, stacked_columns
from workflows.reports.charts.chart import Chart, Lists, Spec, Table, no_lists
from workflows.reports.charts.chart_figures import Pictures, WeekStand
from workflows.reports.charts.lines import Line, Point, trend
from workflows.reports.charts.places import HEADS, key_of, number_cells, parts_of, write_progress
from workflows.reports.report_figures import FIGURE_WORDS, FORMULA, RATES, write_completion
from workflows.rules.tasks.classification import percent


def draw_completion(pictures: Pictures, language: str, lists: Lists = no_lists) -> Chart:
    """Return the weeks up to the cut-off; the last column and the numbers in the key are the report's own."""
    write, stands = Words(language), pictures.completion
    figures = pictures.figures
    description = translate(
        _n(
            "{count} week up to {day}; at the end {tasks}, completion rate: {completion}",
            "{count} weeks up to {day}; at the end {tasks}, completion rate: {completion}",
        ),
        language,
        count=write.count(len(stands)),
        day=write.day(pictures.cutoff),
        tasks=_n("{count} task", "{count} tasks", count=write.count(figures.total)),
        completion=write_completion(figures.completion, language),
    )
    rows = [_column(stand, language, lists) for stand in stands]
    done_or_late = [_point(stand.ends_on, stand.figures.completion.rate, language) for stand in stands]
    of_all = [_point(stand.ends_on, stand.figures.completion.of_all, language) for stand in stands]
    lines = [
        Line(of_all, _end(figures.completion.of_all, _("of all tasks"), language), faint=True),
        Line(done_or_late, _end(figures.completion.rate, _("of tasks done or overdue"), language)),
    ]

    def spec(width: int) -> Spec:
        title = first_up(translate(_("completion rate"), language))
        rates = trend(lines, {0: "0%", 0.5: "50%", 1: "100%"}, title=title, height=90, width=width)
        title, key = first_up(translate(_("number of tasks"), language)), key_of(figures, language)
        return one_above_the_other(rates, stacked_columns(rows, key, language, title=title, height=140, width=width))

    return Chart(
        name="completion",
        title=first_up(translate(_("completion by week"), language)),
        finding=write_progress(figures, language),
        description=description,
        notes=(first_up(translate(FORMULA, language)),),
        spec=spec(WIDTH),
        wide=spec(WIDE),
        table=_table(stands, language, lists),
    )


def short_day(day: date, language: str) -> str:
    """ "27/06" or "27 June"."""
    return Words(language).day(day)[:-5]


def _point(day: date, rate: Fraction | None, language: str) -> Point:
    tip = f"{Words(language).day(day)}: {percent(rate, language)}"
    return Point(None if rate is None else float(rate), tip)


def _end(rate: Fraction | None, words: str, language: str) -> str:
    return "" if rate is None else f"{percent(rate, language)} {translate(words, language)}"


def _column(stand: WeekStand, language: str, lists: Lists) -> Row:
    parts = parts_of(stand.figures, Words(language).day(stand.ends_on), language, partial(lists, cutoff=stand.ends_on))
    return Row(short_day(stand.ends_on, language), parts)


def _table(stands: tuple[WeekStand, ...], language: str, lists: Lists) -> Table:
    write = Words(language)
    heads = (_("week up to"), *(FIGURE_WORDS[name] for name in (*HEADS, *RATES)))
    return Table(
        heads=tuple(first_up(translate(head, language)) for head in heads),
        rows=tuple(
            (
                write.day(stand.ends_on),
                *number_cells(stand.figures, language, partial(lists, cutoff=stand.ends_on)),
                percent(stand.figures.completion.rate, language),
                percent(stand.figures.completion.of_all, language),
            )
            for stand in stands
        ),
    )
