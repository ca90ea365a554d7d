"""Failures delay whoever makes them, more with each, and are forgiven in time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.rules.throttle_policy import (
    ASKS,
    LETTER_ASKS,
    LIMITS,
    SECOND_STEPS,
    SIGN_INS,
    FailureCount,
    Limit,
    ThrottleScope,
    count_failure,
    counted_for,
    for_strangers,
    waits_until,
)

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


def after(scope: ThrottleScope, times: int, every: timedelta = timedelta(seconds=1)) -> FailureCount:
    found = None
    for number in range(times):
        found = count_failure(scope, found, NOW + number * every)
    assert found is not None
    return found


def test_a_few_mistakes_cost_nothing() -> None:
    assert after(ThrottleScope.PAIR, 4).blocked_until is None


def test_from_then_on_each_doubles_the_delay_up_to_the_longest() -> None:
    delays = []
    for times in range(5, 14):
        found = after(ThrottleScope.PAIR, times)
        assert found.blocked_until is not None
        delays.append((found.blocked_until - found.last_at).total_seconds())
    assert delays == [30, 60, 120, 240, 480, 900, 900, 900, 900]


def test_what_was_long_ago_is_forgiven_one_by_one() -> None:
    many = after(ThrottleScope.PAIR, 9)
    later = count_failure(ThrottleScope.PAIR, many, many.last_at + timedelta(hours=2, minutes=59))
    assert later.failures == 5
    assert count_failure(ThrottleScope.PAIR, many, many.last_at + timedelta(days=2)) == FailureCount(
        1, many.last_at + timedelta(days=2), None
    )


def test_letters_come_in_a_burst_and_then_one_in_a_while() -> None:
    found = after(ThrottleScope.ASK, 5)
    assert found.blocked_until is not None
    again = count_failure(ThrottleScope.ASK, found, found.blocked_until)
    assert again.blocked_until == found.blocked_until + timedelta(minutes=12)


def test_a_known_browser_or_address_is_counted_by_itself_only() -> None:
    assert counted_for(SIGN_INS, is_known=True) == (ThrottleScope.PAIR,)
    assert counted_for(ASKS, is_known=True) == (ThrottleScope.ASK,)
    assert counted_for(SIGN_INS, is_known=False) == SIGN_INS


def test_the_longest_of_the_waits_counts_and_past_ones_do_not() -> None:
    counts = [
        FailureCount(1, NOW, None),
        FailureCount(9, NOW, NOW + timedelta(5)),
        FailureCount(9, NOW, NOW + timedelta(9)),
    ]
    assert waits_until(counts, NOW) == NOW + timedelta(9)
    assert waits_until(counts, NOW + timedelta(9)) is None


def test_what_a_clock_counted_that_was_over_an_hour_ahead_blocks_nobody() -> None:
    ahead = NOW + timedelta(hours=1)
    until = ahead + timedelta(minutes=15)
    assert waits_until([FailureCount(9, ahead, until)], NOW) == until
    assert waits_until([FailureCount(9, ahead + timedelta(seconds=1), until)], NOW) is None


@pytest.mark.parametrize("scope", ThrottleScope)
@given(st.lists(st.integers(0, 10_000), max_size=40))
def test_nobody_ever_waits_longer_than_the_longest_delay(scope: ThrottleScope, pauses: list[int]) -> None:
    now, found = NOW, None
    for pause in pauses:
        now += timedelta(seconds=pause)
        found = count_failure(scope, found, now)
        assert found.failures >= 1
        assert found.blocked_until is None or found.blocked_until <= now + LIMITS[scope].longest


@pytest.mark.parametrize(
    ("scope", "free", "first", "longest", "forgiven_in"),  # seconds
    [
        (ThrottleScope.PAIR, 5, 30, 900, 1800),
        (ThrottleScope.PLACE, 40, 5, 300, 60),
        (ThrottleScope.PERSON, 20, 30, 900, 900),
        (ThrottleScope.TOTP, 5, 30, 900, 1800),
        (ThrottleScope.TOTP_PERSON, 20, 30, 900, 900),
        (ThrottleScope.CODE, 10, 6 * 3600, 48 * 3600, 6 * 3600),
        (ThrottleScope.ASK, 5, 720, 720, 720),
        (ThrottleScope.ASK_PLACE, 60, 60, 60, 60),
        (ThrottleScope.ASK_PERSON, 10, 360, 360, 360),
        (ThrottleScope.ASK_ALL, 1000, 60, 60, 60),
    ],
)
def test_throttle_numbers_are_those_promised(
    scope: ThrottleScope, free: int, first: int, longest: int, forgiven_in: int
) -> None:
    at_once = timedelta()
    assert after(scope, free - 1, at_once).blocked_until is None
    assert after(scope, free, at_once).blocked_until == NOW + timedelta(seconds=first)
    assert after(scope, free + 20, at_once).blocked_until == NOW + timedelta(seconds=longest)
    just_before = NOW + timedelta(seconds=forgiven_in, milliseconds=-1)
    assert count_failure(scope, after(scope, 3, at_once), just_before).failures == 4
    assert count_failure(scope, after(scope, 3, at_once), NOW + timedelta(seconds=forgiven_in)).failures == 3


@pytest.mark.parametrize(
    ("letters_per_day", "at_once", "seconds"), [(10_000, 1000, 86.4), (120, 12, 7200), (129, 12, 7200), (7, 1, 86400)]
)
def test_strangers_share_of_mail_is_a_tenth_at_once(letters_per_day: int, at_once: int, seconds: float) -> None:
    each = timedelta(seconds=seconds)
    assert for_strangers(letters_per_day) == Limit(at_once, each, each, each)
    assert for_strangers(None) == LIMITS[ThrottleScope.ASK_ALL]


def test_what_each_kind_of_failure_is_counted_for() -> None:
    assert counted_for(SIGN_INS, is_known=False) == (ThrottleScope.PAIR, ThrottleScope.PLACE, ThrottleScope.PERSON)
    assert counted_for(SECOND_STEPS, is_known=False) == (
        ThrottleScope.TOTP,
        ThrottleScope.PLACE,
        ThrottleScope.TOTP_PERSON,
    )
    assert counted_for(ASKS, is_known=False) == (
        ThrottleScope.ASK,
        ThrottleScope.ASK_PLACE,
        ThrottleScope.ASK_PERSON,
        ThrottleScope.ASK_ALL,
    )
    assert counted_for(LETTER_ASKS, is_known=False) == (
        ThrottleScope.ASK,
        ThrottleScope.ASK_PLACE,
        ThrottleScope.ASK_PERSON,
    )
    assert [counted_for(scopes, is_known=True) for scopes in (SIGN_INS, SECOND_STEPS, ASKS)] == [
        (ThrottleScope.PAIR,),
        (ThrottleScope.TOTP,),
        (ThrottleScope.ASK,),
    ]
