"""When a letter that was put off is tried again. Pure."""

from datetime import datetime, timedelta

BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 120, 240, 480, 960))
"""The pauses after the first, second … attempt: about a day and a half in all."""


def next_attempt(attempts: int, now: datetime) -> datetime | None:
    """The moment of the next attempt after `attempts` failed ones, or None: the letter is given up, visibly."""
    return now + BACK_OFF[attempts - 1] if attempts <= len(BACK_OFF) else None
