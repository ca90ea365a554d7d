"""The outbox in trouble: a dead server, a poison letter, a quota, test mode, days without mail."""

from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from sqlalchemy import Engine, text, update
from sqlmodel import Session, col, select

from models.database.session import reading, transaction
from models.errors import Refused
from models.letters.letter import Letter, LetterKind, LetterState, MailWindow, Notice, NoticeState
from models.operations.alert import Alert, AlertKind
from models.organization.person import Person
from models.settings import MailSettings, Settings
from models.tasks.task import Task
from notifications.composing import compose as composing
from notifications.outbox.attempts import Claim
from notifications.smtp.clocks import Stopwatch
from notifications.smtp.transport import Attempt, SendOutcome
from tests.office import ON, Office, at, body, furnish
from workflows.delivery.deliver import Delivered, deliver
from workflows.delivery.letter_delivery import LetterDelivery
from workflows.delivery.resend import drop_letters, resend
from workflows.jobs.simulate import RecordedSender
from workflows.jobs.tick import tick

pytestmark = pytest.mark.long

HEAD, ADMINISTRATOR = "luong.thi.ngan", "dang.thu.thuy"
DOWN = Attempt(SendOutcome.TEMPORARY, None, "no connection to mail.example:25: refused", of_server=True)


class Switched:
    """A server that is down until somebody mends it."""

    def __init__(self) -> None:
        self.is_down, self.tried = True, 0
        self.kept = RecordedSender()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def leave(self, *, at_once: bool = False) -> None:
        pass

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        self.tried += 1
        return DOWN if self.is_down else self.kept.send(to_address, content)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def run(office: Office, sender: Any, now: datetime, **mail: Any) -> Delivered:
    settings = office.settings.model_copy(update={"mail": MailSettings(**mail)}) if mail else office.settings
    return deliver(office.engine, settings, sender, now=now, calendar=office.calendar)


def alerts(office: Office) -> list[Alert]:
    with reading(office.engine) as session:
        return list(session.exec(select(Alert)))


def states(office: Office) -> dict[LetterState, int]:
    found: dict[LetterState, int] = {}
    for letter in office.letters():
        found[letter.state] = found.get(letter.state, 0) + 1
    return found


# a server that answers nobody


def test_a_dead_server_is_tried_twice_and_no_other_letter_loses_an_attempt(office: Office) -> None:
    office.launch()
    sender = Switched()
    run(office, sender, ON)
    assert sender.tried == 2
    assert sorted({letter.attempts for letter in office.letters()}) == [0, 1]
    assert states(office) == {LetterState.QUEUED: len(office.letters())}
    (alert,) = alerts(office)
    assert alert.kind is AlertKind.MAIL_FAILING and "refused" in alert.facts["reason"]


def test_a_server_known_to_be_down_is_asked_once_a_delivery(office: Office) -> None:
    office.launch()
    sender = Switched()
    for minutes in (0, 5, 10):
        run(office, sender, ON + timedelta(minutes=minutes))
    assert sender.tried == 2 + 1 + 1
    sender.is_down = False
    run(office, sender, ON + timedelta(minutes=15))
    assert states(office) == {LetterState.SENT: len(office.letters())}


def test_a_letter_outlasts_days_without_a_server_and_leaves_once_it_is_back(office: Office) -> None:
    office.launch("4", due=None)
    sender = Switched()
    now = ON
    while now < at(9):
        run(office, sender, now)
        now += timedelta(hours=1)
    assert states(office) == {LetterState.QUEUED: len(office.letters())}
    sender.is_down = False
    run(office, sender, at(9, hour=9))
    assert {letter.state for letter in office.letters() if letter.kind is LetterKind.ASSIGNED} == {LetterState.SENT}
    (alert,) = alerts(office)
    assert alert.times > 1 and alert.ended_at == at(9, hour=9)


def test_a_digest_of_yesterday_waits_at_dawn_for_this_mornings_and_goes_into_it(office: Office) -> None:
    office.launch("1", on=ON, due=at(3).date())
    tick(office.engine, office.settings, now=ON, sender=RecordedSender())
    sender = Switched()
    tick(office.engine, office.settings, now=at(4), sender=sender)
    waiting = [one for one in office.letters() if one.kind is LetterKind.DIGEST and one.state is LetterState.QUEUED]
    assert waiting
    sender.is_down = False
    for hour, minute in ((7, 5), (8, 0), (8, 1)):
        tick(office.engine, office.settings, now=at(7, hour=hour, minute=minute), sender=sender)
    sent = [one for one in office.letters() if one.kind is LetterKind.DIGEST and one.state is LetterState.SENT]
    per_person = [one.recipient_id for one in sent]
    assert per_person and len(per_person) == len(set(per_person))
    assert all(one.sent_at is not None and one.sent_at >= at(7) for one in sent)


