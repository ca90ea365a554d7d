"""The official report at a cut-off: the figures of all tasks and of each breakdown, from history alone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from models.directives.directive import Directive, Duty, directive_name
from models.i18n import Words, _, translate
from models.organization.unit import Unit, UnitKind
from models.words import period_words
from notifications.composing.wording import WrittenWords
from workflows.reports.counted_history import directive_of_code, is_provisional
from workflows.reports.counted_places import CountQuery
from workflows.reports.report_lines import (
    INCIDENT,
    ON_REQUEST,
    ONCE,
    CountedBy,
    LineCounts,
    TaskCount,
    count_places,
    tally,
)
from workflows.rules.calendar.periods import parse
from workflows.rules.tasks.classification import Completion, Figures, percent

FORMULA = _(
    "completion rate = done / (done + not done and overdue); tasks on schedule are left out, so the share of all "
    "tasks stands beside it"
)
FIGURE_WORDS = {
    "total": _("total"),
    "done_on_time": _("done on time"),
    "done_late": _("done late"),
    "open_in_time": _("open, on schedule"),
    "open_overdue": _("open overdue"),
    "no_deadline": _("without a deadline"),
    "rate_text": _("completion rate of tasks done or overdue"),
    "of_all_text": _("done of all tasks"),
}
RATES = ("rate_text", "of_all_text")
"""The two rates, which are always shown together."""
NUMBER_WORDS = {**FIGURE_WORDS, "done": _("done"), "open": _("not done")}


class Breakdown(StrEnum):
    """The breakdowns of a report. Their lines are its fields `by_…`."""

    DIRECTIVE = "directive"
    DUTY = "duty"
    KIND = "kind"
    UNIT = "unit"
    PARTNER = "partner"
    PERIOD = "period"


BREAKDOWN_WORDS = {
    Breakdown.DIRECTIVE: _("directive"),
    Breakdown.DUTY: _("duty"),
    Breakdown.KIND: _("kind of unit"),
    Breakdown.UNIT: _("lead unit"),
    Breakdown.PARTNER: _("coordinating unit"),
    Breakdown.PERIOD: _("period"),
}
NO_PERIOD_WORDS = {ONCE: _("once, without a period"), ON_REQUEST: _("on request"), INCIDENT: _("in an incident")}


@dataclass(frozen=True)
class ReportLine:
    """One line of a breakdown: the figures by the current and by the original deadlines."""

    directive: str  # the directive's code, or ""
    code: str  # the directive's code, the duty's path, the unit's code, the kind or the period
    name: str  # of a kind or a period: a message id
    figures: Figures
    on_original: Figures
    contributed: int | None = None  # of a coordinating unit: the tasks to which its contribution was recorded


@dataclass(frozen=True)
class Report:
    """The figures of what was recorded by 24:00 local of `cutoff`; `provisional` (tạm tính) until that is sealed.

    Units are those that lead at the cut-off, in Vietnamese alphabetical order. The lines of `by_partner` do not add up
    to the whole, as a task may have several coordinating units.
    """

    cutoff: date
    provisional: bool
    directive: str | None
    figures: Figures
    on_original: Figures
    by_directive: tuple[ReportLine, ...]
    by_duty: tuple[ReportLine, ...]
    by_kind: tuple[ReportLine, ...]
    by_unit: tuple[ReportLine, ...]
    by_partner: tuple[ReportLine, ...]
    by_period: tuple[ReportLine, ...]

    def lines(self, breakdown: Breakdown) -> tuple[ReportLine, ...]:
        lines: tuple[ReportLine, ...] = getattr(self, f"by_{breakdown}")
        return lines


def report(
    session: Session,
    *,
    cutoff: date,
    directive: str | None = None,
    among: ColumnElement[bool] | None = None,
    now: datetime | None = None,
) -> Report:
    """Count a report of one directive (by code) or all, and of the tasks that meet `among`.

    `now` (UTC) matters on the cut-off day itself: a task due at an hour of that day is late from that hour on. The same
    report comes out later, as only history recorded by the cut-off is read. Raise NotFound for an unknown code.
    """
    directive_id = None if directive is None else directive_of_code(session, directive)
    counts = count_places(session, CountQuery(cutoff, directive_id, among, now))
    duties, units = _read_duties(session, directive_id), _read_units(session)
    by = {key: [count for count in counts if count.by == key] for key in CountedBy}
    whole = tally(("", count) for count in by[CountedBy.DUTY]).get("", LineCounts())
    return Report(
        cutoff=cutoff,
        provisional=is_provisional(session, cutoff, directive_id),
        directive=directive,
        figures=whole.figures,
        on_original=whole.on_original,
        by_directive=_lines(by[CountedBy.DUTY], lambda key: duties[UUID(key)].directive),
        by_duty=_lines(by[CountedBy.DUTY], lambda key: duties[UUID(key)].duty),
        by_kind=_lines(by[CountedBy.UNIT], lambda key: _kind(units[UUID(key)].kind)),
        by_unit=_lines(by[CountedBy.UNIT], lambda key: units[UUID(key)].row),
        by_partner=_lines(by[CountedBy.PARTNER], lambda key: units[UUID(key)].row, has_shares=True),
        by_period=_lines(by[CountedBy.PERIOD], _period),
    )


class _LinePlace(NamedTuple):
    """The names of a line, and the key (`order`) that sorts it."""

    order: tuple[str | int | date, ...]
    directive: str
    code: str
    name: str


class _DutyLines(NamedTuple):
    directive: _LinePlace
    duty: _LinePlace


class _UnitLines(NamedTuple):
    row: _LinePlace
    kind: UnitKind


def _read_duties(session: Session, directive_id: UUID | None) -> dict[UUID, _DutyLines]:
    directive_columns = (col(Directive.code), col(Directive.kind), col(Directive.number), col(Directive.subject))
    query = select(col(Duty.id), col(Duty.position), col(Duty.path), col(Duty.title), *directive_columns)
    query = query.join(Directive, col(Directive.id) == col(Duty.directive_id))
    if directive_id is not None:
        query = query.where(col(Duty.directive_id) == directive_id)
    return {
        duty_id: _DutyLines(
            directive=_LinePlace((code,), code, code, directive_name(kind, number, subject)),
            duty=_LinePlace((code, position, path), code, path, title),
        )
        for duty_id, position, path, title, code, kind, number, subject in session.execute(query)
    }


def _read_units(session: Session) -> dict[UUID, _UnitLines]:
    query = select(col(Unit.id), col(Unit.sort_key), col(Unit.code), col(Unit.name), col(Unit.kind))
    return {
        unit_id: _UnitLines(_LinePlace((sort_key, code), "", code, name), kind)
        for unit_id, sort_key, code, name, kind in session.execute(query)
    }


def _kind(kind: UnitKind) -> _LinePlace:
    """Return the line of a kind of unit. Kinds stand in the register's order, from the ministry outward."""
    return _LinePlace((list(UnitKind).index(kind),), "", kind.value, kind.label)


