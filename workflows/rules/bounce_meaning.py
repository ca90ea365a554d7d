"""What a report of a mail server means for a letter."""

from datetime import datetime, timedelta
from enum import StrEnum

from models.letters.bounce import BounceAction
from models.letters.letter import LetterState

DOUBT_LASTS = timedelta(days=30)
"""So long a letter that left after an unproved report is its probe."""


class BounceVerdict(StrEnum):
    RECORD = "record"  # nothing
    WAIT = "wait"  # somebody holds it: asked again once they have settled it
    FAIL = "fail"  # it did not arrive


def verdict(action: BounceAction | None, state: LetterState, attempts: int, *, same_address: bool) -> BounceVerdict:
    """A letter that came back has failed, whether its delivery knew that it had left or not.

    `attempts` since it was last queued by a person; `same_address`: it has not been written for another one since. One
    that failed already has been told; one that somebody has sent on its way again since is not what this speaks of.
    """
    if action is not BounceAction.FAILED:
        return BounceVerdict.RECORD
    if state is LetterState.CLAIMED:
        return BounceVerdict.WAIT
    if not same_address:
        return BounceVerdict.RECORD
    tried_again = state is LetterState.QUEUED and attempts > 0  # it had been taken after all, when it was put off
    came_back = state in (LetterState.SENT, LetterState.UNCERTAIN) or tried_again
    return BounceVerdict.FAIL if came_back else BounceVerdict.RECORD


class AddressVerdict(StrEnum):
    KEEP = "keep"
    DOUBT = "doubt"  # it gets letters; the next one that leaves is the probe
    CONDEMN = "condemn"  # it gets none until somebody corrects it


def address_verdict(*, is_dead: bool, is_proved: bool, is_probe: bool, is_heard_of: bool) -> AddressVerdict:
    """Return what a report that calls an address dead does to it: anybody who saw the letter can have written one.

    `is_heard_of`: its person has answered a letter or been at the site since the letter left, or since the doubt.
    """
    if not is_dead:
        return AddressVerdict.KEEP
    condemns = (is_proved or is_probe) and not is_heard_of
    return AddressVerdict.CONDEMN if condemns else AddressVerdict.DOUBT


def is_probe(sent_at: datetime | None, doubted_at: datetime | None) -> bool:
    """Return whether a letter left while its address was in doubt. Who saw an earlier one cannot report this one."""
    return sent_at is not None and doubted_at is not None and doubted_at < sent_at <= doubted_at + DOUBT_LASTS