def test_a_digest_that_leaves_a_day_late_says_the_day_on_which_it_leaves(office: Office) -> None:
    """What it lists stands as it does then, and a list of subjects is a report."""
    office.launch("4", due=at(16).date())
    office.tick(at(1, hour=9))
    office.act(office.task(), "accept", HEAD, at(1, hour=10))
    sender = Switched()
    tick(office.engine, office.settings, now=at(7), sender=sender)  # seven working days before
    sender.is_down = False
    tick(office.engine, office.settings, now=at(8, hour=9), sender=sender)
    office.sender = sender.kept
    (letter,) = [one for one in office.sent(HEAD) if "Đôn đốc" in str(one["Subject"])]
    assert "08/06/2004" in str(letter["Subject"]) and "07/06/2004" not in str(letter["Subject"])
    assert "còn 06 ngày làm việc" in body(letter)
    assert "Tính đến 08 giờ 00 ngày 08 tháng 6 năm 2004" in body(letter)


def test_one_letter_alone_that_finds_no_server_again_and_again_is_told_too(office: Office) -> None:
    office.launch("4")
    for code in ("le.thi.c", "ta.ba.toan", "phan.ngoc.son"):
        office.change_person(code, is_active=False)
    sender = Switched()
    for minute in (0, 1, 6):
        run(office, sender, ON + timedelta(minutes=minute))
    assert AlertKind.MAIL_FAILING in [alert.kind for alert in alerts(office)]


class Turns(RecordedSender):
    """A server that says the same to everybody until somebody mends it."""

    def __init__(self, answer: Attempt) -> None:
        super().__init__()
        self.answer: Attempt | None = answer
        self.tried = 0

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        self.tried += 1
        return self.answer or super().send(to_address, content)


@pytest.mark.parametrize(
    "answer",
    [
        Attempt(SendOutcome.PERMANENT, 550, "rejected", of_address=True),
        Attempt(SendOutcome.PERMANENT, 554, "5.7.1 message looks like spam"),
        Attempt(SendOutcome.TEMPORARY, 452, "insufficient storage"),
    ],
    ids=["550 to everybody", "554 to everybody", "452 to everybody"],
)
def test_a_server_that_turns_everybody_away_loses_two_letters_at_most_and_is_told(
    office: Office, answer: Attempt
) -> None:
    office.launch(due=None)
    sender = Turns(answer)
    now = ON
    while now < at(3):
        run(office, sender, now)
        now += timedelta(minutes=61)
    failed = [letter for letter in office.letters() if letter.state is LetterState.FAILED]
    assert len(failed) <= 2 and len(office.letters()) > 50
    (alert,) = [one for one in alerts(office) if one.kind is AlertKind.MAIL_FAILING]
    assert alert.ended_at is None and answer.reply in alert.facts["reason"]
    assert sender.tried < 600, "and nobody is knocked at again and again"
    with reading(office.engine) as session:
        assert len(session.exec(select(Person).where(col(Person.email_refused_at).is_not(None))).all()) <= 2

    sender.answer = None
    for hour in (8, 9, 10, 11):
        run(office, sender, at(3, hour=hour))
    assert LetterState.QUEUED not in states(office)
    assert not [one for one in alerts(office) if one.kind is AlertKind.MAIL_FAILING and one.ended_at is None]


def test_dead_addresses_among_good_ones_are_refused_one_by_one(office: Office) -> None:
    office.launch()
    run(office, RecordedSender(), ON, letters_per_day=1)  # so that they are written
    bad = {letter.recipient_id for letter in office.letters()[1::3]}
    with reading(office.engine) as session:
        addresses = {session.get_one(Person, one).email for one in bad}

    class Picky(RecordedSender):
        def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
            if to_address in addresses:
                return Attempt(SendOutcome.PERMANENT, 550, "no such user", of_address=True)
            return super().send(to_address, content)

    for minute in range(0, 60, 5):
        run(office, Picky(), ON + timedelta(minutes=minute))
    with reading(office.engine) as session:
        refused = session.exec(select(Person.id).where(col(Person.email_refused_at).is_not(None))).all()
    assert bad and set(refused) == bad


