"""This month or quarter beside the one before: what fell due in each, and what became of it."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from models.i18n import _, translate
from notifications.composing.wording import Words, first_up
from workflows.reports.charts.builders import WIDE, WIDTH, Row, stacked_bars
from workflows.reports.charts.chart import Chart, Lists, Spec, Table, no_lists
from workflows.reports.charts.places import HEADS, add_up, key_of, number_cells, parts_of
from workflows.reports.report_figures import FIGURE_WORDS
from workflows.rules.calendar.periods import Period
from workflows.rules.figures.scorecard_figures import Dues, Every
from workflows.rules.tasks.classification import Figures

_TITLES = {Every.MONTH: _("this month and the one before"), Every.QUARTER: _("this quarter and the one before")}


@dataclass(frozen=True)
class PeriodDues:
    """What fell due in a period up to the cut-off; `name` is written already."""

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
    write, both = Words(language), (now, before)

    def address(one: PeriodDues, figure: str) -> str:
        return lists(figure, first=one.period.first_day, last=min(one.period.last_day, cutoff))

    rows = [
        Row(
            _label(one, cutoff, language),
            parts_of(one.figures, one.name, language, partial(address, one)),
            f"{write.count(one.due.on_time)} / {write.count(one.due.total)}",
        )
        for one in both
    ]
    key = key_of(add_up([one.figures for one in both]), language)

    def spec(width: int) -> Spec:
        return stacked_bars(rows, key, note_head=translate(_("on time / fallen due"), language), least=5, width=width)

    return Chart(
        name="periods",
        title=first_up(translate(_TITLES[every], language)),
        finding="; ".join(_gist(one, language) for one in both),
        description="; ".join(_counts(one, language) for one in both),
        notes=(),
        spec=spec(WIDTH),
        wide=spec(WIDE),
        table=Table(
            heads=tuple(first_up(translate(one, language)) for one in (_("period"), *(FIGURE_WORDS[n] for n in HEADS))),
            rows=tuple(
                (_label(one, cutoff, language), *number_cells(one.figures, language, partial(address, one)))
                for one in both
            ),
        ),
    )


def _label(one: PeriodDues, cutoff: date, language: str) -> str:
    if one.period.last_day <= cutoff:
        return one.name
    return translate(_("{period}, up to {day}"), language, period=one.name, day=Words(language).day(cutoff))


def _gist(one: PeriodDues, language: str) -> str:
    if not one.due.total:
        return translate(_("{period}: nothing fell due"), language, period=one.name)
    return translate(
        _("{period}: {on_time} of {total} on time"),
        language,
        period=one.name,
        on_time=Words(language).count(one.due.on_time),
        total=Words(language).count(one.due.total),
    )


def _counts(one: PeriodDues, language: str) -> str:
    write, due = Words(language), one.due
    return translate(
        _("{period}: {total} fell due, {on_time} done on time, {late} done late, {overdue} not done and overdue"),
        language,
        period=one.name,
        total=write.count(due.total),
        on_time=write.count(due.on_time),
        late=write.count(due.late),
        overdue=write.count(due.overdue),
    )
