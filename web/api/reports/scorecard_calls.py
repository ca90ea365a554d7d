"""Scorecards of units over time, and warnings before the date."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from web.api.caller import Caller, Reads
from web.api.repeats import OnceRoute
from web.api.reports.scorecard_shapes import (
    AllScorecards,
    OwnShape,
    QuartilesShape,
    ScorecardsShape,
    UnitShape,
    WarningsShape,
)
from web.request.cursor_paging import LocalDay
from workflows.reports.scorecards.scorecard_json import risks_json, scorecards_json, unit_json
from workflows.reports.scorecards.scorecard_view import (
    Own,
    ScorecardQuery,
    find_unit,
    read_asked,
    read_overseen,
    read_own,
    read_warnings,
)
from workflows.rules.calendar.periods import Period
from workflows.rules.figures.scorecard_figures import Every, Quartiles, periods_until
from workflows.rules.rights_table import Right

router = APIRouter(tags=["scorecards and warnings"], route_class=OnceRoute)
Cutoff = Annotated[LocalDay | None, Query(description="To the end of this local day; today where none is given")]
Periods = Annotated[Every, Query(description="How long the periods are")]
OfDirective = Annotated[str | None, Query(max_length=64, description="A directive's code; all where none is given")]


@router.get("/scorecards")
def scorecards(
    caller: Reads, cutoff: Cutoff = None, every: Periods = Every.QUARTER, directive: OfDirective = None
) -> AllScorecards:
    """Return the units that the caller oversees, counted from the tasks they oversee; and the caller's own, whole."""
    caller.require(Right.SEE_SCORECARDS)
    asked = _asked(caller, cutoff, every, directive)
    with caller.reading() as session:
        calendar = caller.calendar(session)
        found = read_overseen(session, caller.principal, asked, calendar=calendar)
        own = read_own(session, caller.principal, asked, calendar=calendar)
    overseen = ScorecardsShape(**scorecards_json(found, caller.person.language)) if found else None
    return AllScorecards(overseen=overseen, own=[_own(one, asked, caller) for one in own])


@router.get("/scorecards/units/{code}")
def scorecard(
    code: str, caller: Reads, cutoff: Cutoff = None, every: Periods = Every.QUARTER, directive: OfDirective = None
) -> UnitShape:
    """Return one unit over time: of its own people all of it, of others what the caller oversees."""
    caller.require(Right.SEE_SCORECARDS)
    asked = _asked(caller, cutoff, every, directive)
    with caller.reading() as session:
        unit, _own_unit = find_unit(session, caller.principal, asked, code, calendar=caller.calendar(session))
    return UnitShape(**unit_json(unit, _periods(asked), caller.person.language))


@router.get("/warnings")
def warnings(caller: Reads, directive: OfDirective = None) -> WarningsShape:
    """Open tasks that are likely to miss their date, with the reasons."""
    caller.require(Right.SEE_WARNINGS)
    with caller.reading() as session:
        found = read_warnings(
            session, caller.principal, directive=directive, day=caller.today, calendar=caller.calendar(session)
        )
    return WarningsShape(**risks_json(found, caller.person.language))


def _asked(caller: Caller, cutoff: LocalDay | None, every: Every, directive: str | None) -> ScorecardQuery:
    return read_asked(cutoff=cutoff, every=every, directive=directive, today=caller.today)


def _periods(asked: ScorecardQuery) -> tuple[Period, ...]:
    return periods_until(asked.cutoff, asked.every)


def _own(one: Own, asked: ScorecardQuery, caller: Caller) -> OwnShape:
    told: dict[str, Any] = unit_json(one.unit, _periods(asked), caller.person.language)
    return OwnShape(**told, rates=_quartiles(one.rates), days_late=_quartiles(one.days_late))


def _quartiles(found: Quartiles | None) -> QuartilesShape | None:
    return QuartilesShape.model_validate(found) if found else None
