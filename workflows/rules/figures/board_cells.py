"""Judge one task for the board: its official place today, and what holds it up.

The place comes from the task's columns instead of its history. A test compares it with `classification`.
"""

from dataclasses import dataclass
from datetime import date, datetime

from models.i18n import Labelled, _
from models.tasks.late import hour_of, soon_until
from models.tasks.task import OPEN_STATUSES, TaskStatus, WaitKind
from models.text.localtime import due_date, local_date
from workflows.rules.tasks.classification import AsOf, Bucket, TaskAt, classify


class Mark(Labelled):
    """A remark about an open task beside its place."""

    NOT_ACCEPTED = "not_accepted", _("not accepted yet")
    RETURNED = "returned", _("returned for completion")
    APPROVAL = "approval", _("waiting for approval")
    EXTENSION = "extension", _("more time asked for")
    BLOCKED = "blocked", _("held up by an obstacle")
    LEAD_CHANGE = "lead_change", _("another lead asked for")
    UNDATED = "undated", _("no deadline")


_OF_WAIT = {
    WaitKind.DECISION: Mark.APPROVAL,
    WaitKind.EXTENSION: Mark.EXTENSION,
    WaitKind.OBSTACLE: Mark.BLOCKED,
    WaitKind.LEAD_CHANGE: Mark.LEAD_CHANGE,
}
_WAITS = frozenset(_OF_WAIT.values())
_OF_STATUS = {TaskStatus.ASSIGNED: Mark.NOT_ACCEPTED, TaskStatus.RETURNED: Mark.RETURNED}
WITHDRAWN = "withdrawn"
"""The state of tasks that do not count any more."""
WAITING = "waiting"
"""The state of open tasks that wait for any decision."""
SOON = "due_soon"
"""The state of open tasks whose deadline comes within the next days."""


class CellLook(Labelled):
    """The looks of a cell of the heat map. The first that applies is shown; its words stand in the key."""

    WITHDRAWN = "withdrawn", _("withdrawn")
    DONE = "done", _("done on time")
    DONE_LATE = "done-late", _("done late")
    LATE = "late", _("late")
    RETURNED = "returned", _("returned for completion")
    WAITING = "waiting", _("waiting for a decision")
    SOON = "soon", _("due within 7 days")
    NEW = "new", _("not accepted yet")
    OPEN = "open", _("not done, on schedule")


@dataclass(frozen=True, slots=True)
class Judged:
    """A judged task. `bucket` is None for a withdrawn one; `due_on` is the last permitted local day."""

    status: TaskStatus
    bucket: Bucket | None
    marks: tuple[Mark, ...]
    due_on: date | None
    is_soon: bool = False  # open, not late, due within SOON_DAYS

    @property
    def is_open(self) -> bool:
        return self.bucket in (Bucket.OPEN_IN_TIME, Bucket.OPEN_OVERDUE)

    @property
    def states(self) -> frozenset[str]:
        others = {name for name, holds in ((WAITING, self.is_waiting), (SOON, self.is_soon)) if holds}
        return frozenset(
            {self.bucket.value if self.bucket else WITHDRAWN, *(mark.value for mark in self.marks)} | others
        )

    @property
    def look(self) -> CellLook:
        match self.bucket:
            case None:
                return CellLook.WITHDRAWN
            case Bucket.DONE_ON_TIME:
                return CellLook.DONE
            case Bucket.DONE_LATE:
                return CellLook.DONE_LATE
            case Bucket.OPEN_OVERDUE:
                return CellLook.LATE
            case Bucket.OPEN_IN_TIME:
                shown = (
                    (Mark.RETURNED in self.marks, CellLook.RETURNED),
                    (self.is_waiting, CellLook.WAITING),
                    (self.is_soon, CellLook.SOON),
                    (Mark.NOT_ACCEPTED in self.marks, CellLook.NEW),
                )
                return next((look for holds, look in shown if holds), CellLook.OPEN)

    @property
    def is_waiting(self) -> bool:
        return not _WAITS.isdisjoint(self.marks)

    @property
    def rank(self) -> tuple[bool, bool, bool, int]:
        """Return the sort key that decides which of several tasks a cell shows.

        Late and marked tasks come first, by deadline, then the other open ones, then closed ones, the newest first.
        """
        is_calm = self.bucket is not Bucket.OPEN_OVERDUE and not self.marks
        day = (self.due_on or (date.max if self.is_open else date.min)).toordinal()
        return (not self.is_open, self.bucket is None, is_calm, day if self.is_open else -day)


def judge(
    status: TaskStatus,
    due_at: datetime | None,
    submitted_on: date | None,
    closed_at: datetime | None,
    wait_kind: WaitKind | None,
    *,
    now: datetime,
) -> Judged:
    """Judge a task by its columns at a moment (UTC)."""
    due_on = due_date(due_at) if due_at else None
    if status is TaskStatus.WITHDRAWN:
        return Judged(status, None, (), due_on)
    counts_on = submitted_on or (local_date(closed_at) if closed_at else None)
    task = TaskAt(status=status, due_on=due_on, due_hour=hour_of(due_at), counts_on=counts_on)
    bucket = classify(task, AsOf.at(now))
    if status not in OPEN_STATUSES:
        return Judged(status, bucket, (), due_on)
    marks = [_OF_WAIT[wait_kind]] if wait_kind else []
    marks += [_OF_STATUS[status]] if status in _OF_STATUS else []
    marks += [] if due_on else [Mark.UNDATED]
    is_soon = bucket is Bucket.OPEN_IN_TIME and due_on is not None and due_on <= soon_until(local_date(now))
    return Judged(status, bucket, tuple(marks), due_on, is_soon)
