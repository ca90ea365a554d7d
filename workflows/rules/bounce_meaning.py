"""What a mail server's report about an undelivered letter means for the letter and for its address."""

from datetime import datetime, timedelta
from enum import StrEnum

from models.letters.bounce import BounceAction
from models.letters.letter import LetterState

DOUBT_LASTS = timedelta(days=30)
"""Anybody can write a report of a dead address. For this long after one, a letter to the address is a probe."""


class BounceVerdict(StrEnum):
    """What to do with the letter that a report is about."""

    RECORD = "record"  # keep the report, and change nothing
    WAIT = "wait"  # another process is sending the letter: decide once that is over
    FAIL = "fail"  # the letter did not arrive


def verdict(action: BounceAction | None, state: LetterState, attempts: int, *, same_address: bool) -> BounceVerdict:
    """A letter that came back has failed, even if its delivery did not know that it had left.

    `attempts` counts the attempts since a person last queued it. `same_address` is false once the letter goes to
    another address. A report about a letter that has failed, or was queued again since, changes nothing.
    """
    if action is not BounceAction.FAILED:
        return BounceVerdict.RECORD
    if state is LetterState.CLAIMED:
        return BounceVerdict.WAIT
    if not same_address:
        return BounceVerdict.RECORD
    was_accepted = state is LetterState.QUEUED and attempts > 0  # although the attempt looked like a failure
    came_back = state in (LetterState.SENT, LetterState.UNCERTAIN) or was_accepted
    return BounceVerdict.FAIL if came_back else BounceVerdict.RECORD


class AddressVerdict(StrEnum):
    """What to do with the address that a report is about."""

    KEEP = "keep"
    DOUBT = "doubt"  # it still gets letters, and the next one is a probe
    CONDEMN = "condemn"  # it gets none until somebody corrects it


def address_verdict(*, is_dead: bool, is_proved: bool, is_probe: bool, is_heard_of: bool) -> AddressVerdict:
    """Judge an address after a report. A single unproved report is not enough: any reader of the letter can forge it.

    `is_dead`: the report calls the address dead. `is_heard_of`: the person has replied or signed in since the letter
    left, or since the doubt began.
    """
    if not is_dead:
        return AddressVerdict.KEEP
    condemns = (is_proved or is_probe) and not is_heard_of
    return AddressVerdict.CONDEMN if condemns else AddressVerdict.DOUBT


def is_probe(sent_at: datetime | None, doubted_at: datetime | None) -> bool:
    """Return whether a letter left while its address was in doubt. A reader of an earlier one cannot report it."""
    return sent_at is not None and doubted_at is not None and doubted_at < sent_at <= doubted_at + DOUBT_LASTS
