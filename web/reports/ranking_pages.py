"""Rankings of units: a leader of the issuer's office approves publishing one; before that nobody is shown any."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from models.errors import BadInput, DondocError
from models.i18n import _
from models.organization.unit import UnitKind
from models.text.localtime import local_date, read_day
from web.reports.scorecard_words import EVERY_WORDS, wording, write_period
from web.request.page_frame import hand
from web.request.request_context import Posted, RequestContext, Signed, text
from workflows.reports.charts.chart_choices import directives_to_draw
from workflows.reports.scorecards.ranking import (
    approve_ranking,
    list_rankings,
    offices_led,
    read_ranking,
    withdraw_ranking,
)
from workflows.rules.calendar.periods import parse
from workflows.rules.figures.fairness import FORMULA, NOTES
from workflows.rules.figures.scorecard_figures import periods_until
from workflows.rules.rights_table import Right

router = APIRouter(prefix="/scorecards/rankings")
_FIELDS = ("office", "directive", "period", "cutoff", "note")


@router.get("")
def rankings_page(visit: Signed) -> HTMLResponse:
    """Return the rankings that are approved; for a leader, what they may approve."""
    visit.require(Right.SEE_REPORT)
    return _page(visit)


@router.post("")
def approve(visit: Signed, form: Posted) -> Response:
    """Approve publishing one."""
    visit.require(Right.APPROVE_RANKING)
    given = {name: text(form, name) for name in _FIELDS}
    try:
        if not given["period"]:
            raise BadInput("period: choose one that is over")
        cutoff = read_day(_("Cut-off"), given["cutoff"]) if given["cutoff"] else None
        with visit.transaction() as session:
            approval = approve_ranking(
                session,
                visit.the_place,
                period=given["period"],
                today=local_date(visit.now),
                hand=hand(visit),
                office=given["office"] or None,
                directive=given["directive"] or None,
                cutoff=cutoff,
                note=given["note"],
            )
            address = f"/scorecards/rankings/{approval.id.hex}"
    except DondocError as error:
        return _page(visit, given, error)
    return visit.go(address, _("Approved: those who see all these tasks see the ranking from now on."))


@router.post("/{ranking_id}/withdraw")
def withdraw(ranking_id: UUID, visit: Signed, form: Posted) -> Response:
    """Take an approval back."""
    visit.require(Right.APPROVE_RANKING)
    try:
        with visit.transaction() as session:
            withdraw_ranking(session, visit.the_place, ranking_id, hand=hand(visit))
    except DondocError as error:
        return _page(visit, error=error)
    return visit.go("/scorecards/rankings", _("Withdrawn: nobody sees this ranking any more."))


@router.get("/{ranking_id}")
def ranking_page(ranking_id: UUID, visit: Signed) -> HTMLResponse:
    """Return an approved ranking: units of one kind by their on-time rate."""
    visit.require(Right.SEE_REPORT)
    with visit.reading() as session:
        ranking = read_ranking(session, visit.the_place, ranking_id, calendar=visit.calendar(session))
        led = {one.id for one in offices_led(session, visit.the_place)}
    return visit.page(
        "scorecards/ranking.html",
        ranking=ranking,
        approval=ranking.of.approval,
        formula=FORMULA,
        may_withdraw=ranking.of.approval.issuer_office_id in led,
        kinds=UnitKind.labels(),
        general_notes=NOTES,
        **wording(visit.language),
    )


def _page(visit: RequestContext, given: dict[str, str] | None = None, error: DondocError | None = None) -> HTMLResponse:
    today = local_date(visit.now)
    with visit.reading() as session:
        found = list_rankings(session, visit.the_place)
        led = offices_led(session, visit.the_place)
        directives = directives_to_draw(session, visit.the_place) if led else []
    over = [one for every in EVERY_WORDS for one in reversed(periods_until(today, every)) if one.last_day < today]
    return visit.page(
        "scorecards/rankings.html",
        code=visit.fault(error) if error else 200,
        error=error,
        found=found,
        offices=[(one.code, one.name) for one in led],
        directives=[(one.code, one.name) for one in directives],
        periods=[(one.key, write_period(one, visit.language)) for one in over],
        today=today,
        given=given or dict.fromkeys(_FIELDS, ""),
        period_words=lambda key: write_period(parse(key), visit.language),
    )
