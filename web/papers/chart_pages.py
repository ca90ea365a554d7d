"""The page of charts: completion, late tasks and why they are late, load by week, and how units do.

The charts count only tasks that the reader may see.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import Field
from sqlmodel import Session

from models.errors import BadInput, NotFound
from models.i18n import _
from models.text.localtime import read_day
from models.text.vietnamese import fold
from notifications.composing.wording import WrittenWords
from web.papers import ladder_chart_page
from web.reports.scorecard_words import EVERY_WORDS, write_period
from web.request.given_values import AddressQuery
from web.request.having_right import MaySeePictures
from web.request.request_context import RequestContext
from workflows.access.rights import visible_tasks
from workflows.papers.charts.chart import Chart, TaskLinks, no_links
from workflows.papers.charts.chart_figures import ChartFigures, UnitStand, most_late_first, read_chart_figures
from workflows.papers.charts.completion_chart import draw_completion
from workflows.papers.charts.late_charts import ReasonCount, draw_ages, draw_reasons
from workflows.papers.charts.period_chart import PeriodDues, draw_periods
from workflows.papers.charts.rate_chart import UnitRate, draw_rates
from workflows.papers.charts.unit_chart import draw_units
from workflows.papers.charts.weekly_load_chart import draw_weekly_load
from workflows.reports.report_scope import Choice, are_all_overseen, check_drawable, directives_to_draw, units_to_draw
from workflows.reports.scorecards.scorecard_reads import Scorecards, add_dues, read_scorecards
from workflows.rules.figures.scorecard_figures import Every
from workflows.worklists.task_counts import count_reasons
from workflows.worklists.task_filter import LateReason, ShownTasks, TaskFilter

router = APIRouter(prefix="/reports/pictures")
router.include_router(ladder_chart_page.router)
ALL_DIRECTIVES = "all"
UNITS_ON_A_PAGE = 20


class ChartQuery(AddressQuery):
    directive: str = ""
    unit: str = ""
    cutoff: str = ""
    dates: str = ""  # "original", else the current deadlines
    order: str = ""  # "name", else the units with the most late tasks first
    every: str = ""  # "month", else quarters
    page: int = Field(1, ge=1, le=10_000)

    @property
    def on_original(self) -> bool:
        return self.dates == "original"

    @property
    def is_by_name(self) -> bool:
        return self.order == "name"

    @property
    def period_length(self) -> Every:
        return Every.MONTH if self.every == Every.MONTH else Every.QUARTER


@dataclass(frozen=True)
class _Selection:
    """What the charts show, and what else the reader can choose. `directive` None: all directives.

    `error` says which part of the query cannot be shown; the selection holds a default in its place.
    """

    directives: list[Choice]
    directive: Choice | None
    units: list[Choice]
    unit: Choice | None
    cutoff: date
    error: BadInput | None


@dataclass(frozen=True)
class _Figures:
    """`reasons` is None for a past day and for the original deadlines: reasons are known only as of now."""

    chart_figures: ChartFigures
    scorecards: Scorecards
    reasons: dict[LateReason, int] | None
    task_filter: TaskFilter


@router.get("")
def charts_page(context: MaySeePictures, query: Annotated[ChartQuery, Query()]) -> HTMLResponse:
    with context.reading() as session:
        selection = _resolve(session, context, query)
        figures = _read_figures(session, context, query, selection) if selection.directives else None
        has_lists = are_all_overseen(session, context.principal)
    links = _ReportLinks.of(selection, query) if has_lists else no_links
    return context.page(
        "charts/page.html",
        error=selection.error,
        query=query,
        cutoff=selection.cutoff,
        directives=selection.directives,
        directives_as_options=[(choice.code, choice.name) for choice in selection.directives],
        directive=selection.directive,
        units_as_options=[(choice.name, choice.code) for choice in selection.units],
        unit=selection.unit,
        chart_figures=figures.chart_figures if figures else None,
        period_lengths=[(every.value, context.words(words)) for every, words in EVERY_WORDS.items()],
        **(_draw_charts(figures, query, context, links) if figures else {}),
    )


def _resolve(session: Session, context: RequestContext, query: ChartQuery) -> _Selection:
    """Resolve the query. NotFound for a directive that the reader may not see."""
    errors: list[BadInput] = []
    cutoff = context.today
    try:
        cutoff = _read_cutoff(context, query.cutoff)
    except BadInput as error:
        errors.append(error)
    directives = directives_to_draw(session, context.principal)
    if query.directive == ALL_DIRECTIVES:
        directive = None
        try:
            check_drawable(session, context.principal)
        except BadInput as error:
            errors.append(error)
            directive = _find_directive("", directives)
    else:
        directive = _find_directive(query.directive, directives)
    units = units_to_draw(session, context.principal, directive.id if directive else None)
    unit = _find_unit(query.unit, units)
    if query.unit and unit is None:
        errors.append(BadInput("unit {unit}: it leads no task here that you may see; choose another", unit=query.unit))
    return _Selection(directives, directive, units, unit, cutoff, error=errors[-1] if errors else None)


def _read_cutoff(context: RequestContext, text: str) -> date:
    """Read the cut-off day, today where the text is empty. BadInput for a day to come."""
    if not text:
        return context.today
    day = read_day(_("Cut-off"), text)
    if day > context.today:
        written_day = WrittenWords(context.language).day(day)
        raise BadInput("cut-off {day}: still to come; choose a day up to today", day=written_day)
    return day


def _find_directive(code: str, directives: list[Choice]) -> Choice | None:
    """Return the first directive where no code is given. NotFound for an unknown code."""
    if not code:
        return directives[0] if directives else None
    directive = next((choice for choice in directives if choice.code == code), None)
    if directive is None:
        raise NotFound("there is no such page")
    return directive


def _find_unit(code_or_name: str, units: list[Choice]) -> Choice | None:
    wanted = fold(code_or_name)
    if not wanted:
        return None
    return next((choice for choice in units if wanted in (fold(choice.code), fold(choice.name))), None)


def _read_figures(session: Session, context: RequestContext, query: ChartQuery, selection: _Selection) -> _Figures:
    among = visible_tasks(context.principal)
    directive_code = selection.directive.code if selection.directive else None
    unit = selection.unit
    task_filter = TaskFilter(directive=directive_code or "", unit=unit.code if unit else "")
    is_now = selection.cutoff == context.today and not query.on_original
    return _Figures(
        chart_figures=read_chart_figures(
            session,
            cutoff=selection.cutoff,
            directive=directive_code,
            among=among,
            units=[unit.id] if unit else None,
            on_original=query.on_original,
            now=context.now,
        ),
        scorecards=read_scorecards(
            session,
            cutoff=selection.cutoff,
            calendar=context.calendar(session),
            every=query.period_length,
            directive=directive_code,
            among=among,
        ),
        reasons=count_reasons(session, context.principal, task_filter, context.now) if is_now else None,
        task_filter=task_filter,
    )


@dataclass(frozen=True)
class _ReportLinks:
    """Links from a part of a chart to the report's list of the tasks that it counts."""

    directive: str
    unit: str
    cutoff: date
    dates: str

    @classmethod
    def of(cls, selection: _Selection, query: ChartQuery) -> "_ReportLinks":
        return cls(
            directive=selection.directive.code if selection.directive else ALL_DIRECTIVES,
            unit=selection.unit.code if selection.unit else "",
            cutoff=selection.cutoff,
            dates="original" if query.on_original else "",
        )

    def __call__(
        self,
        figure: str,
        *,
        cutoff: date | None = None,
        unit: str = "",
        first: date | None = None,
        last: date | None = None,
    ) -> str:
        fields = {
            "directive": self.directive,
            "cutoff": (cutoff or self.cutoff).isoformat(),
            "figure": figure,
            "unit": unit or self.unit,
            "dates": self.dates,
            "due_from": first.isoformat() if first else "",
            "due_to": last.isoformat() if last else "",
        }
        return f"/reports/tasks?{urlencode({name: value for name, value in fields.items() if value})}"


