"""When a letter that was put off is tried again. Pure."""

from datetime import datetime, timedelta

BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 120, 240, 480, 960))
"""The pauses after the first, second … attempt at one letter: about a day and a half in all."""
WHILE_SERVER_IS_DOWN = BACK_OFF[:3]
"""A server that answers nobody says nothing of the letter: it is tried until it is pointless, the last pause again."""


def next_attempt(attempts: int, now: datetime, *, of_server: bool = False) -> datetime | None:
    """Return the moment of the next attempt after `attempts` failed ones, or None: the letter is given up, visibly."""
    if of_server:
        return now + WHILE_SERVER_IS_DOWN[min(attempts, len(WHILE_SERVER_IS_DOWN)) - 1]
    return now + BACK_OFF[attempts - 1] if attempts <= len(BACK_OFF) else None
