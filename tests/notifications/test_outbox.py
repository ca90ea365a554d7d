"""The outbox: each letter once, whoever dies, however often and however many ask."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from functools import partial
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from models.database.back_off import LETTER
from models.database.session import reading, transaction
from models.errors import Refused
from models.letters.letter import Letter, LetterAttempt, LetterKind, LetterState, Notice, NoticeState
from models.organization.person import Person
from models.settings import MailSettings
from notifications.outbox.attempts import (
    END_WITHIN,
    RESEND_UNCERTAIN_AFTER,
    Claim,
    lease_of,
    lock,
    mark_attempt,
    settle,
)
from notifications.outbox.claims import next_letters, settle_dead
from notifications.outbox.grouping import group
from notifications.smtp.clocks import Clocks, Stopwatch
from notifications.smtp.transport import STOOD_STILL, Attempt, SendOutcome
from tests.notifications.outbox_runs import COORDINATOR, HEAD, LOST, Scripted, letter_to, run, scripted
from tests.notifications.queue import take
from tests.office import ON, Office, at, body, furnish
from workflows.delivery.letter_delivery import PAUSES, LetterDelivery
from workflows.delivery.recheck import WrittenLetter
from workflows.delivery.resend import resend
from workflows.jobs.simulate import RecordedSender

pytestmark = pytest.mark.both

LEASE = lease_of(MailSettings())
TEMPORARY = Attempt(SendOutcome.TEMPORARY, 451, "try later")
NO_SUCH_USER = Attempt(SendOutcome.PERMANENT, 550, "no such user", of_address=True)


class Dead(BaseException):
    """The process ends here."""


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    made = furnish(engine, tmp_path)
    made.launch("4")
    return made


def attempts(office: Office) -> list[str | None]:
    with reading(office.engine) as session:
        query = select(LetterAttempt).where(LetterAttempt.letter_id == letter_to(office).id)
        return [mark.outcome for mark in session.exec(query.order_by(col(LetterAttempt.lease_token)))]


def later(kind: LetterKind, slot: datetime) -> datetime:
    return slot + timedelta(days=1)


# temporary


def test_a_temporary_refusal_is_tried_again_after_a_growing_pause(office: Office) -> None:
    sender = scripted(office, TEMPORARY, TEMPORARY)
    run(office, sender, ON)
    assert letter_to(office).state is LetterState.QUEUED
    assert letter_to(office).not_before == ON + LETTER.pauses[0]
    run(office, sender, ON + LETTER.pauses[0] - timedelta(seconds=1))
    assert len(sender.tried) == 1
    run(office, sender, ON + LETTER.pauses[0])
    assert letter_to(office).not_before == ON + LETTER.pauses[0] + LETTER.pauses[1]
    run(office, sender, ON + LETTER.pauses[0] + LETTER.pauses[1])
    assert letter_to(office).state is LetterState.SENT
    assert attempts(office) == ["temporary", "temporary", "accepted"]


def test_pauses_only_grow_and_end_after_about_a_day_and_a_half() -> None:
    assert list(LETTER.pauses) == sorted(LETTER.pauses)
    assert timedelta(days=1) < sum(LETTER.pauses, timedelta()) < timedelta(days=2)


def test_one_put_off_letter_delays_nobody_else(office: Office) -> None:
    sender = scripted(office, TEMPORARY)
    run(office, sender, ON)
    assert len(sender.kept.letters) == 2


def test_after_the_last_pause_the_letter_is_given_up_and_the_coordinator_told(office: Office) -> None:
    sender = scripted(office, *[TEMPORARY] * 20)
    for day in range(1, 9):
        for hour in range(8, 18):
            run(office, sender, at(day, hour=hour))
    assert letter_to(office).state is LetterState.FAILED
    assert len(sender.tried) == LETTER.attempts
    assert ("undeliverable", 0) in office.told(office.task(), COORDINATOR)
    assert office.person(HEAD).email_refused_at is None, "a full mailbox is not a wrong address"


# permanent


def test_permanent_refusal_is_told_and_not_repeated(office: Office) -> None:
    sender = scripted(office, NO_SUCH_USER)
    run(office, sender, ON)
    run(office, sender, ON + timedelta(minutes=1))
    assert letter_to(office).state is LetterState.FAILED and len(sender.tried) == 1
    assert office.person(HEAD).email_refused_at == ON
    assert ("undeliverable", 0) in office.told(office.task(), COORDINATOR)
    assert office.notices(office.task(), NoticeState.FAILED) == [("assigned", 0, HEAD, "failed")]
    office.tick(at(3))
    assert office.sent(HEAD) == [], "nothing more goes to an address refused for good"
    assert ("not_accepted", 2) in office.told(office.task(), COORDINATOR)


def test_a_letter_sent_again_by_hand_takes_the_mark_off_its_address(office: Office) -> None:
    sender = scripted(office, NO_SUCH_USER)
    run(office, sender, ON)
    assert office.person(HEAD).email_refused_at is not None
    with transaction(office.engine) as session:
        resend(session, office.settings, [letter_to(office).id], ON + timedelta(hours=1))
    run(office, sender, ON + timedelta(hours=1))
    assert office.person(HEAD).email_refused_at is None and letter_to(office).state is LetterState.SENT


def test_an_address_written_anew_gets_letters_again(office: Office) -> None:
    run(office, scripted(office, NO_SUCH_USER), ON)
    office.change_person(HEAD, email="ngan.moi@mpt.example", email_refused_at=None)
    office.tick(at(3))
    assert office.told(office.task(), HEAD) == [("not_accepted", 2)]


def test_a_refusal_of_the_address_that_was_there_before_does_not_condemn_the_new_one(office: Office) -> None:
    class Changed(Scripted):
        """While the server reads the letter, the register gets another address."""

        def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
            if to_address == self.address:
                office.change_person(HEAD, email="ngan.moi@mpt.example", email_refused_at=None)
            return super().send(to_address, content)

    run(office, Changed(office.person(HEAD).email, NO_SUCH_USER), ON)
    assert letter_to(office).state is LetterState.FAILED
    assert office.person(HEAD).email_refused_at is None
    office.tick(at(3))
    assert office.told(office.task(), HEAD) == [("not_accepted", 2)]


def test_a_refusal_of_one_message_does_not_condemn_the_address(office: Office) -> None:
    run(office, scripted(office, Attempt(SendOutcome.PERMANENT, 554, "content refused")), ON)
    assert letter_to(office).state is LetterState.FAILED
    assert office.person(HEAD).email_refused_at is None


# uncertain


def test_uncertain_bytes_are_frozen_and_go_out_once_more_under_the_same_message_id(office: Office) -> None:
    sender = scripted(office, LOST)
    run(office, sender, ON)
    first = letter_to(office)
    assert first.state is LetterState.UNCERTAIN and office.content(first) == sender.tried[0]
    office.change_person(HEAD, full_name="Tên Khác")  # what would be written today does not matter
    run(office, sender, ON + RESEND_UNCERTAIN_AFTER - timedelta(seconds=1))
    assert len(sender.tried) == 1
    run(office, sender, ON + RESEND_UNCERTAIN_AFTER)
    assert sender.tried[0] == sender.tried[1]
    assert letter_to(office).state is LetterState.SENT
    assert letter_to(office).message_id == first.message_id


def test_uncertain_twice_stays_shown_and_is_not_sent_a_third_time(office: Office) -> None:
    sender = scripted(office, LOST, LOST)
    for minutes in range(0, 300, 20):
        run(office, sender, ON + timedelta(minutes=minutes))
    assert letter_to(office).state is LetterState.UNCERTAIN
    assert len(sender.tried) == 2
    with transaction(office.engine) as session:
        resend(session, office.settings, [letter_to(office).id], at(1, hour=14))
    run(office, sender, at(1, hour=14))
    assert letter_to(office).state is LetterState.SENT and len(set(sender.tried)) == 1, "by hand, the very same bytes"


def test_uncertain_is_not_sent_again_when_nothing_in_it_is_true_any_more(office: Office) -> None:
    sender = scripted(office, LOST)
    run(office, sender, ON)
    office.act(office.task(), "withdraw", COORDINATOR, at(1, minute=5), note="nhầm")
    run(office, sender, ON + RESEND_UNCERTAIN_AFTER)
    assert sender.tried.count(sender.tried[0]) == 1
    assert letter_to(office).state is LetterState.UNCERTAIN and letter_to(office).resent


def test_uncertain_is_not_sent_again_to_somebody_retired_since(office: Office) -> None:
    sender = scripted(office, LOST)
    run(office, sender, ON)
    office.change_person(HEAD, is_active=False)
    run(office, sender, ON + RESEND_UNCERTAIN_AFTER)
    assert len(sender.tried) == 1 and letter_to(office).state is LetterState.UNCERTAIN


def test_uncertain_is_not_sent_again_about_a_task_withdrawn_since_it_was_looked_at(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = scripted(office, LOST)
    run(office, sender, ON)
    look = LetterDelivery.read

    def looked(turn: LetterDelivery, claims: Sequence[Claim]) -> dict[UUID, WrittenLetter]:
        found = look(turn, claims)
        office.act(office.task(), "withdraw", COORDINATOR, at(1, minute=5), note="nhầm")
        return found

    monkeypatch.setattr(LetterDelivery, "read", looked)
    run(office, sender, ON + RESEND_UNCERTAIN_AFTER)
    assert len(sender.tried) == 1
    assert letter_to(office).state is LetterState.UNCERTAIN and letter_to(office).resent


HAPPENED: dict[str, dict[str, Any]] = {
    "withdrawn": {},
    "retired": {"is_active": False},
    "another address": {"email": "b@b.vn"},
}


@pytest.mark.parametrize("what", HAPPENED)
def test_event_before_the_mark_keeps_the_letter_from_leaving(
    office: Office, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """The last moment: the letter has been put together and looked at, and its text is about to be handed over."""
    sender, old, write = scripted(office), office.person(HEAD).email, LetterDelivery.write

    def wrote(turn: LetterDelivery, one: Claim, written: WrittenLetter, *, whole: bool = True) -> None:
        is_first = written.composed is None
        write(turn, one, written, whole=whole)
        if one.letter_id != letter_to(office).id or not is_first or happened:
            return
        happened.append(one.letter_id)
        assert written.composed is not None, "its words are there"
        if what == "withdrawn":
            office.act(office.task(), "withdraw", COORDINATOR, ON, note="nhầm")
        else:
            office.change_person(HEAD, **HAPPENED[what])

    happened: list[UUID] = []
    monkeypatch.setattr(LetterDelivery, "write", wrote)
    run(office, sender, ON)
    assert old not in {to for to, _content in sender.kept.letters} and sender.tried == []
    run(office, sender, ON + timedelta(minutes=5))
    assert [to for to, _content in sender.kept.letters].count("b@b.vn") == (what == "another address")
    ends = {"withdrawn": LetterState.EMPTY, "retired": LetterState.FAILED, "another address": LetterState.SENT}
    assert letter_to(office).state is ends[what]


def test_uncertain_keeps_its_bytes_through_a_night_and_through_a_temporary_refusal(office: Office) -> None:
    sender = scripted(office, LOST, TEMPORARY)
    run(office, sender, at(1, hour=17, minute=58))
    run(office, sender, at(1, hour=20))
    assert letter_to(office).state is LetterState.UNCERTAIN and len(sender.tried) == 1
    run(office, sender, at(2))
    assert letter_to(office).state is LetterState.UNCERTAIN and len(sender.tried) == 2
    run(office, sender, at(2, hour=9))
    assert letter_to(office).state is LetterState.SENT and len(set(sender.tried)) == 1


# dead deliverers


def test_a_deliverer_dead_before_its_mark_leaves_its_letter_to_the_next(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dead(*_given: object, **_more: object) -> None:
        raise Dead

    monkeypatch.setattr(LetterDelivery, "write", dead)
    with pytest.raises(Dead):
        run(office, scripted(office), ON)
    monkeypatch.undo()
    run(office, office.sender, ON)
    assert len(office.sender.letters) == 3 and attempts(office) == ["accepted"]
    assert {letter.state for letter in office.letters()} == {LetterState.SENT}


def test_a_deliverer_dead_after_its_mark_leaves_an_uncertain_letter(office: Office) -> None:
    sender = scripted(office, Dead)
    with pytest.raises(Dead):
        run(office, sender, ON)
    run(office, sender, ON + LEASE)
    assert letter_to(office).state is LetterState.CLAIMED, "it may still be in conversation"
    run(office, sender, ON + LEASE + timedelta(minutes=1))
    assert letter_to(office).state is LetterState.UNCERTAIN
    run(office, sender, ON + 2 * LEASE + timedelta(minutes=2))
    assert letter_to(office).state is LetterState.SENT
    assert sender.tried[0] == sender.tried[1] and len(sender.tried) == 2
    assert attempts(office) == ["uncertain", "accepted"]


class Hands(Scripted):
    """One that stands still as the real one does: who comes too late after the mark hands nothing over."""

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        assert since is not None
        if since.seconds > MailSettings().timeout_seconds:
            return STOOD_STILL
        return super().send(to_address, content)


def hands(office: Office) -> Hands:
    return Hands(office.person(HEAD).email)


class Stands:
    """A clock that jumps when the head's letter has just been marked, as of a machine that stands still there."""

    def __init__(self, office: Office, still: timedelta, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.office, self.still, self.meanwhile = office, still.total_seconds(), meanwhile
        self.seconds = 0.0

    def __call__(self) -> float:
        if self.seconds == 0 and any(one.message_id for one in self.office.letters()) and attempts(self.office):
            self.seconds = self.still
            self.meanwhile()
        return self.seconds


def suspended(stands: Stands) -> Clocks:
    return Clocks(monotonic=lambda: 0.0, wall=stands)


def stopped(stands: Stands) -> Clocks:
    return Clocks(monotonic=stands, wall=lambda: 0.0)


WAYS = pytest.mark.parametrize("way", [suspended, stopped])


@WAYS
def test_a_deliverer_that_stood_still_after_its_mark_hands_nothing_over(
    office: Office, way: Callable[[Stands], Clocks]
) -> None:
    sender = hands(office)
    run(office, sender, ON, way(Stands(office, timedelta(seconds=121))))
    assert sender.tried == []
    assert (letter_to(office).state, attempts(office)) == (LetterState.QUEUED, ["temporary"])
    run(office, sender, ON + timedelta(minutes=5))
    assert {letter.state for letter in office.letters()} == {LetterState.SENT}
    assert len(sender.tried) == 1 and len(sender.kept.letters) == 3, "each of them once"


@WAYS
def test_paused_deliverer_does_not_resend_another_ones_letter(office: Office, way: Callable[[Stands], Clocks]) -> None:
    sender, other = hands(office), scripted(office)

    def meanwhile() -> None:
        run(office, other, ON + LEASE + timedelta(minutes=1))
        assert letter_to(office).state is LetterState.UNCERTAIN
        run(office, other, ON + 2 * LEASE + timedelta(minutes=2))
        assert letter_to(office).state is LetterState.SENT

    run(office, sender, ON, way(Stands(office, timedelta(hours=1), meanwhile)))
    assert (len(sender.tried), len(other.tried)) == (0, 1)
    assert (letter_to(office).state, attempts(office)) == (LetterState.SENT, ["uncertain", "accepted"])


@WAYS
def test_a_letter_that_was_thought_uncertain_and_never_left_is_written_anew(
    office: Office, way: Callable[[Stands], Clocks]
) -> None:
    sender, other = hands(office), scripted(office)
    meanwhile = partial(run, office, other, ON + LEASE + timedelta(minutes=1))
    run(office, sender, ON, way(Stands(office, LEASE + timedelta(minutes=1), meanwhile)))
    assert (letter_to(office).state, attempts(office)) == (LetterState.QUEUED, ["temporary"])
    office.act(office.task(), "withdraw", COORDINATOR, at(1, hour=9), note="nhầm")
    run(office, sender, at(1, hour=14))
    assert letter_to(office).state is LetterState.EMPTY, "nothing in it is still true"
    assert other.tried == [] and len(sender.tried) == 1, "that it was withdrawn is told in a letter of its own"


class Late(Scripted):
    """Answers for the one address only when the lease of its letter is over and another has looked at it."""

    def __init__(self, office: Office, *ends: Attempt | type[BaseException]) -> None:
        super().__init__(office.person(HEAD).email, *ends)
        self.office = office

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        attempt = super().send(to_address, content)
        if to_address == self.address and len(self.tried) == 1:
            run(self.office, self.kept, ON + LEASE + timedelta(minutes=1))
            assert letter_to(self.office).state is LetterState.UNCERTAIN
        return attempt


def test_answer_after_the_lease_settles_the_letter_once(office: Office) -> None:
    sender = Late(office)
    run(office, sender, ON)
    assert (letter_to(office).state, attempts(office)) == (LetterState.SENT, ["accepted"])
    for minutes in range(10, 120, 10):
        run(office, sender, ON + LEASE + timedelta(minutes=minutes))
    assert len(sender.tried) == 1 and len(sender.kept.letters) == 3
    with reading(office.engine) as session:
        assert set(session.exec(select(Notice.state))) == {NoticeState.SENT}


def test_of_a_refusal_that_comes_after_the_lease_the_coordinator_hears_once(office: Office) -> None:
    sender = Late(office, NO_SUCH_USER)
    run(office, sender, ON)
    assert (letter_to(office).state, attempts(office)) == (LetterState.FAILED, ["permanent"])
    for minutes in range(10, 120, 10):
        run(office, sender, ON + LEASE + timedelta(minutes=minutes))
    assert len(sender.tried) == 1
    assert office.told(office.task(), COORDINATOR).count(("undeliverable", 0)) == 1


@pytest.mark.parametrize("which", [1, 3], ids=["first", "last"])
def test_accepted_letter_is_settled_after_a_lost_database_connection(office: Office, which: int) -> None:
    class Cut(Scripted):
        """While the server reads one of the letters, whoever is connected to the database is cut off."""

        def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
            self.tried.append(content)
            if len(self.tried) == which:
                cut_off(office.engine)
            return super().send(to_address, content)

    sender = Cut(None)
    with suppress(OperationalError):
        run(office, sender, ON)
    for minutes in range(1, 60, 5):
        run(office, sender, ON + timedelta(minutes=minutes))
    assert {letter.state for letter in office.letters()} == {LetterState.SENT}
    assert len(sender.kept.letters) == len(office.letters()) == 3, "each of them once"


def cut_off(engine: Engine) -> None:
    """Ends every other connection; of a file there is nobody who could be cut off."""
    if engine.dialect.name == "postgresql":
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        with engine.connect() as connection:
            connection.exec_driver_sql(f"SELECT pg_terminate_backend(pid) {others}")


class Restarts:
    """A database that goes away with the answer to the head's letter, for so many seconds; waiting takes no time."""

    def __init__(self, office: Office, seconds: float) -> None:
        self.seconds, self.passed, self.is_away = seconds, 0.0, False
        self.clocks = Clocks(lambda: self.passed, lambda: self.passed)
        self.stop = Event()
        self.stop.wait = self.sleep  # type: ignore[method-assign,assignment]
        event.listen(office.engine, "before_cursor_execute", self.say)
        event.listen(office.engine, "begin", self.say)
        self.sender = Scripted(None)
        self.sender.kept.send = self.take  # type: ignore[method-assign]

    def sleep(self, seconds: float | None = None) -> bool:
        self.passed += seconds or 0.0
        return False

    def say(self, *_statement: object) -> None:
        if self.is_away and self.passed < self.seconds:
            raise OperationalError("a statement", None, Exception("the database system is starting up"))

    def take(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        self.is_away = True
        self.sender.kept.letters.append((to_address, content))
        return Attempt(SendOutcome.ACCEPTED, 250)


@pytest.mark.parametrize(("seconds", "is_known"), [(1, True), (20, True), (110, True), (113, False)])
def test_how_a_letter_ended_is_written_down_once_a_database_that_restarts_is_back(
    office: Office, seconds: float, is_known: bool
) -> None:
    restarts = Restarts(office, seconds)
    with pytest.raises(OperationalError):
        run(office, restarts.sender, ON, restarts.clocks, restarts.stop)
    restarts.is_away = False
    assert len(restarts.sender.kept.letters) == 1
    letters = [letter for letter in office.letters() if letter.message_id]
    assert [letter.state for letter in letters] == [LetterState.SENT if is_known else LetterState.CLAIMED]
    assert restarts.passed <= sum(PAUSES)


def test_the_tries_to_write_down_how_a_letter_ended_are_over_in_time() -> None:
    assert list(PAUSES) == sorted(PAUSES) and 90 <= sum(PAUSES) < END_WITHIN.total_seconds()


def test_slow_database_is_not_waited_for_beyond_the_lease(office: Office) -> None:
    class Hangs(Restarts):
        def say(self, *statement: object) -> None:
            if self.is_away:
                self.passed += 60
            super().say(*statement)

    hangs = Hangs(office, 10_000)
    with pytest.raises(OperationalError):
        run(office, hangs.sender, ON, hangs.clocks, hangs.stop)
    assert 120 < hangs.passed < END_WITHIN.total_seconds() + 120, "a last try may take some time too"


def test_an_old_lease_marks_and_settles_nothing(office: Office) -> None:
    with transaction(office.engine) as session:
        group(session, now=ON, next_slot=later)
        old = next_letters(session, now=ON, limit=50)[0]
        mark(session, old, ON)
    after = ON + LEASE + timedelta(seconds=1)
    with transaction(office.engine) as session:
        settle_dead(session, now=after)
        found = next_letters(session, now=after + RESEND_UNCERTAIN_AFTER, limit=50)
        new = next(one for one in found if one.letter_id == old.letter_id)
        mark(session, new, after)
    assert new.lease_token == old.lease_token + 1
    with transaction(office.engine) as session:
        assert lock(session, old) is None
        assert settle(session, old, Attempt(SendOutcome.ACCEPTED, 250), now=after) is None
        assert settle(session, new, Attempt(SendOutcome.ACCEPTED, 250), now=after) is LetterState.SENT
        assert settle(session, new, LOST, now=after) is None, "settled is settled"


def mark(session: Session, held: Claim, now: datetime) -> None:
    address = session.get_one(Person, held.recipient_id).email or ""
    mark_attempt(
        session,
        held,
        now=now,
        until=now + LEASE,
        message_id="<a@b.example>",
        address=address,
        subject="s",
        content=b"c",
        is_drill=False,
    )


# many at once


def at_the_same_time(*jobs: Callable[[], None]) -> None:
    barrier, errors = Barrier(len(jobs)), []

    def work(job: Callable[[], None]) -> None:
        barrier.wait()
        try:
            job()
        except BaseException as error:  # shown in the test's own thread
            errors.append(error)

    threads = [Thread(target=work, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_two_deliverers_at_once_send_each_letter_once(office: Office) -> None:
    office.launch("2")
    senders = [RecordedSender(), RecordedSender()]
    at_the_same_time(*[partial(run, office, sender, ON) for sender in senders])
    run(office, senders[0], ON + timedelta(seconds=2))  # a notice whose letter was taken went to the next slot
    addresses = [content for sender in senders for _to, content in sender.letters]
    assert len(addresses) == len(set(addresses))
    assert {letter.state for letter in office.letters()} == {LetterState.SENT}
    with reading(office.engine) as session:
        states = set(session.exec(select(Notice.state)))
    assert states == {NoticeState.SENT}, "never lost"


def ticked(office: Office, now: datetime, sender: RecordedSender) -> None:
    office.tick(now, sender)


def test_two_ticks_at_once_send_each_letter_once(office: Office) -> None:
    office.launch("2")
    senders = [RecordedSender(), RecordedSender()]
    for now in (ON, at(3), at(9, 7)):
        at_the_same_time(*[partial(ticked, office, now, sender) for sender in senders])
    letters = [content for sender in senders for _to, content in sender.letters]
    assert len(letters) == len(set(letters)) > 50


def test_a_notice_whose_letter_is_claimed_already_joins_the_next_slot(office: Office) -> None:
    with transaction(office.engine) as session:
        group(session, now=ON, next_slot=later)
        for one in next_letters(session, now=ON, limit=50):
            assert take(session, one, until=ON + LEASE)
    office.launch("2", on=ON)
    with transaction(office.engine) as session:
        group(session, now=ON, next_slot=later)
    office.change_unit("T-LT", head_id=office.person(HEAD).id)
    with reading(office.engine) as session:
        pending = session.exec(select(Notice).where(col(Notice.letter_id).is_(None))).all()
    assert all(notice.slot == ON + timedelta(days=1) for notice in pending)


def test_a_notice_that_joins_a_letter_while_it_is_written_is_told_in_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody holds the letter before its mark: what the letter says is looked at once more with it."""
    write = LetterDelivery.write

    def wrote(turn: LetterDelivery, one: Claim, written: WrittenLetter, *, whole: bool = True) -> None:
        write(turn, one, written, whole=whole)
        if len(office.sender.letters) == 0 and not joined:
            joined.append(office.launch("2", on=ON).created)
            with transaction(office.engine) as session:
                group(session, now=ON, next_slot=later)

    joined: list[int] = []
    monkeypatch.setattr(LetterDelivery, "write", wrote)
    run(office, office.sender, ON)
    with reading(office.engine) as session:
        assert session.exec(select(Notice.state)).all().count(NoticeState.PENDING) == 0
        letters = {one.id: one for one in session.exec(select(Letter))}
        for notice in session.exec(select(Notice).where(Notice.rung == "assigned")):
            assert notice.letter_id is not None
            assert office.content(letters[notice.letter_id]) is not None
    told = "".join(body(message_from_bytes(raw, policy=policy.default)) for _to, raw in office.sender.letters)
    assert (joined[0] > 0 and "Mục 2" in told) or "mục 2" in told


def test_a_sent_letter_cannot_be_sent_again_by_hand(office: Office) -> None:
    run(office, office.sender, ON)
    with pytest.raises(Refused), transaction(office.engine) as session:
        resend(session, office.settings, [letter_to(office).id], at(1, hour=9))


def test_a_failed_letter_sent_again_by_hand_says_what_is_still_true(office: Office) -> None:
    run(office, scripted(office, Attempt(SendOutcome.PERMANENT, 554, "no")), ON)
    with transaction(office.engine) as session:
        resend(session, office.settings, [letter_to(office).id], at(1, hour=9))
    run(office, office.sender, at(1, hour=9))
    assert "mục 4" in body(office.sent(HEAD)[0]) or "Mục 4" in body(office.sent(HEAD)[0])
