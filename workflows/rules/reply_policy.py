"""What becomes of a reply: which reason ends it, what is done at once, what waits for a press, who is answered."""

from dataclasses import dataclass

from models.replies.reply import ReplyProof, ReplyWhy

W = ReplyWhy
ANSWERED = frozenset(
    {W.EXPIRED, W.OTHER_SENDER, W.TOO_LARGE, W.TOO_DEEP, W.BROKEN, W.CHARSET, W.EMPTY, W.CLASSIFIED, W.NO_RIGHT}
    | {W.WHICH_TASK, W.NOT_CLEAR, W.UNPROVED, W.TO_CONFIRM}
)
"""Reasons that get one sentence, or what is asked for. All else is met with silence: programs, lists, strangers."""


@dataclass(frozen=True)
class ReplyFacts:
    """What is known of a reply. `why` is what reading it found; the token names a letter where `has_letter`."""

    why: ReplyWhy
    has_token: bool
    has_true_token: bool
    has_letter: bool
    is_in_time: bool
    is_from_reader: bool
    is_reader_active: bool
    has_words: bool
    has_files: bool
    of_classified_work: bool


def why_not(facts: ReplyFacts) -> ReplyWhy:
    """Return the reason for which a reply does nothing; NONE where it may do something.

    First that a program wrote it, which nobody answers; then whether its token is ours; then whose it is. What is wrong
    with its words is told to nobody but the letter's reader.
    """
    of_words = facts.why in (W.TOO_LARGE, W.TOO_DEEP, W.BROKEN, W.CHARSET)
    checks = (
        (facts.why is not W.NONE and not of_words, facts.why),
        (not facts.has_token, W.NO_TOKEN),
        (not facts.has_true_token, W.FORGED),
        (not facts.has_letter, W.UNKNOWN_LETTER),
        (not facts.is_reader_active, W.RETIRED),
        (not facts.is_from_reader, W.OTHER_SENDER),
        (not facts.is_in_time, W.EXPIRED),
        (of_words, facts.why),
        (facts.of_classified_work and facts.has_files, W.CLASSIFIED),
        (not facts.has_words and not facts.has_files, W.EMPTY),
    )
    return next((why for holds, why in checks if holds), W.NONE)


def is_done_at_once(*, is_message: bool, is_clear: bool, proof: ReplyProof, is_trusted: bool) -> bool:
    """Return whether a reply acts without a press.

    Words for the conversation, where something proves who sent them; an act, where that domain is trusted as well and
    nothing is missing.
    """
    if proof is ReplyProof.NONE or not is_clear:
        return False
    return is_message or is_trusted


def why_waits(*, is_message: bool, is_clear: bool) -> ReplyWhy:
    if not is_clear:
        return W.NOT_CLEAR
    return W.UNPROVED if is_message else W.TO_CONFIRM
