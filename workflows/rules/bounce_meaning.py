"""What a report of a mail server means for a letter."""

from enum import StrEnum

from models.letters.bounce import BounceAction
from models.letters.letter import LetterState


class Verdict(StrEnum):
    """What becomes of the letter."""

    RECORD = "record"  # nothing
    WAIT = "wait"  # somebody holds it: asked again once they have settled it
    FAIL = "fail"  # it did not arrive


def verdict(action: BounceAction | None, state: LetterState, attempts: int, *, same_address: bool) -> Verdict:
    """Return a letter that came back has failed, whether its delivery knew that it had left or not.

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
