"""The figures of a unit's scorecard for one period: the tasks that fell due, and what else happened to them.

The policy stands on every page. A task belongs to the period of its deadline and to its lead at the cut-off. An event
belongs to the unit that led the task at that moment. A result that was submitted in time and waits for a decision
counts neither for nor against the unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from math import sqrt
from statistics import NormalDist, quantiles

from models.directives.directive import DutyKind
from workflows.rules.calendar.periods import Period, parse

FEWEST_TASKS = 5
"""A rate of fewer tasks is not compared: one task would move it by more than 20 points."""
FEWEST_UNITS = 5
"""Quartiles of fewer units are not shown: a reader could guess the units."""


class Every(StrEnum):
    """The length of a scorecard's periods."""

    MONTH = "month"
    QUARTER = "quarter"


SHOWN = {Every.MONTH: 12, Every.QUARTER: 6}
"""The number of periods on a scorecard, including that of the cut-off."""


def periods_until(cutoff: date, every: Every) -> tuple[Period, ...]:
    """Return the periods of a scorecard, the oldest first. The last one includes the cut-off."""
    periods = [_period_of(cutoff, every)]
    while len(periods) < SHOWN[every]:
        periods.append(_period_of(periods[-1].first_day - timedelta(days=1), every))
    return tuple(reversed(periods))


def _period_of(day: date, every: Every) -> Period:
    part = f"{day.month:02d}" if every is Every.MONTH else f"Q{(day.month - 1) // 3 + 1}"
    return parse(f"{day.year}-{part}")


def whole_of(periods: Sequence[Period]) -> Period:
    """Return the span of all periods. It has no key."""
    return Period("", periods[0].first_day, periods[-1].last_day)


@dataclass(frozen=True)
class Dues:
    """The tasks that fell due, by official place. `pending` is the part of `overdue` that was submitted in time."""

    on_time: int = 0
    late: int = 0
    overdue: int = 0
    today: int = 0  # due on the cut-off day itself: still in time
    pending: int = 0

    @property
    def total(self) -> int:
        """Return the number of tasks whose deadline lies in the period, up to the cut-off."""
        return self.on_time + self.late + self.overdue + self.today

    @property
    def measured(self) -> int:
        """Return the number of tasks for which it is known whether the unit met the deadline."""
        return self.on_time + self.late + self.overdue - self.pending

    @property
    def rate(self) -> Fraction | None:
        """Return on time / measured; None while nothing is measured."""
        return Fraction(self.on_time, self.measured) if self.measured else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Return Wilson's 95% interval of the rate, which is wide for few tasks; None while nothing is measured."""
        if self.rate is None:
            return None
        n, share, z = self.measured, float(self.rate), NormalDist().inv_cdf(0.975)
        middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        reach = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
        return max(0.0, middle - reach), min(1.0, middle + reach)

    @property
    def is_few(self) -> bool:
        return self.measured < FEWEST_TASKS


@dataclass(frozen=True)
class KindOfDuty:
    kind: DutyKind
    measured: int
    on_time: int


@dataclass(frozen=True)
class Card:
    """One unit in one period. Days are working days. A median is None without values."""

    due: Dues = Dues()
    on_original: Dues = Dues()
    days_late: float | None = None  # the median of tasks done late or overdue, by the current deadlines
    decided: int = 0  # results decided on
    returned: int = 0  # of these, returned for completion
    asked: int = 0  # requests for more time
    granted: int = 0
    refused: int = 0
    moved_on_request: int = 0
    moved_by_others: int = 0
    obstacles: int = 0  # difficulties reported
    unanswered: int = 0  # of these, not answered by the authority in time
    late_while_waiting: int = 0  # tasks that became late while the authority's answer was overdue
    decision_days: float | None = None  # the median from submission to decision
    taken_over: int = 0  # due tasks that another unit led before
    undated: int = 0  # open at the cut-off, without a deadline; only on the card of all periods
    running: int = 0  # open at the cut-off, with a later deadline; only on the card of all periods
    kinds: tuple[KindOfDuty, ...] = ()


@dataclass(frozen=True)
class Quartiles:
    """The quartiles over the units of a kind, and the number of these units."""

    units: int
    lower: float
    middle: float
    upper: float


def quartiles(values: Sequence[float]) -> Quartiles | None:
    """Return the quartiles; None for fewer than `FEWEST_UNITS` values."""
    if len(values) < FEWEST_UNITS:
        return None
    return Quartiles(len(values), *quantiles(values, n=4, method="inclusive"))


def write_share(share: float) -> str:
    """Return for example "83%", rounded half up."""
    return f"{int(share * 100 + 0.5)}%"
