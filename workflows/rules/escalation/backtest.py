"""How well warnings did: how many were correct, and how many late tasks they missed.

Pure. A case is a task whose date has come; it was warned of if the rule did so on a day on which that date stood and
was still to come. Late is by the current date, as in the report; what waits for a decision is left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from models.i18n import Words, _


@dataclass(frozen=True)
class Case:
    """One task and its date."""

    due_on: date
    late: bool
    is_warned: bool


@dataclass(frozen=True)
class Score:
    """The cases counted. `warned_late`: correct warnings."""

    cases: int
    late: int
    warned: int
    warned_late: int

    @property
    def missed(self) -> int:
        """Return how many late tasks were not warned of."""
        return self.late - self.warned_late


def score(cases: Iterable[Case]) -> Score:
    """Count them."""
    found = list(cases)
    return Score(
        cases=len(found),
        late=sum(one.late for one in found),
        warned=sum(one.is_warned for one in found),
        warned_late=sum(one.late and one.is_warned for one in found),
    )


def by_month(cases: Iterable[Case]) -> dict[str, Score]:
    """Return the scores by the month of the date ("2026-11"), in order."""
    months: dict[str, list[Case]] = {}
    for one in cases:
        months.setdefault(f"{one.due_on:%Y-%m}", []).append(one)
    return {month: score(months[month]) for month in sorted(months)}


def score_words(found: Score) -> Words:
    """Return the sentence that stands over the warnings."""
    if not found.cases:
        return Words(_("The rule cannot be tested yet: no deadline fell in the last 12 months."))
    return Words(
        _(
            "In the last 12 months, correct warnings: {right} of {warned}; late tasks that were missed: {missed} of "
            "{late}."
        ),
        right=found.warned_late,
        warned=found.warned,
        missed=found.missed,
        late=found.late,
    )