def _period(key: str) -> _LinePlace:
    """Return the line of a period. Tasks without one come first, then periods by their first day, longest first."""
    if key in NO_PERIOD_WORDS:
        return _LinePlace((0, list(NO_PERIOD_WORDS).index(key)), "", key, NO_PERIOD_WORDS[key])
    words = period_words(key)
    if words is None:
        return _LinePlace((2, key), "", key, key)
    period = parse(key)
    return _LinePlace((1, period.first_day, -period.last_day.toordinal()), "", key, Words(words[0], **words[1]))


def _lines(
    counts: list[TaskCount], find_place: Callable[[str], _LinePlace], *, has_shares: bool = False
) -> tuple[ReportLine, ...]:
    places = {key: find_place(key) for key in {count.key for count in counts}}
    sums = tally((places[count.key], count) for count in counts)
    lines = []
    for place, line in sorted(sums.items(), key=lambda item: item[0].order):
        contributed = line.contributed if has_shares else None
        lines.append(ReportLine(place.directive, place.code, place.name, line.figures, line.on_original, contributed))
    return tuple(lines)


def line_name(line: ReportLine, language: str) -> str:
    """Return a line's name, translated if it is a kind or a period."""
    return translate(line.name, language) if isinstance(line.name, Words) else line.name


def write_completion(completion: Completion, language: str) -> str:
    """Return both rates for running text: "100,00% of tasks done or overdue; 1 of all 41 done"."""
    write = WrittenWords(language)
    return translate(
        _("{rate} of tasks done or overdue; {done} of all {total} done"),
        language,
        rate=percent(completion.rate, language),
        done=write.count(completion.done),
        total=write.count(completion.total),
    )


def report_json(report: Report, language: str = "vi") -> dict[str, Any]:
    """Return the report as plain values: the figures at the top level, the breakdowns as arrays."""
    return {
        "cutoff": report.cutoff.isoformat(),
        "provisional": report.provisional,
        "directive": report.directive,
        **_figures_json(report.figures, language),
        "formula": translate(FORMULA, language),
        "on_original": _figures_json(report.on_original, language),
        **{
            f"by_{breakdown}": [_line_json(line, language) for line in report.lines(breakdown)]
            for breakdown in Breakdown
        },
    }


def _figures_json(figures: Figures, language: str) -> dict[str, Any]:
    names = ("total", "done", "done_on_time", "done_late", "open", "open_in_time", "open_overdue", "no_deadline")
    rate, of_all = figures.completion.rate, figures.completion.of_all
    return {
        **{name: getattr(figures, name) for name in names},
        "rate": None if rate is None else float(rate),
        "rate_exact": None if rate is None else f"{figures.done}/{figures.done + figures.open_overdue}",
        "rate_text": percent(rate, language),
        "of_all": None if of_all is None else float(of_all),
        "of_all_exact": None if of_all is None else f"{figures.done}/{figures.total}",
        "of_all_text": percent(of_all, language),
    }


def _line_json(line: ReportLine, language: str) -> dict[str, Any]:
    shares = {} if line.contributed is None else {"contributed": line.contributed}
    return {
        "directive": line.directive,
        "code": line.code,
        "name": line_name(line, language),
        **_figures_json(line.figures, language),
        **shares,
        "on_original": _figures_json(line.on_original, language),
    }
