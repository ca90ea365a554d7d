"""What a mail server's report means for the letter."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from models.letters.bounce import BounceAction
from models.letters.letter import LetterState
from workflows.rules.bounce_meaning import (
    DOUBT_LASTS,
    AddressVerdict,
    BounceVerdict,
    address_verdict,
    is_probe,
    verdict,
)

LEFT = (LetterState.SENT, LetterState.UNCERTAIN)


@pytest.mark.parametrize("state", list(LetterState))
def test_a_report_that_says_not_of_failure_is_only_recorded(state: LetterState) -> None:
    for action in (None, *(one for one in BounceAction if one is not BounceAction.FAILED)):
        assert verdict(action, state, 1, same_address=True) is BounceVerdict.RECORD


@pytest.mark.parametrize("state", list(LetterState))
def test_bounced_letter_fails_if_it_had_left(state: LetterState) -> None:
    expected = (
        BounceVerdict.FAIL
        if state in LEFT
        else BounceVerdict.WAIT
        if state is LetterState.CLAIMED
        else BounceVerdict.RECORD
    )
    assert verdict(BounceAction.FAILED, state, 0, same_address=True) is expected


def test_bounce_fails_a_deferred_letter_but_no_requeued_one() -> None:
    assert verdict(BounceAction.FAILED, LetterState.QUEUED, 1, same_address=True) is BounceVerdict.FAIL
    assert verdict(BounceAction.FAILED, LetterState.QUEUED, 0, same_address=True) is BounceVerdict.RECORD
    assert verdict(BounceAction.FAILED, LetterState.FAILED, 3, same_address=True) is BounceVerdict.RECORD


@pytest.mark.parametrize("state", [*LEFT, LetterState.QUEUED])
def test_a_report_of_the_old_address_is_only_recorded(state: LetterState) -> None:
    assert verdict(BounceAction.FAILED, state, 1, same_address=False) is BounceVerdict.RECORD


def test_a_letter_in_somebodys_hands_waits_whatever_its_address() -> None:
    assert verdict(BounceAction.FAILED, LetterState.CLAIMED, 1, same_address=False) is BounceVerdict.WAIT


def test_an_address_is_condemned_only_by_proof_or_probe_of_somebody_unheard() -> None:
    for dead, proved, probe, heard in product((True, False), repeat=4):
        becomes = address_verdict(is_dead=dead, is_proved=proved, is_probe=probe, is_heard_of=heard)
        assert (becomes is AddressVerdict.KEEP) is not dead
        assert (becomes is AddressVerdict.CONDEMN) is (dead and (proved or probe) and not heard)


def test_a_probe_left_after_the_doubt_and_not_long_after() -> None:
    doubted = datetime(2004, 6, 1, tzinfo=UTC)
    assert is_probe(doubted + timedelta(seconds=1), doubted) and is_probe(doubted + DOUBT_LASTS, doubted)
    for sent in (None, doubted, doubted - timedelta(days=1), doubted + DOUBT_LASTS + timedelta(seconds=1)):
        assert not is_probe(sent, doubted)
    assert not is_probe(doubted, None)
