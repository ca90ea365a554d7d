"""How long somebody who failed to prove who they are must wait. Pure: counts in, delays out.

It slows a guesser down and locks nobody out: whoever keeps failing under a person's name from elsewhere delays no
browser that the person has used before, nor the code that is mailed to them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class ThrottleScope(StrEnum):
    PAIR = "pair"  # a name from one place (a known browser, else a network address)
    PLACE = "place"  # a network address, whatever the name: an office may be behind one
    PERSON = "person"  # a name, wherever from
    TOTP = "totp"  # as PAIR, of the second step: a right password forgives none of these
    TOTP_PERSON = "totp_person"
    CODE = "code"  # wrong codes under a name: from some number on its codes are longer
    ASK = "ask"  # letters asked for under a name from one place
    ASK_PLACE = "ask_place"
    ASK_PERSON = "ask_person"
    ASK_ALL = "ask_all"  # by strangers together, under whatever names


@dataclass(frozen=True)
class Limit:
    """So many before anybody waits; each further one doubles the delay; one is forgiven in each `forgiven_in`."""

    free: int
    first: timedelta
    longest: timedelta
    forgiven_in: timedelta


_HOUR = timedelta(hours=1)
LIMITS: Mapping[ThrottleScope, Limit] = {
    ThrottleScope.PAIR: Limit(5, timedelta(seconds=30), timedelta(minutes=15), timedelta(minutes=30)),
    ThrottleScope.PLACE: Limit(40, timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=1)),
    ThrottleScope.PERSON: Limit(20, timedelta(seconds=30), timedelta(minutes=15), timedelta(minutes=15)),
    ThrottleScope.TOTP: Limit(5, timedelta(seconds=30), timedelta(minutes=15), timedelta(minutes=30)),
    ThrottleScope.TOTP_PERSON: Limit(20, timedelta(seconds=30), timedelta(minutes=15), timedelta(minutes=15)),
    ThrottleScope.CODE: Limit(10, timedelta(hours=6), timedelta(hours=48), timedelta(hours=6)),
    # letters: so many in a burst, then one in each stretch
    ThrottleScope.ASK: Limit(5, timedelta(minutes=12), timedelta(minutes=12), _HOUR / 5),
    ThrottleScope.ASK_PLACE: Limit(60, timedelta(minutes=1), timedelta(minutes=1), _HOUR / 60),
    ThrottleScope.ASK_PERSON: Limit(10, timedelta(minutes=6), timedelta(minutes=6), _HOUR / 10),
    ThrottleScope.ASK_ALL: Limit(1000, timedelta(minutes=1), timedelta(minutes=1), _HOUR / 60),
}


@dataclass(frozen=True)
class FailureCount:
    """What is kept: how many, when the last one was, until when nothing more is looked at."""

    failures: int
    last_at: datetime
    blocked_until: datetime | None


SIGN_INS = (ThrottleScope.PAIR, ThrottleScope.PLACE, ThrottleScope.PERSON)
SECOND_STEPS = (ThrottleScope.TOTP, ThrottleScope.PLACE, ThrottleScope.TOTP_PERSON)
LETTER_ASKS = (ThrottleScope.ASK, ThrottleScope.ASK_PLACE, ThrottleScope.ASK_PERSON)
"""Of who has a letter of ours, whose link says for whom they ask."""
ASKS = (*LETTER_ASKS, ThrottleScope.ASK_ALL)


def for_strangers(letters_per_day: int | None) -> Limit:
    """Return how many letters strangers together may ask for under the mail server's quota, of which reminders live
    too.

    A tenth of a day's at once, and as much again over the day.
    """
    if letters_per_day is None:
        return LIMITS[ThrottleScope.ASK_ALL]
    at_once = max(1, letters_per_day // 10)
    each = timedelta(days=1) / at_once
    return Limit(at_once, each, each, each)


def counted_for(scopes: tuple[ThrottleScope, ...], *, is_known: bool) -> tuple[ThrottleScope, ...]:
    """`scopes` are those of the pair, the place, the person and everybody, in this order.

    A browser or address that the person has used before goes by itself: else failures of others, under the same name or
    behind the same address, would keep the person out.
    """
    return scopes[:1] if is_known else scopes


def count_one(scope: ThrottleScope, before: FailureCount | None, now: datetime) -> FailureCount:
    """Count one more, after what has been forgiven since the last."""
    return spend(LIMITS[scope], before, now, 1)


def spend(limit: Limit, before: FailureCount | None, now: datetime, cost: int) -> FailureCount:
    """Count so many more under a limit, after what has been forgiven since the last."""
    failures = cost
    if before is not None:
        forgiven = max(0, (now - before.last_at) // limit.forgiven_in)
        failures = max(0, before.failures - forgiven) + cost
    over = failures - limit.free
    blocked = now + min(limit.longest, limit.first * 2 ** min(over, 20)) if over >= 0 else None
    return FailureCount(failures, now, blocked)


def waits_until(counts: list[FailureCount], now: datetime) -> datetime | None:
    """Until when nothing is looked at (UTC), or None. What a clock over an hour ahead has counted blocks nobody."""
    blocked = [one.blocked_until for one in counts if one.blocked_until is not None and one.last_at <= now + _HOUR]
    return max((until for until in blocked if until > now), default=None)
