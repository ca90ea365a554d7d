"""The charts of a directive: how far it is, what is late and why, what is to come, and how its units do.

They show the tasks that the reader may see, and nobody whose right they are not gets the page at all.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import Field
from sqlmodel import Session

from models.errors import BadInput, NotFound
from models.i18n import _, translate
from models.text.localtime import read_day
from models.text.vietnamese import fold
from notifications.composing.wording import WrittenWords, first_up
from web.papers import ladder_chart_page
from web.reports.scorecard_words import EVERY_WORDS, write_period
from web.request.given_values import AddressQuery
from web.request.having_right import MaySeePictures
from web.request.request_context import RequestContext
from workflows.access.rights import visible_tasks
from workflows.papers.charts.chart import Chart, Lists, no_lists
from workflows.papers.charts.chart_figures import Pictures, most_late_first, read_pictures
from workflows.papers.charts.completion_chart import draw_completion
from workflows.papers.charts.late_charts import ReasonCount, draw_ages, draw_reasons
from workflows.papers.charts.load_chart import draw_load
from workflows.papers.charts.period_chart import PeriodDues, draw_periods
from workflows.papers.charts.rate_chart import UnitRate, draw_rates
from workflows.papers.charts.unit_chart import draw_units
from workflows.reports.choices import Choice, are_all_overseen, directives_to_draw, units_to_draw
from workflows.reports.report_scope import check_drawable
from workflows.reports.scorecards.scorecard_reads import Scorecards, add_dues, read_scorecards
from workflows.rules.figures.scorecard_figures import Every
from workflows.worklists.task_counts import count_reasons
from workflows.worklists.task_list import LateReason, Shown, TaskFilter

router = APIRouter(prefix="/reports/pictures")
router.include_router(ladder_chart_page.router)
ALL = "all"
ON_A_PAGE = 20


class ChartQuery(AddressQuery):
    directive: str = ""
    unit: str = ""
    cutoff: str = ""
    dates: str = ""  # "original", else the current ones
    order: str = ""  # "name", else the latest first
    every: str = ""  # "month", else quarters
    page: int = Field(1, ge=1, le=10_000)

    @property
    def on_original(self) -> bool:
        return self.dates == "original"

    @property
    def length(self) -> Every:
        return Every.MONTH if self.every == Every.MONTH else Every.QUARTER


@router.get("")
def pictures_page(context: MaySeePictures, asked: Annotated[ChartQuery, Query()]) -> HTMLResponse:
    error, cutoff = _cutoff(context, asked.cutoff)
    with context.reading() as session:
        directives = directives_to_draw(session, context.principal)
        directive = None if asked.directive == ALL else _chosen(asked.directive, directives)
        if asked.directive == ALL:
            try:
                check_drawable(session, context.principal)
            except BadInput as fault:
                error, directive = fault, _chosen("", directives)
        units = units_to_draw(session, context.principal, directive.id if directive else None)
        called = fold(asked.unit)
        unit = next((one for one in units if called and called in (fold(one.code), fold(one.name))), None)
        if asked.unit and unit is None:
            error = BadInput("unit {unit}: it leads no task here that you may see; choose another", unit=asked.unit)
        told = _read(session, context, directive, unit, cutoff, asked) if directives else None
        has_lists = are_all_overseen(session, context.principal)
    dates = "original" if asked.on_original else ""
    behind = _TasksBehind(directive.code if directive else ALL, unit.code if unit else "", cutoff, dates)
    facts = _drawn(told, asked, context, behind if has_lists else no_lists) if told else {}
    return context.page(
        "charts/page.html",
        error=error,
        asked=asked,
        cutoff=cutoff,
        directives=directives,
        directives_as_options=[(one.code, one.name) for one in directives],
        directive=directive,
        units_as_options=[(one.name, one.code) for one in units],
        unit=unit,
        told=told.pictures if told else None,
        everies=[(one.value, context.words(EVERY_WORDS[one])) for one in EVERY_WORDS],
        **facts,
    )


def _cutoff(context: RequestContext, text: str) -> tuple[BadInput | None, date]:
    today = context.today
    try:
        day = read_day(_("Cut-off"), text) if text else today
        if day > today:
            raise BadInput(
                "cut-off {day}: still to come; choose a day up to today", day=WrittenWords(context.language).day(day)
            )
    except BadInput as error:
        return error, today
    return None, day


def _chosen(code: str, choices: list[Choice]) -> Choice | None:
    if not code:
        return choices[0] if choices else None
    found = next((one for one in choices if one.code == code), None)
    if found is None:
        raise NotFound("there is no such page")
    return found


@dataclass(frozen=True)
class _Figures:
    """What the charts are drawn from. `reasons` are known of today alone, by the current dates."""

    pictures: Pictures
    cards: Scorecards
    reasons: dict[LateReason, int] | None
    wanted: TaskFilter


def _read(
    session: Session,
    context: RequestContext,
    directive: Choice | None,
    unit: Choice | None,
    cutoff: date,
    asked: ChartQuery,
) -> _Figures:
    among, code = visible_tasks(context.principal), directive.code if directive else None
    wanted = TaskFilter(directive=code or "", unit=unit.code if unit else "")
    is_now = cutoff == context.today and not asked.on_original
    return _Figures(
        pictures=read_pictures(
            session,
            cutoff=cutoff,
            directive=code,
            among=among,
            units=[unit.id] if unit else None,
            on_original=asked.on_original,
            now=context.now,
        ),
        cards=read_scorecards(
            session, cutoff=cutoff, calendar=context.calendar(session), every=asked.length, directive=code, among=among
        ),
        reasons=count_reasons(session, context.principal, wanted, context.now) if is_now else None,
        wanted=wanted,
    )


@dataclass(frozen=True)
class _TasksBehind:
    """The lists of the report, of which a bar counts the tasks."""

    directive: str
    unit: str
    cutoff: date
    dates: str

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


_WAITS = {LateReason.AUTHORITY, LateReason.OBSTACLE, LateReason.EXTENSION, LateReason.LEAD_CHANGE, LateReason.DECISION}
"""The reasons in which somebody other than the unit must move next."""


def _drawn(figures: _Figures, asked: ChartQuery, context: RequestContext, lists: Lists) -> dict[str, Any]:
    told, language = figures.pictures, context.language
    units = told.by_unit if asked.order == "name" else most_late_first(told.by_unit)
    start = (asked.page - 1) * ON_A_PAGE
    shown = units[start : start + ON_A_PAGE]
    if asked.page > 1 and not shown:
        raise NotFound("there is no such page")
    write = WrittenWords(language)
    notes = []
    if asked.order != "name":
        notes.append(translate(_("latest first, for following up; not a ranking to publish"), language))
    if len(units) > len(shown):
        numbers = {"first": start + 1, "last": start + len(shown), "count": len(units)}
        written = {name: write.count(number) for name, number in numbers.items()}
        notes.append(translate(_("units {first} to {last} of {count}"), language, **written))
    return {
        "completion": draw_completion(told, language, lists),
        "ages": draw_ages(told, language, lists),
        "reasons": _reasons(figures, language),
        "load": draw_load(told, language, lists),
        "by_unit": draw_units(
            shown, told.cutoff, language, lists, notes=[first_up(note) for note in notes], everyone=units
        ),
        **_compared(figures, asked, language, lists, {one.code for one in shown}),
        "before": asked.page - 1 if asked.page > 1 else None,
        "after": asked.page + 1 if start + ON_A_PAGE < len(units) else None,
    }


def _reasons(figures: _Figures, language: str) -> Chart | None:
    if not figures.reasons or not any(figures.reasons.values()):
        return None
    reasons = [ReasonCount(one.value, one.label, count, one in _WAITS) for one, count in figures.reasons.items()]

    def address(code: str) -> str:
        wanted = figures.wanted
        fields = {"show": Shown.LATE, "directive": wanted.directive, "unit": wanted.unit, "reason": code}
        return f"/tasks?{urlencode({name: value for name, value in fields.items() if value})}"

    return draw_reasons(reasons, language, address)


def _compared(
    figures: _Figures, asked: ChartQuery, language: str, lists: Lists, shown: set[str]
) -> dict[str, Chart | None]:
    """Return the two charts of scorecards, which go by the current dates: the last two periods, and units' rates."""
    if asked.on_original:
        return {"periods": None, "rates": None}
    cards = figures.cards
    units = [one for one in cards.units if figures.wanted.unit in ("", one.code)]
    before, now = (
        PeriodDues(cards.periods[n], write_period(cards.periods[n], language), add_dues(units, n)) for n in (-2, -1)
    )
    rates = [UnitRate(one.name, one.whole.due) for one in units]
    on_page = [rate for one, rate in zip(units, rates, strict=True) if one.code in shown]
    return {
        "periods": draw_periods(before, now, asked.length, cards.cutoff, language, lists),
        "rates": draw_rates(on_page, rates, cards.periods[0].first_day, language),
    }
