"""The pages of scorecards: units over time in alphabetical order, and the reader's own unit beside quartiles."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import Field
from sqlmodel import Session

from models.database.paging import Paging
from models.errors import DondocError
from models.i18n import _
from models.organization.unit import UnitKind
from models.rooms import Place
from models.text.localtime import read_day
from web.reports.scorecard_words import EVERY_WORDS, wording
from web.request.given_values import AddressQuery
from web.request.having_right import MaySeeScorecards
from web.request.request_context import RequestContext
from workflows.reports.report_scope import directives_to_draw, whose_part
from workflows.reports.scorecards.scorecard_view import ScorecardQuery, find_unit, read_asked, read_overseen, read_own
from workflows.rules.figures.fairness import FORMULA, NOTES, QUARTILE_NOTE, notes_on
from workflows.rules.figures.scorecard_figures import Every, periods_until
from workflows.rules.rights_table import Right

router = APIRouter(prefix="/scorecards")
ALL = "all"
ON_A_PAGE = 50


class ScorecardPageQuery(AddressQuery):
    """The query of the address as text; "" for a missing field."""

    directive: str = ""
    cutoff: str = ""
    every: str = ""
    page: int = Field(1, ge=1, le=10_000)


@router.get("")
def scorecards_page(context: MaySeeScorecards, query: Annotated[ScorecardPageQuery, Query()]) -> HTMLResponse:
    error: DondocError | None = None
    with context.reading() as session:
        calendar = context.calendar(session)
        scorecards, only = None, list[str]()
        question = ScorecardQuery(context.today)
        try:
            question = _question(context, query)
            scorecards = read_overseen(session, context.principal, question, calendar=calendar)
            only = whose_part(session, context.principal, question.directive) if scorecards is not None else []
        except DondocError as query_error:
            error = query_error
        own = read_own(session, context.principal, question, calendar=calendar)
        facts = _choices(session, context)
    units = scorecards.units if scorecards else ()
    paging = Paging.of(query.page, len(units), ON_A_PAGE)
    return context.page(
        "scorecards/list.html",
        error=error,
        found=scorecards,
        own=own,
        units=units[paging.rows],
        paging=paging,
        only=only,
        periods=periods_until(question.cutoff, question.every),
        **facts,
        **_words(context, question),
    )


TREND: Place[Callable[..., Any]] = Place("scorecard.trend")


@router.get("/units/{code}")
def unit_page(code: str, context: MaySeeScorecards, query: Annotated[ScorecardPageQuery, Query()]) -> HTMLResponse:
    question = _question(context, query)
    with context.reading() as session:
        unit, own = find_unit(session, context.principal, question, code, calendar=context.calendar(session))
        only = [] if own else whose_part(session, context.principal, question.directive)
    periods = periods_until(question.cutoff, question.every)[unit.begins :]
    draw = TREND.only
    return context.page(
        "scorecards/unit.html",
        unit=unit,
        own=own,
        only=only,
        lines=list(zip(periods, unit.by_period[unit.begins :], strict=True)),
        chart=draw(unit, periods, question.cutoff, context.language) if draw else None,
        notes=list(notes_on(unit.whole)),
        **_words(context, question),
    )


def _question(context: RequestContext, query: ScorecardPageQuery) -> ScorecardQuery:
    """Return the query of the address. Raise BadInput for a wrong or future day."""
    cutoff: date | None = read_day(_("Cut-off"), query.cutoff) if query.cutoff else None
    every = Every(query.every) if query.every in set(Every) else Every.QUARTER
    directive = None if query.directive in ("", ALL) else query.directive
    return read_asked(cutoff=cutoff, every=every, directive=directive, today=context.today)


def _choices(session: Session, context: RequestContext) -> dict[str, Any]:
    principal = context.principal
    oversees = principal.may(Right.SEE_REPORT)
    return {
        "oversees": oversees,
        "directives": [(choice.code, choice.name) for choice in directives_to_draw(session, principal)]
        if oversees
        else [],
        "sees_warnings": principal.may(Right.SEE_WARNINGS),
    }


def _words(context: RequestContext, question: ScorecardQuery) -> dict[str, Any]:
    fields = {"directive": question.directive, "cutoff": question.cutoff.isoformat(), "every": question.every.value}
    return {
        "asked": question,
        "all": ALL,
        "query": urlencode({name: value for name, value in fields.items() if value}),
        "everies": [(every.value, context.words(words)) for every, words in EVERY_WORDS.items()],
        "kinds": UnitKind.labels(),
        "formula": FORMULA,
        "general_notes": NOTES,
        "quartile_note": QUARTILE_NOTE,
        **wording(context.language),
    }
