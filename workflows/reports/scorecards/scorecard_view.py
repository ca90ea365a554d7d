"""Read the scorecards and warnings that somebody may see.

A reader sees the units that they oversee by name, and their own unit beside the quartiles of its kind without names.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import Session, col

from models.directives.directive import Directive
from models.errors import BadInput, NotFound, need
from models.organization.unit import Unit
from models.tasks.task import Task
from workflows.access.rights import Principal, open_directive, overseen_tasks
from workflows.reports.report_scope import MAY_DRAW, check_cutoff, check_drawable, has_more_tasks_than
from workflows.reports.scorecards.risks import Risks, is_at_stake, read_risks
from workflows.reports.scorecards.scorecard_reads import Scorecards, UnitCards, read_scorecards
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.figures.scorecard_figures import Every, Quartiles, quartiles
from workflows.rules.rights_table import Right

MAY_WARN = 20_000
"""The most open tasks whose history is read while somebody waits. It takes some seconds."""


@dataclass(frozen=True)
class ScorecardQuery:
    """The cut-off day, the length of the periods, and one directive (by code) or all."""

    cutoff: date
    every: Every = Every.QUARTER
    directive: str | None = None


@dataclass(frozen=True)
class OwnCards:
    """The cards of a reader's own unit, and quartiles of the units of its kind; None for too few or too many units."""

    unit: UnitCards
    rates: Quartiles | None
    days_late: Quartiles | None


def read_asked(*, cutoff: date | None, every: Every, directive: str | None, today: date) -> ScorecardQuery:
    check_cutoff(cutoff, today)
    return ScorecardQuery(cutoff or today, every, directive)


def read_overseen(
    session: Session, principal: Principal, query: ScorecardQuery, *, calendar: WorkCalendar, unit: str | None = None
) -> Scorecards | None:
    """Read the cards of units from the tasks that somebody oversees; None for a reader who oversees none.

    With `unit` (a code), only its tasks are counted. Raise NotFound for a directive that the principal may not open,
    BadInput for too many tasks.
    """
    principal.require(Right.SEE_SCORECARDS)
    if not principal.may(Right.SEE_REPORT):
        return None
    among = overseen_tasks(principal)
    if query.directive is not None:
        open_directive(session, principal, query.directive, Right.SEE_REPORT)
    elif unit is None:
        check_drawable(session, principal)
    if unit is not None:
        among = and_(among, _of_units(col(Unit.code) == unit))
    return read_scorecards(
        session, cutoff=query.cutoff, calendar=calendar, every=query.every, directive=query.directive, among=among
    )


def read_own(
    session: Session, principal: Principal, query: ScorecardQuery, *, calendar: WorkCalendar
) -> list[OwnCards]:
    """Read the cards, over all directives, of the units that somebody heads or is deputy or focal point of."""
    principal.require(Right.SEE_SCORECARDS)
    if not principal.serves:
        return []
    kinds = set(session.scalars(select(col(Unit.kind)).where(col(Unit.id).in_(principal.serves))))
    among = _of_units(col(Unit.kind).in_(kinds))
    if has_more_tasks_than(session, MAY_DRAW, among):  # too many to wait for: count those of their own units only
        among = _of_units(col(Unit.id).in_(principal.serves))
    cards = read_scorecards(session, cutoff=query.cutoff, calendar=calendar, every=query.every, among=among).units
    own = [unit for unit in cards if unit.unit_id in principal.serves]
    return [_compare(unit, [other for other in cards if other.kind is unit.kind]) for unit in own]


def find_unit(
    session: Session, principal: Principal, query: ScorecardQuery, code: str, *, calendar: WorkCalendar
) -> tuple[UnitCards, OwnCards | None]:
    """Return a unit's cards for a reader who serves or oversees it. Raise NotFound for all others."""
    own_units = read_own(session, principal, query, calendar=calendar)
    own = next((cards for cards in own_units if cards.unit.code == code), None)
    if own is not None and query.directive is None:
        return own.unit, own
    overseen = read_overseen(session, principal, query, calendar=calendar, unit=code)
    unit = need(overseen.of(code) if overseen is not None else None, NotFound("there is no such unit"))
    return unit, None


def read_warnings(
    session: Session, principal: Principal, *, directive: str | None, day: date, calendar: WorkCalendar
) -> Risks:
    """Read the warnings about tasks that somebody oversees. Raise BadInput where those are too many to wait for."""
    principal.require(Right.SEE_WARNINGS)
    among = overseen_tasks(principal)
    if directive is not None:
        open_directive(session, principal, directive, Right.SEE_REPORT)
        among = and_(among, _of_directive(directive))
    if has_more_tasks_than(session, MAY_WARN, among, is_at_stake(day)):
        raise BadInput("directive: more than {count} open tasks in all; choose one directive", count=MAY_WARN)
    return read_risks(session, day=day, calendar=calendar, among=among)


def _of_units(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition for tasks that were assigned to these units, or that they lead now."""
    units = select(col(Unit.id)).where(condition)
    return or_(col(Task.assigned_unit_id).in_(units), col(Task.lead_unit_id).in_(units))


def _of_directive(code: str) -> ColumnElement[bool]:
    return col(Task.directive_id).in_(select(col(Directive.id)).where(col(Directive.code) == code))


def _compare(unit: UnitCards, units_of_kind: Iterable[UnitCards]) -> OwnCards:
    cards = [other.whole for other in units_of_kind if not other.whole.due.is_few]
    rates = [float(card.due.rate) for card in cards if card.due.rate is not None]
    days_late = [card.days_late for card in cards if card.days_late is not None]
    return OwnCards(unit, quartiles(rates), quartiles(days_late))
