"""Scorecards: units over time in alphabetical order with the notes that make them fair; one's own beside quartiles."""

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
from workflows.reports.choices import directives_to_draw
from workflows.reports.report_scope import whose_part
from workflows.reports.scorecards.scorecard_view import ScorecardQuery as Question
from workflows.reports.scorecards.scorecard_view import find_unit, read_asked, read_overseen, read_own
from workflows.rules.figures.fairness import FORMULA, NOTES, QUARTILE_NOTE, notes_on
from workflows.rules.figures.scorecard_figures import Every, periods_until
from workflows.rules.rights_table import Right

router = APIRouter(prefix="/scorecards")
ALL = "all"
ON_A_PAGE = 50


class ScorecardPageQuery(AddressQuery):
    """What the address asks for, as text; "" where it does not say."""

    directive: str = ""
    cutoff: str = ""
    every: str = ""
    page: int = Field(1, ge=1, le=10_000)


@router.get("")
def scorecards_page(context: MaySeeScorecards, asked: Annotated[ScorecardPageQuery, Query()]) -> HTMLResponse:
    error: DondocError | None = None
    with context.reading() as session:
        calendar = context.calendar(session)
        own, found, only = [], None, list[str]()
        question = Question(context.today)
        try:
            question = _question(context, asked)
            found = read_overseen(session, context.principal, question, calendar=calendar)
            only = whose_part(session, context.principal, question.directive) if found is not None else []
        except DondocError as fault:
            error = fault
        own = read_own(session, context.principal, question, calendar=calendar)
        facts = _choices(session, context)
    units = found.units if found else ()
    paging = Paging.of(asked.page, len(units), ON_A_PAGE)
    return context.page(
        "scorecards/list.html",
        error=error,
        found=found,
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
def unit_page(code: str, context: MaySeeScorecards, asked: Annotated[ScorecardPageQuery, Query()]) -> HTMLResponse:
    question = _question(context, asked)
    with context.reading() as session:
        unit, own = find_unit(session, context.principal, question, code, calendar=context.calendar(session))
        only = [] if own else whose_part(session, context.principal, question.directive)
    periods = periods_until(question.cutoff, question.every)[unit.begins :]
    return context.page(
        "scorecards/unit.html",
        unit=unit,
        own=own,
        only=only,
        lines=list(zip(periods, unit.by_period[unit.begins :], strict=True)),
        chart=draw(unit, periods, question.cutoff, context.language) if (draw := TREND.only) else None,
        notes=list(notes_on(unit.whole)),
        **_words(context, question),
    )


def _question(context: RequestContext, asked: ScorecardPageQuery) -> Question:
    """BadInput for a day that is none or is to come."""
    cutoff: date | None = read_day(_("Cut-off"), asked.cutoff) if asked.cutoff else None
    every = Every(asked.every) if asked.every in set(Every) else Every.QUARTER
    directive = None if asked.directive in ("", ALL) else asked.directive
    return read_asked(cutoff=cutoff, every=every, directive=directive, today=context.today)


def _choices(session: Session, context: RequestContext) -> dict[str, Any]:
    principal = context.principal
    oversees = principal.may(Right.SEE_REPORT)
    return {
        "oversees": oversees,
        "directives": [(one.code, one.name) for one in directives_to_draw(session, principal)] if oversees else [],
        "sees_warnings": principal.may(Right.SEE_WARNINGS),
    }


def _words(context: RequestContext, question: Question) -> dict[str, Any]:
    asked = {"directive": question.directive, "cutoff": question.cutoff.isoformat(), "every": question.every.value}
    return {
        "asked": question,
        "all": ALL,
        "query": urlencode({name: value for name, value in asked.items() if value}),
        "everies": [(one.value, context.words(EVERY_WORDS[one])) for one in EVERY_WORDS],
        "kinds": UnitKind.labels(),
        "formula": FORMULA,
        "general_notes": NOTES,
        "quartile_note": QUARTILE_NOTE,
        **wording(context.language),
    }
