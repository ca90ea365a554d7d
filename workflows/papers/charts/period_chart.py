"""This month or quarter beside the one before: what fell due in each, and what became of it."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from models.i18n import _
from notifications.composing.wording import WrittenWords
from workflows.papers.charts.builders import BarRow, make_chart, stacked_bars
from workflows.papers.charts.chart import Chart, Lists, no_lists
from workflows.papers.charts.places import HEADS, add_up, key_of, number_cells, parts_of
from workflows.reports.report_figures import FIGURE_WORDS
from workflows.rules.calendar.periods import Period
from workflows.rules.figures.scorecard_figures import Dues, Every
from workflows.rules.tasks.classification import Figures

_TITLES = {Every.MONTH: _("this month and the one before"), Every.QUARTER: _("this quarter and the one before")}


@dataclass(frozen=True)
class PeriodDues:
    """`name` is written already; `due` reaches up to the cut-off."""

    period: Period
    name: str
    due: Dues

    @property
    def figures(self) -> Figures:
        due = self.due
        return Figures(done_on_time=due.on_time, done_late=due.late, open_overdue=due.overdue, open_in_time=due.today)


def draw_periods(
    before: PeriodDues, now: PeriodDues, every: Every, cutoff: date, language: str, lists: Lists = no_lists
) -> Chart:
    """Return the period of the cut-off above the one before it, on one scale."""
    write, both = WrittenWords(language), (now, before)

    def address(one: PeriodDues, figure: str) -> str:
        return lists(figure, first=one.period.first_day, last=min(one.period.last_day, cutoff))

    rows = [
        BarRow(
            _label(one, cutoff, write),
            parts_of(one.figures, one.name, language, partial(address, one)),
            f"{write.count(one.due.on_time)} / {write.count(one.due.total)}",
        )
        for one in both
    ]
    key, head = key_of(add_up([one.figures for one in both]), language), write.say(_("on time / fallen due"))
    return make_chart(
        write,
        "periods",
        _TITLES[every],
        lambda width: stacked_bars(rows, key, note_head=head, least=5, width=width),
        finding="; ".join(_gist(one, write) for one in both),
        description="; ".join(_counts(one, write) for one in both),
        heads=(_("period"), *(FIGURE_WORDS[name] for name in HEADS)),
        rows=(
            (_label(one, cutoff, write), *number_cells(one.figures, language, partial(address, one))) for one in both
        ),
    )


def _label(one: PeriodDues, cutoff: date, write: WrittenWords) -> str:
    if one.period.last_day <= cutoff:
        return one.name
    return write.say(_("{period}, up to {day}"), period=one.name, day=cutoff)


def _gist(one: PeriodDues, write: WrittenWords) -> str:
    if not one.due.total:
        return write.say(_("{period}: nothing fell due"), period=one.name)
    message = _("{period}: {on_time} of {total} on time")
    return write.say(message, period=one.name, on_time=one.due.on_time, total=one.due.total)


def _counts(one: PeriodDues, write: WrittenWords) -> str:
    return write.say(
        _("{period}: {total} fell due, {on_time} done on time, {late} done late, {overdue} not done and overdue"),
        period=one.name,
        total=one.due.total,
        on_time=one.due.on_time,
        late=one.due.late,
        overdue=one.due.overdue,
    )
