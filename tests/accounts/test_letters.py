"""Letters with a code or a link: at once, at any hour, to the person alone, and read by nobody else."""

from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from models.database.run import link_key
from models.database.session import reading, transaction
from models.letters.letter import SECRET_TOPIC, Letter, LetterContent, LetterKind, LetterState
from models.letters.letter_reads import letter_content
from models.organization.account import MailedPurpose, MailedSecret
from models.settings import MailSettings
from notifications.composing.keys import mailed_code, read_mailed
from notifications.outbox.grouping import queue_letters
from notifications.smtp.clocks import Stopwatch
from notifications.smtp.mailbox import LocalMailbox, read_mailbox
from notifications.smtp.sender import YagmailSender
from notifications.smtp.transport import Attempt, SendOutcome
from tests.accounts.people import HEAD
from tests.office import Office, at, body
from workflows.access.accounts.mailed import queue_test
from workflows.access.audit_log import AuditActor
from workflows.delivery.deliver import deliver
from workflows.jobs.simulate import RecordedSender
from workflows.organization.register.absence import add_absence

SUNDAY_NIGHT = at(6, hour=23)


def mail(
    office: Office, now: datetime, purpose: MailedPurpose = MailedPurpose.SIGN_IN, *, to: str = HEAD, minutes: int = 10
) -> MailedSecret:
    with transaction(office.engine) as session:
        until = now + timedelta(minutes=minutes)
        secret = MailedSecret(person_id=office.person(to).id, purpose=purpose, created_at=now, expires_at=until)
        session.add(secret)
        session.flush()
        topic = f"{SECRET_TOPIC}{secret.id.hex}"
        queue_letters(session, [(secret.person_id, secret.created_at, LetterKind.ACCOUNT, topic)])
        return secret


def code(office: Office, secret: MailedSecret) -> str:
    with reading(office.engine) as session:
        written = mailed_code(link_key(session), secret.id)
    return f"{written[:3]} {written[3:]}"


def use(office: Office, secret: MailedSecret, now: datetime) -> None:
    with transaction(office.engine) as session:
        session.execute(update(MailedSecret).where(col(MailedSecret.id) == secret.id).values(used_at=now))


def the_letter(office: Office) -> Letter:
    return next(letter for letter in office.letters() if letter.kind is LetterKind.ACCOUNT)


class Losing(RecordedSender):
    """The line is lost between the letter and the server's answer."""

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        super().send(to_address, content)
        return Attempt(SendOutcome.UNCERTAIN, None, "lost")


def test_a_code_leaves_at_once_on_a_sunday_night_through_real_smtp(office: Office, tmp_path: Path) -> None:
    secret = mail(office, SUNDAY_NIGHT)
    with LocalMailbox(tmp_path / "mailbox") as mailbox:
        office.tick(SUNDAY_NIGHT, YagmailSender(MailSettings(host=mailbox.host, port=mailbox.port)))
    (received,) = read_mailbox(tmp_path / "mailbox")
    assert received.to == office.person(HEAD).email
    assert code(office, secret) in received.text and code(office, secret) in received.html
    assert the_letter(office).state is LetterState.SENT


@pytest.mark.parametrize("purpose", [MailedPurpose.INVITATION, MailedPurpose.RESET])
def test_an_invitation_and_a_reset_carry_a_link_that_names_their_secret(office: Office, purpose: MailedPurpose) -> None:
    secret = mail(office, SUNDAY_NIGHT, purpose)
    office.tick(SUNDAY_NIGHT)
    (letter,) = office.sent(HEAD)
    link = next(word for word in body(letter).split() if word.startswith(f"{office.settings.base_url}/{purpose}/"))
    with reading(office.engine) as session:
        assert read_mailed(link_key(session), link.rpartition("/")[2]) == secret.id


def test_what_was_used_void_or_expired_by_then_does_not_leave(office: Office) -> None:
    used = mail(office, at(2, hour=9))
    use(office, used, at(2, hour=9))
    office.tick(at(2, hour=9, minute=1))
    mail(office, at(2, hour=10))
    office.tick(at(2, hour=10, minute=10))
    assert [letter.state for letter in office.letters()] == [LetterState.EMPTY, LetterState.EMPTY]
    assert office.sent(HEAD) == []


def test_what_is_used_between_its_words_and_its_sending_does_not_leave(office: Office) -> None:
    first, second = mail(office, at(2, hour=9)), mail(office, at(2, hour=9), MailedPurpose.RESET)
    by_topic = {f"secret:{one.id.hex}": one for one in (first, second)}
    using: list[str] = []

    class Quick(RecordedSender):
        def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
            if not using:  # the other letter has its words by now
                waiting = next(one for one in office.letters() if one.message_id is None)
                using.append(waiting.topic)
                use(office, by_topic[waiting.topic], at(2, hour=9))
            return super().send(to_address, content)

    office.tick(at(2, hour=9), Quick())
    assert sorted(letter.state for letter in office.letters()) == [LetterState.EMPTY, LetterState.SENT]
    assert next(one for one in office.letters() if one.state is LetterState.EMPTY).topic == using[0]


