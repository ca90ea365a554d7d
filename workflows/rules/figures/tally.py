"""Count the lives of tasks into the scorecards of units."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median
from uuid import UUID

from models.directives.directive import DutyKind
from workflows.rules.calendar.periods import Period
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.figures.scorecard_figures import Card, Dues, KindOfDuty, whole_of
from workflows.rules.tasks.classification import AsOf, Bucket, classify
from workflows.rules.tasks.task_life import Life

_PLACES = {
    Bucket.DONE_ON_TIME: "on_time",
    Bucket.DONE_LATE: "late",
    Bucket.OPEN_OVERDUE: "overdue",
    Bucket.OPEN_IN_TIME: "today",
}


@dataclass
class _Tally:
    due: Counter[str] = field(default_factory=Counter)
    on_original: Counter[str] = field(default_factory=Counter)
    numbers: Counter[str] = field(default_factory=Counter)
    days_late: list[int] = field(default_factory=list)
    decision_days: list[int] = field(default_factory=list)
    measured: Counter[DutyKind] = field(default_factory=Counter)
    on_time: Counter[DutyKind] = field(default_factory=Counter)

    def card(self) -> Card:
        return Card(
            due=Dues(**self.due),
            on_original=Dues(**self.on_original),
            days_late=_median(self.days_late),
            decision_days=_median(self.decision_days),
            kinds=tuple(
                KindOfDuty(kind, self.measured[kind], self.on_time[kind]) for kind in DutyKind if self.measured[kind]
            ),
            **self.numbers,
        )


class UnitTally:
    """The counts so far of each unit, for each period and for all periods together."""

    def __init__(self, periods: Sequence[Period], cutoff: date, calendar: WorkCalendar) -> None:
        self._periods = (*periods, whole_of(periods))
        self._cutoff, self._as_of, self._calendar = cutoff, AsOf.close(cutoff), calendar
        self._tallies: dict[UUID, list[_Tally]] = {}
        self.leads: set[UUID] = set()
        """The units that lead a task at the cut-off."""

    def add(self, life: Life, kind: DutyKind) -> None:
        """Count one task up to the cut-off. Withdrawn tasks, drills and child tasks do not count, as in the report."""
        if not life.counts or life.lead_unit is None:
            return
        self.leads.add(life.lead_unit)
        self._add_deadline(life, kind)
        self._add_original_deadline(life)
        self._add_events(life)
        whole = self._of(life.lead_unit)[-1].numbers
        if classify(life, self._as_of) is Bucket.OPEN_IN_TIME:
            whole["undated" if life.due_on is None else "running"] += 1

    def cards(self) -> dict[UUID, tuple[Card, ...]]:
        """Return the cards of each unit. The last one is of all periods together."""
        return {unit: tuple(tally.card() for tally in tallies) for unit, tallies in self._tallies.items()}

    def _of(self, unit: UUID) -> list[_Tally]:
        tallies = self._tallies.get(unit)
        if tallies is None:
            tallies = self._tallies[unit] = [_Tally() for _period in self._periods]
        return tallies

    def _at(self, unit: UUID | None, day: date | None) -> Iterator[_Tally]:
        """Yield the tallies of the unit's periods that include a day up to the cut-off."""
        if unit is None or day is None or day > self._cutoff:
            return
        for period, tally in zip(self._periods, self._of(unit), strict=True):
            if period.first_day <= day <= period.last_day:
                yield tally

    def _add_deadline(self, life: Life, kind: DutyKind) -> None:
        bucket = classify(life, self._as_of)
        pending = bucket is Bucket.OPEN_OVERDUE and life.is_pending()
        is_late = bucket in (Bucket.DONE_LATE, Bucket.OPEN_OVERDUE) and not pending
        was_blocked = (
            is_late
            and life.due_on is not None
            and any(obstacle.is_unanswered(life.due_on) for obstacle in life.obstacles)
        )
        for tally in self._at(life.lead_unit, life.due_on):
            _place(tally.due, bucket, pending)
            if bucket is not Bucket.OPEN_IN_TIME and not pending:
                tally.measured[kind] += 1
                tally.on_time[kind] += bucket is Bucket.DONE_ON_TIME
            if is_late and life.due_on is not None:
                tally.days_late.append(self._calendar.between(life.due_on, life.counts_on or self._cutoff))
            tally.numbers["late_while_waiting"] += was_blocked
            tally.numbers["taken_over"] += life.leads > 0

    def _add_original_deadline(self, life: Life) -> None:
        bucket = classify(life, self._as_of, on_original=True)
        pending = bucket is Bucket.OPEN_OVERDUE and life.is_pending(on_original=True)
        for tally in self._at(life.lead_unit, life.original_due_on):
            _place(tally.on_original, bucket, pending)

    def _add_events(self, life: Life) -> None:
        for name, unit, day in _events(life, self._cutoff):
            for tally in self._at(unit, day):
                tally.numbers[name] += 1
        for decision in life.decisions:
            for tally in self._at(decision.unit, decision.decided_on):
                tally.decision_days.append(self._calendar.between(decision.submitted_on, decision.decided_on))


def _place(counted: Counter[str], bucket: Bucket, pending: bool) -> None:
    counted[_PLACES[bucket]] += 1
    counted["pending"] += pending


def _events(life: Life, cutoff: date) -> Iterator[tuple[str, UUID | None, date]]:
    """Yield the events of a task: the number to increase, the unit that led the task then, and the day."""
    for decision in life.decisions:
        yield "decided", decision.unit, decision.decided_on
        if decision.returned:
            yield "returned", decision.unit, decision.decided_on
    for request in life.asked:
        yield {None: "asked", True: "granted", False: "refused"}[request.granted], request.unit, request.on
    for move in life.moved:
        yield "moved_on_request" if move.on_request else "moved_by_others", move.unit, move.on
    for obstacle in life.obstacles:
        yield "obstacles", obstacle.unit, obstacle.raised_on
        if obstacle.was_late(cutoff):
            yield "unanswered", obstacle.unit, obstacle.raised_on


def _median(days: Iterable[int]) -> float | None:
    values = list(days)
    return float(median(values)) if values else None
