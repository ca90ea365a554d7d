"""Whether a clock that says it is much later than the last tick is to be believed.

Pure. Weeks may really have passed: a machine was off. So distance alone condemns nothing; it only asks for a witness.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

STEP = timedelta(days=1)
"""A tick that comes later than this after the last one asks for a witness."""
FAR = timedelta(days=7)
"""A tick that comes later than this after the last one does nothing until somebody or something confirms its moment."""
LIVELY = timedelta(days=4)
"""People who leave lines at least so often, over weekends too, show that the time between has really passed."""
AGREES = timedelta(hours=1)
"""Two clocks that differ by less tell the same moment."""


class Witness(StrEnum):
    """Who or what says that a moment is the real one."""

    PERSON = "person"  # somebody named today's date
    SERVER = "server"  # the clock of the database server, another machine
    NTP = "ntp"  # the kernel says that this machine's clock is kept by NTP
    RECORDS = "records"  # people or other machines have left lines on the days between


@dataclass(frozen=True)
class ClockEvidence:
    """What is known of a moment at which a tick is to be done. Instants are UTC."""

    reached: datetime | None  # the newest tick; None before the first
    confirmed: bool = False  # somebody said that this step is right
    server: datetime | None = None  # the database server's clock; None where it is ours
    server_is_elsewhere: bool = False
    kept_by_ntp: bool = False
    widest_gap: timedelta | None = None  # without any line, between the newest tick and now


@dataclass(frozen=True)
class ClockVerdict:
    may_tick: bool
    witness: Witness | None = None


def judge(now: datetime, evidence: ClockEvidence) -> ClockVerdict:
    """`now` (UTC) is what the machine's clock gives for a tick."""
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
    """Between neighbours, in their order; nothing for fewer than two."""
    return max((later - earlier for earlier, later in pairwise(moments)), default=timedelta())
