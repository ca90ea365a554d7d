"""What becomes of a reply: every reason in its order, what is done at once, what waits, who is answered."""

from dataclasses import replace
from typing import Any

import pytest

from models.replies.reply import ReplyProof, ReplyWhy
from workflows.rules.reply_policy import ANSWERED, ReplyFacts, is_done_at_once, why_not, why_waits

W = ReplyWhy
GOOD = ReplyFacts(
    W.NONE,
    has_token=True,
    has_true_token=True,
    has_letter=True,
    is_in_time=True,
    is_from_reader=True,
    is_reader_active=True,
    has_words=True,
    has_files=False,
    of_classified_work=False,
)


def test_a_good_reply_may_do_something() -> None:
    assert why_not(GOOD) is W.NONE
    assert why_not(replace(GOOD, has_files=True)) is W.NONE
    assert why_not(replace(GOOD, has_words=False, has_files=True)) is W.NONE
    assert why_not(replace(GOOD, of_classified_work=True)) is W.NONE


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"has_token": False}, W.NO_TOKEN),
        ({"has_true_token": False}, W.FORGED),
        ({"has_letter": False}, W.UNKNOWN_LETTER),
        ({"is_reader_active": False}, W.RETIRED),
        ({"is_from_reader": False}, W.OTHER_SENDER),
        ({"is_in_time": False}, W.EXPIRED),
        ({"of_classified_work": True, "has_files": True}, W.CLASSIFIED),
        ({"has_words": False}, W.EMPTY),
    ],
)
def test_each_fact_that_is_wrong_ends_it(change: dict[str, Any], why: ReplyWhy) -> None:
    assert why_not(replace(GOOD, **change)) is why


@pytest.mark.parametrize("why", [W.AUTOMATIC, W.LISTED, W.OWN])
def test_what_a_program_wrote_is_nothing_else(why: ReplyWhy) -> None:
    nothing = dict.fromkeys(("has_token", "has_letter", "is_from_reader", "has_words"), False)
    assert why_not(replace(GOOD, why=why)) is why_not(replace(GOOD, why=why, **nothing)) is why


@pytest.mark.parametrize("why", [W.TOO_LARGE, W.TOO_DEEP, W.BROKEN, W.CHARSET])
def test_what_is_wrong_with_the_words_is_told_to_the_reader_alone(why: ReplyWhy) -> None:
    assert why_not(replace(GOOD, why=why, has_words=False)) is why
    assert why_not(replace(GOOD, why=why, is_from_reader=False)) is W.OTHER_SENDER
    assert why_not(replace(GOOD, why=why, has_token=False)) is W.NO_TOKEN
    assert why_not(replace(GOOD, why=why, is_in_time=False)) is W.EXPIRED


def test_the_reasons_stand_in_their_order() -> None:
    order = ["has_token", "has_true_token", "has_letter", "is_reader_active", "is_from_reader", "is_in_time"]
    wanted = [W.NO_TOKEN, W.FORGED, W.UNKNOWN_LETTER, W.RETIRED, W.OTHER_SENDER, W.EXPIRED]
    for first, why in enumerate(wanted):
        change: dict[str, Any] = dict.fromkeys(order[first:], False)
        assert why_not(replace(GOOD, **change)) is why


@pytest.mark.parametrize("is_message", [True, False])
@pytest.mark.parametrize("is_clear", [True, False])
@pytest.mark.parametrize("proof", list(ReplyProof))
@pytest.mark.parametrize("is_trusted", [True, False])
def test_only_what_is_proved_and_clear_is_done_at_once(
    is_message: bool, is_clear: bool, proof: ReplyProof, is_trusted: bool
) -> None:
    done = is_done_at_once(is_message=is_message, is_clear=is_clear, proof=proof, is_trusted=is_trusted)
    assert done == (is_clear and proof is not ReplyProof.NONE and (is_message or is_trusted))


def test_why_a_reply_waits() -> None:
    assert why_waits(is_message=False, is_clear=True) is W.TO_CONFIRM
    assert why_waits(is_message=True, is_clear=True) is W.UNPROVED
    assert why_waits(is_message=True, is_clear=False) is why_waits(is_message=False, is_clear=False) is W.NOT_CLEAR


def test_programs_lists_strangers_and_repeats_get_no_answer() -> None:
    silent = {W.NONE, W.NO_TOKEN, W.FORGED, W.UNKNOWN_LETTER, W.RETIRED, W.AUTOMATIC, W.LISTED, W.OWN, W.REPEATED}
    assert set(ReplyWhy) - ANSWERED == silent
