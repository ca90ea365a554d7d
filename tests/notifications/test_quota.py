"""The mail server's quota: never more than its limit in any sixty seconds as the server sees them, and hardly less."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete
from sqlmodel import Session, select

from models.database.session import transaction
from models.letters.letter import MailPace, MailWindow
from models.settings import MailSettings
from notifications.smtp.quota import MARGIN, MINUTE, letters_left, next_free, take

START = datetime(2004, 6, 1, 1, 0, tzinfo=UTC)
SKEW, WAY = 1.0, 1.5
"""Seconds by which a clock may differ, and a letter be under way to the server."""


@pytest.fixture
def tables(standing_engine: Engine) -> Callable[[], Engine]:
    def emptied() -> Engine:
        with transaction(standing_engine) as session:
            session.execute(delete(MailPace))
            session.execute(delete(MailWindow))
        return standing_engine

    return emptied


def most_in_a_minute(arrivals: list[float]) -> int:
    arrivals = sorted(arrivals)
    return max((sum(at <= one < at + MINUTE for one in arrivals) for at in arrivals), default=0)


def go(session: Session, limit: int, second: float, **more: Any) -> bool:
    """Take a letter, or let the transaction have done nothing."""
    mail = MailSettings(letters_per_minute=limit, **more)
    with session.begin_nested() as point:
        if not take(session, mail, now=START + timedelta(seconds=second)):
            point.rollback()
            return False
    return True


TRIES = st.lists(
    st.tuples(st.floats(0, 40), st.integers(1, 12), st.floats(-SKEW, SKEW), st.floats(0, WAY)), max_size=25
)


@given(st.integers(1, 9), TRIES)
@settings(max_examples=25)
def test_in_no_sixty_seconds_does_the_server_see_more_than_the_limit(
    tables: Callable[[], Engine], limit: int, tries: list[tuple[float, int, float, float]]
) -> None:
    arrivals, moment = list[float](), 1000.0
    with transaction(tables()) as session:
        for pause, times, clock, way in tries:  # by a process whose clock differs, over a line that takes so long
            moment += pause
            for one in range(times):
                room = letters_left(
                    session, MailSettings(letters_per_minute=limit), now=START + timedelta(seconds=moment + clock)
                )
                went = go(session, limit, moment + clock)
                assert went is bool(room), "what is said to be left can be taken, and no more"
                if went:
                    arrivals.append(moment + way * (one + 1) / times)
    assert most_in_a_minute(arrivals) <= limit


def test_whoever_asks_all_the_time_gets_hardly_less_than_the_limit(tables: Callable[[], Engine]) -> None:
    gone, limit, minutes = 0, 4, 13
    with transaction(tables()) as session:
        for second in range(minutes * MINUTE):
            while go(session, limit, second):
                gone += 1
    assert gone == limit * minutes * MINUTE // (MINUTE + MARGIN)


def test_two_bursts_do_not_touch(tables: Callable[[], Engine]) -> None:
    with transaction(tables()) as session:
        assert [go(session, 5, 59.0) for _ in range(6)] == [True] * 5 + [False]
        assert not go(session, 5, 61.0), "another minute of the calendar, the same of the server"
        assert not go(session, 5, 59.0 + MINUTE)
        assert go(session, 5, 59.0 + MINUTE + MARGIN)


def test_it_says_when_the_next_may_go(tables: Callable[[], Engine]) -> None:
    mail = MailSettings(letters_per_minute=2, letters_per_day=3)
    with transaction(tables()) as session:
        assert next_free(session, mail, now=START) == START
        for second in (0, 10):
            assert go(session, 2, second, letters_per_day=3)
        now = START + timedelta(seconds=20)
        free = next_free(session, mail, now=now)
        assert free == START + timedelta(seconds=MINUTE + MARGIN)
        assert not go(session, 2, MINUTE + MARGIN - 1, letters_per_day=3)
        assert go(session, 2, MINUTE + MARGIN, letters_per_day=3)
        assert next_free(session, mail, now=free) is None, "the day's are used up"
        assert letters_left(session, mail, now=free) == 0


def test_what_a_clock_ahead_has_counted_holds_nothing_up(tables: Callable[[], Engine]) -> None:
    mail, days = MailSettings(letters_per_minute=2), 3 * 86400.0
    with transaction(tables()) as session:
        assert [go(session, 2, days), go(session, 2, days)] == [True, True]
        assert letters_left(session, mail, now=START) == 2
        assert next_free(session, mail, now=START) == START
        assert [go(session, 2, second) for second in (0.0, 1.0, 2.0)] == [True, True, False]
        assert letters_left(session, mail, now=START + timedelta(seconds=2)) == 0


def test_the_day_and_the_minute_are_taken_together_or_not_at_all(tables: Callable[[], Engine]) -> None:
    with transaction(tables()) as session:
        assert go(session, 1, 0, letters_per_day=2) and not go(session, 1, 1, letters_per_day=2)
        assert letters_left(session, MailSettings(letters_per_day=2), now=START) == 1


def test_what_an_earlier_version_counts_at_the_same_time_counts_too(tables: Callable[[], Engine]) -> None:
    with transaction(tables()) as session:
        session.add(MailWindow(span="minute", starts_at=START, used=4))
        session.flush()
        assert go(session, 5, 1.0) and not go(session, 5, 2.0)
        assert session.exec(select(MailWindow.used)).one() == 5
