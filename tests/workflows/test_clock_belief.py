"""Whether a clock that is far ahead of the last tick is believed, and which of two ticks was false."""

from datetime import UTC, datetime, timedelta

import pytest

from workflows.jobs.clock.clock_belief import (
    FAR,
    LIVELY,
    STEP,
    Evidence,
    Jump,
    Verdict,
    Witness,
    judge,
    was_false,
    widest_gap,
)

LAST = datetime(2026, 12, 1, 1, tzinfo=UTC)
SOON, WEEKS = LAST + FAR, LAST + timedelta(days=41)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("now", [LAST - WEEKS.resolution, LAST, LAST + STEP])
def test_a_tick_of_the_next_day_needs_no_witness(now: datetime) -> None:
    assert judge(now, Evidence(LAST, was_disproved=True)) == Verdict(True)


def test_the_first_tick_ever_is_done_at_any_moment() -> None:
    assert judge(WEEKS, Evidence(None)) == Verdict(True)


def test_a_week_without_a_tick_is_believed_and_a_longer_time_is_held() -> None:
    assert judge(SOON, Evidence(LAST)) == Verdict(True)
    assert judge(SOON + SECOND, Evidence(LAST)) == Verdict(False)


@pytest.mark.parametrize(
    ("evidence", "witness"),
    [
        (Evidence(LAST, confirmed=True), Witness.PERSON),
        (Evidence(LAST, server=WEEKS, server_is_elsewhere=True), Witness.SERVER),
        (Evidence(LAST, kept_by_ntp=True), Witness.NTP),
        (Evidence(LAST, widest_gap=LIVELY), Witness.RECORDS),
    ],
)
def test_weeks_of_downtime_are_over_once_a_witness_agrees(evidence: Evidence, witness: Witness) -> None:
    assert judge(WEEKS, evidence) == Verdict(True, witness)


@pytest.mark.parametrize(
    "evidence",
    [
        Evidence(LAST, server=WEEKS),  # on this machine: the same clock
        Evidence(LAST, widest_gap=LIVELY + SECOND),
        Evidence(LAST, server=WEEKS - timedelta(hours=2), server_is_elsewhere=True),
    ],
)
def test_what_is_no_witness_confirms_nothing(evidence: Evidence) -> None:
    assert judge(WEEKS, evidence) == Verdict(False)


def test_a_database_server_that_says_otherwise_holds_even_days() -> None:
    now = LAST + timedelta(days=3)
    assert judge(now, Evidence(LAST, server=LAST, kept_by_ntp=True)) == Verdict(False)
    assert judge(now, Evidence(LAST, server=LAST, confirmed=True)) == Verdict(True, Witness.PERSON)


def test_a_moment_that_was_disproved_once_is_held_at_once_the_next_time() -> None:
    assert judge(LAST + timedelta(days=3), Evidence(LAST, was_disproved=True)) == Verdict(False)


def test_a_tick_within_the_time_that_was_jumped_over_shows_the_jump_false() -> None:
    jump = Jump(LAST, WEEKS, None)
    assert was_false(jump, now=LAST, reached=WEEKS, confirmed=False)
    assert was_false(jump, now=WEEKS - STEP - SECOND, reached=WEEKS, confirmed=False)
    assert not was_false(jump, now=WEEKS - STEP, reached=WEEKS, confirmed=False), "it was nearly so"
    assert not was_false(jump, now=LAST - SECOND, reached=WEEKS, confirmed=False), "a clock that is behind"


def test_what_was_vouched_for_or_lived_on_is_false_only_if_a_person_says_so() -> None:
    now, width = LAST + STEP, WEEKS - LAST
    assert was_false(Jump(LAST, WEEKS, None), now=now, reached=WEEKS + width, confirmed=False)
    for jump, reached in ((Jump(LAST, WEEKS, Witness.NTP), WEEKS), (Jump(LAST, WEEKS, None), WEEKS + width + SECOND)):
        assert not was_false(jump, now=now, reached=reached, confirmed=False)
        assert was_false(jump, now=now, reached=reached, confirmed=True)


def test_the_widest_gap_is_the_longest_between_neighbours() -> None:
    assert widest_gap([LAST]) == timedelta()
    assert widest_gap([LAST, LAST + STEP, WEEKS]) == WEEKS - LAST - STEP
