"""Whether a clock that is far ahead of the last tick is believed."""

from datetime import UTC, datetime, timedelta

import pytest

from workflows.jobs.clock.clock_belief import FAR, LIVELY, STEP, ClockEvidence, ClockVerdict, Witness, judge, widest_gap

LAST = datetime(2026, 12, 1, 1, tzinfo=UTC)
SOON, WEEKS = LAST + FAR, LAST + timedelta(days=41)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("now", [LAST - WEEKS.resolution, LAST, LAST + STEP])
def test_a_tick_of_the_next_day_needs_no_witness(now: datetime) -> None:
    assert judge(now, ClockEvidence(LAST)) == ClockVerdict(True)


def test_the_first_tick_ever_is_done_at_any_moment() -> None:
    assert judge(WEEKS, ClockEvidence(None)) == ClockVerdict(True)


def test_a_week_without_a_tick_is_believed_and_a_longer_time_is_held() -> None:
    assert judge(SOON, ClockEvidence(LAST)) == ClockVerdict(True)
    assert judge(SOON + SECOND, ClockEvidence(LAST)) == ClockVerdict(False)


@pytest.mark.parametrize(
    ("evidence", "witness"),
    [
        (ClockEvidence(LAST, confirmed=True), Witness.PERSON),
        (ClockEvidence(LAST, server=WEEKS, server_is_elsewhere=True), Witness.SERVER),
        (ClockEvidence(LAST, kept_by_ntp=True), Witness.NTP),
        (ClockEvidence(LAST, widest_gap=LIVELY), Witness.RECORDS),
    ],
)
def test_weeks_of_downtime_are_over_once_a_witness_agrees(evidence: ClockEvidence, witness: Witness) -> None:
    assert judge(WEEKS, evidence) == ClockVerdict(True, witness)


@pytest.mark.parametrize(
    "evidence",
    [
        ClockEvidence(LAST, server=WEEKS),  # on this machine: the same clock
        ClockEvidence(LAST, widest_gap=LIVELY + SECOND),
        ClockEvidence(LAST, server=WEEKS - timedelta(hours=2), server_is_elsewhere=True),
    ],
)
def test_what_is_no_witness_confirms_nothing(evidence: ClockEvidence) -> None:
    assert judge(WEEKS, evidence) == ClockVerdict(False)


def test_a_database_server_that_says_otherwise_holds_even_days() -> None:
    now = LAST + timedelta(days=3)
    assert judge(now, ClockEvidence(LAST, server=LAST, kept_by_ntp=True)) == ClockVerdict(False)
    assert judge(now, ClockEvidence(LAST, server=LAST, confirmed=True)) == ClockVerdict(True, Witness.PERSON)


def test_the_widest_gap_is_the_longest_between_neighbours() -> None:
    assert widest_gap([LAST]) == timedelta()
    assert widest_gap([LAST, LAST + STEP, WEEKS]) == WEEKS - LAST - STEP