def test_a_fault_at_one_letter_never_undoes_what_the_server_accepted_before(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.launch("4")
    office.launch("results")
    wrong: list[int] = []

    def faulty(self: LetterDelivery, session: Session, one: Claim) -> Any:
        wrong.append(1)
        raise ZeroDivisionError("in the second look")

    class Moves(RecordedSender):
        """While the first letter is under way, a task of another moves."""

        def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
            if not self.letters:
                for letter in office.letters()[3:6]:
                    with transaction(office.engine) as session:
                        session.execute(
                            update(Task)
                            .where(col(Task.id).in_(select(Notice.task_id).where(Notice.letter_id == letter.id)))
                            .values(revision=Task.revision + 1)
                        )
            return super().send(to_address, content)

    monkeypatch.setattr(LetterDelivery, "_again", faulty)
    sender = Moves()
    run(office, sender, ON)
    assert wrong
    accepted = len(sender.letters)
    assert states(office)[LetterState.SENT] == accepted, "each that was accepted is known to be sent"
    assert LetterState.CLAIMED not in states(office)


def test_that_nobody_can_be_told_of_a_refusal_does_not_undo_the_refusal(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.launch("4")

    def broken(*_: Any) -> None:
        raise ZeroDivisionError("while telling the coordinator")

    monkeypatch.setattr("workflows.delivery.letter_delivery.tell_undelivered", broken)
    address = office.person(HEAD).email

    class Refuses(RecordedSender):
        def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
            if to_address == address:
                return Attempt(SendOutcome.PERMANENT, 550, "no such user", of_address=True)
            return super().send(to_address, content)

    run(office, Refuses(), ON)
    assert states(office)[LetterState.FAILED] == 1 and LetterState.CLAIMED not in states(office)
    assert AlertKind.LETTER_UNWRITABLE in [alert.kind for alert in alerts(office)]


def test_test_mode_holds_for_a_letter_that_may_not_have_arrived_too(office: Office) -> None:
    office.launch("4")
    run(office, Turns(Attempt(SendOutcome.UNCERTAIN, None, "connection lost after DATA")), ON)
    sender = RecordedSender()
    run(office, sender, ON + timedelta(minutes=20), only_to="tester@mpt.example")
    assert not sender.letters and LetterState.UNCERTAIN in states(office)


def test_no_conversation_begins_once_the_time_of_a_delivery_is_over(office: Office) -> None:
    office.launch()
    sender = RecordedSender()
    deliver(office.engine, office.settings, sender, now=ON, calendar=office.calendar, for_seconds=0)
    assert sender.letters == [], "its time was over at once"
    assert {(letter.state, letter.attempts) for letter in office.letters()} == {(LetterState.QUEUED, 0)}


def test_after_days_without_mail_each_person_gets_one_digest_of_what_is_true_now(office: Office) -> None:
    office.launch("1", on=ON, due=at(9).date())
    sender = Switched()
    for day in (1, 2, 3, 4, 7, 8, 9, 10, 11):
        for minute in (0, 10, 20):
            tick(office.engine, office.settings, now=at(day, minute=minute), sender=sender)
    waiting = [letter for letter in office.letters() if letter.kind is LetterKind.DIGEST]
    assert len({letter.slot for letter in waiting}) > 2, "a digest a day came about"
    queued = [letter for letter in waiting if letter.state is LetterState.QUEUED]
    assert len({letter.recipient_id for letter in queued}) == len(queued), "and only the newest of each still waits"
    sender.is_down = False
    tick(office.engine, office.settings, now=at(11, hour=9), sender=sender)
    sent = [letter for letter in office.letters() if letter.state is LetterState.SENT]
    digests = [letter.recipient_id for letter in sent if letter.kind is LetterKind.DIGEST]
    assert digests and len(set(digests)) == len(digests)
    head = next(one for one in sent if one.kind is LetterKind.DIGEST and one.recipient_id == office.person(HEAD).id)
    message = message_from_bytes(office.content(head) or b"", policy=policy.default)
    assert "quá hạn" in body(message).lower()
    assert str(message["Date"]).startswith("Fri, 11 Jun 2004 09:00"), "dated when it was written"
    with reading(office.engine) as session:
        assert not session.exec(select(Notice).where(Notice.state == NoticeState.PENDING)).all()


# poison


def test_a_name_with_a_line_break_is_set_aside_with_an_alert_and_delays_nobody_else(office: Office) -> None:
    office.launch("4")
    office.change_person(HEAD, full_name="Lương Thị Ngân\r\nBcc: all@mpt.example")
    sender = office.sender
    done = run(office, sender, ON)
    (poison,) = [letter for letter in office.letters() if letter.state is LetterState.FAILED]
    assert poison.recipient_id == office.person(HEAD).id and "line break" in poison.error
    assert done.sent == len(office.letters()) - 2, "all but the poisoned one and the alert, whose moment comes"
    (alert,) = alerts(office)
    assert (alert.kind, alert.subject) == (AlertKind.LETTER_UNWRITABLE, str(poison.id))
    run(office, sender, ON + timedelta(minutes=10))
    (told,) = office.sent(ADMINISTRATOR)
    assert poison.id.hex[-8:] in body(told) or str(poison.id) in body(told)

    office.change_person(HEAD, full_name="Lương Thị Ngân")
    with transaction(office.engine) as session:
        resend(session, office.settings, [poison.id], ON + timedelta(minutes=11))
    run(office, sender, ON + timedelta(minutes=11))
    assert len(office.sent(HEAD)) == 1


def test_a_template_that_does_not_render_stops_its_own_kind_only(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.launch("4")
    wrote = composing.compose

    def broken(facts: Any) -> Any:
        if facts.recipient.person_id == office.person(HEAD).id:
            raise ZeroDivisionError("in a template")
        return wrote(facts)

    monkeypatch.setattr("workflows.delivery.letter_delivery.compose", broken)
    done = run(office, RecordedSender(), ON)
    assert done.failed == 1 and done.sent > 0
    assert [alert.kind for alert in alerts(office)] == [AlertKind.LETTER_UNWRITABLE]


def test_a_letter_whose_facts_cannot_be_read_does_not_hold_up_its_batch(office: Office) -> None:
    office.launch("4")
    office.launch("results")
    with transaction(office.engine) as session:  # a template's words are frozen: only an accident can spoil them
        on_sqlite = office.engine.dialect.name == "sqlite"
        drop = "DROP TRIGGER template_version_is_frozen"
        session.execute(text(drop if on_sqlite else f"{drop} ON template_version"))
        version = office.task("4").template_version_id
        session.execute(
            text("UPDATE template_version SET spec = '{}' WHERE id = :id"),
            {"id": version.hex if on_sqlite else version},
        )
    done = run(office, RecordedSender(), ON)
    assert done.sent > 0 and done.failed > 0
    failed = [letter for letter in office.letters() if letter.state is LetterState.FAILED]
    assert len(failed) == len(alerts(office)) == done.failed


# quota


def test_no_more_letters_a_minute_than_the_mail_server_takes(office: Office) -> None:
    office.launch()
    sender = RecordedSender()
    for turn in range(3):
        run(office, sender, ON + timedelta(minutes=2 * turn), letters_per_minute=7)
        run(office, sender, ON + timedelta(minutes=2 * turn, seconds=30), letters_per_minute=7)
        assert len(sender.letters) == 7 * (turn + 1)
    assert LetterState.QUEUED in states(office) and LetterState.CLAIMED not in states(office)


def test_no_more_letters_a_day_and_the_rest_the_next_morning(office: Office) -> None:
    office.launch()
    sender = RecordedSender()
    for hour in (8, 9, 17):
        run(office, sender, at(1, hour=hour), letters_per_day=10)
    assert len(sender.letters) == 10
    run(office, sender, at(2), letters_per_day=10)
    assert len(sender.letters) == 20


def test_what_the_quota_set_aside_for_nobody_is_given_back(office: Office) -> None:
    office.launch("4")
    sender = RecordedSender()
    run(office, sender, ON, letters_per_minute=1000, letters_per_day=2000)
    with reading(office.engine) as session:
        used = {window.span: window.used for window in session.exec(select(MailWindow))}
    assert used == {"minute": len(sender.letters), "day": len(sender.letters)}


# test mode


def test_test_mode_sends_only_to_chosen_addresses(office: Office) -> None:
    office.launch("4")
    sender = RecordedSender()
    chosen = office.person(HEAD).email
    done = run(office, sender, ON, only_to=f"{chosen}, @elsewhere.example")
    assert [to for to, _raw in sender.letters] == [chosen]
    held = [letter for letter in office.letters() if letter.state is LetterState.HELD]
    assert len(held) == done.held > 0
    assert all(office.content(letter) and letter.subject for letter in held)
    run(office, sender, ON + timedelta(hours=1))
    assert len(sender.letters) == 1, "once written for a test they do not leave by themselves"
    with transaction(office.engine) as session:
        resend(session, office.settings, [held[0].id], ON + timedelta(hours=2))
    run(office, sender, ON + timedelta(hours=2))
    assert len(sender.letters) == 2


def test_a_whole_domain_may_be_allowed_and_case_does_not_matter(office: Office) -> None:
    office.launch("4")
    sender = RecordedSender()
    domain = str(office.person(HEAD).email).rpartition("@")[2]
    run(office, sender, ON, only_to=[f"@{domain.upper()}"])
    assert sender.letters and all(to.endswith(domain) for to, _raw in sender.letters)


# uncertain


def test_by_setting_an_uncertain_letter_waits_for_a_person(office: Office) -> None:
    office.launch("4")

    class LosesOne(RecordedSender):
        lost = False

        def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
            if to_address == office.person(HEAD).email and not self.lost:
                self.lost = True
                return Attempt(SendOutcome.UNCERTAIN, None, "connection lost after DATA")
            return super().send(to_address, content)

    office.sender = sender = LosesOne()
    for hour in (8, 9, 10, 15):
        run(office, sender, at(1, hour=hour), resend_uncertain=False)
    (letter,) = [one for one in office.letters() if one.state is LetterState.UNCERTAIN]
    assert letter.attempts == 1
    with transaction(office.engine) as session:
        resend(session, office.settings, [letter.id], at(1, hour=16))
    run(office, sender, at(1, hour=16), resend_uncertain=False)
    assert len([to for to, _ in sender.letters if to == office.person(HEAD).email]) == 1


def test_an_uncertain_digest_is_not_sent_again_on_a_later_day(office: Office) -> None:
    office.launch("1", due=at(9).date())

    class Loses(RecordedSender):
        def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
            return Attempt(SendOutcome.UNCERTAIN, None, "connection lost after DATA")

    tick(office.engine, office.settings, now=ON, sender=RecordedSender())
    tick(office.engine, office.settings, now=at(3), sender=RecordedSender())
    tick(office.engine, office.settings, now=at(4, hour=17, minute=50), sender=Loses())
    uncertain = [letter for letter in office.letters() if letter.state is LetterState.UNCERTAIN]
    assert uncertain
    later = RecordedSender()
    run(office, later, at(7))
    again = {str(message_from_bytes(raw)["Message-ID"]) for _to, raw in later.letters}
    assert not again & {letter.message_id for letter in uncertain}


def test_old_uncertain_digest_stays_back_and_can_be_put_aside(office: Office) -> None:
    office.launch("1", due=at(9).date())

    class Loses(RecordedSender):
        def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
            return Attempt(SendOutcome.UNCERTAIN, None, "connection lost after DATA")

    tick(office.engine, office.settings, now=ON, sender=RecordedSender())
    tick(office.engine, office.settings, now=at(3), sender=RecordedSender())
    waits = office.settings.model_copy(update={"mail": MailSettings(resend_uncertain=False)})
    tick(office.engine, waits, now=at(4), sender=Loses())
    digests = [one for one in office.letters() if one.state is LetterState.UNCERTAIN and one.kind is LetterKind.DIGEST]
    ids = [one.id for one in digests]
    with pytest.raises(Refused, match="04/06/2004"), transaction(office.engine) as session:
        resend(session, office.settings, ids, at(7))
    with transaction(office.engine) as session:
        assert len(resend(session, office.settings, ids[:1], at(4, hour=17))) == 1, "on the day itself it goes out"
    again = RecordedSender()
    run(office, again, at(4, hour=17), resend_uncertain=False)
    left = {str(message_from_bytes(raw)["Message-ID"]) for _to, raw in again.letters}
    assert left & {one.message_id for one in digests} == {digests[0].message_id}
    with transaction(office.engine) as session:
        assert len(drop_letters(session, ids[1:], at(7))) == len(ids) - 1 > 0


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DONDOC_MAIL_ONLY_TO", raising=False)


def test_test_mode_is_read_from_the_environment_as_a_list_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DONDOC_MAIL_ONLY_TO", "a@x.example, @y.example")
    assert list(Settings().mail.only_to) == ["a@x.example", "@y.example"]


def test_letters_have_no_notice_of_an_alert(office: Office) -> None:
    """An alert's letter that is refused raises no alert about itself."""
    office.launch("4")
    office.change_person(HEAD, full_name="A\nB")
    run(office, RecordedSender(), ON)

    class Refuses(RecordedSender):
        def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
            return Attempt(SendOutcome.PERMANENT, 554, "no")

    run(office, Refuses(), ON + timedelta(minutes=10))
    letters = [letter for letter in office.letters() if letter.kind is LetterKind.ALERT]
    assert [letter.state for letter in letters] == [LetterState.FAILED] and len(alerts(office)) == 1
    assert isinstance(letters[0], Letter)
