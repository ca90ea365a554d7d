"""Classify tasks officially: done or not, in time or not (Decision 42/2014/QĐ-TTg, amended by 23/2018/QĐ-TTg).

A task's place at a cut-off comes from its history alone, so that a report comes out the same for ever.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

from models.tasks.late import has_passed
from models.tasks.task import TaskStatus
from models.text.localtime import end_of_day, local_date

COUNTED_EVENTS = frozenset(
    {"assigned", "due_set", "due_moved", "submitted", "received", "returned", "approved", "withdrawn", "reopened"}
    | {"lead_changed", "approval_undone", "taken_back", "corrected"}
)
"""The events that can change a task's place in the report. No other events need to be read."""


class Bucket(StrEnum):
    """The four places of the official classification."""

    DONE_ON_TIME = "done_on_time"  # đã hoàn thành, đúng hạn
    DONE_LATE = "done_late"  # đã hoàn thành, quá hạn
    OPEN_IN_TIME = "open_in_time"  # chưa hoàn thành, trong hạn
    OPEN_OVERDUE = "open_overdue"  # chưa hoàn thành, quá hạn


class HistoryRow(NamedTuple):
    """The columns of a history row that the fold needs. `recorded_at` is an instant, `occurred_on` a local day."""

    recorded_at: datetime
    event: str
    occurred_on: date
    to_status: str | None
    facts: Mapping[str, Any]


@dataclass(slots=True)
class TaskAt:
    """A task as its history describes it at a cut-off. Days are local."""

    status: TaskStatus = TaskStatus.ASSIGNED
    lead_unit: UUID | None = None
    original_due_on: date | None = None  # the first deadline; no extension changes it
    due_on: date | None = None
    original_hour: datetime | None = None  # the instant of the deadline, if the ladder counts hours
    due_hour: datetime | None = None
    submitted_on: date | None = None  # the newest submission, or its earlier receipt by the clerk
    counts_on: date | None = None  # of approved tasks: the day that decides between on time and late
    is_root: bool = True
    is_drill: bool = False
    exists: bool = False  # assigned by the cut-off

    @property
    def withdrawn(self) -> bool:
        """Return whether it was withdrawn by the cut-off and not reopened."""
        return self.status is TaskStatus.WITHDRAWN

    @property
    def counts(self) -> bool:
        """Return whether it is in the total: an assigned root task that is no drill and not withdrawn."""
        return self.exists and self.is_root and not self.is_drill and not self.withdrawn

    def add_row(self, row: HistoryRow) -> None:
        """Apply the task's next row. Rows come in the order of (recorded_at, id)."""
        facts = row.facts
        match row.event:
            case "assigned":
                self.exists = True
                self.lead_unit = UUID(facts["unit"])
                self.is_root, self.is_drill = bool(facts["root"]), bool(facts["drill"])
                self.original_due_on = self.due_on = _day(facts.get("due_on"))
                self.original_hour = self.due_hour = _instant(facts.get("due_hour"))
            case "due_set" | "due_moved":
                self.due_on, self.due_hour = _day(facts.get("due_on")), None  # people set whole days
                self.original_due_on = self.original_due_on or self.due_on
            case "lead_changed":
                self.lead_unit = UUID(facts["to"])
            case "submitted" | "corrected" | "received":
                received_on = _day(facts.get("counts_on")) or _day(facts.get("received_on"))
                self.submitted_on = received_on or row.occurred_on
            case "approved":
                # the day of the submission decides, not that of the approval
                self.counts_on = _day(facts.get("counts_on")) or self.submitted_on or row.occurred_on
        # a new deadline is recorded beside the action that set it, and must not undo the status of that action
        if row.to_status is not None and row.event not in ("due_set", "due_moved"):
            self.status = TaskStatus(row.to_status)
            if self.status is not TaskStatus.APPROVED:
                self.counts_on = None


