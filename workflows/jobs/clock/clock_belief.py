"""Decide whether to believe a clock that is far ahead of the last tick.

The machine may really have been off for weeks. So a large step alone proves nothing; it needs a witness.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

STEP = timedelta(days=1)
"""A tick that comes this long after the last one needs a witness."""
FAR = timedelta(days=7)
"""A tick that comes this long after the last one does nothing without a witness."""
LIVELY = timedelta(days=4)
"""Lines of history with no longer gaps, also over weekends, show that the time has really passed."""
AGREES = timedelta(hours=1)
"""Two clocks that differ by less agree."""


class Witness(StrEnum):
    """The witnesses that a moment is the real one."""

    PERSON = "person"  # somebody named today's date
    SERVER = "server"  # the clock of the database server, another machine
    NTP = "ntp"  # the kernel says that NTP keeps this machine's clock
    RECORDS = "records"  # people or other machines have left lines of history in between


@dataclass(frozen=True)
class ClockEvidence:
    """The evidence about the moment of a tick. Instants are UTC."""

    reached: datetime | None  # the newest tick; None before the first
    confirmed: bool = False  # a person confirmed this step
    server: datetime | None = None  # the database server's clock; None for SQLite
    server_is_elsewhere: bool = False
    kept_by_ntp: bool = False
    widest_gap: timedelta | None = None  # the longest time without a line of history since the newest tick


@dataclass(frozen=True)
class ClockVerdict:
    may_tick: bool
    witness: Witness | None = None


def judge(now: datetime, evidence: ClockEvidence) -> ClockVerdict:
    """Judge the moment `now` (UTC) that the machine's clock gives for a tick."""
    reached = evidence.reached
    if reached is None or now <= reached + STEP:
        return ClockVerdict(True)
    if evidence.confirmed:
        return ClockVerdict(True, Witness.PERSON)
    if evidence.server is not None and now > evidence.server + STEP:
        return ClockVerdict(False)
    if evidence.server_is_elsewhere and evidence.server is not None and abs(evidence.server - now) <= AGREES:
        return ClockVerdict(True, Witness.SERVER)
    if evidence.kept_by_ntp:
        return ClockVerdict(True, Witness.NTP)
    if evidence.widest_gap is not None and evidence.widest_gap <= LIVELY:
        return ClockVerdict(True, Witness.RECORDS)
    return ClockVerdict(now <= reached + FAR)


def widest_gap(moments: Sequence[datetime]) -> timedelta:
    """Return the longest time between neighbours; zero for fewer than two moments."""
    return max((later - earlier for earlier, later in pairwise(moments)), default=timedelta())
