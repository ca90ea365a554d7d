"""Read the scorecards of units over time, at a cut-off. They come from history alone, so they never change later.

Units stand in Vietnamese alphabetical order, never by merit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from models.organization.unit import Unit, UnitKind
from workflows.reports.counted_history import directive_of_code, is_provisional, read_task_records
from workflows.rules.calendar.periods import Period
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.figures.scorecard_figures import Card, Dues, Every, periods_until
from workflows.rules.figures.tally import UnitTally


@dataclass(frozen=True)
class UnitCards:
    """The cards of one unit: one for each period, and one for all periods together."""

    unit_id: UUID
    code: str
    name: str
    kind: UnitKind
    by_period: tuple[Card, ...]
    whole: Card

    @property
    def begins(self) -> int:
        """Return the index of the first period with any task, else of the last period."""
        first = (index for index, card in enumerate(self.by_period) if card != Card())
        return next(first, len(self.by_period) - 1)


@dataclass(frozen=True)
class Scorecards:
    """The scorecards of what was recorded by 24:00 local of `cutoff`; `provisional` until that is sealed."""

    cutoff: date
    provisional: bool
    directive: str | None
    periods: tuple[Period, ...]
    units: tuple[UnitCards, ...]

    def of(self, code: str) -> UnitCards | None:
        return next((unit for unit in self.units if unit.code == code), None)


def read_scorecards(
    session: Session,
    *,
    cutoff: date,
    calendar: WorkCalendar,
    every: Every = Every.QUARTER,
    directive: str | None = None,
    among: ColumnElement[bool] | None = None,
) -> Scorecards:
    """Read the cards of each unit that leads a task at the cut-off, of one directive (by code) or all.

    `among` is a condition on tasks, such as those that somebody oversees. Days late are counted by today's calendar, so
    a later decision on days off changes them. It takes five queries. Raise NotFound for an unknown code.
    """
    directive_id = None if directive is None else directive_of_code(session, directive)
    periods = periods_until(cutoff, every)
    tally = UnitTally(periods, cutoff, calendar)
    for record in read_task_records(session, cutoff, directive_id, among):
        tally.add(record.life(), record.kind)
    cards = tally.cards()
    query = select(col(Unit.id), col(Unit.code), col(Unit.name), col(Unit.kind))
    query = query.order_by(col(Unit.sort_key), col(Unit.code))
    return Scorecards(
        cutoff=cutoff,
        provisional=is_provisional(session, cutoff, directive_id),
        directive=directive,
        periods=periods,
        units=tuple(
            UnitCards(unit_id, code, name, UnitKind(kind), cards[unit_id][:-1], cards[unit_id][-1])
            for unit_id, code, name, kind in session.execute(query)
            if unit_id in tally.leads
        ),
    )


def add_dues(units: Sequence[UnitCards], period: int) -> Dues:
    """Add up what fell due of these units in one period, given by its index."""
    dues = [unit.by_period[period].due for unit in units]
    return Dues(**{field.name: sum(getattr(due, field.name) for due in dues) for field in fields(Dues)})