def fold(rows: Iterable[HistoryRow], cutoff: date) -> TaskAt:
    """Return the task at 24:00 local of the cut-off day. `rows` come in the order of (recorded_at, id)."""
    closes_at = end_of_day(cutoff)
    task = TaskAt()
    for row in rows:
        if row.recorded_at < closes_at:
            task.add_row(row)
    return task


def _day(iso: str | None) -> date | None:
    return date.fromisoformat(iso) if iso else None


def _instant(iso: str | None) -> datetime | None:
    return datetime.fromisoformat(iso) if iso else None


class AsOf(NamedTuple):
    """The moment at which tasks are judged (UTC), with its local day."""

    day: date
    moment: datetime

    @classmethod
    def at(cls, now: datetime) -> "AsOf":
        return cls(local_date(now), now)

    @classmethod
    def close(cls, cutoff: date, now: datetime | None = None) -> "AsOf":
        """Return the end of a cut-off day, or `now` if that day is not over."""
        end = end_of_day(cutoff) - timedelta(microseconds=1)
        return cls(cutoff, end if now is None else min(end, now))


def classify(task: TaskAt, as_of: AsOf, *, on_original: bool = False) -> Bucket:
    """Return the place of a task that counts (`task.counts`), by its current or its original deadline.

    It follows `models.tasks.late`, but compares days: most deadlines have no hour. A result counts by its day.
    """
    due_on = task.original_due_on if on_original else task.due_on
    hour = task.original_hour if on_original else task.due_hour
    if task.status is TaskStatus.APPROVED:
        late = due_on is not None and task.counts_on is not None and task.counts_on > due_on
        return Bucket.DONE_LATE if late else Bucket.DONE_ON_TIME
    is_late = due_on is not None and (due_on < as_of.day or has_passed(hour, as_of.moment))
    return Bucket.OPEN_OVERDUE if is_late else Bucket.OPEN_IN_TIME


@dataclass(frozen=True)
class Figures:
    """The numbers of tasks in the four places. `no_deadline` is a part of `open_in_time`."""

    done_on_time: int = 0
    done_late: int = 0
    open_in_time: int = 0
    open_overdue: int = 0
    no_deadline: int = 0

    @classmethod
    def counted(cls, buckets: Counter[Bucket], no_deadline: int = 0) -> "Figures":
        return cls(**{bucket.value: buckets[bucket] for bucket in Bucket}, no_deadline=no_deadline)

    @property
    def done(self) -> int:
        return self.done_on_time + self.done_late

    @property
    def open(self) -> int:
        return self.open_in_time + self.open_overdue

    @property
    def total(self) -> int:
        return self.done + self.open

    @property
    def completion(self) -> "Completion":
        return Completion(self.done, self.open_overdue, self.total)

    @property
    def rate(self) -> Fraction | None:
        """Return the exact completion rate; None while nothing is done or overdue."""
        return self.completion.rate

    @property
    def overdue_rate(self) -> Fraction | None:
        """Return one minus the completion rate."""
        return None if self.rate is None else 1 - self.rate


@dataclass(frozen=True)
class Completion:
    """The two rates of completion. `rate` leaves out open tasks in time, so every page shows `of_all` beside it."""

    done: int
    overdue: int
    total: int

    @property
    def rate(self) -> Fraction | None:
        """Return done / (done + overdue), exactly; None while nothing is done or overdue."""
        return Fraction(self.done, self.done + self.overdue) if self.done + self.overdue else None

    @property
    def of_all(self) -> Fraction | None:
        """Return done / total, exactly; None without tasks."""
        return Fraction(self.done, self.total) if self.total else None


def percent(part: Fraction | None, language: str = "vi") -> str:
    """Return for example "98,63%" ("98.63%" in English), rounded half up from the exact fraction; a dash for None."""
    if part is None:
        return "–"
    hundredths = int(part * 10_000 + Fraction(1, 2))
    return f"{hundredths // 100}{',' if language == 'vi' else '.'}{hundredths % 100:02d}%"
