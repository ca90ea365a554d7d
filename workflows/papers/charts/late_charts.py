"""Bar charts of late tasks: by how many days they are late, and for which reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from models.i18n import _, _n
from notifications.composing.wording import WrittenWords, first_up
from workflows.papers.charts.builders import BarPart, BarRow, make_chart, stacked_bars
from workflows.papers.charts.chart import Chart, TaskLinks, cell, no_links
from workflows.papers.charts.chart_figures import ChartFigures
from workflows.reports.report_figures import FIGURE_WORDS
from workflows.rules.figures.lateness import BANDS, Band
from workflows.rules.tasks.classification import Bucket

_WAITS, _LATE = "due_soon", Bucket.OPEN_OVERDUE.value
_FEWEST_IN_FULL_BAR = 5  # tasks
_LONG = 31  # days


def draw_ages(figures: ChartFigures, language: str, links: TaskLinks = no_links) -> Chart:
    """Draw how many tasks are overdue at the cut-off, by calendar days since their deadline."""
    write, late = WrittenWords(language), figures.figures.open_overdue
    ages = [
        _Age(first_up(_name(band, write)), count, _link_to_band(band, figures.cutoff, links) if count else "")
        for band, count in _count_by_band(figures)
    ]
    key = {_LATE: f"{write.up(FIGURE_WORDS[_LATE])}: {write.count(late)}"}
    rows = [BarRow(age.name, _bar_parts(age, write), write.count(age.count)) for age in ages]
    return make_chart(
        write,
        "ages",
        _("late tasks by days since their date"),
        lambda width: stacked_bars(rows, key, least=_FEWEST_IN_FULL_BAR, width=width),
        finding=_say_how_late(figures, write),
        description="; ".join(f"{age.name}: {write.count(age.count)}" for age in ages),
        heads=(_("days late"), FIGURE_WORDS[_LATE]),
        rows=((age.name, cell(write.count(age.count), age.link)) for age in ages),
    )


@dataclass(frozen=True)
class _Age:
    """The number of tasks late by the days of one band, and the address of their list."""

    name: str
    count: int
    link: str


def _bar_parts(age: _Age, write: WrittenWords) -> tuple[BarPart, ...]:
    if not age.count:
        return ()
    return (BarPart(_LATE, age.count, f"{age.name}: {write.count(age.count)}", age.link),)


def _count_by_band(figures: ChartFigures) -> list[tuple[Band, int]]:
    return list(zip(BANDS, figures.ages, strict=True))


def _link_to_band(band: Band, cutoff: date, links: TaskLinks) -> str:
    return links(_LATE, first=band.first_due(cutoff), last=band.last_due(cutoff))


def _name(band: Band, write: WrittenWords) -> str:
    if band.most is None:
        return write.say(_("more than {count} days late"), count=band.least - 1)
    return write.say(_("{first} to {last} days late"), first=band.least, last=band.most)


def _say_how_late(figures: ChartFigures, write: WrittenWords) -> str:
    late = figures.figures.open_overdue
    if not late:
        return write.say(_("Nothing is overdue."))
    message = _n(
        "{count} task is overdue, {long} of it by more than {days} days",
        "{count} tasks are overdue, {long} of them by more than {days} days",
    )
    long = sum(count for band, count in _count_by_band(figures) if band.least >= _LONG)
    return write.say(message, count=late, long=long, days=_LONG - 1)


@dataclass(frozen=True)
class ReasonCount:
    """A reason, and the number of late tasks that have it."""

    code: str
    words: str  # a message id
    count: int
    waits: bool  # for somebody other than the unit


def draw_reasons(reasons: Sequence[ReasonCount], language: str, link_to_reason: Callable[[str], str]) -> Chart:
    """Draw a bar for each reason, in the order given. A reason without tasks stands only in the table.

    `link_to_reason` gives the address of the tasks with a reason, by its code.
    """
    write = WrittenWords(language)
    named_reasons = [(reason, write.up(reason.words)) for reason in reasons]
    late = sum(reason.count for reason in reasons)
    waiting = sum(reason.count for reason in reasons if reason.waits)
    key = {
        _WAITS: write.say(_("Waiting for somebody else: {count}"), count=waiting),
        _LATE: write.say(_("In the unit's hands: {count}"), count=late - waiting),
    }

    def bar_part(reason: ReasonCount, name: str) -> BarPart:
        place, tip = _WAITS if reason.waits else _LATE, f"{name}: {write.count(reason.count)}"
        return BarPart(place, reason.count, tip, link_to_reason(reason.code))

    drawn_reasons = [(reason, name) for reason, name in named_reasons if reason.count]
    rows = [BarRow(name, (bar_part(reason, name),), write.count(reason.count)) for reason, name in drawn_reasons]
    return make_chart(
        write,
        "reasons",
        _("reasons for delay"),
        lambda width: stacked_bars(rows, key, least=_FEWEST_IN_FULL_BAR, width=width),
        finding=_say_why(named_reasons, late, write),
        description="; ".join(f"{name}: {write.count(reason.count)}" for reason, name in drawn_reasons),
        notes=(write.say(_("As of now. A task has one reason: the first of these that holds.")),),
        heads=(_("reason"), FIGURE_WORDS[_LATE]),
        rows=(
            (name, cell(write.count(reason.count), link_to_reason(reason.code) if reason.count else ""))
            for reason, name in named_reasons
        ),
    )


def _say_why(named_reasons: Sequence[tuple[ReasonCount, str]], late: int, write: WrittenWords) -> str:
    most, name = max(named_reasons, key=lambda pair: pair[0].count)
    return write.say(
        _n("Most often: {reason} ({most} of {count} late task)", "Most often: {reason} ({most} of {count} late tasks)"),
        reason=name[:1].lower() + name[1:],
        most=most.count,
        count=late,
    )
