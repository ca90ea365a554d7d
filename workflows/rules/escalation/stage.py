"""All lives at one moment that only moves on: what was recorded later does not exist there.

Pure. A step costs what happened in it and what is open, not what ever was.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from heapq import heappop, heappush
from uuid import UUID

from models.directives.directive import DutyKind
from models.tasks.task import OPEN_STATUSES
from models.text.localtime import end_of_day
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.escalation.experience import Experience, turns
from workflows.rules.escalation.risk import Risk, is_at_stake, risk_of
from workflows.rules.tasks.classification import HistoryRow
from workflows.rules.tasks.task_life import Life, TaskRecord


class Stage:
    """The tasks told so far, what is known of their units, and the risks of those that are open."""

    def __init__(self, tolds: Sequence[TaskRecord], calendar: WorkCalendar) -> None:
        # rows of one task keep their order: the sort is stable
        rows = ((row, told) for told in tolds for row in told.rows)
        self._rows: list[tuple[HistoryRow, TaskRecord]] = sorted(rows, key=lambda one: one[0].recorded_at)
        self._next = 0
        self._calendar = calendar
        self._known = Experience(calendar)
        self._open: set[UUID] = set()
        self._turns: list[tuple[date, UUID]] = []
        self.lives: dict[UUID, tuple[Life, DutyKind]] = {}

    def play(self, day: date) -> None:
        """On to the end of a day."""
        touched = set(self._happen(day))
        for task_id in touched:
            life, _kind = self.lives[task_id]
            for turn in turns(life):
                heappush(self._turns, (turn, task_id))
            (self._open.add if life.status in OPEN_STATUSES else self._open.discard)(task_id)
        while self._turns and self._turns[0][0] <= day:
            touched.add(heappop(self._turns)[1])
        for task_id in touched:
            self._known.put(task_id, *self.lives[task_id], day)

    def risks(self, day: date) -> Iterator[tuple[UUID, Risk]]:
        """Yield what speaks against the dates of the open tasks at the end of the day that was played last."""
        for task_id in self._open:
            life, kind = self.lives[task_id]
            risk = risk_of(life, self._known.past(life, kind), day, self._calendar) if is_at_stake(life, day) else None
            if risk is not None:
                yield task_id, risk

    def _happen(self, day: date) -> Iterator[UUID]:
        closes_at = end_of_day(day)
        while self._next < len(self._rows) and self._rows[self._next][0].recorded_at < closes_at:
            row, told = self._rows[self._next]
            if told.task_id not in self.lives:
                self.lives[told.task_id] = (Life(), told.kind)
            self.lives[told.task_id][0].happened(row)
            self._next += 1
            yield told.task_id
