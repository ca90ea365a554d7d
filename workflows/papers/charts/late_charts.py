"""What is late, in bars: by how many days, and why as far as anybody said."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from models.i18n import _, _n
from notifications.composing.wording import WrittenWords, first_up
from workflows.papers.charts.builders import BarPart, BarRow, make_chart, stacked_bars
from workflows.papers.charts.chart import Chart, Lists, cell, no_lists
from workflows.papers.charts.chart_figures import Pictures
from workflows.reports.report_figures import FIGURE_WORDS
from workflows.rules.figures.lateness import BANDS, Band
from workflows.rules.tasks.classification import Bucket

_WAITS, _LATE = "due_soon", Bucket.OPEN_OVERDUE.value
_LEAST = 5  # tasks that fill a bar at least
_LONG = 31  # days


def draw_ages(pictures: Pictures, language: str, lists: Lists = no_lists) -> Chart:
    """Return what is not done and overdue at the cut-off, by calendar days since its date."""
    write, late = WrittenWords(language), pictures.figures.open_overdue
    names = [first_up(_name(band, write)) for band in BANDS]
    links = [_address(band, pictures.cutoff, lists) if count else "" for band, count in _counted(pictures)]
    counted = list(zip(names, links, pictures.ages, strict=True))
    key = {_LATE: f"{write.up(FIGURE_WORDS[_LATE])}: {write.count(late)}"}
    rows = [
        BarRow(
            name, (BarPart(_LATE, count, f"{name}: {write.count(count)}", link),) if count else (), write.count(count)
        )
        for name, link, count in counted
    ]
    return make_chart(
        write,
        "ages",
        _("late tasks by days since their date"),
        lambda width: stacked_bars(rows, key, least=_LEAST, width=width),
        finding=_say_how_late(pictures, write),
        description="; ".join(f"{name}: {write.count(count)}" for name, _link, count in counted),
        heads=(_("days late"), FIGURE_WORDS[_LATE]),
        rows=((name, cell(write.count(count), link)) for name, link, count in counted),
    )


def _counted(pictures: Pictures) -> list[tuple[Band, int]]:
    return list(zip(BANDS, pictures.ages, strict=True))


def _address(band: Band, cutoff: date, lists: Lists) -> str:
    return lists(_LATE, first=band.first_due(cutoff), last=band.last_due(cutoff))


def _name(band: Band, write: WrittenWords) -> str:
    if band.most is None:
        return write.say(_("more than {count} days late"), count=band.least - 1)
    return write.say(_("{first} to {last} days late"), first=band.least, last=band.most)


def _say_how_late(pictures: Pictures, write: WrittenWords) -> str:
    late = pictures.figures.open_overdue
    if not late:
        return write.say(_("Nothing is overdue."))
    message = _n(
        "{count} task is overdue, {long} of it by more than {days} days",
        "{count} tasks are overdue, {long} of them by more than {days} days",
    )
    long = sum(count for band, count in _counted(pictures) if band.least >= _LONG)
    return write.say(message, count=late, long=long, days=_LONG - 1)


@dataclass(frozen=True)
class ReasonCount:
    """One reason and how many late tasks have it; `waits` for somebody other than the unit."""

    code: str
    words: str  # a message id
    count: int
    waits: bool


def draw_reasons(reasons: Sequence[ReasonCount], language: str, address: Callable[[str], str]) -> Chart:
    """Return the reasons in order, those of no task in the table alone; `address` leads from a code to its tasks."""
    write = WrittenWords(language)
    named = [(one, write.up(one.words)) for one in reasons]
    late = sum(one.count for one in reasons)
    waiting = sum(one.count for one in reasons if one.waits)
    key = {
        _WAITS: write.say(_("Waiting for somebody else: {count}"), count=waiting),
        _LATE: write.say(_("In the unit's hands: {count}"), count=late - waiting),
    }

    def part(one: ReasonCount, name: str) -> BarPart:
        place, tip = _WAITS if one.waits else _LATE, f"{name}: {write.count(one.count)}"
        return BarPart(place, one.count, tip, address(one.code))

    given = [(one, name) for one, name in named if one.count]
    rows = [BarRow(name, (part(one, name),), write.count(one.count)) for one, name in given]
    return make_chart(
        write,
        "reasons",
        _("reasons for delay"),
        lambda width: stacked_bars(rows, key, least=_LEAST, width=width),
        finding=_say_why(named, late, write),
        description="; ".join(f"{name}: {write.count(one.count)}" for one, name in given),
        notes=(write.say(_("As of now. A task has one reason: the first of these that holds.")),),
        heads=(_("reason"), FIGURE_WORDS[_LATE]),
        rows=((name, cell(write.count(one.count), address(one.code) if one.count else "")) for one, name in named),
    )


def _say_why(named: Sequence[tuple[ReasonCount, str]], late: int, write: WrittenWords) -> str:
    most, name = max(named, key=lambda pair: pair[0].count)
    return write.say(
        _n("Most often: {reason} ({most} of {count} late task)", "Most often: {reason} ({most} of {count} late tasks)"),
        reason=name[:1].lower() + name[1:],
        most=most.count,
        count=late,
    )
