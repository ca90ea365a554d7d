"""Back-off: when failed work is tried again. One pure function, and a policy for each kind of work."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class BackOff:
    """The pauses after the first, second … failure. Then the work is given up, or goes on with the last pause."""

    pauses: tuple[timedelta, ...]
    is_endless: bool = False

    @property
    def attempts(self) -> int:
        """Return the number of attempts after which the work is given up."""
        return len(self.pauses) + 1


def _minutes(*pauses: int) -> tuple[timedelta, ...]:
    return tuple(timedelta(minutes=pause) for pause in pauses)


LETTER = BackOff(_minutes(1, 5, 15, 60, 120, 240, 480, 960))
"""For a letter that the mail server refuses temporarily: about a day and a half in all."""
MAIL_SERVER = BackOff(_minutes(1, 5, 15), is_endless=True)
"""For a mail server that does not answer: the letter is not at fault, and is tried until it is out of date."""
WEBHOOK = BackOff(_minutes(1, 5, 15, 60, 120, 240, 480, 960))
"""For a call to another system: long enough for somebody there to repair it."""
MESSAGE = BackOff(_minutes(1, 5, 15, 30))
"""For a message of another channel: after an hour, people read the letter instead."""


def next_attempt(back_off: BackOff, attempts: int, now: datetime) -> datetime | None:
    """Return the moment of the next attempt after `attempts` failures; None if the work is given up."""
    if attempts > len(back_off.pauses) and not back_off.is_endless:
        return None
    return now + back_off.pauses[min(attempts, len(back_off.pauses)) - 1]
