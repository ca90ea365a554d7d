"""Decide what becomes of a reply by mail: whether it acts at once, waits for its writer to confirm, or does nothing."""

from dataclasses import dataclass

from models.replies.reply import ReplyProof, ReplyWhy

W = ReplyWhy
ANSWERED = frozenset(
    {W.EXPIRED, W.OTHER_SENDER, W.TOO_LARGE, W.TOO_DEEP, W.BROKEN, W.CHARSET, W.EMPTY, W.CLASSIFIED, W.NO_RIGHT}
    | {W.WHICH_TASK, W.NOT_CLEAR, W.UNPROVED, W.TO_CONFIRM}
)
"""The reasons that the writer is told. Programs, mailing lists and strangers get no answer."""


@dataclass(frozen=True)
class ReplyFacts:
    """The facts about a reply. `why` is the result of reading the message. `has_letter`: its token names a letter."""

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
    """Return the reason why a reply does nothing; NONE if it may act.

    The checks go from the sender to the content: a program, a token that is not ours, another person. Only the letter's
    own reader learns what is wrong with the content.
    """
    is_content_faulty = facts.why in (W.TOO_LARGE, W.TOO_DEEP, W.BROKEN, W.CHARSET)
    checks = (
        (facts.why is not W.NONE and not is_content_faulty, facts.why),
        (not facts.has_token, W.NO_TOKEN),
        (not facts.has_true_token, W.FORGED),
        (not facts.has_letter, W.UNKNOWN_LETTER),
        (not facts.is_reader_active, W.RETIRED),
        (not facts.is_from_reader, W.OTHER_SENDER),
        (not facts.is_in_time, W.EXPIRED),
        (is_content_faulty, facts.why),
        (facts.of_classified_work and facts.has_files, W.CLASSIFIED),
        (not facts.has_words and not facts.has_files, W.EMPTY),
    )
    return next((why for holds, why in checks if holds), W.NONE)


def is_done_at_once(*, is_message: bool, is_clear: bool, proof: ReplyProof, is_trusted: bool) -> bool:
    """Return whether a reply acts without a confirmation.

    A message for the conversation needs a proof of its sender. An action also needs a trusted domain.
    """
    if proof is ReplyProof.NONE or not is_clear:
        return False
    return is_message or is_trusted


def why_waits(*, is_message: bool, is_clear: bool) -> ReplyWhy:
    if not is_clear:
        return W.NOT_CLEAR
    return W.UNPROVED if is_message else W.TO_CONFIRM