def _draw_charts(figures: _Figures, query: ChartQuery, context: RequestContext, links: TaskLinks) -> dict[str, Any]:
    """Return what the template shows by name: the charts, and the numbers of the pages of units around this one."""
    chart_figures, language = figures.chart_figures, context.language
    units = chart_figures.by_unit if query.is_by_name else most_late_first(chart_figures.by_unit)
    start = (query.page - 1) * UNITS_ON_A_PAGE
    shown_units = units[start : start + UNITS_ON_A_PAGE]
    if query.page > 1 and not shown_units:
        raise NotFound("there is no such page")
    return {
        "completion": draw_completion(chart_figures, language, links),
        "ages": draw_ages(chart_figures, language, links),
        "reasons": _draw_reasons(figures, language),
        "load": draw_weekly_load(chart_figures, language, links),
        "by_unit": draw_units(
            shown_units,
            chart_figures.cutoff,
            language,
            links,
            notes=_unit_notes(query, WrittenWords(language), start, len(shown_units), len(units)),
            everyone=units,
        ),
        **_draw_scorecards(figures, query, language, links, shown_units),
        "before": query.page - 1 if query.page > 1 else None,
        "after": query.page + 1 if start + UNITS_ON_A_PAGE < len(units) else None,
    }


def _unit_notes(query: ChartQuery, write: WrittenWords, start: int, shown: int, total: int) -> list[str]:
    notes = []
    if not query.is_by_name:
        notes.append(write.up(_("latest first, for following up; not a ranking to publish")))
    if total > shown:
        numbers = {"first": start + 1, "last": start + shown, "count": total}
        notes.append(write.up(_("units {first} to {last} of {count}"), **numbers))
    return notes


