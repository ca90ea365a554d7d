"""Which letters may leave, in which order, and what becomes of one whose deliverer died."""

from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import delete
from sqlmodel import Session

from models.database.leases import LONGEST
from models.database.run import TICK, Run
from models.letters.letter import LetterAttempt, LetterKind, LetterState
from models.tasks.task_check import TaskCheck
from models.text.localtime import at_local, local_date
from notifications.outbox.attempts import RESEND_UNCERTAIN_AFTER, Claim
from notifications.outbox.claims import (
    PATIENCE,
    first_unfinished,
    is_in_conversation,
    is_waiting,
    next_letters,
    put_off,
    settle_dead,
)
from notifications.smtp.transport import Attempt, SendOutcome
from tests.notifications.queue import DEPUTY, MINUTE, NOW, again, claimed, furnished, note, person, put, session

pytestmark = pytest.mark.both

__all__ = ["furnished", "session"]
SECOND = timedelta(seconds=1)


def take(session: Session, limit: int = 10, **given: Any) -> list[Claim]:
    return next_letters(session, now=NOW, limit=limit, **given)


def test_what_may_leave_says_whose_letter_it_is_and_is_in_nobodys_hands(session: Session) -> None:
    letter = put(session, attempts=3, lease_token=4)
    [found] = take(session)
    assert found == Claim(letter.id, 5, False, person(session).id, LetterKind.EVENT, NOW, 4)
    assert take(session) == [found] and again(session, letter).state is LetterState.QUEUED


@pytest.mark.parametrize(
    ("slot", "next_attempt", "may"),
    [(0, 0, True), (-60, 0, True), (0, 1, False), (1, 0, False), (-60, 1, False), (-60, -60, True)],
)
def test_a_letter_leaves_from_its_moment_and_the_moment_of_its_next_attempt_on(
    session: Session, slot: int, next_attempt: int, may: bool
) -> None:
    put(session, slot=NOW + slot * SECOND, not_before=NOW + next_attempt * SECOND)
    assert is_waiting(session, now=NOW) is may
    assert len(take(session)) == may


def test_the_one_that_waits_longest_goes_first_and_no_more_than_asked_for(session: Session) -> None:
    letters = [put(session, slot=NOW - minutes * MINUTE) for minutes in (1, 3, 2)]
    assert [one.letter_id for one in take(session, limit=2)] == [letters[1].id, letters[2].id]
    assert [one.letter_id for one in take(session)] == [letters[1].id, letters[2].id, letters[0].id]


def test_of_the_kinds_asked_for_and_no_others(session: Session) -> None:
    event, digest = put(session), put(session, kind=LetterKind.DIGEST)
    assert is_waiting(session, now=NOW, kinds=[LetterKind.DIGEST])
    assert not is_waiting(session, now=NOW, kinds=[LetterKind.UPWARD])
    assert not is_waiting(session, now=NOW, kinds=[])
    assert take(session, kinds=[]) == []
    assert [one.letter_id for one in take(session, kinds=[LetterKind.DIGEST, LetterKind.UPWARD])] == [digest.id]
    assert {one.letter_id for one in take(session)} == {event.id, digest.id}


@pytest.mark.parametrize(
    "state",
    [
        LetterState.CLAIMED,
        LetterState.SENT,
        LetterState.FAILED,
        LetterState.HELD,
        LetterState.DROPPED,
        LetterState.EMPTY,
    ],
)
def test_a_letter_in_somebodys_hands_or_at_its_end_does_not_leave(session: Session, state: LetterState) -> None:
    put(session, state=state, lease_until=NOW + MINUTE if state is LetterState.CLAIMED else None)
    assert not is_waiting(session, now=NOW) and take(session) == []


def test_an_uncertain_letter_leaves_once_more_and_is_known_by_it(session: Session) -> None:
    letter = put(session, state=LetterState.UNCERTAIN, attempts=1, lease_token=1)
    put(session, who=DEPUTY, state=LetterState.UNCERTAIN, resent=True)
    [found] = take(session)
    assert found.was_uncertain and found.letter_id == letter.id


