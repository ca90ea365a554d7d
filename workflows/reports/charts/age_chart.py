"""How late the late tasks are: a bar for each band of days."""

from datetime import date

from models.i18n import _, _n, translate
from notifications.composing.wording import Words, first_up
from workflows.reports.charts.builders import WIDE, WIDTH, Part, Row, stacked_bars
from workflows.reports.charts.chart import Chart, Lists, Spec, Table, cell, no_lists
from workflows.reports.charts.chart_figures import Pictures
from workflows.reports.report_figures import FIGURE_WORDS
from workflows.rules.figures.lateness import BANDS, Band
from workflows.rules.tasks.classification import Bucket

_LATE = Bucket.OPEN_OVERDUE.value
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
        finding=_finding(pictures, language),
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


def _finding(pictures: Pictures, language: str) -> str:
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
