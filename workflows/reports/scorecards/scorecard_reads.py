"""Scorecards of units over time, at a cut-off: from history alone, so that asked again they come out the same.

Units stand in Vietnamese alphabetical order, never by merit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from models.organization.unit import Unit, UnitKind
from workflows.reports.counted_history import directive_of_code, is_provisional
from workflows.reports.task_lives import read_told
from workflows.rules.calendar.periods import Period
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.figures.scorecard_figures import Card, Dues, Every, periods_until
from workflows.rules.figures.tally import UnitTally


@dataclass(frozen=True)
class UnitCards:
    """One unit: a card for each period, and one of all of them together."""

    unit_id: UUID
    code: str
    name: str
    kind: UnitKind
    by_period: tuple[Card, ...]
    whole: Card

    @property
    def begins(self) -> int:
        """The first period in which there is anything; the last one where there is nothing at all."""
        return next((at for at, card in enumerate(self.by_period) if card != Card()), len(self.by_period) - 1)


@dataclass(frozen=True)
class Scorecards:
    """What was recorded by 24:00 local of `cutoff`; `provisional` until the sealer has passed it."""

    cutoff: date
    provisional: bool
    directive: str | None
    periods: tuple[Period, ...]
    units: tuple[UnitCards, ...]

    def of(self, code: str) -> UnitCards | None:
        return next((one for one in self.units if one.code == code), None)


def read_scorecards(
    session: Session,
    *,
    cutoff: date,
    calendar: WorkCalendar,
    every: Every = Every.QUARTER,
    directive: str | None = None,
    among: ColumnElement[bool] | None = None,
) -> Scorecards:
    """Every unit that leads a task at the cut-off, of one directive (by code) or of all, in five queries.

    `among`: a condition on tasks, such as those somebody oversees. NotFound for an unknown code. Days late are counted
    by the calendar of today: a later decision on days off counts for the past as well.
    """
    directive_id = None if directive is None else directive_of_code(session, directive)
    shown = periods_until(cutoff, every)
    count = UnitTally(shown, cutoff, calendar)
    for told in read_told(session, cutoff, directive_id, among):
        count.add(told.life(), told.kind)
    cards = count.cards()
    query = select(col(Unit.id), col(Unit.code), col(Unit.name), col(Unit.kind))
    query = query.order_by(col(Unit.sort_key), col(Unit.code))
    return Scorecards(
        cutoff=cutoff,
        provisional=is_provisional(session, cutoff, directive_id),
        directive=directive,
        periods=shown,
        units=tuple(
            UnitCards(unit_id, code, name, UnitKind(kind), cards[unit_id][:-1], cards[unit_id][-1])
            for unit_id, code, name, kind in session.execute(query)
            if unit_id in count.leads
        ),
    )


def add_dues(units: Sequence[UnitCards], period: int) -> Dues:
    """What fell due of all these units in one of their periods, by its place among them."""
    dues = [one.by_period[period].due for one in units]
    return Dues(**{one.name: sum(getattr(due, one.name) for due in dues) for one in fields(Dues)})
