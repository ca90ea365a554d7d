"""The chart of a unit's trend: its on-time rate by period as a line, and its tasks by state as columns beneath."""

from collections.abc import Iterator, Sequence
from datetime import date

from models.i18n import _, translate
from notifications.composing.wording import WrittenWords, first_up
from web.reports.scorecard_words import COLUMN_WORDS, write_card, write_period
from workflows.papers.charts.builders import WIDE, WIDTH, BarRow, stack_charts, stacked_columns
from workflows.papers.charts.chart import Chart, ChartTable, Spec, no_links
from workflows.papers.charts.lines import ChartLine, Point, trend
from workflows.papers.charts.places import key_of, parts_of
from workflows.reports.scorecards.scorecard_reads import UnitCards
from workflows.rules.calendar.periods import Period
from workflows.rules.figures.fairness import FORMULA
from workflows.rules.figures.scorecard_figures import FEWEST_TASKS, Card, Dues, write_share
from workflows.rules.tasks.classification import Figures

_COLUMNS = ("due", "on_time", "late", "overdue", "rate", "original", "days_late")


def draw_trend(unit: UnitCards, periods: Sequence[Period], cutoff: date, language: str) -> Chart:
    """Draw the given periods, which are the unit's last. The point of a rate of too few tasks is hollow and alone."""
    write, cards = WrittenWords(language), unit.by_period[-len(periods) :]
    names = [write_period(period, language) for period in periods]
    points = [_point(card, name) for card, name in zip(cards, names, strict=True)]
    rows = [
        BarRow(label, parts_of(_figures(card.due), name, language, no_links))
        for card, name, label in zip(cards, names, _labels(periods, language), strict=True)
    ]

    def spec(width: int) -> Spec:
        title = first_up(translate(COLUMN_WORDS["rate"], language))
        rates = trend([ChartLine(points)], {0: "0%", 0.5: "50%", 1: "100%"}, title=title, height=80, width=width)
        title = first_up(translate(_("number of tasks"), language))
        key = key_of(_figures(unit.whole.due), language)
        return stack_charts(rates, stacked_columns(rows, key, language, title=title, height=120, width=width))

    return Chart(
        name="trend",
        title=first_up(translate(_("deadlines met over time"), language)),
        description=_describe(cards, names, cutoff, language, write),
        notes=(
            first_up(translate(FORMULA, language)),
            translate(_("hollow: fewer than {count} tasks"), language, count=FEWEST_TASKS),
        ),
        spec=spec(WIDTH),
        wide=spec(WIDE),
        table=ChartTable(
            heads=tuple(
                first_up(translate(head, language))
                for head in (_("period"), *(COLUMN_WORDS[column] for column in _COLUMNS))
            ),
            rows=tuple(
                (name, *(write_card(card, language)[column] for column in _COLUMNS))
                for name, card in zip(names, cards, strict=True)
            ),
        ),
    )


def _figures(due: Dues) -> Figures:
    return Figures(done_on_time=due.on_time, done_late=due.late, open_overdue=due.overdue, open_in_time=due.today)


def _describe(cards: Sequence[Card], names: Sequence[str], cutoff: date, language: str, write: WrittenWords) -> str:
    """Say the rates of the last two periods that have enough tasks to be compared."""
    rates = [
        (name, float(card.due.rate))
        for name, card in zip(names, cards, strict=True)
        if card.due.rate is not None and not card.due.is_few
    ]
    if len(rates) < 2:
        message = _("up to {day}: too few tasks to show a trend")
        return first_up(translate(message, language, day=write.day(cutoff)))
    (before, rate_before), (last, rate) = rates[-2:]
    return translate(
        _("{last}: {rate} on time; {before}: {rate_before}"),
        language,
        last=last,
        rate=write_share(rate),
        before=before,
        rate_before=write_share(rate_before),
    )


def _point(card: Card, name: str) -> Point:
    rate = None if card.due.rate is None else float(card.due.rate)
    return Point(rate, f"{name}: {'–' if rate is None else write_share(rate)}", card.due.is_few)


_QUARTERS = {"Q1": "Quý I", "Q2": "Quý II", "Q3": "Quý III", "Q4": "Quý IV"}


def _labels(periods: Sequence[Period], language: str) -> Iterator[str]:
    """Yield each column's month or quarter. The first one of a year has the year beneath it."""
    for column, period in enumerate(periods):
        part = period.key.rpartition("-")[2]
        text = _QUARTERS.get(part, part) if language == "vi" else part
        is_new = column == 0 or period.first_day.year != periods[column - 1].first_day.year
        yield f"{text}\n{period.first_day.year}" if is_new else text
