"""A date that is an hour is late from that hour on, in the report as on the board; all others from the day after."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.tasks.late import has_passed, hour_of, is_late, soon_until, write_hour
from models.tasks.task import OPEN_STATUSES, TaskStatus
from models.text.localtime import at_local, end_of_day, local_date
from workflows.rules.figures.board_cells import judge
from workflows.rules.tasks.classification import AsOf, Bucket, HistoryRow, TaskAt, classify, fold

DAY = date(2004, 6, 3)
NOON = at_local(DAY, time(12))
MOMENTS = st.datetimes(datetime(2004, 5, 20), datetime(2004, 6, 20), timezones=st.just(UTC))
DAYS = st.dates(date(2004, 5, 20), date(2004, 6, 20)).map(end_of_day)
DUE = st.one_of(st.none(), MOMENTS, DAYS, st.just(NOON))
SECOND = timedelta(seconds=1)


def told(due_at: datetime | None, *later: tuple[str, date | None]) -> list[HistoryRow]:
    """An assignment with its date, then new dates by what brought them."""
    facts = {"unit": uuid4().hex, "root": True, "drill": False, "due_hour": write_hour(due_at)}
    facts["due_on"] = local_date(due_at - timedelta(microseconds=1)).isoformat() if due_at else None
    began = at_local(date(2004, 5, 1))
    rows = [HistoryRow(began, "assigned", date(2004, 5, 1), "assigned", facts)]
    for event, day in later:
        rows.append(HistoryRow(began, event, date(2004, 5, 1), None, {"due_on": day.isoformat() if day else None}))
    return rows


@given(due_at=DUE, now=st.one_of(MOMENTS, DAYS, st.just(NOON)))
def test_the_report_calls_late_what_everything_else_does(due_at: datetime | None, now: datetime) -> None:
    task = fold(told(due_at), local_date(now))
    assert task.due_hour == task.original_hour == hour_of(due_at)
    place = classify(task, AsOf.at(now))
    assert place is classify(task, AsOf.at(now), on_original=True)
    assert place is judge(TaskStatus.ACCEPTED, due_at, None, None, None, now=now).bucket
    assert (place is Bucket.OPEN_OVERDUE) is is_late(TaskStatus.ACCEPTED, due_at, now)


@pytest.mark.parametrize("status", list(TaskStatus))
def test_only_what_is_open_is_late(status: TaskStatus) -> None:
    assert is_late(status, NOON, NOON) is (status in OPEN_STATUSES)


def test_late_begins_with_the_very_instant() -> None:
    assert (has_passed(NOON, NOON - SECOND), has_passed(NOON, NOON)) == (False, True)
    assert not has_passed(None, NOON)
    for now, place in ((NOON - SECOND, Bucket.OPEN_IN_TIME), (NOON, Bucket.OPEN_OVERDUE)):
        assert classify(TaskAt(due_on=DAY, due_hour=NOON), AsOf.at(now)) is place


def test_an_hour_is_kept_with_its_local_day_in_front() -> None:
    assert write_hour(NOON) == "2004-06-03T12:00:00.000000+07:00"
    assert write_hour(end_of_day(DAY)) is write_hour(None) is None
    assert hour_of(None) is None
    assert hour_of(end_of_day(DAY) - SECOND) == end_of_day(DAY) - SECOND


def test_a_new_date_is_a_whole_day_and_the_first_hour_stays_the_first() -> None:
    task = fold(told(NOON, ("due_moved", DAY)), DAY)
    assert (task.due_on, task.due_hour, task.original_hour) == (DAY, None, NOON)
    assert classify(task, AsOf.at(NOON)) is Bucket.OPEN_IN_TIME
    assert classify(task, AsOf.at(NOON), on_original=True) is Bucket.OPEN_OVERDUE


def test_a_result_counts_by_its_day() -> None:
    done = TaskAt(status=TaskStatus.APPROVED, due_on=DAY, due_hour=NOON, counts_on=DAY)
    assert classify(done, AsOf.at(NOON + SECOND)) is Bucket.DONE_ON_TIME


def test_a_cut_off_that_is_over_does_not_look_at_the_clock() -> None:
    close = end_of_day(DAY) - timedelta(microseconds=1)
    assert AsOf.close(DAY) == AsOf.close(DAY, end_of_day(DAY)) == AsOf(DAY, close)
    assert AsOf.close(DAY, NOON) == AsOf.at(NOON) == AsOf(DAY, NOON)


def test_what_is_late_by_the_hour_is_not_due_soon() -> None:
    assert soon_until(DAY) == date(2004, 6, 10)
    assert judge(TaskStatus.ACCEPTED, NOON, None, None, None, now=NOON - SECOND).is_soon
    assert not judge(TaskStatus.ACCEPTED, NOON, None, None, None, now=NOON).is_soon
