"""Believable histories of tasks, each told towards the place that it must have at a cut-off.

Slow approvals, returns, extensions, changes of lead, receipts by the clerk, what was recorded only after the cut-off:
everything that may not mislead a report. Days are ordinals; rows are text in the order of `HISTORY`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import NamedTuple

from bench.bulk import Row
from bench.web.values import OPENS, day_text, make_id, moment_text

HISTORY = "id recorded_at occurred_on directive_id task_id event actor_id relation from_status to_status facts".split()
_BETWEEN = 600  # seconds between two rows of a task on one day


class Fate(StrEnum):
    """What must have become of a task by the cut-off: a place of the two by two, or why it stands outside."""

    DONE_ON_TIME = "done_on_time"
    DONE_LATE = "done_late"
    OPEN_IN_TIME = "open_in_time"
    OPEN_UNDATED = "open_undated"  # open in time as well, and counted apart
    OPEN_OVERDUE = "open_overdue"
    WITHDRAWN = "withdrawn"
    DRILL = "drill"
    CHILD = "child"
    LATER = "later"  # assigned only after the cut-off


class Given(NamedTuple):
    """A task as it was given out; ids as hexadecimal digits. `other` may become its lead, `partners` contribute."""

    task: str
    directive: str
    unit: str
    other: str
    coordinator: str
    partners: tuple[str, ...] = ()


@dataclass
class Told:
    """A task whose story was told: its rows, in order, and how it stands at their end."""

    rows: list[Row] = field(default_factory=list)
    shares: dict[str, str] = field(default_factory=dict)  # by partner, the moment at which it contributed
    lead: str = ""
    status: str = "assigned"
    assigned: int = 0
    original: int | None = None
    due: int | None = None
    day: int = 0
    submitted: int = 0


class Histories:
    """Tells histories, the same for the same seed. With `length` each has at least so many rows."""

    def __init__(self, random: Random, cutoff: int, length: int = 0) -> None:
        self._random, self.cutoff, self._length = random, cutoff, length
        self._tell: dict[Fate, Callable[[], None]] = {
            Fate.DONE_ON_TIME: self._done_on_time,
            Fate.DONE_LATE: self._done_late,
            Fate.OPEN_IN_TIME: self._open_in_time,
            Fate.OPEN_UNDATED: self._undated,
            Fate.OPEN_OVERDUE: self._overdue,
            Fate.WITHDRAWN: self._withdrawn,
            Fate.LATER: self._later,
        }

    def of(self, given: Given, fate: Fate) -> Told:
        """One task's history."""
        self._given, self._told = given, Told(lead=given.unit)
        self._root, self._drill = fate is not Fate.CHILD, fate is Fate.DRILL
        if fate in (Fate.CHILD, Fate.DRILL):  # whatever becomes of them
            fate = self._random.choice((Fate.DONE_ON_TIME, Fate.DONE_LATE, Fate.OPEN_IN_TIME, Fate.OPEN_OVERDUE))
        self._tell[fate]()
        return self._told

    def _done_on_time(self) -> None:
        """Sent in time, however slow the approval; now and then after more time, and some had no date at all."""
        days, luck = self._random.randint, self._random.random()
        sent = self.cutoff - days(3, 260)
        if luck < 0.03:
            self._start(sent - days(5, 60), None)
        elif luck < 0.13:  # late by the original date
            original = sent - days(1, 9)
            self._start(original - days(15, 60), original)
            self._extend(original + days(10, 30))
        else:
            self._start(sent - days(5, 60), sent + days(0, 12))
        self._finish(sent)

    def _done_late(self) -> None:
        sent = self.cutoff - self._random.randint(3, 240)
        due = sent - self._random.randint(1, 40)
        if self._random.random() < 0.2:
            original = due - self._random.randint(5, 20)
            self._start(original - self._random.randint(15, 50), original)
            self._extend(due)
        else:
            self._start(due - self._random.randint(15, 60), due)
        self._finish(sent)

    def _open_in_time(self) -> None:
        """Due on the cut-off day itself or later; the result may be in already, for an open task is not done."""
        due = self.cutoff + self._random.randint(0, 60)
        if self._random.random() < 0.1:  # overdue by the original date
            original = self.cutoff - self._random.randint(1, 20)
            self._start(original - self._random.randint(15, 60), original)
            self._extend(due)
        else:
            self._start(self.cutoff - self._random.randint(1, 70), due)
        self._stay_open()

    def _undated(self) -> None:
        self._start(self.cutoff - self._random.randint(1, 200), None)
        self._stay_open()

    def _overdue(self) -> None:
        due = self.cutoff - self._random.randint(1, 120)
        self._start(due - self._random.randint(15, 60), due)
        self._stay_open()

    def _withdrawn(self) -> None:
        self._start(self.cutoff - self._random.randint(30, 200), self.cutoff - self._random.randint(-30, 20))
        self._work()
        if self._random.random() < 0.3:
            self._send(self._told.day + 1)
            self._move("returned", "returned")
        self._move("withdrawn", "withdrawn", day=min(self._told.day + 3, self.cutoff))

    def _later(self) -> None:
        self._start(self.cutoff + self._random.randint(1, 30), self.cutoff + 40)
        self._work()

    def _start(self, day: int, due: int | None) -> None:
        told, given = self._told, self._given
        told.assigned = told.day = day
        told.original = told.due = due
        facts = (
            f'{{"due_on": {_quoted(due)}, "root": {_json(self._root)}, '
            f'"drill": {_json(self._drill)}, "unit": "{given.unit}"}}'
        )
        self._move("assigned", "assigned", facts)

    def _work(self) -> None:
        """What happens on the way and counts for nothing; sometimes another unit takes over."""
        told, luck = self._told, self._random.random()
        if luck < 0.04:
            other = self._given.other
            self._move("lead_changed", "assigned", f'{{"from": "{told.lead}", "to": "{other}"}}')
            told.lead = other
        if luck > 0.97:
            self._move("withdrawn", "withdrawn")
            self._move("reopened", "accepted")
        self._move("accepted", "accepted")
        for event in ("assigned_on", "obstacle_raised", "obstacle_answered", "reminded", "telephone"):
            if self._random.random() < 0.3:
                self._move(event)
        for partner in self._given.partners:
            if self._random.random() < 0.7:
                self._move("contributed", None, f'{{"unit": "{partner}"}}')
                told.shares[partner] = told.rows[-1][1] or ""
        while len(told.rows) < self._length - 3:
            self._move("progress")

    def _extend(self, due: int) -> None:
        told = self._told
        assert told.due is not None
        self._move("extension_asked", None, f'{{"due_on": {_quoted(due)}}}', day=told.assigned + 2)
        self._move("extension_accepted")
        self._move("due_moved", None, f'{{"due_on": {_quoted(due)}, "from": {_quoted(told.due)}}}')
        told.due = due

    def _finish(self, sent: int) -> None:
        """Sent on a day before the cut-off and approved by it; the first attempt may have been returned."""
        told = self._told
        self._work()
        if self._random.random() < 0.15 and told.day + 2 < sent:
            self._send(told.day + 1)
            self._move("returned", "returned")
        self._send(sent)
        slow = self._random.randint(0, 40 if self._random.random() < 0.1 else 6)
        approved = min(max(told.day, sent + slow), self.cutoff)
        self._move("approved", "approved", f'{{"counts_on": {_quoted(told.submitted)}}}', day=approved)
        if self._random.random() < 0.02:
            self._move("reopened", "accepted", day=self.cutoff + self._random.randint(1, 20))

    def _stay_open(self) -> None:
        """Perhaps sent, perhaps returned, perhaps approved once and reopened; what is decided comes too late."""
        told, luck = self._told, self._random.random()
        self._work()
        if luck < 0.3 or told.day >= self.cutoff:
            return
        self._send(self._random.randint(told.day, self.cutoff))
        if luck < 0.45:
            self._move("returned", "returned", day=self.cutoff)
        elif luck < 0.5:
            self._move("approved", "approved", f'{{"counts_on": {_quoted(told.submitted)}}}', day=self.cutoff)
            self._move("reopened", "accepted")
        elif luck < 0.8:
            after = self.cutoff + self._random.randint(1, 10)
            self._move("approved", "approved", f'{{"counts_on": {_quoted(told.submitted)}}}', day=after)

    def _send(self, day: int) -> None:
        """By the unit, or as a paper that the clerk records some days after it arrived."""
        told = self._told
        if self._random.random() < 0.2:
            recorded = min(day + self._random.randint(0, 2), max(day, self.cutoff))
            facts = f'{{"received_on": {_quoted(day)}, "number": "{day % 997}/BC"}}'
            self._move("received", "submitted", facts, day=recorded, occurred=day)
        else:
            self._move("submitted", "submitted", f'{{"number": "{day % 997}/BC", "date": {_quoted(day)}}}', day=day)
        told.submitted = day

    def _move(self, event: str, to: str | None = None, facts: str = "{}", *, day: int = 0, occurred: int = 0) -> None:
        """One row, on a day that is not before the last one's."""
        told, given = self._told, self._given
        told.day = day = max(day, told.day)
        seconds = OPENS + len(told.rows) * _BETWEEN
        before = None if event == "assigned" else told.status
        told.status = to or told.status
        told.rows.append(
            (
                make_id(self._random, day, seconds),
                moment_text(day, seconds),
                day_text(occurred or day),
                given.directive,
                given.task,
                event,
                given.coordinator,
                "coordinator",
                before,
                told.status,
                facts,
            )
        )


def _quoted(day: int | None) -> str:
    return "null" if day is None else f'"{day_text(day)}"'


def _json(value: bool) -> str:
    return "true" if value else "false"
