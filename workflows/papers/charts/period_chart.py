"""A chart of this month or quarter and the one before: the tasks that fell due, and how many were done on time."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from models.i18n import _
from notifications.composing.wording import WrittenWords
from workflows.papers.charts.builders import BarRow, make_chart, stacked_bars
from workflows.papers.charts.chart import Chart, TaskLinks, no_links
from workflows.papers.charts.places import HEADS, add_up, key_of, number_cells, parts_of
from workflows.reports.report_figures import FIGURE_WORDS
from workflows.rules.calendar.periods import Period
from workflows.rules.figures.scorecard_figures import Dues, Every
from workflows.rules.tasks.classification import Figures

_TITLES = {Every.MONTH: _("this month and the one before"), Every.QUARTER: _("this quarter and the one before")}


@dataclass(frozen=True)
class PeriodDues:
    period: Period
    name: str  # in the reader's language
    due: Dues  # up to the cut-off

    @property
    def figures(self) -> Figures:
        due = self.due
        return Figures(done_on_time=due.on_time, done_late=due.late, open_overdue=due.overdue, open_in_time=due.today)


def draw_periods(
    previous: PeriodDues, current: PeriodDues, every: Every, cutoff: date, language: str, links: TaskLinks = no_links
) -> Chart:
    """Draw the period of the cut-off above the period before it, on one scale."""
    write, periods = WrittenWords(language), (current, previous)

    def link_to(dues: PeriodDues, figure: str) -> str:
        return links(figure, first=dues.period.first_day, last=min(dues.period.last_day, cutoff))

    rows = [
        BarRow(
            _label(dues, cutoff, write),
            parts_of(dues.figures, dues.name, language, partial(link_to, dues)),
            f"{write.count(dues.due.on_time)} / {write.count(dues.due.total)}",
        )
        for dues in periods
    ]
    key, head = key_of(add_up([dues.figures for dues in periods]), language), write.say(_("on time / fallen due"))
    return make_chart(
        write,
        "periods",
        _TITLES[every],
        lambda width: stacked_bars(rows, key, note_head=head, least=5, width=width),
        finding="; ".join(_say_on_time(dues, write) for dues in periods),
        description="; ".join(_say_counts(dues, write) for dues in periods),
        heads=(_("period"), *(FIGURE_WORDS[name] for name in HEADS)),
        rows=(
            (_label(dues, cutoff, write), *number_cells(dues.figures, language, partial(link_to, dues)))
            for dues in periods
        ),
    )


def _label(dues: PeriodDues, cutoff: date, write: WrittenWords) -> str:
    if dues.period.last_day <= cutoff:
        return dues.name
    return write.say(_("{period}, up to {day}"), period=dues.name, day=cutoff)


def _say_on_time(dues: PeriodDues, write: WrittenWords) -> str:
    if not dues.due.total:
        return write.say(_("{period}: nothing fell due"), period=dues.name)
    message = _("{period}: {on_time} of {total} on time")
    return write.say(message, period=dues.name, on_time=dues.due.on_time, total=dues.due.total)


def _say_counts(dues: PeriodDues, write: WrittenWords) -> str:
    return write.say(
        _("{period}: {total} fell due, {on_time} done on time, {late} done late, {overdue} not done and overdue"),
        period=dues.name,
        total=dues.due.total,
        on_time=dues.due.on_time,
        late=dues.due.late,
        overdue=dues.due.overdue,
    )
