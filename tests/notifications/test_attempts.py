"""The mark before a letter leaves, and how each end of an attempt settles the letter and its notices."""

import logging
from typing import Any

import pytest
from sqlmodel import Session

from models.database.back_off import LETTER
from models.database.leases import LONGEST
from models.letters.letter import (
    SECRET_TOPIC,
    Letter,
    LetterAttempt,
    LetterContent,
    LetterKind,
    LetterState,
    Notice,
    NoticeState,
)
from models.organization.person import Person
from models.settings import MailSettings
from notifications.outbox.attempts import (
    END_WITHIN,
    HELD_REASON,
    RESEND_UNCERTAIN_AFTER,
    Claim,
    RecipientNow,
    is_given_up,
    keep_uncertain,
    lease_of,
    lock,
    mark_attempt,
    set_aside,
    settle,
)
from notifications.outbox.claims import next_letters, settle_dead
from notifications.smtp.sender import longest_conversation
from notifications.smtp.transport import Attempt, SendOutcome
from tests.notifications.queue import DEPUTY, MINUTE, NOW, again, furnished, note, person, put, session, take, unclaimed

__all__ = ["furnished", "session"]
ACCEPTED = Attempt(SendOutcome.ACCEPTED, 250, "2.0.0 taken")
PUT_OFF = Attempt(SendOutcome.TEMPORARY, 451, "later")
REFUSED = Attempt(SendOutcome.PERMANENT, 550, "no such user")
LOST = Attempt(SendOutcome.UNCERTAIN, None, "no reply")
LEASE = lease_of(MailSettings())
UNTIL = NOW + MINUTE


def hold(letter: Letter, *, lease_token: int = 2, attempts: int = 2, was_uncertain: bool = False) -> Claim:
    return Claim(letter.id, lease_token, was_uncertain, letter.recipient_id, letter.kind, letter.slot, attempts)


def mark(session: Session, held: Claim, **given: Any) -> None:
    facts = {
        "message_id": "<1@x>",
        "subject": "Tên",
        "content": b"1",
        "is_drill": True,
        "address": person(session).email,
    }
    mark_attempt(session, held, now=NOW, until=UNTIL, **{**facts, **given})


def content(session: Session, letter: Letter) -> bytes | None:
    session.expire_all()
    kept = session.get(LetterContent, letter.id)
    return kept.content if kept else None


def attempt(session: Session, letter: Letter, lease_token: int = 2) -> LetterAttempt | None:
    session.expire_all()
    return session.get(LetterAttempt, (letter.id, lease_token))


# the mark


def test_a_letter_is_claimed_as_it_was_read(session: Session) -> None:
    letter = put(session, attempts=3, lease_token=4)
    [held] = next_letters(session, now=NOW, limit=10)
    assert take(session, held, until=NOW + LEASE)
    now = again(session, letter)
    assert (now.state, now.lease_token, now.attempts, now.lease_until) == (LetterState.CLAIMED, 5, 4, NOW + LEASE)
    assert not now.resent and not take(session, held, until=UNTIL), "it is in somebody's hands"


def test_an_uncertain_letter_is_known_by_its_claim(session: Session) -> None:
    letter = put(session, state=LetterState.UNCERTAIN, attempts=1, lease_token=1)
    [held] = next_letters(session, now=NOW, limit=10)
    assert take(session, held, until=UNTIL) and again(session, letter).resent


CHANGES: list[dict[str, Any]] = [
    {"lease_token": 1},  # another has tried it
    *({"state": one} for one in LetterState if one not in (LetterState.QUEUED, LetterState.CLAIMED)),
]


@pytest.mark.parametrize("changes", CHANGES, ids=lambda changes: str(next(iter(changes.values()))))
def test_nothing_is_claimed_that_is_no_longer_as_it_was_read(session: Session, changes: dict[str, Any]) -> None:
    letter = put(session)
    [held] = next_letters(session, now=NOW, limit=10)
    for name, value in changes.items():
        setattr(letter, name, value)
    session.flush()
    assert not take(session, held, until=UNTIL)
    assert again(session, letter).lease_until is None


