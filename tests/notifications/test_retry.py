"""When a letter that was put off is tried again."""

from datetime import UTC, datetime, timedelta

import pytest

from notifications.outbox.retry import next_attempt

NOW = datetime(2026, 11, 5, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempts", "minutes"),
    [(1, 1), (2, 5), (3, 15), (4, 60), (5, 120), (6, 240), (7, 480), (8, 960), (9, None), (20, None)],
)
def test_each_pause_is_longer_and_after_the_eighth_the_letter_is_given_up(attempts: int, minutes: int | None) -> None:
    assert next_attempt(attempts, NOW) == (None if minutes is None else NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 15), (9, 15), (500, 15)])
def test_while_a_server_answers_nobody_a_letter_is_never_given_up(attempts: int, minutes: int) -> None:
    assert next_attempt(attempts, NOW, of_server=True) == NOW + timedelta(minutes=minutes)
