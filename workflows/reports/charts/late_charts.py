"""What is late, in bars: by how many days, and why as far as anybody said."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from models.i18n import _, _n, translate
from notifications.composing.wording import Words, first_up
from workflows.reports.charts.builders import WIDE, WIDTH, Part, Row, stacked_bars
from workflows.reports.charts.chart import Chart, Lists, Spec, Table, cell, no_lists
from workflows.reports.charts.chart_figures import Pictures
from workflows.reports.report_figures import FIGURE_WORDS
from workflows.rules.figures.lateness import BANDS, Band
from workflows.rules.tasks.classification import Bucket

_WAITS, _LATE = "due_soon", Bucket.OPEN_OVERDUE.value
_LEAST = 5  # tasks that fill a bar at least
_LONG = 31  # days


def draw_ages(pictures: Pictures, language: str, lists: Lists = no_lists) -> Chart:
    """Return what is not done and overdue at the cut-off, by calendar days since its date."""
    write, late = Words(language), pictures.figures.open_overdue
    names = [first_up(_name(band, language)) for band in BANDS]
    links = [_address(band, pictures.cutoff, lists) if count else "" for band, count in _counted(pictures)]
    key = {_LATE: f"{first_up(translate(FIGURE_WORDS[_LATE], language))}: {write.count(late)}"}
    rows = [
        Row(name, (Part(_LATE, count, f"{name}: {write.count(count)}", link),) if count else (), write.count(count))
        for name, link, count in zip(names, links, pictures.ages, strict=True)
    ]

    def spec(width: int) -> Spec:
        return stacked_bars(rows, key, least=_LEAST, width=width)

    heads = (_("days late"), FIGURE_WORDS[_LATE])
    return Chart(
        name="ages",
        title=first_up(translate(_("late tasks by days since their date"), language)),
        finding=_say_how_late(pictures, language),
        description="; ".join(f"{name}: {write.count(n)}" for name, n in zip(names, pictures.ages, strict=True)),
        notes=(),
        spec=spec(WIDTH),
        wide=spec(WIDE),
        table=Table(
            heads=tuple(first_up(translate(head, language)) for head in heads),
            rows=tuple(
                (name, cell(write.count(count), link))
                for name, link, count in zip(names, links, pictures.ages, strict=True)
            ),
        ),
    )


def _counted(pictures: Pictures) -> list[tuple[Band, int]]:
    return list(zip(BANDS, pictures.ages, strict=True))


def _address(band: Band, cutoff: date, lists: Lists) -> str:
    return lists(_LATE, first=band.first_due(cutoff), last=band.last_due(cutoff))


def _name(band: Band, language: str) -> str:
    if band.most is None:
        return translate(_("more than {count} days late"), language, count=band.least - 1)
    return translate(_("{first} to {last} days late"), language, first=band.least, last=band.most)


def _say_how_late(pictures: Pictures, language: str) -> str:
    late = pictures.figures.open_overdue
    if not late:
        return translate(_("Nothing is overdue."), language)
    long = sum(count for band, count in _counted(pictures) if band.least >= _LONG)
    return translate(
        _n(
            "{count} task is overdue, {long} of it by more than {days} days",
            "{count} tasks are overdue, {long} of them by more than {days} days",
        ),
        language,
        count=Words(language).count(late),
        long=Words(language).count(long),
        days=_LONG - 1,
    )


@dataclass(frozen=True)
class Reason:
    """One reason and how many late tasks have it; `waits` for somebody other than the unit."""

    code: str
    words: str  # a message id
    count: int
    waits: bool


def draw_reasons(reasons: Sequence[Reason], language: str, address: Callable[[str], str]) -> Chart:
    """Return the reasons in the order given, those of no task in the table alone; `address` leads from a reason's code
    to its tasks.
    """
    write = Words(language)
    names = [first_up(translate(one.words, language)) for one in reasons]
    late = sum(one.count for one in reasons)
    waiting = sum(one.count for one in reasons if one.waits)
    key: Mapping[str, str] = {
        _WAITS: translate(_("Waiting for somebody else: {count}"), language, count=write.count(waiting)),
        _LATE: translate(_("In the unit's hands: {count}"), language, count=write.count(late - waiting)),
    }

    def parts(one: Reason, name: str) -> tuple[Part, ...]:
        place = _WAITS if one.waits else _LATE
        tip = f"{name}: {write.count(one.count)}"
        return (Part(place, one.count, tip, address(one.code)),)

    given = [(one, name) for one, name in zip(reasons, names, strict=True) if one.count]
    rows = [Row(name, parts(one, name), write.count(one.count)) for one, name in given]

    def spec(width: int) -> Spec:
        return stacked_bars(rows, key, least=_LEAST, width=width)

    return Chart(
        name="reasons",
        title=first_up(translate(_("reasons for delay"), language)),
        finding=_say_why(reasons, names, late, language),
        description="; ".join(f"{name}: {write.count(one.count)}" for one, name in given),
        notes=(translate(_("As of now. A task has one reason: the first of these that holds."), language),),
        spec=spec(WIDTH),
        wide=spec(WIDE),
        table=Table(
            heads=tuple(first_up(translate(head, language)) for head in (_("reason"), FIGURE_WORDS[_LATE])),
            rows=tuple(
                (name, cell(write.count(one.count), address(one.code) if one.count else ""))
                for one, name in zip(reasons, names, strict=True)
            ),
        ),
    )


def _say_why(reasons: Sequence[Reason], names: Sequence[str], late: int, language: str) -> str:
    one, name = max(zip(reasons, names, strict=True), key=lambda pair: pair[0].count)
    return translate(
        _n("Most often: {reason} ({most} of {count} late task)", "Most often: {reason} ({most} of {count} late tasks)"),
        language,
        reason=name[:1].lower() + name[1:],
        most=Words(language).count(one.count),
        count=Words(language).count(late),
    )