def test_a_reader_without_an_address_has_an_empty_one(session: Session) -> None:
    letter = put(session)
    [held] = next_letters(session, now=NOW, limit=10)
    session.get_one(Person, letter.recipient_id).email = None
    session.flush()
    assert lock(session, held) == RecipientNow(True, "")


def test_nothing_is_claimed_for_somebody_else(session: Session) -> None:
    letter = put(session)
    [held] = next_letters(session, now=NOW, limit=10)
    letter.recipient_id = person(session, DEPUTY).id
    session.flush()
    assert not take(session, held, until=UNTIL)


def test_mark_keeps_the_bytes(session: Session) -> None:
    letter, other = unclaimed(session), unclaimed(session)
    mark(session, hold(letter))
    now = again(session, letter)
    assert (now.message_id, now.address, now.subject, now.is_drill) == ("<1@x>", person(session).email, "Tên", True)
    assert (now.state, now.lease_until) == (LetterState.CLAIMED, UNTIL)
    made = attempt(session, letter)
    assert made is not None and (made.started_at, made.ended_at, made.outcome, made.reply) == (NOW, None, None, "")
    assert content(session, letter) == b"1"
    assert attempt(session, other) is None


@pytest.mark.parametrize("mail", [MailSettings(), MailSettings(timeout_seconds=300, dot_seconds=1800)])
def test_a_mark_outlasts_the_longest_conversation(mail: MailSettings) -> None:
    """And the tries to write down how it ended; else another sends the letter again that is still under way."""
    assert lease_of(mail).total_seconds() > longest_conversation(mail) + END_WITHIN.total_seconds()
    assert lease_of(mail) < LONGEST, "one that lasts so long counts as given by a clock that was ahead"


def test_a_second_attempt_keeps_its_own_bytes(session: Session) -> None:
    letter = unclaimed(session)
    mark(session, hold(letter))
    mark(session, hold(letter, lease_token=3), content=b"2")
    assert content(session, letter) == b"2"


# how it ended


def marked(session: Session, **given: Any) -> tuple[Letter, Notice, Notice]:
    """A marked letter with a notice that waits for it, and one that was dropped before."""
    letter = unclaimed(session, error="before", **given)
    waiting = note(session, letter)
    dropped = note(session, letter, state=NoticeState.DROPPED)
    mark(session, hold(letter))
    return letter, waiting, dropped


def test_what_the_server_took_is_sent_and_so_are_its_notices(session: Session) -> None:
    letter, waiting, dropped = marked(session)
    bystander, other_note, _ = marked(session)
    waiting.reason = "its lead changed"  # to be dropped meanwhile, if it had not arrived
    assert settle(session, hold(letter), ACCEPTED, now=UNTIL) is LetterState.SENT
    now = again(session, letter)
    assert (now.state, now.lease_until, now.sent_at, now.error) == (LetterState.SENT, None, UNTIL, "")
    assert (waiting.state, waiting.reason, dropped.state) == (NoticeState.SENT, "", NoticeState.DROPPED)
    ended = attempt(session, letter)
    assert ended is not None
    assert (ended.ended_at, ended.outcome, ended.smtp_code, ended.reply) == (UNTIL, "accepted", 250, "2.0.0 taken")
    assert again(session, bystander).state is LetterState.CLAIMED and other_note.state is NoticeState.PENDING
    assert content(session, letter) == b"1", "what was sent can be read"


def test_what_the_server_refuses_for_good_has_failed_and_so_have_its_notices(session: Session) -> None:
    letter, waiting, dropped = marked(session)
    assert settle(session, hold(letter), REFUSED, now=UNTIL) is LetterState.FAILED
    now = again(session, letter)
    assert (now.state, now.lease_until, now.error, now.sent_at) == (LetterState.FAILED, None, "no such user", None)
    assert (waiting.state, dropped.state) == (NoticeState.FAILED, NoticeState.DROPPED)


