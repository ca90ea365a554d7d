"""Who holds a letter, from when on it may leave, and what becomes of one whose deliverer died."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import delete
from sqlmodel import Session

from models.database.leases import LONGEST
from models.database.run import TICK, Run
from models.letters.letter import LetterAttempt, LetterKind, LetterState
from models.tasks.task_check import TaskCheck
from models.text.localtime import at_local, local_date
from notifications.outbox.attempts import BEAT, RESEND_UNCERTAIN_AFTER, WAITING_LEASE, Claim
from notifications.outbox.claims import (
    HOLD,
    LINES,
    ONE_MORE_AFTER,
    PATIENCE,
    claim,
    first_unfinished,
    is_waiting,
    kept_waiting,
    may_begin,
    release,
    take_back,
)
from notifications.smtp.transport import Attempt, Outcome
from tests.notifications.queue import (
    COORDINATOR,
    DEPUTY,
    MINUTE,
    NOW,
    again,
    claimed,
    furnished,
    note,
    person,
    put,
    session,
)

__all__ = ["furnished", "session"]
SECOND = timedelta(seconds=1)


def take(session: Session, limit: int = 10, **given: Any) -> list[Claim]:
    return claim(session, now=NOW, limit=limit, **given)


def test_a_claim_says_whose_letter_it_is_and_writes_down_who_holds_it(session: Session) -> None:
    letter = put(session, attempts=3, lease_token=4)
    [held] = take(session)
    assert held == Claim(letter.id, 5, False, person(session).id, LetterKind.EVENT, NOW, 4)
    now = again(session, letter)
    assert (now.state, now.lease_token, now.attempts, now.lease_until) == (LetterState.CLAIMED, 5, 4, NOW + HOLD)
    assert not now.resent
    assert take(session) == [], "it is in somebody's hands"


def test_who_has_been_delivering_for_some_time_holds_it_from_the_present_on(session: Session) -> None:
    letter = put(session)
    take(session, moment=NOW + 5 * MINUTE)
    assert again(session, letter).lease_until == NOW + 5 * MINUTE + HOLD


@pytest.mark.parametrize(
    ("slot", "next_attempt", "may"),
    [(0, 0, True), (-60, 0, True), (0, 1, False), (1, 0, False), (-60, 1, False), (-60, -60, True)],
)
def test_a_letter_leaves_from_its_moment_and_the_moment_of_its_next_attempt_on(
    session: Session, slot: int, next_attempt: int, may: bool
) -> None:
    put(session, slot=NOW + slot * SECOND, ready_at=NOW + next_attempt * SECOND)
    assert is_waiting(session, now=NOW) is may
    assert len(take(session)) == may


def test_the_one_that_waits_longest_goes_first_and_no_more_than_asked_for(session: Session) -> None:
    letters = [put(session, slot=NOW - minutes * MINUTE) for minutes in (1, 3, 2)]
    assert [one.letter_id for one in take(session, limit=2)] == [letters[1].id, letters[2].id]
    assert [one.letter_id for one in take(session, limit=2)] == [letters[0].id]


def test_of_the_kinds_asked_for_and_no_others(session: Session) -> None:
    event, digest = put(session), put(session, kind=LetterKind.DIGEST)
    assert is_waiting(session, now=NOW, kinds=[LetterKind.DIGEST])
    assert not is_waiting(session, now=NOW, kinds=[LetterKind.UPWARD])
    assert not is_waiting(session, now=NOW, kinds=[])
    assert take(session, kinds=[]) == []
    assert [one.letter_id for one in take(session, kinds=[LetterKind.DIGEST, LetterKind.UPWARD])] == [digest.id]
    assert [one.letter_id for one in take(session)] == [event.id]


@pytest.mark.parametrize(
    "state", [LetterState.SENT, LetterState.FAILED, LetterState.HELD, LetterState.DROPPED, LetterState.EMPTY]
)
def test_a_letter_that_has_come_to_an_end_never_leaves(session: Session, state: LetterState) -> None:
    put(session, state=state)
    assert not is_waiting(session, now=NOW) and take(session) == []


def test_an_uncertain_letter_leaves_once_more_and_is_known_by_it(session: Session) -> None:
    letter = put(session, state=LetterState.UNCERTAIN, attempts=1, lease_token=1)
    [held] = take(session)
    assert held.was_uncertain and again(session, letter).resent
    put(session, who=DEPUTY, state=LetterState.UNCERTAIN, resent=True)
    assert take(session) == []


def test_a_letter_given_back_is_as_it_was(session: Session) -> None:
    queued = put(session, attempts=3, lease_token=3, ready_at=NOW - MINUTE)
    uncertain = put(session, who=DEPUTY, state=LetterState.UNCERTAIN, attempts=1, lease_token=1)
    other = put(session, who=COORDINATOR)
    held = take(session)
    release(session, [one for one in held if one.letter_id != other.id])
    first, second = again(session, queued), again(session, uncertain)
    assert (first.state, first.attempts, first.lease_until) == (LetterState.QUEUED, 3, None)
    assert first.ready_at == NOW - MINUTE, "free at once"
    assert (second.state, second.attempts, second.resent) == (LetterState.UNCERTAIN, 1, False)
    assert again(session, other).state is LetterState.CLAIMED
    assert len(take(session)) == 2


def test_a_letter_given_back_for_later_waits_until_then(session: Session) -> None:
    letter = put(session)
    release(session, take(session), until=NOW + MINUTE)
    assert again(session, letter).ready_at == NOW + MINUTE
    assert take(session) == []


def test_what_somebody_else_holds_by_now_is_not_given_back(session: Session) -> None:
    letter = put(session)
    [old] = take(session)
    letter = again(session, letter)
    letter.lease_token += 1
    session.flush()
    release(session, [old])
    assert again(session, letter).state is LetterState.CLAIMED


@pytest.mark.parametrize("state", [LetterState.SENT, LetterState.FAILED, LetterState.UNCERTAIN])
def test_what_was_settled_meanwhile_is_not_given_back(session: Session, state: LetterState) -> None:
    letter = put(session)
    held = take(session)
    letter = again(session, letter)
    letter.state, letter.lease_until = state, None
    session.flush()
    release(session, held)
    assert (again(session, letter).state, again(session, letter).attempts) == (state, 1)


@pytest.mark.parametrize(("passed", "free"), [(0, False), (1, True)])
def test_a_letter_is_free_again_once_its_lease_is_over(session: Session, passed: int, free: bool) -> None:
    letter = claimed(session, NOW - passed * SECOND)
    assert [one.letter_id for one in take(session)] == ([letter.id] if free else [])


def test_one_that_was_never_tried_is_queued_again_at_once(session: Session) -> None:
    letter = claimed(session, NOW - SECOND, ready_at=NOW + MINUTE)
    [held] = take(session)
    assert (held.lease_token, held.attempts, held.was_uncertain) == (3, 3, False)
    assert again(session, letter).ready_at == NOW


def test_one_that_was_to_leave_once_more_and_was_not_tried_is_as_uncertain_as_before(session: Session) -> None:
    letter = claimed(session, NOW - SECOND, resent=True)
    take(session, kinds=[])
    now = again(session, letter)
    assert (now.state, now.resent, now.lease_until, now.ready_at) == (LetterState.UNCERTAIN, False, None, NOW)


def mark(session: Session, letter: Any, *, lease_token: int = 2, ended: bool = False) -> None:
    session.add(
        LetterAttempt(letter_id=letter.id, lease_token=lease_token, started_at=NOW, ended_at=NOW if ended else None)
    )
    session.flush()


def test_attempt_without_an_end_is_uncertain_and_leaves_once_more(session: Session) -> None:
    letter = claimed(session, NOW - SECOND)
    mark(session, letter)
    assert take(session) == []
    now = again(session, letter)
    assert (now.state, now.resent, now.ready_at) == (LetterState.UNCERTAIN, False, NOW + RESEND_UNCERTAIN_AFTER)
    assert now.error == "the deliverer died between its mark and the server's reply"
    ended = session.get_one(LetterAttempt, (letter.id, 2))
    assert (ended.ended_at, ended.outcome) == (NOW, "uncertain")


def test_whoever_asks_hears_of_each_letter_that_a_dead_deliverer_left_uncertain(session: Session) -> None:
    letter, untried = claimed(session, NOW - SECOND), claimed(session, NOW - SECOND)
    mark(session, letter)
    heard: list[tuple[Session, Claim, Attempt]] = []
    take(session, left=lambda *told: heard.append(told))
    [(told_in, one, attempt)] = heard
    assert told_in is session and attempt.outcome is Outcome.UNCERTAIN
    assert one == Claim(letter.id, 2, False, letter.recipient_id, letter.kind, letter.slot, 2)
    assert again(session, untried).state is LetterState.CLAIMED, "it is in the new one's hands"


@pytest.mark.parametrize(("resent", "resend_uncertain"), [(True, True), (False, False), (True, False)])
def test_one_that_left_once_more_or_may_not_by_setting_waits_for_a_person(
    session: Session, resent: bool, resend_uncertain: bool
) -> None:
    letter = claimed(session, NOW - SECOND, resent=resent)
    mark(session, letter)
    take(session, resend_uncertain=resend_uncertain)
    now = again(session, letter)
    assert (now.state, now.resent) == (LetterState.UNCERTAIN, True)


@pytest.mark.parametrize("earlier", [{"lease_token": 1}, {"ended": True}])
def test_the_mark_of_an_earlier_attempt_makes_nothing_uncertain(session: Session, earlier: dict[str, Any]) -> None:
    letter = claimed(session, NOW - SECOND)
    mark(session, letter, **earlier)
    assert [one.letter_id for one in take(session)] == [letter.id]


def test_where_few_may_leave_at_a_time_each_kind_comes_to_its_turn(session: Session) -> None:
    for number in range(30):
        put(session, slot=NOW - number * SECOND)
        put(session, kind=LetterKind.DIGEST, slot=NOW - number * SECOND)
    kinds = [
        one.kind for minute in range(12) for one in claim(session, now=NOW + minute * MINUTE + 30 * SECOND, limit=1)
    ]
    assert len(kinds) == 12 and set(kinds) == {LetterKind.EVENT, LetterKind.DIGEST}


def test_unmarked_claim_can_be_taken_back(session: Session) -> None:
    letter, other = put(session, attempts=2), put(session, who=DEPUTY)
    unclear = put(session, kind=LetterKind.DIGEST, state=LetterState.UNCERTAIN, attempts=1)
    held = {one.letter_id: one for one in take(session)}
    take_back(session, [person(session).id])
    now = again(session, letter)
    assert (now.state, now.lease_until, now.attempts) == (LetterState.QUEUED, None, 2)
    assert now.lease_token == held[letter.id].lease_token + 1
    assert (again(session, unclear).state, again(session, unclear).resent) == (LetterState.UNCERTAIN, False)
    assert again(session, other).state is LetterState.CLAIMED, "it is for somebody else"
    assert {one.letter_id for one in take(session)} == {letter.id, unclear.id}


def test_nothing_is_taken_back_that_nobody_holds(session: Session) -> None:
    letter = put(session, lease_token=3)
    take_back(session, [person(session).id])
    assert again(session, letter).lease_token == 3


def test_a_letter_that_is_marked_is_on_its_way_and_stays_with_who_sends_it(session: Session) -> None:
    letter = put(session)
    [held] = take(session)
    session.add(LetterAttempt(letter_id=letter.id, lease_token=held.lease_token, started_at=NOW, reply=""))
    session.flush()
    take_back(session, [letter.recipient_id])
    now = again(session, letter)
    assert (now.state, now.lease_token) == (LetterState.CLAIMED, held.lease_token)


@pytest.mark.parametrize("state", [LetterState.SENT, LetterState.EMPTY, LetterState.QUEUED])
def test_what_nobody_holds_is_not_taken_back(session: Session, state: LetterState) -> None:
    letter = put(session, state=state, attempts=1, lease_token=1)
    take_back(session, [letter.recipient_id])
    now = again(session, letter)
    assert (now.state, now.lease_token, now.attempts) == (state, 1, 1)


def test_a_try_of_before_keeps_no_letter_from_being_taken_back(session: Session) -> None:
    letter = put(session, lease_token=1)
    session.add(LetterAttempt(letter_id=letter.id, lease_token=1, started_at=NOW, ended_at=NOW, reply=""))
    session.flush()
    take(session)
    take_back(session, [letter.recipient_id])
    assert again(session, letter).state is LetterState.QUEUED


def conversation(session: Session, began: datetime, last_beat: datetime = NOW, **given: Any) -> None:
    """One that the mail server keeps waiting; its deliverer said so last at `last_beat`."""
    letter = claimed(session, last_beat + WAITING_LEASE, **given)
    session.add(LetterAttempt(letter_id=letter.id, lease_token=2, started_at=began))
    session.flush()


def test_conversations_that_the_server_keeps_waiting_are_known_oldest_first(session: Session) -> None:
    for minutes in (1, 3, 2):
        conversation(session, NOW - minutes * MINUTE)
    assert kept_waiting(session, moment=NOW) == [NOW - minutes * MINUTE for minutes in (3, 2, 1)]


def test_a_conversation_without_a_beat_for_three_is_dead(session: Session) -> None:
    conversation(session, NOW - 9 * MINUTE, NOW - 3 * BEAT)
    conversation(session, NOW - 8 * MINUTE, NOW - 3 * BEAT + SECOND)
    assert kept_waiting(session, moment=NOW) == [NOW - 8 * MINUTE]


def test_what_a_clock_days_ahead_had_in_hand_is_free_and_keeps_nobody_waiting(session: Session) -> None:
    conversation(session, NOW, NOW + timedelta(days=3))
    assert kept_waiting(session, moment=NOW) == []
    letter = claimed(session, NOW + LONGEST + SECOND)
    [held] = take(session)
    assert held.letter_id == letter.id


def test_only_the_attempt_of_the_present_lease_counts(session: Session) -> None:
    letter = claimed(session, NOW + WAITING_LEASE)
    other = claimed(session, NOW + MINUTE, who=DEPUTY)
    for one, lease_token, minutes in ((letter, 1, 5), (letter, 2, 4), (other, 2, 3)):
        session.add(LetterAttempt(letter_id=one.id, lease_token=lease_token, started_at=NOW - minutes * MINUTE))
    session.flush()
    assert kept_waiting(session, moment=NOW) == [NOW - 4 * MINUTE]


def test_one_more_conversation_begins_below_the_limit_or_after_a_pause(session: Session) -> None:
    long_ago = NOW - 10 * MINUTE
    for _ in range(LINES - 1):
        conversation(session, long_ago)
    newest = NOW - ONE_MORE_AFTER
    assert may_begin(session, moment=newest)
    conversation(session, newest)
    assert may_begin(session, moment=NOW), "the server may be well again"
    assert not may_begin(session, moment=NOW - SECOND)


def test_what_the_server_allows_at_once_is_kept_strictly(session: Session) -> None:
    assert may_begin(session, moment=NOW, most=1)
    conversation(session, NOW - 10 * MINUTE)
    assert may_begin(session, moment=NOW, most=2)
    assert not may_begin(session, moment=NOW, most=1)


def test_of_earlier_days_only_what_speaks_as_of_this_morning_waits_for_it(session: Session) -> None:
    midnight = at_local(local_date(NOW), time.min)
    today, _yesterday = (put(session, kind=LetterKind.DIGEST, slot=midnight - minutes * MINUTE) for minutes in (0, 1))
    assert [one.letter_id for one in take(session, unfinished=at_local(local_date(NOW)))] == [today.id]


def test_a_letter_of_the_day_that_waits_takes_no_others_place(session: Session) -> None:
    put(session, kind=LetterKind.DIGEST)
    assert not is_waiting(session, now=NOW, unfinished=NOW)
    event = put(session)
    for minutes in range(3):
        held = claim(session, now=NOW + minutes * MINUTE, limit=1, unfinished=NOW)
        assert [one.letter_id for one in held] == [event.id]
        release(session, held)


def test_among_letters_of_the_day_those_of_finished_moments_leave(session: Session) -> None:
    finished = put(session, kind=LetterKind.DIGEST, slot=NOW - 2 * MINUTE, ready_at=NOW)
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
