"""A unit's scorecard: what fell due in a period and what became of it, and beside it what else happened to the tasks.

Pure. Policy, and said on every page: a task belongs to the period of its date, and to the unit that leads it at the
cut-off; a move belongs to the unit that led when it was made. The places are the official ones. A result that was sent
in by its date and is not decided on counts neither for nor against the unit: it waits for somebody else.
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
"""Of fewer tasks no rate is compared with others: one of them would move it by more than 20 points."""
FEWEST_UNITS = 5
"""Of fewer units no quartiles are told: whoever knows the others could tell whose they are."""


class Every(StrEnum):
    """How long the periods of a scorecard are."""

    MONTH = "month"
    QUARTER = "quarter"


SHOWN = {Every.MONTH: 12, Every.QUARTER: 6}
"""How many periods a scorecard goes back, the cut-off's own included."""


def periods_until(cutoff: date, every: Every) -> tuple[Period, ...]:
    """The oldest first; the last one holds the cut-off."""
    found = [_period_of(cutoff, every)]
    while len(found) < SHOWN[every]:
        found.append(_period_of(found[-1].first_day - timedelta(days=1), every))
    return tuple(reversed(found))


def _period_of(day: date, every: Every) -> Period:
    part = f"{day.month:02d}" if every is Every.MONTH else f"Q{(day.month - 1) // 3 + 1}"
    return parse(f"{day.year}-{part}")


def whole_of(periods: Sequence[Period]) -> Period:
    """The whole has no key."""
    return Period("", periods[0].first_day, periods[-1].last_day)


@dataclass(frozen=True)
class Dues:
    """What fell due, by the official places. `pending` is the part of `overdue` that was sent in by its date."""

    on_time: int = 0
    late: int = 0
    overdue: int = 0
    today: int = 0  # due on the cut-off day itself: still in time
    pending: int = 0

    @property
    def total(self) -> int:
        """Counts the tasks whose date lies in the period, up to the cut-off."""
        return self.on_time + self.late + self.overdue + self.today

    @property
    def measured(self) -> int:
        """Counts the tasks of which it is known whether the unit met the date."""
        return self.on_time + self.late + self.overdue - self.pending

    @property
    def rate(self) -> Fraction | None:
        """done on time / (done + overdue, without what waits for a decision); None while nothing is measured."""
        return Fraction(self.on_time, self.measured) if self.measured else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Return between which rates the unit's own lies, at 95% by Wilson's interval; None while nothing is measured.

        Of few tasks it is wide: how they went may be chance.
        """
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
    """The tasks of one kind of duty, for kinds weigh differently."""

    kind: DutyKind
    measured: int
    on_time: int


@dataclass(frozen=True)
class Card:
    """One unit in one period. Days are working days; a median is None where there is nothing to count."""

    due: Dues = Dues()
    on_original: Dues = Dues()
    days_late: float | None = None  # the median of what was done late or is overdue, by the current dates
    decided: int = 0  # results decided on
    returned: int = 0  # of these, returned for completion
    asked: int = 0  # requests for more time
    granted: int = 0
    refused: int = 0
    moved_on_request: int = 0
    moved_by_others: int = 0
    obstacles: int = 0  # difficulties reported
    unanswered: int = 0  # of these, not answered by the authority's date: the authority's lateness, not the unit's
    late_while_waiting: int = 0  # tasks that passed their date while the authority's answer was overdue
    decision_days: float | None = None  # median from submission to decision: the follower's own slowness
    taken_over: int = 0  # tasks due that another unit led before
    undated: int = 0  # open at the cut-off and without a date; in the whole only
    running: int = 0  # open at the cut-off, their date still to come; in the whole only
    kinds: tuple[KindOfDuty, ...] = ()


@dataclass(frozen=True)
class Quartiles:
    """Three numbers that cut the units of a kind into four equal parts, and how many units they are of."""

    units: int
    lower: float
    middle: float
    upper: float


def quartiles(values: Sequence[float]) -> Quartiles | None:
    """None below `FEWEST_UNITS`: so few could be told apart."""
    if len(values) < FEWEST_UNITS:
        return None
    return Quartiles(len(values), *quantiles(values, n=4, method="inclusive"))


def write_share(share: float) -> str:
    """ "83%": of so few tasks decimals would say nothing. Half up."""
    return f"{int(share * 100 + 0.5)}%"
