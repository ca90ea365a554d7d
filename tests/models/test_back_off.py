"""When work that failed for the time being is tried again."""

from datetime import UTC, datetime, timedelta

import pytest

from models.database.back_off import LETTER, MAIL_SERVER, WEBHOOK, BackOff, next_attempt

NOW = datetime(2026, 11, 5, 3, 0, tzinfo=UTC)


def pause(back_off: BackOff, attempts: int) -> timedelta | None:
    moment = next_attempt(back_off, attempts, NOW)
    return moment - NOW if moment else None


@pytest.mark.parametrize("back_off", [LETTER, WEBHOOK])
@pytest.mark.parametrize(
    ("attempts", "minutes"),
    [(1, 1), (2, 5), (3, 15), (4, 60), (5, 120), (6, 240), (7, 480), (8, 960), (9, None), (20, None)],
)
def test_each_pause_is_longer_and_after_the_eighth_work_is_given_up(
    back_off: BackOff, attempts: int, minutes: int | None
) -> None:
    assert pause(back_off, attempts) == (None if minutes is None else timedelta(minutes=minutes))


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 15), (9, 15), (500, 15)])
def test_while_a_server_answers_nobody_a_letter_is_never_given_up(attempts: int, minutes: int) -> None:
    assert pause(MAIL_SERVER, attempts) == timedelta(minutes=minutes)


@pytest.mark.parametrize(("back_off", "attempts"), [(LETTER, 9), (WEBHOOK, 9)])
def test_a_policy_says_how_often_work_is_tried(back_off: BackOff, attempts: int) -> None:
    assert back_off.attempts == attempts
    assert next_attempt(back_off, attempts - 1, NOW) and next_attempt(back_off, attempts, NOW) is None