def test_a_letter_that_is_put_off_waits_until_then(session: Session) -> None:
    letter, other = put(session), put(session)
    put_off(session, [one for one in take(session) if one.letter_id == letter.id], until=NOW + MINUTE)
    assert again(session, letter).not_before == NOW + MINUTE
    assert [one.letter_id for one in take(session)] == [other.id]


@pytest.mark.parametrize("state", [LetterState.CLAIMED, LetterState.SENT, LetterState.FAILED])
def test_what_was_taken_or_settled_meanwhile_is_not_put_off(session: Session, state: LetterState) -> None:
    letter = put(session)
    found = take(session)
    letter = again(session, letter)
    letter.state, letter.lease_until = state, NOW + MINUTE if state is LetterState.CLAIMED else None
    session.flush()
    put_off(session, found, until=NOW + MINUTE)
    assert again(session, letter).not_before == NOW


@pytest.mark.parametrize(("passed", "state"), [(0, LetterState.CLAIMED), (1, LetterState.QUEUED)])
def test_what_was_claimed_and_never_marked_is_queued_again_after_its_lease(
    session: Session, passed: int, state: LetterState
) -> None:
    """As 0.3 left it when it died."""
    letter = claimed(session, NOW - passed * SECOND)
    settle_dead(session, now=NOW)
    assert again(session, letter).state is state


def test_what_a_clock_that_was_ahead_claimed_for_days_is_free(session: Session) -> None:
    held, free = claimed(session, NOW + LONGEST), claimed(session, NOW + LONGEST + SECOND)
    settle_dead(session, now=NOW)
    assert (again(session, held).state, again(session, free).state) == (LetterState.CLAIMED, LetterState.QUEUED)


def test_one_that_was_to_leave_once_more_and_was_not_tried_is_as_uncertain_as_before(session: Session) -> None:
    letter = claimed(session, NOW - SECOND, resent=True)
    settle_dead(session, now=NOW)
    now = again(session, letter)
    assert (now.state, now.resent, now.lease_until, now.not_before) == (LetterState.UNCERTAIN, False, None, NOW)


def mark(session: Session, letter: Any, *, lease_token: int = 2, ended: bool = False) -> None:
    session.add(
        LetterAttempt(letter_id=letter.id, lease_token=lease_token, started_at=NOW, ended_at=NOW if ended else None)
    )
    session.flush()


def test_attempt_without_an_end_is_uncertain_and_leaves_once_more(session: Session) -> None:
    letter = claimed(session, NOW - SECOND)
    mark(session, letter)
    settle_dead(session, now=NOW)
    assert take(session) == []
    now = again(session, letter)
    assert (now.state, now.resent, now.not_before) == (LetterState.UNCERTAIN, False, NOW + RESEND_UNCERTAIN_AFTER)
    assert now.error == "the deliverer died between its mark and the server's reply"
    ended = session.get_one(LetterAttempt, (letter.id, 2))
    assert (ended.ended_at, ended.outcome) == (NOW, "uncertain")


def test_whoever_asks_hears_of_each_letter_that_a_dead_deliverer_left_uncertain(session: Session) -> None:
    letter, untried = claimed(session, NOW - SECOND), claimed(session, NOW - SECOND)
    mark(session, letter)
    heard: list[tuple[Session, Claim, Attempt]] = []
    settle_dead(session, now=NOW, report_uncertain=lambda *told: heard.append(told))
    [(told_in, one, attempt)] = heard
    assert told_in is session and attempt.outcome is SendOutcome.UNCERTAIN
    assert one == Claim(letter.id, 2, False, letter.recipient_id, letter.kind, letter.slot, 2)
    assert again(session, untried).state is LetterState.QUEUED


@pytest.mark.parametrize(("resent", "resend_uncertain"), [(True, True), (False, False), (True, False)])
def test_one_that_left_once_more_or_may_not_by_setting_waits_for_a_person(
    session: Session, resent: bool, resend_uncertain: bool
) -> None:
    letter = claimed(session, NOW - SECOND, resent=resent)
    mark(session, letter)
    settle_dead(session, now=NOW, resend_uncertain=resend_uncertain)
    now = again(session, letter)
    assert (now.state, now.resent) == (LetterState.UNCERTAIN, True)


