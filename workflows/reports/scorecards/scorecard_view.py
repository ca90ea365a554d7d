"""Which scorecards and warnings somebody sees: units they oversee by name, their own beside nameless quartiles."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import Session, col

from models.directives.directive import Directive
from models.errors import BadInput, NotFound, need
from models.organization.unit import Unit
from models.tasks.task import Task
from workflows.access.rights import Principal, open_directive, overseen_tasks
from workflows.reports.report_scope import MAY_DRAW, check_cutoff, check_drawable
from workflows.reports.scorecards.risks import Risks, is_at_stake, read_risks
from workflows.reports.scorecards.scorecard_reads import Scorecards, UnitCards, read_scorecards
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.figures.scorecard_figures import Every, Quartiles, quartiles
from workflows.rules.rights_table import Right

MAY_WARN = 20_000
"""Open tasks whose history is read while somebody waits: some seconds."""


@dataclass(frozen=True)
class ScorecardQuery:
    """What is asked for: a cut-off day, months or quarters, one directive (by code) or all."""

    cutoff: date
    every: Every = Every.QUARTER
    directive: str | None = None


@dataclass(frozen=True)
class Own:
    """One's own unit, and how the units of its kind stand, without names; None of too few units, or of too many."""

    unit: UnitCards
    rates: Quartiles | None
    days_late: Quartiles | None


def read_asked(*, cutoff: date | None, every: Every, directive: str | None, today: date) -> ScorecardQuery:
    """BadInput for a day that is still to come."""
    check_cutoff(cutoff, today)
    return ScorecardQuery(cutoff or today, every, directive)


def read_overseen(
    session: Session, principal: Principal, asked: ScorecardQuery, *, calendar: WorkCalendar, unit: str | None = None
) -> Scorecards | None:
    """Units whose tasks somebody oversees, counted from these tasks; None for whoever oversees none.

    `unit`: only the tasks of this one (by code). NotFound for a directive they may not open; BadInput for too much.
    """
    principal.require(Right.SEE_SCORECARDS)
    if not principal.may(Right.SEE_REPORT):
        return None
    among = overseen_tasks(principal)
    if asked.directive is not None:
        open_directive(session, principal, asked.directive, Right.SEE_REPORT)
    elif unit is None:
        check_drawable(session, principal)
    if unit is not None:
        among = and_(among, _of_units(col(Unit.code) == unit))
    return read_scorecards(
        session, cutoff=asked.cutoff, calendar=calendar, every=asked.every, directive=asked.directive, among=among
    )


def read_own(session: Session, principal: Principal, asked: ScorecardQuery, *, calendar: WorkCalendar) -> list[Own]:
    """Units that somebody heads, is deputy or focal point of; of all directives."""
    principal.require(Right.SEE_SCORECARDS)
    if not principal.serves:
        return []
    kinds = set(session.scalars(select(col(Unit.kind)).where(col(Unit.id).in_(principal.serves))))
    among = _of_units(col(Unit.kind).in_(kinds))
    if _is_too_much(session, among):  # too many to count while somebody waits: their own unit's alone
        among = _of_units(col(Unit.id).in_(principal.serves))
    cards = read_scorecards(session, cutoff=asked.cutoff, calendar=calendar, every=asked.every, among=among).units
    mine = [one for one in cards if one.unit_id in principal.serves]
    return [_beside(one, [other for other in cards if other.kind is one.kind]) for one in mine]


def find_unit(
    session: Session, principal: Principal, asked: ScorecardQuery, code: str, *, calendar: WorkCalendar
) -> tuple[UnitCards, Own | None]:
    """As whoever serves the unit or oversees it may see its cards. NotFound for everybody else.

    Who serves it sees all of it; who oversees it sees what was assigned or is supervised by them.
    """
    own = next((one for one in read_own(session, principal, asked, calendar=calendar) if one.unit.code == code), None)
    if own is not None and asked.directive is None:
        return own.unit, own
    overseen = read_overseen(session, principal, asked, calendar=calendar, unit=code)
    found = need(overseen.of(code) if overseen is not None else None, NotFound("there is no such unit"))
    return found, None


def read_warnings(
    session: Session, principal: Principal, *, directive: str | None, day: date, calendar: WorkCalendar
) -> Risks:
    """Only on tasks that somebody oversees.

    Where they are too many to wait for, one directive must be chosen (BadInput says so).
    """
    principal.require(Right.SEE_WARNINGS)
    among = overseen_tasks(principal)
    if directive is not None:
        open_directive(session, principal, directive, Right.SEE_REPORT)
        among = and_(among, _of_directive(directive))
    some = select(col(Task.id)).where(among, is_at_stake(day)).limit(MAY_WARN + 1).subquery()
    if (session.scalar(select(func.count()).select_from(some)) or 0) > MAY_WARN:
        raise BadInput("directive: more than {count} open tasks in all; choose one directive", count=MAY_WARN)
    return read_risks(session, day=day, calendar=calendar, among=among)


def _of_units(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Tasks that units were given, or lead now."""
    units = select(col(Unit.id)).where(condition)
    return or_(col(Task.assigned_unit_id).in_(units), col(Task.lead_unit_id).in_(units))


def _of_directive(code: str) -> ColumnElement[bool]:
    return col(Task.directive_id).in_(select(col(Directive.id)).where(col(Directive.code) == code))


def _is_too_much(session: Session, among: ColumnElement[bool]) -> bool:
    some = select(col(Task.id)).where(among).limit(MAY_DRAW + 1).subquery()
    return (session.scalar(select(func.count()).select_from(some)) or 0) > MAY_DRAW


def _beside(unit: UnitCards, kind: Iterable[UnitCards]) -> Own:
    wholes = [one.whole for one in kind if not one.whole.due.is_few]
    rates = [float(one.due.rate) for one in wholes if one.due.rate is not None]
    return Own(unit, quartiles(rates), quartiles([one.days_late for one in wholes if one.days_late is not None]))