def test_what_is_put_off_waits_for_its_pause_and_its_notices_with_it(session: Session) -> None:
    letter, waiting, _ = marked(session)
    assert settle(session, hold(letter), PUT_OFF, now=UNTIL) is LetterState.QUEUED
    now = again(session, letter)
    assert (now.state, now.not_before, now.error) == (LetterState.QUEUED, UNTIL + LETTER.pauses[1], "later")
    assert waiting.state is NoticeState.PENDING


def test_after_the_last_pause_it_has_failed_unless_it_was_the_servers_fault(session: Session) -> None:
    letter, _, _ = marked(session)
    last = hold(letter, attempts=LETTER.attempts)
    of_server = Attempt(SendOutcome.TEMPORARY, None, "no server", of_server=True)
    assert settle(session, last, of_server, now=UNTIL) is LetterState.QUEUED
    again(session, letter)
    letter, _, _ = marked(session)
    assert settle(session, hold(letter, attempts=LETTER.attempts), PUT_OFF, now=UNTIL) is LetterState.FAILED
    assert again(session, letter).error == "later"


@pytest.mark.parametrize(
    ("was_uncertain", "end", "resend_uncertain", "attempts", "waits_for_a_person"),
    [
        (False, LOST, True, 2, False),
        (False, LOST, False, 2, True),  # by setting
        (True, LOST, True, 2, True),  # it has left once more
        (True, PUT_OFF, True, 2, False),  # its one re-send never reached DATA
        (True, PUT_OFF, False, 2, True),
        (True, PUT_OFF, True, LETTER.attempts, True),
    ],
)
def test_an_uncertain_letter_leaves_once_more_and_then_waits_for_a_person(
    session: Session, was_uncertain: bool, end: Attempt, resend_uncertain: bool, attempts: int, waits_for_a_person: bool
) -> None:
    letter, waiting, _ = marked(session)
    held = hold(letter, was_uncertain=was_uncertain, attempts=attempts)
    assert settle(session, held, end, now=UNTIL, resend_uncertain=resend_uncertain) is LetterState.UNCERTAIN
    now = again(session, letter)
    assert (now.state, now.resent) == (LetterState.UNCERTAIN, waits_for_a_person)
    assert (now.lease_until, now.not_before) == (None, UNTIL + RESEND_UNCERTAIN_AFTER)
    assert waiting.state is NoticeState.PENDING and content(session, letter) == b"1"


def test_unless_it_is_said_otherwise_an_uncertain_letter_leaves_once_more(session: Session) -> None:
    letter, _, _ = marked(session)
    settle(session, hold(letter), LOST, now=UNTIL)
    assert not again(session, letter).resent


def test_a_re_send_that_is_refused_for_good_has_failed(session: Session) -> None:
    letter, _, _ = marked(session)
    assert settle(session, hold(letter, was_uncertain=True), REFUSED, now=UNTIL) is LetterState.FAILED


@pytest.mark.parametrize("end", [ACCEPTED, REFUSED, PUT_OFF, LOST], ids=lambda end: end.outcome.value)
def test_with_an_old_lease_nothing_is_settled(session: Session, end: Attempt) -> None:
    letter, waiting, _ = marked(session)
    assert settle(session, hold(letter, lease_token=1), end, now=UNTIL) is None
    assert again(session, letter).state is LetterState.CLAIMED and waiting.state is NoticeState.PENDING
    made = attempt(session, letter)
    assert made is not None and made.ended_at is None


def left_behind(session: Session, *, resend_uncertain: bool = True, **given: Any) -> tuple[Letter, Notice]:
    """A marked letter whose lease ran out before its deliverer said how it ended: another has called it uncertain."""
    letter, waiting, _ = marked(session, **given)
    settle_dead(session, now=UNTIL + MINUTE, resend_uncertain=resend_uncertain)
    assert again(session, letter).state is LetterState.UNCERTAIN
    return letter, waiting


