"""Where one task stands on the board today: its place, its marks, and which of several is shown."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from models.tasks.late import SOON_DAYS
from models.tasks.task import OPEN_STATUSES, TaskStatus, WaitKind
from models.text.localtime import at_local, end_of_day
from workflows.rules.figures.board_cells import SOON, CellLook, Judged, Mark, judge
from workflows.rules.tasks.classification import Bucket

TODAY = date(2026, 11, 5)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def judged(
    status: TaskStatus,
    due: date | None = TODAY,
    *,
    sent: date | None = None,
    closed: date | None = None,
    wait: WaitKind | None = None,
) -> Judged:
    due_at, closed_at = end_of_day(due) if due else None, at_local(closed) if closed else None
    return judge(status, due_at, sent, closed_at, wait, now=at_local(TODAY))


@pytest.mark.parametrize("status", sorted(OPEN_STATUSES))
@pytest.mark.parametrize(
    ("due", "bucket"),
    [
        (YESTERDAY, Bucket.OPEN_OVERDUE),
        (TODAY, Bucket.OPEN_IN_TIME),
        (TOMORROW, Bucket.OPEN_IN_TIME),
        (None, Bucket.OPEN_IN_TIME),
    ],
)
def test_an_open_task_is_late_from_the_day_after_its_date(status: TaskStatus, due: date | None, bucket: Bucket) -> None:
    one = judged(status, due)
    assert one.bucket is bucket and one.status is status and one.due_on == due and one.is_open


def test_the_day_the_result_came_in_decides_and_without_it_the_day_it_was_closed() -> None:
    assert judged(TaskStatus.APPROVED, sent=TODAY, closed=TOMORROW).bucket is Bucket.DONE_ON_TIME
    assert judged(TaskStatus.APPROVED, sent=TOMORROW, closed=TODAY).bucket is Bucket.DONE_LATE
    assert judged(TaskStatus.APPROVED, closed=TOMORROW).bucket is Bucket.DONE_LATE
    assert judged(TaskStatus.APPROVED, closed=TODAY).bucket is Bucket.DONE_ON_TIME


def test_what_is_done_or_withdrawn_bears_no_mark_and_keeps_its_date() -> None:
    done = judged(TaskStatus.APPROVED, sent=TODAY, wait=WaitKind.EXTENSION)
    gone = judged(TaskStatus.WITHDRAWN, YESTERDAY, wait=WaitKind.OBSTACLE)
    assert done.marks == gone.marks == ()
    assert done.status is TaskStatus.APPROVED and gone.status is TaskStatus.WITHDRAWN
    assert done.due_on == TODAY and gone.due_on == YESTERDAY
    assert gone.bucket is None and not gone.is_open and gone.states == {"withdrawn"}


@pytest.mark.parametrize(
    ("wait", "mark"),
    [
        (WaitKind.DECISION, Mark.APPROVAL),
        (WaitKind.EXTENSION, Mark.EXTENSION),
        (WaitKind.OBSTACLE, Mark.BLOCKED),
        (WaitKind.LEAD_CHANGE, Mark.LEAD_CHANGE),
    ],
)
def test_what_a_task_waits_for_is_its_first_mark(wait: WaitKind, mark: Mark) -> None:
    assert judged(TaskStatus.ACCEPTED, wait=wait).marks == (mark,)
    assert judged(TaskStatus.ASSIGNED, wait=wait).marks == (mark, Mark.NOT_ACCEPTED)
    assert judged(TaskStatus.RETURNED, None, wait=wait).marks == (mark, Mark.RETURNED, Mark.UNDATED)


def test_a_task_under_way_with_a_date_bears_no_mark() -> None:
    assert judged(TaskStatus.ACCEPTED).marks == ()
    assert judged(TaskStatus.ACCEPTED, None).marks == (Mark.UNDATED,)


def test_a_task_is_found_by_its_place_and_by_every_mark() -> None:
    assert judged(TaskStatus.ASSIGNED, None).states == {"open_in_time", "not_accepted", "undated"}


def test_cell_shows_late_before_stuck_before_next_due_before_done() -> None:
    in_order = [
        judged(TaskStatus.RETURNED, YESTERDAY - timedelta(days=2)),
        judged(TaskStatus.ACCEPTED, YESTERDAY - timedelta(days=1)),
        judged(TaskStatus.ASSIGNED, YESTERDAY),
        judged(TaskStatus.ASSIGNED, TOMORROW),
        judged(TaskStatus.ASSIGNED, None),
        judged(TaskStatus.ACCEPTED, TODAY),
        judged(TaskStatus.ACCEPTED, TOMORROW),
        judged(TaskStatus.APPROVED, TOMORROW, sent=TODAY),
        judged(TaskStatus.APPROVED, YESTERDAY, sent=TODAY),
        judged(TaskStatus.APPROVED, None, sent=TODAY),
        judged(TaskStatus.WITHDRAWN),
    ]
    assert all(before.rank < after.rank for before, after in pairwise(in_order))


def test_due_soon_begins_days_before_the_date_and_ends_with_it() -> None:
    assert SOON_DAYS == 7  # as the label says
    last = TODAY + timedelta(days=SOON_DAYS)
    assert judged(TaskStatus.ACCEPTED, TODAY).is_soon and judged(TaskStatus.ACCEPTED, last).is_soon
    assert SOON in judged(TaskStatus.ACCEPTED, last).states
    for one in (
        judged(TaskStatus.ACCEPTED, last + timedelta(days=1)),
        judged(TaskStatus.ACCEPTED, YESTERDAY),
        judged(TaskStatus.ACCEPTED, None),
        judged(TaskStatus.APPROVED, TODAY, sent=TODAY),
        judged(TaskStatus.WITHDRAWN, TODAY),
    ):
        assert not one.is_soon and SOON not in one.states


def test_a_cell_shows_the_first_thing_that_presses() -> None:
    far, wait = TODAY + timedelta(days=30), WaitKind.DECISION
    assert [
        judged(TaskStatus.SUBMITTED, YESTERDAY, wait=wait).look,
        judged(TaskStatus.RETURNED, TOMORROW).look,
        judged(TaskStatus.SUBMITTED, TOMORROW, wait=wait).look,
        judged(TaskStatus.ASSIGNED, TOMORROW).look,
        judged(TaskStatus.ASSIGNED, far).look,
        judged(TaskStatus.ACCEPTED, far).look,
        judged(TaskStatus.ACCEPTED, None).look,
        judged(TaskStatus.APPROVED, TODAY, sent=TODAY).look,
        judged(TaskStatus.APPROVED, YESTERDAY, sent=TODAY).look,
        judged(TaskStatus.WITHDRAWN).look,
    ] == [
        CellLook.LATE,
        CellLook.RETURNED,
        CellLook.WAITING,
        CellLook.SOON,
        CellLook.NEW,
        CellLook.OPEN,
        CellLook.OPEN,
        CellLook.DONE,
        CellLook.DONE_LATE,
        CellLook.WITHDRAWN,
    ]
