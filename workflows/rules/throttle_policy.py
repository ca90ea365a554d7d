"""How long somebody must wait after failing to prove who they are.

The delays slow a guesser down and lock nobody out. Failures from elsewhere under a person's name do not delay a browser
that the person has used before, nor a code that is mailed to them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class ThrottleScope(StrEnum):
    """What attempts are counted by."""

    PAIR = "pair"  # a name from one place: a known browser, else a network address
    PLACE = "place"  # a network address, under any name: a whole office may share one
    PERSON = "person"  # a name, from any place
    TOTP = "totp"  # as PAIR, for the second step: a right password does not reset it
    TOTP_PERSON = "totp_person"
    CODE = "code"  # wrong codes under a name: after some number its codes become longer
    ASK = "ask"  # letters requested under a name from one place
    ASK_PLACE = "ask_place"
    ASK_PERSON = "ask_person"
    ASK_ALL = "ask_all"  # letters requested by all strangers together


@dataclass(frozen=True)
class Limit:
    """The first `free` attempts cause no delay. Each further one doubles the delay, from `first` up to `longest`.

    One attempt is forgiven after each `forgiven_in`.
    """

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
    # letters: a burst, then one after each delay
    ThrottleScope.ASK: Limit(5, timedelta(minutes=12), timedelta(minutes=12), _HOUR / 5),
    ThrottleScope.ASK_PLACE: Limit(60, timedelta(minutes=1), timedelta(minutes=1), _HOUR / 60),
    ThrottleScope.ASK_PERSON: Limit(10, timedelta(minutes=6), timedelta(minutes=6), _HOUR / 10),
    ThrottleScope.ASK_ALL: Limit(1000, timedelta(minutes=1), timedelta(minutes=1), _HOUR / 60),
}


@dataclass(frozen=True)
class FailureCount:
    """The stored count. No attempt is examined before `blocked_until`. Instants are UTC."""

    failures: int
    last_at: datetime
    blocked_until: datetime | None


SIGN_INS = (ThrottleScope.PAIR, ThrottleScope.PLACE, ThrottleScope.PERSON)
SECOND_STEPS = (ThrottleScope.TOTP, ThrottleScope.PLACE, ThrottleScope.TOTP_PERSON)
LETTER_ASKS = (ThrottleScope.ASK, ThrottleScope.ASK_PLACE, ThrottleScope.ASK_PERSON)
"""For somebody who holds one of our letters: its link names the person."""
ASKS = (*LETTER_ASKS, ThrottleScope.ASK_ALL)


def for_strangers(letters_per_day: int | None) -> Limit:
    """Return how many letters all strangers together may request under the mail server's quota.

    They get a tenth of a day's quota at once, and as much again over the day. Reminders need the rest.
    """
    if letters_per_day is None:
        return LIMITS[ThrottleScope.ASK_ALL]
    at_once = max(1, letters_per_day // 10)
    each = timedelta(days=1) / at_once
    return Limit(at_once, each, each, each)


def counted_for(scopes: tuple[ThrottleScope, ...], *, is_known: bool) -> tuple[ThrottleScope, ...]:
    """Return the scopes that an attempt counts for. `scopes` are those of pair, place, person and all, in this order.

    A browser or address that the person has used before counts for its pair alone. Otherwise the failures of others,
    under the same name or behind the same address, would keep the person out.
    """
    return scopes[:1] if is_known else scopes


def count_failure(scope: ThrottleScope, before: FailureCount | None, now: datetime) -> FailureCount:
    return add_failures(LIMITS[scope], before, now, cost=1)


def add_failures(limit: Limit, before: FailureCount | None, now: datetime, *, cost: int) -> FailureCount:
    """Forgive what is due since the last failure, then add `cost` failures and compute the delay."""
    failures = cost
    if before is not None:
        forgiven = max(0, (now - before.last_at) // limit.forgiven_in)
        failures = max(0, before.failures - forgiven) + cost
    over = failures - limit.free
    blocked = now + min(limit.longest, limit.first * 2 ** min(over, 20)) if over >= 0 else None
    return FailureCount(failures, now, blocked)


def waits_until(counts: list[FailureCount], now: datetime) -> datetime | None:
    """Return the moment (UTC) before which no attempt is examined, or None.

    Ignore counts from a clock that was more than an hour ahead.
    """
    credible = [count for count in counts if count.last_at <= now + _HOUR]
    blocks = [count.blocked_until for count in credible if count.blocked_until is not None]
    return max((until for until in blocks if until > now), default=None)
