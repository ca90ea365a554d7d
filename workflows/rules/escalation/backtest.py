"""How well warnings did: of the tasks warned of, how many became late, and whether a lot would have found them too.

Pure. A case is a task whose date has come; it was warned of if the rule did so on a day on which that date stood and
was still to come. Late is by the current date, as in the report; what waits for a decision is left out.

By lot: a task that is still open shortly before its date is often late, whatever else is known of it. So each warning
is compared with the tasks that were open with as many weeks left and not warned of before (a log-rank test).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from math import erfc, sqrt
from statistics import median

from models.i18n import Words, _, _n

FEWEST_CASES, FEWEST_WARNED = 20, 5
"""Below, nothing is said of how well the rule does."""
SURE = 0.01
"""The rule counts as better than a lot where the lot would do as well at most once in a hundred times."""


@dataclass(frozen=True)
class Case:
    """One task and its date.

    `weeks`: the weeks left at each look, up to the first warning. `warned_days`: working days from that to the date;
    None where there was no warning.
    """

    due_on: date
    late: bool
    weeks: tuple[int, ...] = ()
    warned_days: int | None = None

    @property
    def is_warned(self) -> bool:
        return self.warned_days is not None


class Verdict(StrEnum):
    """What may be said of the rule."""

    TOO_FEW = "too_few"
    CHANCE = "chance"  # no better than a lot
    BETTER = "better"


@dataclass(frozen=True)
class Score:
    """The cases counted."""

    cases: int
    late: int
    warned: int
    warned_late: int
    by_lot: float  # the late ones that as many warnings at the same times by lot would have found
    spread: float  # the variance of that
    days_before: float | None  # the median of working days from the first warning to the date, of the late ones

    @property
    def precision(self) -> Fraction | None:
        """Of those warned of, the part that became late."""
        return _part(self.warned_late, self.warned)

    @property
    def recall(self) -> Fraction | None:
        """Of the late ones, the part that was warned of."""
        return _part(self.warned_late, self.late)

    @property
    def base_rate(self) -> Fraction | None:
        """Of all, the part that became late."""
        return _part(self.late, self.cases)

    @property
    def chance(self) -> float:
        """Return how likely a lot does as well or better; 1 where nothing can be told."""
        if self.spread <= 0:
            return 1.0
        return 0.5 * erfc((self.warned_late - self.by_lot) / sqrt(2 * self.spread))

    @property
    def verdict(self) -> Verdict:
        if self.cases < FEWEST_CASES or self.warned < FEWEST_WARNED:
            return Verdict.TOO_FEW
        return Verdict.BETTER if self.chance <= SURE else Verdict.CHANCE


def score(cases: Iterable[Case]) -> Score:
    """Count them."""
    found = list(cases)
    hits = [one.warned_days for one in found if one.late and one.warned_days is not None]
    by_lot, spread = _lot(found)
    return Score(
        cases=len(found),
        late=sum(one.late for one in found),
        warned=sum(one.is_warned for one in found),
        warned_late=len(hits),
        by_lot=by_lot,
        spread=spread,
        days_before=float(median(hits)) if hits else None,
    )


def by_month(cases: Iterable[Case]) -> dict[str, Score]:
    """By the month of the date ("2026-11"), in order."""
    months: dict[str, list[Case]] = {}
    for one in cases:
        months.setdefault(f"{one.due_on:%Y-%m}", []).append(one)
    return {month: score(months[month]) for month in sorted(months)}


def _lot(cases: Sequence[Case]) -> tuple[float, float]:
    """Return how many late ones as many warnings drawn by lot at the same times would find, and the variance of
    that.
    """
    looked, late, warned = Counter[int](), Counter[int](), Counter[int]()
    for one in cases:
        for week in one.weeks:
            looked[week] += 1
            late[week] += one.late
        if one.is_warned:
            warned[one.weeks[-1]] += 1
    found = spread = 0.0
    for week, drawn in warned.items():
        there, share = looked[week], late[week] / looked[week]
        found += drawn * share
        if there > 1:
            spread += drawn * share * (1 - share) * (there - drawn) / (there - 1)
    return found, spread


def verdict_words(found: Score) -> Words:
    """Return the sentence that stands over the warnings."""
    match found.verdict:
        case Verdict.TOO_FEW:
            message = _n(
                "The rule cannot be tested yet: in the last 12 months {count} date came, and it warned of {warned}.",
                "The rule cannot be tested yet: in the last 12 months {count} dates came, and it warned of {warned}.",
            )
        case Verdict.CHANCE:
            message = _(
                "The rule is no better than chance here: of the {warned} tasks that it warned of in the last 12 months "
                "{hits} became late, and by lot it would have been {lot}. Do not act on a warning alone."
            )
        case _better:
            message = _(
                "Of the {warned} tasks that this rule warned of in the last 12 months, {hits} became late ({tenth} of "
                "10); by lot it would have been {lot}. It missed {missed} of {late} late tasks."
            )
    return Words(
        message,
        warned=found.warned,
        hits=found.warned_late,
        count=found.cases,
        late=found.late,
        missed=found.late - found.warned_late,
        tenth=_tenths(found.precision),
        lot=round(found.by_lot),
    )


def _tenths(part: Fraction | None) -> int:
    return int((part or Fraction(0)) * 10 + Fraction(1, 2))


def _part(some: int, of: int) -> Fraction | None:
    return Fraction(some, of) if of else None
