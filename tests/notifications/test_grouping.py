"""How notices find their letter, and how what an older digest had to say comes into the newer one."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, func, select

from models.letters.letter import Letter, LetterAttempt, LetterKind, LetterState, NoticeState
from models.organization.person import Person
from notifications.outbox.grouping import JOINED_NEWER, group, join_newer, queue_letter_to, queue_letters
from tests.notifications.queue import DEPUTY, MINUTE, NOW, again, claimed, furnished, note, put, session

__all__ = ["furnished", "session"]
DIGEST, UPWARD, EVENT = LetterKind.DIGEST, LetterKind.UPWARD, LetterKind.EVENT
DAY = timedelta(days=1)


def later(kind: LetterKind, slot: datetime) -> datetime:
    return slot + (DAY if kind is DIGEST else MINUTE)


def grouped(session: Session, now: datetime = NOW) -> int:
    found = group(session, now=now, next_slot=later)
    session.flush()
    session.expire_all()
    return found


def letters(session: Session) -> list[Letter]:
    return list(session.exec(select(Letter).order_by(col(Letter.slot), col(Letter.id))))


def test_one_person_moment_kind_and_topic_is_one_letter(session: Session) -> None:
    together = [note(session, topic="a") for _ in range(3)]
    apart = [
        note(session, topic="b"),
        note(session, topic="a", who=DEPUTY),
        note(session, topic="a", kind=DIGEST),
        note(session, topic="a", slot=NOW - MINUTE),
    ]
    assert grouped(session) == 7
    assert len({one.letter_id for one in together}) == 1
    assert len({one.letter_id for one in (*together, *apart)}) == 5 == len(letters(session))
    for one in (*together, *apart):
        letter = session.get_one(Letter, one.letter_id)
        assert (letter.recipient_id, letter.slot, letter.kind, letter.topic) == (
            one.recipient_id,
            one.slot,
            one.kind,
            one.topic,
        )
        assert (letter.state, letter.attempts, letter.lease_token, letter.resent) == (LetterState.QUEUED, 0, 0, False)
        assert (letter.not_before, letter.error, letter.is_drill) == (letter.slot, "", False)


def test_only_what_is_pending_has_no_letter_and_whose_moment_has_come(session: Session) -> None:
    told, held = note(session, state=NoticeState.SUPERSEDED), note(session, put(session))
    future = note(session, slot=NOW + timedelta(microseconds=1))
    letter_id = held.letter_id
    assert grouped(session) == 0
    assert (told.letter_id, future.letter_id, held.letter_id) == (None, None, letter_id)
    assert grouped(session, future.slot) == 1


def test_a_letter_of_its_own_is_opened_for_whom_a_query_finds(session: Session) -> None:
    for code in ("nobody.at.all", DEPUTY):
        queue_letter_to(session, select_columns(col(Person.id)).where(col(Person.code) == code), NOW, EVENT, "a")
    [letter] = letters(session)
    assert letter.recipient_id == session.exec(select(Person.id).where(Person.code == DEPUTY)).one()
    assert (letter.slot, letter.not_before, letter.kind, letter.topic) == (NOW, NOW, EVENT, "a")
    assert (letter.state, letter.attempts, letter.lease_token, letter.resent) == (LetterState.QUEUED, 0, 0, False)
    assert (letter.error, letter.is_drill, letter.lease_until) == ("", False, None)


def test_a_notice_joins_the_letter_that_waits_already(session: Session) -> None:
    letter = put(session, topic="a")
    one = note(session, topic="a")
    assert grouped(session) == 1
    assert one.letter_id == letter.id and len(letters(session)) == 1


@pytest.mark.parametrize("kind", [EVENT, DIGEST])
@pytest.mark.parametrize(
    "gone",
    [
        {"state": LetterState.SENT},
        {"state": LetterState.FAILED},
        {"state": LetterState.UNCERTAIN},
        {"attempts": 1},  # put off: its bytes have been with the server
    ],
    ids=str,
)
def test_a_notice_whose_letter_has_left_or_been_tried_goes_to_the_next_slot(
    session: Session, gone: dict[str, Any], kind: LetterKind
) -> None:
    put(session, kind=kind, topic="a", **gone)
    late = note(session, kind=kind, topic="a")
    waiting = note(session, kind=kind, topic="b")
    assert grouped(session) == 1, "how many found their letter"
    assert (late.letter_id, late.slot) == (None, later(kind, NOW))
    assert waiting.letter_id is not None and waiting.slot == NOW
    assert grouped(session, later(kind, NOW)) == 1
    assert late.letter_id is not None


def test_one_in_somebodys_hands_takes_in_no_more(session: Session) -> None:
    claimed(session, NOW + MINUTE, topic="a", attempts=0)
    late = note(session, topic="a")
    assert grouped(session) == 0
    assert late.letter_id is None and late.slot > NOW


def test_very_many_letters_at_once_each_get_their_own_notice(session: Session) -> None:
    notes = [note(session, topic=str(number)) for number in range(405)]
    assert grouped(session) == 405
    assert len({one.letter_id for one in notes}) == 405
    assert grouped(session) == 0


def test_letters_are_queued_once_and_what_is_there_stays_as_it_is(session: Session) -> None:
    sent = put(session, topic="a", state=LetterState.SENT, attempts=1)
    key = (sent.recipient_id, NOW, EVENT, "a")
    queue_letters(session, [key, (sent.recipient_id, NOW, EVENT, "b")])
    queue_letters(session, [key, (sent.recipient_id, NOW, EVENT, "b")])
    assert session.exec(select(func.count()).select_from(Letter)).one() == 2
    assert again(session, sent).state is LetterState.SENT


# what an older digest still had to say


def joined(session: Session, now: datetime = NOW) -> int:
    found = join_newer(session, now=now)
    session.flush()
    session.expire_all()
    return found


@pytest.mark.parametrize("kind", [DIGEST, UPWARD])
def test_the_older_of_two_summaries_goes_into_the_newer(session: Session, kind: LetterKind) -> None:
    newest, oldest, older = (put(session, kind=kind, topic="a", slot=NOW - days * DAY) for days in (0, 2, 1))
    bystander = note(session, put(session, DEPUTY, kind=kind, topic="a"))
    stays = bystander.letter_id
    waiting, told = note(session, oldest), note(session, oldest, state=NoticeState.SENT)
    other = note(session, older)
    assert joined(session) == 2
    assert waiting.letter_id == other.letter_id == newest.id
    assert told.letter_id == oldest.id, "what was told stays where it was told"
    assert bystander.letter_id == stays, "another person's notices stay where they are"
    for letter in (oldest, older):
        now = again(session, letter)
        assert (now.state, now.error, now.lease_until) == (LetterState.EMPTY, JOINED_NEWER, None)
    assert again(session, newest).state is LetterState.QUEUED
    assert joined(session) == 0


@pytest.mark.parametrize(
    "apart",
    [{"who": DEPUTY}, {"topic": "b"}, {"kind": UPWARD}],
    ids=["another person", "another topic", "another kind"],
)
def test_summaries_of_different_people_kinds_and_topics_stay_apart(session: Session, apart: dict[str, Any]) -> None:
    put(session, kind=DIGEST, topic="a", slot=NOW - DAY)
    put(session, **{"kind": DIGEST, "topic": "a", **apart})
    assert joined(session) == 0


def test_what_tells_of_one_event_is_a_letter_of_its_own(session: Session) -> None:
    for slot in (NOW - DAY, NOW):
        put(session, kind=EVENT, topic="a", slot=slot)
    assert joined(session) == 0


def test_a_digest_whose_moment_is_still_to_come_takes_in_nothing(session: Session) -> None:
    put(session, kind=DIGEST, topic="a", slot=NOW - DAY)
    put(session, kind=DIGEST, topic="a", slot=NOW)
    assert joined(session, NOW - timedelta(microseconds=1)) == 0
    assert joined(session, NOW) == 1


@pytest.mark.parametrize(
    "newer", [{"state": LetterState.SENT}, {"state": LetterState.UNCERTAIN}, {"attempts": 1}], ids=str
)
def test_a_newer_one_that_has_left_or_been_tried_takes_in_nothing(session: Session, newer: dict[str, Any]) -> None:
    put(session, kind=DIGEST, topic="a", slot=NOW - DAY)
    put(session, kind=DIGEST, topic="a", **newer)
    assert joined(session) == 0


def test_older_deferred_digest_joins_the_newer_unless_uncertain(session: Session) -> None:
    put_off = put(session, kind=DIGEST, topic="a", slot=NOW - DAY, attempts=3)
    uncertain = put(session, kind=DIGEST, topic="a", slot=NOW - 2 * DAY, state=LetterState.UNCERTAIN, attempts=1)
    put(session, kind=DIGEST, topic="a")
    assert joined(session) == 1
    assert again(session, put_off).state is LetterState.EMPTY
    assert again(session, uncertain).state is LetterState.UNCERTAIN


LEFT_BEHIND: dict[str, Any] = {"kind": DIGEST, "topic": "a", "slot": NOW - DAY}


def test_what_a_dead_deliverer_had_tried_stays_to_be_settled(session: Session) -> None:
    old = claimed(session, **LEFT_BEHIND, lease_until=NOW - MINUTE)
    session.add(LetterAttempt(letter_id=old.id, lease_token=2, started_at=NOW))
    put(session, kind=DIGEST, topic="a")
    assert joined(session) == 0


def test_a_letter_in_a_dead_deliverers_hands_takes_in_nothing(session: Session) -> None:
    put(session, kind=DIGEST, topic="a", slot=NOW - DAY)
    claimed(session, kind=DIGEST, topic="a", lease_until=NOW - MINUTE, attempts=0)
    assert joined(session) == 0