@pytest.mark.parametrize(
    ("end", "state", "told"),
    [
        (ACCEPTED, LetterState.SENT, NoticeState.SENT),
        (REFUSED, LetterState.FAILED, NoticeState.FAILED),
        (PUT_OFF, LetterState.QUEUED, NoticeState.PENDING),
    ],
    ids=lambda one: getattr(one, "value", None),
)
def test_an_answer_that_comes_late_counts_while_nobody_has_the_letter(
    session: Session, end: Attempt, state: LetterState, told: NoticeState
) -> None:
    letter, waiting = left_behind(session, kind=LetterKind.ACCOUNT, topic=f"{SECRET_TOPIC}1")
    assert settle(session, hold(letter), end, now=NOW + LEASE + 2 * MINUTE) is state
    now, ended = again(session, letter), attempt(session, letter)
    assert (now.state, now.resent, waiting.state) == (state, False, told)
    assert ended is not None and (ended.outcome, ended.smtp_code, ended.reply) == (end.outcome, end.code, end.reply)
    assert ended.ended_at == NOW + LEASE + 2 * MINUTE
    assert content(session, letter) is None, "a code that will not leave as it is"


def test_what_is_put_off_late_waits_as_one_that_nobody_ever_called_uncertain(session: Session) -> None:
    letter, _ = left_behind(session, resend_uncertain=False)
    assert again(session, letter).resent, "by setting it waits for a person"
    settle(session, hold(letter), PUT_OFF, now=UNTIL)
    assert (again(session, letter).state, again(session, letter).resent) == (LetterState.QUEUED, False)


def test_a_line_lost_is_no_answer_and_leaves_the_letter_as_the_other_found_it(session: Session) -> None:
    letter, _ = left_behind(session)
    before = again(session, letter).not_before
    assert settle(session, hold(letter), LOST, now=UNTIL, resend_uncertain=False) is None
    now, ended = again(session, letter), attempt(session, letter)
    assert (now.state, now.resent, now.not_before) == (LetterState.UNCERTAIN, False, before)
    assert ended is not None and ended.reply == "the deliverer died between its mark and the server's reply"


@pytest.mark.parametrize("end", [ACCEPTED, REFUSED, PUT_OFF], ids=lambda end: end.outcome.value)
def test_an_answer_that_comes_once_another_has_the_letter_settles_nothing(session: Session, end: Attempt) -> None:
    letter, waiting = left_behind(session)
    [other] = next_letters(session, now=UNTIL + MINUTE + RESEND_UNCERTAIN_AFTER, limit=1)
    assert take(session, other, until=UNTIL + LEASE)
    assert settle(session, hold(letter), end, now=UNTIL) is None
    ended = attempt(session, letter)
    assert again(session, letter).state is LetterState.CLAIMED and waiting.state is NoticeState.PENDING
    assert ended is not None and ended.outcome == "uncertain", "a second copy is on its way, and it is seen why"


@pytest.mark.parametrize("state", [LetterState.FAILED, LetterState.DROPPED])
def test_what_a_person_or_a_report_has_ended_meanwhile_stays_so(session: Session, state: LetterState) -> None:
    letter, _ = left_behind(session)
    letter = again(session, letter)
    letter.state = state
    session.flush()
    assert settle(session, hold(letter), ACCEPTED, now=UNTIL) is None
    assert again(session, letter).state is state


def test_an_attempt_that_has_ended_keeps_its_end(session: Session) -> None:
    letter, _, _ = marked(session)
    made = attempt(session, letter)
    assert made is not None
    made.ended_at, made.outcome = NOW, "temporary"
    session.flush()
    settle(session, hold(letter), ACCEPTED, now=UNTIL)
    ended = attempt(session, letter)
    assert ended is not None and (ended.ended_at, ended.outcome) == (NOW, "temporary")


def test_a_long_reply_is_kept_as_far_as_there_is_room(session: Session) -> None:
    letter, _, _ = marked(session)
    settle(session, hold(letter), Attempt(SendOutcome.PERMANENT, 550, "n" * 501), now=UNTIL)
    ended = attempt(session, letter)
    assert ended is not None and ended.reply == "n" * 500


# bytes with a secret


