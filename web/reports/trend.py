"""A unit's dates period by period: the on-time rate as a line above, what became of the dates as columns beneath."""

from collections.abc import Iterator, Sequence
from datetime import date

from models.i18n import _, translate
from notifications.composing.wording import Words, first_up
from web.reports.scorecard_words import COLUMN_WORDS, write_card, write_period, write_share
from workflows.reports.charts.column_chart import Plot, scale, scale_room, stacks
from workflows.reports.charts.legend import legend
from workflows.reports.charts.shapes import WIDTH, Label, Mark, Picture, Shape, Table, Trace, text_width
from workflows.reports.scorecards.scorecard_reads import UnitCards
from workflows.rules.calendar.periods import Period
from workflows.rules.figures.fairness import FORMULA
from workflows.rules.figures.scorecard_figures import FEWEST_TASKS, Card, Dues
from workflows.rules.tasks.classification import Figures

_HEADS = ("due", "on_time", "late", "overdue", "rate", "original", "days_late")


def draw_trend(unit: UnitCards, periods: Sequence[Period], cutoff: date, language: str) -> Picture:
    """Return the last of the unit's periods, as many as are given. A rate of too few tasks is hollow and joined to
    none.
    """
    write, cards = Words(language), unit.by_period[-len(periods) :]
    figures = [_figures(card.due) for card in cards]
    room = max(text_width("100%") + 6, scale_room(figures, language))
    shapes: list[Shape] = [Label(0, 12, first_up(translate(COLUMN_WORDS["rate"], language)), "strong")]
    rates = Plot(top=24, foot=104, left=room, columns=len(cards))
    shapes += scale(rates, [(0, "0%"), (0.5, "50%"), (1, "100%")])
    shapes += _rates(cards, rates)
    shapes.append(Label(0, 134, first_up(translate(_("number of tasks"), language)), "strong"))
    columns = Plot(top=146, foot=266, left=room, columns=len(cards))
    names = [write_period(period, language) for period in periods]
    shapes += stacks(columns, figures, names, language)
    shapes += _labels(columns, periods, language)
    key, foot = legend(_figures(unit.whole.due), 310, language)
    return Picture(
        name="trend",
        title=first_up(translate(_("dates met over time"), language)),
        description=_gist(cards, names, cutoff, language, write),
        notes=(
            translate(FORMULA, language),
            translate(_("hollow: fewer than {count} tasks"), language, count=FEWEST_TASKS),
        ),
        height=foot,
        shapes=(*shapes, *key),
        table=Table(
            heads=tuple(
                first_up(translate(head, language)) for head in (_("period"), *(COLUMN_WORDS[n] for n in _HEADS))
            ),
            rows=tuple(
                (name, *(write_card(card, language)[head] for head in _HEADS))
                for name, card in zip(names, cards, strict=True)
            ),
        ),
    )


def _figures(due: Dues) -> Figures:
    return Figures(done_on_time=due.on_time, done_late=due.late, open_overdue=due.overdue, open_in_time=due.today)


def _gist(cards: Sequence[Card], names: Sequence[str], cutoff: date, language: str, write: Words) -> str:
    """Return how it went, in words: the last period that can be compared, and the one before it that can."""
    known = [
        (name, float(card.due.rate))
        for name, card in zip(names, cards, strict=True)
        if card.due.rate is not None and not card.due.is_few
    ]
    if len(known) < 2:
        message = _("up to {day}: too few tasks to tell a course")
        return first_up(translate(message, language, day=write.day(cutoff)))
    (before, rate_before), (last, rate) = known[-2:]
    return translate(
        _("{last}: {rate} on time; {before}: {rate_before}"),
        language,
        last=last,
        rate=write_share(rate),
        before=before,
        rate_before=write_share(rate_before),
    )


def _rates(cards: Sequence[Card], plot: Plot) -> Iterator[Shape]:
    line: list[tuple[float, float]] = []
    lines = [line]
    for column, card in enumerate(cards):
        rate = card.due.rate
        if rate is None or card.due.is_few:
            line = []
            lines.append(line)
        else:
            line.append((plot.middle(column), plot.height(float(rate))))
    yield from (Trace(tuple(points), "line") for points in lines if len(points) > 1)
    for column, card in enumerate(cards):
        if card.due.rate is not None:
            yield Mark(plot.middle(column), plot.height(float(card.due.rate)), "dot", "off" if card.due.is_few else "")


_QUARTERS = {"Q1": "Quý I", "Q2": "Quý II", "Q3": "Quý III", "Q4": "Quý IV"}


def _labels(plot: Plot, periods: Sequence[Period], language: str) -> Iterator[Shape]:
    """Yield the month or quarter beneath each column, and the year beneath the first of each."""
    for column, period in enumerate(periods):
        part = period.key.rpartition("-")[2]
        text = _QUARTERS.get(part, part) if language == "vi" else part
        yield Label(plot.middle(column), plot.foot + 16, text, "quiet", "middle")
        if column == 0 or period.first_day.year != periods[column - 1].first_day.year:
            year = str(period.first_day.year)
            half = text_width(year) / 2
            yield Label(min(max(plot.middle(column), half), WIDTH - half), plot.foot + 32, year, "quiet", "middle")
