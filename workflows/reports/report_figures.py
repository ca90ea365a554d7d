"""The official report at a cut-off: the two by two, whole and by its parts, from history alone."""

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
"""The two that stand together wherever one of them does."""
"""How the figures are called, by their names in `report_json`."""
NUMBER_WORDS = {**FIGURE_WORDS, "done": _("done"), "open": _("not done")}


class Breakdown(StrEnum):
    """What a report is broken down by; its lines are the report's `by_…`."""

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
    """One row of a breakdown: figures by the current dates and by the original ones."""

    directive: str  # the directive's code; empty where there is none
    code: str  # the directive's code, the duty's path, the unit's code, the kind or the period
    name: str  # of a kind or a period: a message id
    figures: Figures
    on_original: Figures
    contributed: int | None = None  # a coordinating unit's: for how many of these tasks its share was recorded


@dataclass(frozen=True)
class Report:
    """What was recorded by 24:00 local of `cutoff`; `provisional` (tạm tính) until the sealer has passed it.

    Units stand in Vietnamese alphabetical order, by the lead at the cut-off.
    A task has one lead and any number of coordinating units, so `by_partner` alone does not add up to the whole.
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
        found: tuple[ReportLine, ...] = getattr(self, f"by_{breakdown}")
        return found


def report(
    session: Session,
    *,
    cutoff: date,
    directive: str | None = None,
    among: ColumnElement[bool] | None = None,
    now: datetime | None = None,
) -> Report:
    """At a cut-off day, of one directive (by code) or of all; of the tasks `among`, if that is given. `now` (UTC) where
    that day may not be over yet: what is due at an hour of it is late from that hour on.

    Asked again later it comes out the same: only history recorded by then is read. NotFound for an unknown code.
    """
    directive_id = None if directive is None else directive_of_code(session, directive)
    counts = count_places(session, CountQuery(cutoff, directive_id, among, now))
    duties, units = _duties(session, directive_id), _units(session)
    by = {one: [count for count in counts if count.by == one] for one in CountedBy}
    whole = tally(("", count) for count in by[CountedBy.DUTY]).get("", LineCounts())
    return Report(
        cutoff=cutoff,
        provisional=is_provisional(session, cutoff, directive_id),
        directive=directive,
        figures=whole.figures,
        on_original=whole.on_original,
        by_directive=_lines(by[CountedBy.DUTY], lambda key: duties[UUID(key)][0]),
        by_duty=_lines(by[CountedBy.DUTY], lambda key: duties[UUID(key)][1]),
        by_kind=_lines(by[CountedBy.UNIT], lambda key: _kind(units[UUID(key)].kind)),
        by_unit=_lines(by[CountedBy.UNIT], lambda key: units[UUID(key)].row),
        by_partner=_lines(by[CountedBy.PARTNER], lambda key: units[UUID(key)].row, has_shares=True),
        by_period=_lines(by[CountedBy.PERIOD], _period),
    )


class _LinePlace(NamedTuple):
    """A line's place in its table (`order`) and its names."""

    order: tuple[str | int | date, ...]
    directive: str
    code: str
    name: str


class _Lead(NamedTuple):
    """A unit's line, and the kind it adds to."""

    row: _LinePlace
    kind: UnitKind


def _duties(session: Session, directive_id: UUID | None) -> dict[UUID, tuple[_LinePlace, _LinePlace]]:
    """By duty, the lines of its directive and of itself."""
    of_directive = (col(Directive.code), col(Directive.kind), col(Directive.number), col(Directive.subject))
    query = select(col(Duty.id), col(Duty.position), col(Duty.path), col(Duty.title), *of_directive)
    query = query.join(Directive, col(Directive.id) == col(Duty.directive_id))
    if directive_id is not None:
        query = query.where(col(Duty.directive_id) == directive_id)
    return {
        duty: (
            _LinePlace((code,), code, code, directive_name(kind, number, subject)),
            _LinePlace((code, position, path), code, path, title),
        )
        for duty, position, path, title, code, kind, number, subject in session.execute(query)
    }


def _units(session: Session) -> dict[UUID, _Lead]:
    query = select(col(Unit.id), col(Unit.sort_key), col(Unit.code), col(Unit.name), col(Unit.kind))
    return {
        unit: _Lead(_LinePlace((order, code), "", code, name), kind)
        for unit, order, code, name, kind in session.execute(query)
    }


def _kind(kind: UnitKind) -> _LinePlace:
    """Kinds in the order in which the register names them, from the ministry outward."""
    return _LinePlace((list(UnitKind).index(kind),), "", kind.value, kind.label)


def _period(key: str) -> _LinePlace:
    """What has no period stands first, then the periods as they begin, a year before its quarters."""
    if key in NO_PERIOD_WORDS:
        return _LinePlace((0, list(NO_PERIOD_WORDS).index(key)), "", key, NO_PERIOD_WORDS[key])
    found = period_words(key)
    if found is None:
        return _LinePlace((2, key), "", key, key)
    period = parse(key)
    return _LinePlace((1, period.first_day, -period.last_day.toordinal()), "", key, Words(found[0], **found[1]))


def _lines(
    counts: list[TaskCount], row_of: Callable[[str], _LinePlace], *, has_shares: bool = False
) -> tuple[ReportLine, ...]:
    rows = {key: row_of(key) for key in {count.key for count in counts}}
    parts = tally((rows[count.key], count) for count in counts)
    return tuple(
        ReportLine(
            row.directive, row.code, row.name, part.figures, part.on_original, part.contributed if has_shares else None
        )
        for row, part in sorted(parts.items(), key=lambda item: item[0].order)
    )


def line_name(line: ReportLine, language: str) -> str:
    """Kinds and periods have words of ours, all else its own name."""
    return translate(line.name, language) if isinstance(line.name, Words) else line.name


def write_completion(completion: Completion, language: str) -> str:
    """Both figures for running text: "100,00% of tasks done or overdue; 1 of all 41 done"."""
    write = WrittenWords(language)
    return translate(
        _("{rate} of tasks done or overdue; {done} of all {total} done"),
        language,
        rate=percent(completion.rate, language),
        done=write.count(completion.done),
        total=write.count(completion.total),
    )


def report_json(report: Report, language: str = "vi") -> dict[str, Any]:
    """For `--json`: the figures flat at the top level, the breakdowns as arrays."""
    return {
        "cutoff": report.cutoff.isoformat(),
        "provisional": report.provisional,
        "directive": report.directive,
        **_figures_json(report.figures, language),
        "formula": translate(FORMULA, language),
        "on_original": _figures_json(report.on_original, language),
        **{f"by_{one}": [_line_json(line, language) for line in report.lines(one)] for one in Breakdown},
    }


def _figures_json(figures: Figures, language: str) -> dict[str, Any]:
    names = ("total", "done", "done_on_time", "done_late", "open", "open_in_time", "open_overdue", "no_deadline")
    exact, of_all = figures.completion.rate, figures.completion.of_all
    return {
        **{name: getattr(figures, name) for name in names},
        "rate": None if exact is None else float(exact),
        "rate_exact": None if exact is None else f"{figures.done}/{figures.done + figures.open_overdue}",
        "rate_text": percent(exact, language),
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