@pytest.mark.parametrize("earlier", [{"lease_token": 1}, {"ended": True}])
def test_the_mark_of_an_earlier_attempt_makes_nothing_uncertain(session: Session, earlier: dict[str, Any]) -> None:
    letter = claimed(session, NOW - SECOND)
    mark(session, letter, **earlier)
    settle_dead(session, now=NOW)
    assert [one.letter_id for one in take(session)] == [letter.id]


def test_where_few_may_leave_at_a_time_each_kind_comes_to_its_turn(session: Session) -> None:
    for number in range(30):
        put(session, slot=NOW - number * SECOND)
        put(session, kind=LetterKind.DIGEST, slot=NOW - number * SECOND)
    kinds = [
        one.kind
        for minute in range(12)
        for one in next_letters(session, now=NOW + minute * MINUTE + 30 * SECOND, limit=1)
    ]
    assert len(kinds) == 12 and set(kinds) == {LetterKind.EVENT, LetterKind.DIGEST}


def test_a_conversation_under_way_is_known_by_its_mark(session: Session) -> None:
    letter, over = claimed(session, NOW + MINUTE), put(session, state=LetterState.SENT, attempts=1, lease_token=1)
    session.add(LetterAttempt(letter_id=over.id, lease_token=1, started_at=NOW - MINUTE))
    for lease_token, seconds in ((1, 50), (2, 5)):
        started = NOW - seconds * SECOND
        session.add(LetterAttempt(letter_id=letter.id, lease_token=lease_token, started_at=started))
    session.flush()
    assert not is_in_conversation(session, since=NOW - 10 * SECOND)
    assert is_in_conversation(session, since=NOW - 5 * SECOND)


def test_of_earlier_days_only_what_speaks_as_of_this_morning_waits_for_it(session: Session) -> None:
    midnight = at_local(local_date(NOW), time.min)
    today, _yesterday = (put(session, kind=LetterKind.DIGEST, slot=midnight - minutes * MINUTE) for minutes in (0, 1))
    assert [one.letter_id for one in take(session, unfinished=at_local(local_date(NOW)))] == [today.id]


def test_a_letter_of_the_day_that_waits_takes_no_others_place(session: Session) -> None:
    put(session, kind=LetterKind.DIGEST)
    assert not is_waiting(session, now=NOW, unfinished=NOW)
    event = put(session)
    for minutes in range(3):
        found = next_letters(session, now=NOW + minutes * MINUTE, limit=1, unfinished=NOW)
        assert [one.letter_id for one in found] == [event.id]


def test_among_letters_of_the_day_those_of_finished_moments_leave(session: Session) -> None:
    finished = put(session, kind=LetterKind.DIGEST, slot=NOW - 2 * MINUTE, not_before=NOW)
    put(session, kind=LetterKind.DIGEST, slot=NOW - MINUTE)
    assert [one.letter_id for one in take(session, limit=1, unfinished=NOW - MINUTE)] == [finished.id]


def test_notices_of_the_day_are_to_be_finished_and_no_others(session: Session) -> None:
    session.execute(delete(TaskCheck))
    note(session, kind=LetterKind.EVENT)
    note(session, kind=LetterKind.DIGEST, slot=NOW + MINUTE)
    assert first_unfinished(session, now=NOW) is None
    note(session, kind=LetterKind.DIGEST)
    assert first_unfinished(session, now=NOW) == NOW


def test_ticks_alone_are_waited_for_no_longer_than_their_patience(session: Session) -> None:
    session.execute(delete(TaskCheck))
    note(session, kind=LetterKind.DIGEST)
    session.add(Run(key="summary:2026-W45", started_at=NOW))
    assert first_unfinished(session, now=NOW + PATIENCE) == NOW
    session.add(Run(key=f"{TICK}2026-11-05", started_at=NOW))
    assert first_unfinished(session, now=NOW + PATIENCE) is None
