"""What a report of a mail server means for a letter and for the address it left for."""

import re
from enum import StrEnum

from models.bounce import BounceAction
from models.letter import LetterState

_OF_THE_LETTER = re.compile(r"5\.(2\.3|3\.4|6\.\d{1,3}|7\.\d{1,3})")
"""RFC 3463, for good and yet not the address's fault: too large, cannot be converted, our reputation or rights."""


class Verdict(StrEnum):
    """What becomes of the letter."""

    RECORD = "record"  # nothing
    WAIT = "wait"  # somebody holds it: asked again once they have settled it
    FAIL = "fail"  # it did not arrive


def verdict(action: BounceAction | None, state: LetterState, attempts: int, *, same_address: bool) -> Verdict:
    """A letter that came back has failed, whether its delivery knew that it had left or not.

    `attempts` since it was last queued by a person; `same_address`: it has not been written for another one since. One
    that failed already has been told; one that somebody has sent on its way again since is not what this speaks of.
    """
    if action is not BounceAction.FAILED:
        return Verdict.RECORD
    if state is LetterState.CLAIMED:
        return Verdict.WAIT
    if not same_address:
        return Verdict.RECORD
    tried_again = state is LetterState.QUEUED and attempts > 0  # it had been taken after all, when it was put off
    came_back = state in (LetterState.SENT, LetterState.UNCERTAIN) or tried_again
    return Verdict.FAIL if came_back else Verdict.RECORD


def is_dead_address(status: str) -> bool:
    """Whether no further letter need try it: a status of class 5 that is not about the letter, or about us."""
    return status.startswith("5.") and not _OF_THE_LETTER.fullmatch(status)