@pytest.mark.parametrize(
    ("kind", "topic", "end", "stays"),
    [
        (LetterKind.ACCOUNT, f"{SECRET_TOPIC}1", ACCEPTED, False),
        (LetterKind.ACCOUNT, f"{SECRET_TOPIC}1", REFUSED, False),
        (LetterKind.ACCOUNT, f"{SECRET_TOPIC}1", PUT_OFF, False),
        (LetterKind.ACCOUNT, f"{SECRET_TOPIC}1", LOST, True),  # it may have to leave once more
        (LetterKind.ACCOUNT, "test:1", ACCEPTED, True),
        (LetterKind.EVENT, f"{SECRET_TOPIC}1", ACCEPTED, True),
    ],
)
def test_a_code_stays_no_longer_than_it_may_have_to_leave_once_more(
    session: Session, kind: LetterKind, topic: str, end: Attempt, stays: bool
) -> None:
    letter, _, _ = marked(session, kind=kind, topic=topic)
    bystander = unclaimed(session, kind=LetterKind.ACCOUNT, topic=f"{SECRET_TOPIC}2")
    mark(session, hold(bystander))
    settle(session, hold(letter), end, now=UNTIL)
    assert (content(session, letter) is not None) is stays
    assert content(session, bystander) == b"1", "another's code is another's"


def test_a_code_that_may_not_leave_again_is_forgotten(session: Session) -> None:
    letter, _, _ = marked(session, kind=LetterKind.ACCOUNT, topic=f"{SECRET_TOPIC}1")
    settle(session, hold(letter), LOST, now=UNTIL)
    keep_uncertain(session, hold(letter, lease_token=3, was_uncertain=True), "retired")
    assert content(session, letter) is None


# set aside


@pytest.mark.parametrize(
    ("state", "notice", "reason"),
    [
        (LetterState.EMPTY, NoticeState.DROPPED, ""),
        (LetterState.FAILED, NoticeState.FAILED, ""),
        (LetterState.HELD, NoticeState.DROPPED, HELD_REASON),
    ],
)
def test_a_letter_that_does_not_leave_takes_its_notices_along(
    session: Session, caplog: pytest.LogCaptureFixture, state: LetterState, notice: NoticeState, reason: str
) -> None:
    letter = unclaimed(session)
    waiting, sent, elsewhere = note(session, letter), note(session, letter, state=NoticeState.SENT), note(session)
    with caplog.at_level(logging.DEBUG, "dondoc"):
        set_aside(session, hold(letter), state, "words", subject="Tên")
    [line] = caplog.records
    facts = {"letter": str(letter.id), "kind": letter.kind.value, "state": state.value, "reason": "words"}
    assert {"event": "letter_set_aside"} | facts == {name: line.msg[name] for name in ("event", *facts)}  # type: ignore[index]
    assert (line.levelno == logging.INFO) is (state is LetterState.FAILED)
    now = again(session, letter)
    assert (now.state, now.lease_until, now.error, now.subject) == (state, None, "words", "Tên")
    assert (waiting.state, waiting.reason) == (notice, reason)
    assert (sent.state, elsewhere.state) == (NoticeState.SENT, NoticeState.PENDING)
    assert content(session, letter) is None


def test_what_test_mode_holds_back_keeps_its_words(session: Session) -> None:
    letter = unclaimed(session)
    set_aside(session, hold(letter), LetterState.HELD, content=b"words")
    assert content(session, letter) == b"words" and again(session, letter).error == ""


def test_an_uncertain_letter_of_which_nothing_is_true_stays_shown_with_its_reason(session: Session) -> None:
    uncertain = {"state": LetterState.UNCERTAIN}
    letter, other = unclaimed(session, **uncertain), unclaimed(session, **uncertain)
    keep_uncertain(session, hold(letter, was_uncertain=True), "retired")
    now = again(session, letter)
    assert (now.state, now.lease_until, now.resent, now.error) == (LetterState.UNCERTAIN, None, True, "retired")
    assert not again(session, other).resent
    assert again(session, letter).error == "retired"


def test_given_up_is_an_uncertain_letter_that_has_left_once_more_or_may_not(session: Session) -> None:
    kinds = [(LetterState.UNCERTAIN, True), (LetterState.UNCERTAIN, False), (LetterState.QUEUED, True)]
    letters = [put(session, state=state, resent=resent) for state, resent in kinds]
    assert [is_given_up(session, one.id) for one in letters] == [True, False, False]