def test_the_absent_get_their_own_code_and_no_stand_in_does(office: Office) -> None:
    day = at(2, hour=9).date()
    with transaction(office.engine) as session:
        add_absence(
            session,
            person_code=HEAD,
            stand_in_code="le.thi.c",
            starts_on=day,
            ends_on=day,
            reason="",
            audit_actor=AuditActor(at(1)),
        )
    mail(office, at(2, hour=9))
    mail(office, at(2, hour=9), to="le.thi.c")
    office.tick(at(2, hour=9))
    assert len(office.sent(HEAD)) == len(office.sent("le.thi.c")) == 1
    assert office.person(HEAD).full_name not in body(office.sent("le.thi.c")[0])


def test_once_it_has_left_its_words_are_kept_nowhere(office: Office) -> None:
    mail(office, at(2, hour=9))
    office.tick(at(2, hour=9))
    assert office.content(the_letter(office)) is None
    assert code_is_nowhere(office)


def test_nobody_is_shown_the_words_of_one_that_may_leave_once_more(office: Office) -> None:
    mail(office, at(2, hour=9), MailedPurpose.INVITATION, minutes=600)
    office.tick(at(2, hour=9), Losing())
    letter = the_letter(office)
    assert letter.state is LetterState.UNCERTAIN
    assert office.content(letter) is not None
    with reading(office.engine) as session:
        assert letter_content(session, letter) is None
    office.tick(at(2, hour=9, minute=15))
    assert the_letter(office).state is LetterState.SENT
    assert office.content(letter) is None


def test_an_uncertain_code_is_not_sent_again_once_it_has_expired(office: Office) -> None:
    mail(office, at(2, hour=9))
    office.tick(at(2, hour=9), Losing())
    office.tick(at(2, hour=9, minute=15))
    assert office.sent(HEAD) == []
    assert the_letter(office).state is LetterState.UNCERTAIN and the_letter(office).resent
    assert office.content(the_letter(office)) is None


def test_test_mode_keeps_a_code_back_without_keeping_its_words(office: Office) -> None:
    office.settings.mail = MailSettings(only_to=("someone@else.example",))
    mail(office, at(2, hour=9))
    office.tick(at(2, hour=9))
    assert the_letter(office).state is LetterState.HELD
    assert office.content(the_letter(office)) is None


def test_one_that_the_server_put_off_leaves_later_and_only_while_it_is_good(office: Office) -> None:
    class Busy(RecordedSender):
        def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
            return Attempt(SendOutcome.TEMPORARY, 451, "later")

    secret = mail(office, at(2, hour=9))
    office.tick(at(2, hour=9), Busy())
    assert the_letter(office).state is LetterState.QUEUED and office.content(the_letter(office)) is None
    office.tick(at(2, hour=9, minute=2))
    assert code(office, secret) in body(office.sent(HEAD)[0])


def test_a_delivery_of_these_only_leaves_all_other_letters_where_they_are(office: Office) -> None:
    office.launch("4")
    mail(office, at(1))
    done = deliver(
        office.engine, office.settings, office.sender, now=at(1), calendar=office.calendar, only=[LetterKind.ACCOUNT]
    )
    assert done.sent == 1
    assert [letter.kind for letter in office.letters()] == [LetterKind.ACCOUNT]
    office.tick(at(1))
    assert len(office.letters()) > 1


def test_among_many_letters_the_code_goes_first(office: Office) -> None:
    office.launch("4", "2")
    mail(office, at(1))
    office.tick(at(1))
    assert office.sender.letters[0][0] == office.person(HEAD).email
    assert "Mã đăng nhập" in str(office.sent(HEAD)[0]["Subject"])


def test_a_test_letter_says_so_and_is_shown_to_whoever_looks(office: Office) -> None:
    with transaction(office.engine) as session:
        queue_test(session, office.person(HEAD).id, SUNDAY_NIGHT)
        queue_test(session, office.person(HEAD).id, SUNDAY_NIGHT)
    office.tick(SUNDAY_NIGHT)
    letters: list[EmailMessage] = office.sent(HEAD)
    assert ["Thư thử" in str(letter["Subject"]) for letter in letters] == [True, True]
    with reading(office.engine) as session:
        assert letter_content(session, the_letter(office))


def test_a_test_letter_that_waited_for_hours_is_not_sent(office: Office) -> None:
    with transaction(office.engine) as session:
        queue_test(session, office.person(HEAD).id, at(2, hour=9))
    office.tick(at(2, hour=11))
    assert the_letter(office).state is LetterState.EMPTY


def code_is_nowhere(office: Office) -> bool:
    with reading(office.engine) as session:
        return session.exec(select(LetterContent)).all() == []
