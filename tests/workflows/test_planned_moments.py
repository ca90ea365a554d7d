"""The moment a job was planned for: every clock names the same, however late it rings and wherever it was started."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.operations.system_job import JobName
from models.text.localtime import ZONE
from workflows.jobs.system_jobs import next_run, planned_moment

MOMENTS = st.datetimes(datetime(2004, 1, 1), datetime(2034, 1, 1), timezones=st.just(UTC))
CRONS = st.sampled_from(
    ["* * * * *", "30 2 * * *", "0 8 * * 1-5", "1 0 1 * *", "*/7 6-18 * * *", "0 0 29 2 *", "*/10 * * * * *"]
)
JOBS = st.sampled_from(list(JobName))


@given(name=JOBS, now=MOMENTS, cron=st.none() | CRONS, every=st.integers(5, 86400))
def test_it_is_the_last_of_the_moments_at_which_the_job_runs(
    name: JobName, now: datetime, cron: str | None, every: int
) -> None:
    planned = planned_moment(name, cron, now, every=every)
    following = next_run(name, cron, planned, every=every)
    assert planned <= now and planned.tzinfo is UTC
    assert following is not None and following > now  # none lies between
    assert next_run(name, cron, planned - timedelta(microseconds=1), every=every) == planned  # it is one of them itself


@given(name=JOBS, now=MOMENTS, cron=st.none() | CRONS, every=st.integers(5, 86400), late=st.floats(0, 1))
def test_a_clock_that_rings_late_names_the_same_one(
    name: JobName, now: datetime, cron: str | None, every: int, late: float
) -> None:
    planned = planned_moment(name, cron, now, every=every)
    following = next_run(name, cron, planned, every=every)
    assert following is not None
    rung = planned + (following - planned) * late
    assert planned_moment(name, cron, min(rung, following - timedelta(microseconds=1)), every=every) == planned


def test_delivery_and_tick_never_have_the_same_moment() -> None:
    now = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
    assert planned_moment(JobName.TICK, None, now, every=60) == now
    assert planned_moment(JobName.DELIVER, None, now, every=60) == now - timedelta(seconds=30)


def test_an_expression_counts_in_vietnamese_time() -> None:
    at = datetime(2026, 11, 26, 7, 59, 59, tzinfo=ZONE)
    assert planned_moment(JobName.SUMMARIES, "0 8 * * *", at, every=60) == datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
    assert planned_moment(JobName.SUMMARIES, "0 8 * * *", at + timedelta(seconds=1), every=60) == datetime(
        2026, 11, 26, 1, 0, tzinfo=UTC
    )


@pytest.mark.parametrize("cron", ["0 8 * * *", "* * * * * *"])
def test_a_moment_itself_is_its_own_last_one(cron: str) -> None:
    at = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
    assert planned_moment(JobName.PURGE, cron, at, every=60) == at