_WAITING_FOR_OTHERS = {
    LateReason.AUTHORITY,
    LateReason.OBSTACLE,
    LateReason.EXTENSION,
    LateReason.LEAD_CHANGE,
    LateReason.DECISION,
}
"""The reasons in which somebody other than the unit must move next."""


def _draw_reasons(figures: _Figures, language: str) -> Chart | None:
    if not figures.reasons or not any(figures.reasons.values()):
        return None
    reason_counts = [
        ReasonCount(reason.value, reason.label, count, reason in _WAITING_FOR_OTHERS)
        for reason, count in figures.reasons.items()
    ]

    def link_to_reason(code: str) -> str:
        chosen = figures.task_filter
        fields = {"show": ShownTasks.LATE, "directive": chosen.directive, "unit": chosen.unit, "reason": code}
        return f"/tasks?{urlencode({name: value for name, value in fields.items() if value})}"

    return draw_reasons(reason_counts, language, link_to_reason)


def _draw_scorecards(
    figures: _Figures, query: ChartQuery, language: str, links: TaskLinks, shown_units: Sequence[UnitStand]
) -> dict[str, Chart | None]:
    """Return the charts of the last two periods and of units' rates; both count by the current deadlines."""
    if query.on_original:
        return {"periods": None, "rates": None}
    scorecards = figures.scorecards
    units = [unit for unit in scorecards.units if figures.task_filter.unit in ("", unit.code)]
    previous, current = (
        PeriodDues(scorecards.periods[n], write_period(scorecards.periods[n], language), add_dues(units, n))
        for n in (-2, -1)
    )
    rates_by_code = {unit.code: UnitRate(unit.name, unit.whole.due) for unit in units}
    shown_codes = {unit.code for unit in shown_units}
    shown_rates = [rate for code, rate in rates_by_code.items() if code in shown_codes]
    first_day = scorecards.periods[0].first_day
    return {
        "periods": draw_periods(previous, current, query.period_length, scorecards.cutoff, language, links),
        "rates": draw_rates(shown_rates, list(rates_by_code.values()), first_day, language),
    }
