"""Values as text that both databases take as they stand: SQLite from a bound parameter, PostgreSQL from COPY.

Days are ordinals. Moments are UTC, within the working hours of Vietnam, when the day in UTC is the local day.
"""

from datetime import date
from functools import lru_cache
from random import Random

_EPOCH = date(1970, 1, 1).toordinal()
OPENS = 3600
"""08:00 local, in seconds of the UTC day."""


@lru_cache(None)
def day_text(day: int) -> str:
    """2026-11-25"""
    return date.fromordinal(day).isoformat()


def moment_text(day: int, seconds: int = OPENS) -> str:
    """A moment of a day, in seconds of the UTC day."""
    minutes, seconds = divmod(seconds, 60)
    return f"{day_text(day)} {minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}.000000"


def end_text(day: int) -> str:
    """24:00 local of a day: how every `due_at` is stored."""
    return f"{day_text(day)} 17:00:00.000000"


def make_id(random: Random, day: int, seconds: int = OPENS) -> str:
    """A version 7 identity of a moment, as 32 hexadecimal digits."""
    chance = random.getrandbits(74)
    since = ((day - _EPOCH) * 86_400 + seconds) * 1000
    return f"{since << 80 | 0x7 << 76 | chance >> 62 << 64 | 0x2 << 62 | chance & (1 << 62) - 1:032x}"
