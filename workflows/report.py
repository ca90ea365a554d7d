"""The official report at a cut-off: the two by two, whole and by directive, duty and unit, from history alone."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from models.directive import Directive, Duty, directive_name
from models.i18n import _, translate
from models.unit import Unit
from workflows.counted_history import counted_history, directive_of_code, is_provisional
from workflows.rules.classification import Bucket, Figures, classify, fold, percent

FORMULA = _("completion rate = done / (done + not done and overdue)")
FIGURE_WORDS = {
    "total": _("total"), "done_on_time": _("done on time"), "done_late": _("done late"),
    "open_in_time": _("open in time"), "open_overdue": _("open overdue"), "no_deadline": _("without a date"),
    "rate_text": _("completion rate"),
}  # fmt: skip
"""How the figures are called, by their names in `report_json`."""


@dataclass(frozen=True)
class Line:
    """One row of a breakdown: figures by the current dates and by the original ones."""

    directive: str  # the directive's code; empty for a unit
    code: str  # the directive's code, the duty's path or the unit's code
    name: str
    figures: Figures
    on_original: Figures


@dataclass(frozen=True)
class Report:
    """What was recorded by 24:00 local of `cutoff`; `provisional` (tạm tính) until the sealer has passed it.

    Units stand in Vietnamese alphabetical order, by the lead at the cut-off: a ranking is a leader's to publish.
    """

    cutoff: date
    provisional: bool
    directive: str | None
    figures: Figures
    on_original: Figures
    by_directive: tuple[Line, ...]
    by_duty: tuple[Line, ...]
    by_unit: tuple[Line, ...]


class _Place(NamedTuple):
    """Where one task is counted."""

    duty: UUID
    unit: UUID
    bucket: Bucket
    on_original: Bucket
    undated: bool  # open and without a date


_Places = Counter[_Place]


def report(
    session: Session, *, cutoff: date, directive: str | None = None, among: ColumnElement[bool] | None = None
) -> Report:
    """The figures at a cut-off day, of one directive (by code) or of all; of the tasks `among`, if that is given.

    Asked again later it comes out the same: only history recorded by then is read. NotFound for an unknown code.
    """
    directive_id = None if directive is None else directive_of_code(session, directive)
    places: _Places = Counter()
    for duty, rows in counted_history(session, cutoff, directive_id, among):
        task = fold(rows, cutoff)
        if task.counts and task.lead_unit is not None:
            bucket, on_original = (classify(task, cutoff), classify(task, cutoff, on_original=True))
            undated = bucket is Bucket.OPEN_IN_TIME and task.due_on is None
            places[_Place(duty, task.lead_unit, bucket, on_original, undated)] += 1
    duties, units = _duties(session), _units(session)
    return Report(
        cutoff=cutoff,
        provisional=is_provisional(session, cutoff, directive_id),
        directive=directive,
        figures=_figures(places),
        on_original=_figures(places, on_original=True),
        by_directive=_lines(places, lambda place: duties[place.duty][0]),
        by_duty=_lines(places, lambda place: duties[place.duty][1]),
        by_unit=_lines(places, lambda place: units[place.unit]),
    )


class _Row(NamedTuple):
    """A line's place in its table (`order`) and its names."""

    order: tuple[str | int, ...]
    directive: str
    code: str
    name: str


def _duties(session: Session) -> dict[UUID, tuple[_Row, _Row]]:
    """By duty, the lines of its directive and of itself."""
    of_directive = (col(Directive.code), col(Directive.kind), col(Directive.number), col(Directive.subject))
    query = select(col(Duty.id), col(Duty.position), col(Duty.path), col(Duty.title), *of_directive)
    query = query.join(Directive, col(Directive.id) == col(Duty.directive_id))
    return {
        duty: (
            _Row((code,), code, code, directive_name(kind, number, subject)),
            _Row((code, position, path), code, path, title),
        )
        for duty, position, path, title, code, kind, number, subject in session.execute(query)
    }


def _units(session: Session) -> dict[UUID, _Row]:
    query = select(col(Unit.id), col(Unit.sort_key), col(Unit.code), col(Unit.name))
    return {unit: _Row((order, code), "", code, name) for unit, order, code, name in session.execute(query)}


def _lines(places: _Places, row_of: Callable[[_Place], _Row]) -> tuple[Line, ...]:
    parts: dict[_Row, _Places] = {}
    for place, count in places.items():
        parts.setdefault(row_of(place), Counter())[place] += count
    return tuple(
        Line(row.directive, row.code, row.name, _figures(part), _figures(part, on_original=True))
        for row, part in sorted(parts.items())
    )


def _figures(places: _Places, *, on_original: bool = False) -> Figures:
    buckets: Counter[Bucket] = Counter()
    for place, count in places.items():
        buckets[place.on_original if on_original else place.bucket] += count
    return Figures.counted(buckets, no_deadline=sum(n for place, n in places.items() if place.undated))


def report_json(report: Report, language: str = "vi") -> dict[str, Any]:
    """The report for `--json`: the figures flat at the top level, the breakdowns as arrays."""
    return {
        "cutoff": report.cutoff.isoformat(),
        "provisional": report.provisional,
        "directive": report.directive,
        **_figures_json(report.figures, language),
        "formula": translate(FORMULA, language),
        "on_original": _figures_json(report.on_original, language),
        "by_directive": [_line_json(line, language) for line in report.by_directive],
        "by_duty": [_line_json(line, language) for line in report.by_duty],
        "by_unit": [_line_json(line, language) for line in report.by_unit],
    }


def _figures_json(figures: Figures, language: str) -> dict[str, Any]:
    names = ("total", "done", "done_on_time", "done_late", "open", "open_in_time", "open_overdue", "no_deadline")
    exact = figures.rate
    return {
        **{name: getattr(figures, name) for name in names},
        "rate": None if exact is None else float(exact),
        "rate_exact": None if exact is None else f"{figures.done}/{figures.done + figures.open_overdue}",
        "rate_text": percent(exact, language),
    }


def _line_json(line: Line, language: str) -> dict[str, Any]:
    return {
        "directive": line.directive,
        "code": line.code,
        "name": line.name,
        **_figures_json(line.figures, language),
        "on_original": _figures_json(line.on_original, language),
    }
