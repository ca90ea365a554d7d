"""Scorecards of units over time, rankings that a leader approved, and warnings before the date."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from models.text.localtime import local_date
from web.api.caller import Caller, Coordinates, Reads
from web.api.repeats import OnceRoute
from web.api.reports.scorecard_shapes import (
    AllScorecards,
    Approval,
    OwnShape,
    QuartilesShape,
    RankingHead,
    RankingShape,
    ScorecardsShape,
    UnitShape,
    WarningsShape,
)
from web.request.cursor_paging import LocalDay
from workflows.reports.scorecards.ranking import (
    Approved,
    approve_ranking,
    list_rankings,
    read_ranking,
    withdraw_ranking,
)
from workflows.reports.scorecards.scorecard_json import ranking_json, risks_json, scorecards_json, unit_json
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
        found = read_overseen(session, caller.place, asked, calendar=calendar)
        own = read_own(session, caller.place, asked, calendar=calendar)
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
        unit, _own_unit = find_unit(session, caller.place, asked, code, calendar=caller.calendar(session))
    return UnitShape(**unit_json(unit, _periods(asked), caller.person.language))


@router.get("/warnings")
def warnings(caller: Reads, directive: OfDirective = None) -> WarningsShape:
    """Open tasks that are likely to miss their date, with the reasons, and how the rule did in the last 12 months."""
    caller.require(Right.SEE_WARNINGS)
    with caller.reading() as session:
        found = read_warnings(
            session, caller.place, directive=directive, day=local_date(caller.now), calendar=caller.calendar(session)
        )
    return WarningsShape(**risks_json(found, caller.person.language))


@router.get("/rankings")
def rankings(caller: Reads) -> list[RankingHead]:
    """Return the rankings whose publishing a leader of the issuer's office has approved, and that the caller may
    see.
    """
    caller.require(Right.SEE_REPORT)
    with caller.reading() as session:
        return [_head(one) for one in list_rankings(session, caller.place)]


@router.post("/rankings", status_code=201)
def approve(body: Approval, caller: Coordinates) -> RankingHead:
    """Approve publishing a ranking: for the head or deputy of the issuer's office, in person."""
    with caller.transaction() as session:
        made = approve_ranking(
            session,
            caller.place,
            period=body.period,
            today=local_date(caller.now),
            hand=caller.hand,
            office=body.office,
            directive=body.directive,
            cutoff=body.cutoff,
            note=body.note,
        )
        return next(_head(one) for one in list_rankings(session, caller.place) if one.approval.id == made.id)


@router.get("/rankings/{ranking_id}")
def ranking(ranking_id: UUID, caller: Reads) -> RankingShape:
    """Return an approved ranking: units of one kind by their on-time rate."""
    caller.require(Right.SEE_REPORT)
    with caller.reading() as session:
        found = read_ranking(session, caller.place, ranking_id, calendar=caller.calendar(session))
    return RankingShape(**ranking_json(found, caller.person.language))


@router.delete("/rankings/{ranking_id}", status_code=204)
def withdraw(ranking_id: UUID, caller: Coordinates) -> None:
    """Withdraw an approval: nobody sees that ranking any more."""
    with caller.transaction() as session:
        withdraw_ranking(session, caller.place, ranking_id, hand=caller.hand)


def _asked(caller: Caller, cutoff: LocalDay | None, every: Every, directive: str | None) -> ScorecardQuery:
    return read_asked(cutoff=cutoff, every=every, directive=directive, today=local_date(caller.now))


def _periods(asked: ScorecardQuery) -> tuple[Period, ...]:
    return periods_until(asked.cutoff, asked.every)


def _own(one: Own, asked: ScorecardQuery, caller: Caller) -> OwnShape:
    told: dict[str, Any] = unit_json(one.unit, _periods(asked), caller.person.language)
    return OwnShape(**told, rates=_quartiles(one.rates), days_late=_quartiles(one.days_late))


def _quartiles(found: Quartiles | None) -> QuartilesShape | None:
    return QuartilesShape.model_validate(found) if found else None


def _head(one: Approved) -> RankingHead:
    approval = one.approval
    return RankingHead(
        id=approval.id,
        office=one.office,
        directive=one.directive or None,
        period=approval.period,
        cutoff=approval.cutoff,
        approved_by=one.approved_by,
        approved_at=approval.approved_at,
        note=approval.note,
    )
