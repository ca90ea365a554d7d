"""A letter that may or may not have arrived and leaves no more by itself is told, once, to who must know of it."""

from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType

import pytest
from sqlalchemy import Engine, update
from sqlmodel import col, select

from models.database.session import reading, transaction
from models.letters.letter import Letter, LetterKind, LetterState, NoticeState
from models.operations.alert import Alert, AlertKind
from models.settings import MailSettings
from notifications.outbox.attempts import RESEND_UNCERTAIN_AFTER, lease_of
from notifications.outbox.explain import NOTHING_TRUE
from notifications.smtp.clocks import Stopwatch
from notifications.smtp.transport import Attempt, SendOutcome
from tests.bounce_samples import postfix
from tests.office import COORDINATOR, ON, Office, at, body, furnish
from tests.rooms import of_room
from workflows.delivery.resend import resend
from workflows.jobs.simulate import RecordedSender

LEASE = lease_of(MailSettings())
ADMINISTRATOR, HEAD = "dang.thu.thuy", "luong.thi.ngan"
EVENING, MORNING = at(3, hour=17, minute=50), at(4)
LOST = Attempt(SendOutcome.UNCERTAIN, None, "connection lost after DATA")


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    office = furnish(engine, tmp_path)
    office.launch("4")
    return office


class Losing(RecordedSender):
    """A server whose answers to one address are lost."""

    def __init__(self, office: Office, code: str = HEAD, answer: Attempt | type[BaseException] = LOST) -> None:
        super().__init__()
        self.address, self.answer = office.person(code).email, answer
        self.letters = office.sender.letters

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        answer = super().send(to_address, content)
        if to_address != self.address:
            return answer
        if isinstance(self.answer, Attempt):
            return self.answer
        raise self.answer


class Dead(BaseException):
    """The process ends here."""


def alerts(office: Office) -> list[Alert]:
    with reading(office.engine) as session:
        return list(session.exec(select(Alert).where(Alert.kind == AlertKind.LETTER_GIVEN_UP)))


def heard(office: Office, code: str = COORDINATOR) -> list[tuple[str, int]]:
    return [one for one in office.told(office.task(), code) if one[0] == "uncertain"]


def written(office: Office) -> list[str]:
    return [one[2] for one in office.notices(office.task()) if one[0] == "uncertain"]


def letter_to(office: Office, code: str, kind: LetterKind) -> Letter:
    reader = office.person(code).id
    return next(one for one in office.letters() if one.recipient_id == reader and one.kind is kind)


def test_a_reminder_lost_in_the_evening_is_told_to_the_coordinator_the_next_morning(office: Office) -> None:
    office.tick(ON)
    office.tick(EVENING, Losing(office))
    office.tick(MORNING - timedelta(minutes=30))
    assert written(office) == [], "it may still be repeated"
    office.tick(MORNING)
    assert letter_to(office, HEAD, LetterKind.DIGEST).resent
    assert written(office) == [COORDINATOR]
    office.days(MORNING + timedelta(minutes=1), at(11))
    assert heard(office) == [("uncertain", 2)] and alerts(office) == []
    (told,) = [one for one in office.sent(COORDINATOR) if "có thể đã đến hoặc chưa đến" in body(one)]
    assert "qua điện thoại" in body(told) and "dondoc outbox resend" in body(told)
    assert "thư chưa chắc đã đến" in str(told["Subject"]) and "chưa gửi được" not in body(told)


def retire(office: Office) -> None:
    office.change_person(HEAD, is_active=False)


def move(office: Office) -> None:
    office.change_person(HEAD, email="khac@mpt.example")


def nothing(office: Office) -> None:
    pass


@pytest.mark.parametrize("change", [retire, move, nothing])
def test_one_that_is_not_repeated_or_was_repeated_in_vain_is_told_once(office: Office, change: object) -> None:
    losing = Losing(office)
    office.tick(ON, losing)
    assert written(office) == []
    change(office)  # type: ignore[operator]
    again = ON + RESEND_UNCERTAIN_AFTER
    office.tick(again, losing)
    assert written(office) == [COORDINATOR], "within that very tick"
    office.days(again + timedelta(minutes=1), at(2))
    assert heard(office) == [("uncertain", 0)] and alerts(office) == []


def test_where_nothing_is_ever_repeated_by_itself_it_is_told_at_once(office: Office) -> None:
    mail = office.settings.mail.model_copy(update={"resend_uncertain": False})
    office.settings = office.settings.model_copy(update={"mail": mail})
    office.tick(ON, Losing(office))
    assert written(office) == [COORDINATOR]


def test_of_what_a_dead_process_left_behind_when_it_repeated_a_letter_they_hear_too(office: Office) -> None:
    office.tick(ON, Losing(office))
    again = ON + RESEND_UNCERTAIN_AFTER
    with pytest.raises(Dead):
        office.tick(again, Losing(office, answer=Dead))
    assert written(office) == []
    office.tick(again + LEASE + timedelta(minutes=1))
    assert letter_to(office, HEAD, LetterKind.ASSIGNED).state is LetterState.UNCERTAIN
    assert written(office) == [COORDINATOR]


def test_what_is_repeated_and_accepted_is_told_to_nobody(office: Office) -> None:
    office.tick(ON, Losing(office))
    office.days(ON + RESEND_UNCERTAIN_AFTER, at(8))
    assert written(office) == [] and letter_to(office, HEAD, LetterKind.ASSIGNED).state is LetterState.SENT


def test_what_needs_no_telling_any_more_is_told_to_nobody(office: Office) -> None:
    office.tick(ON, Losing(office))
    office.act(office.task(), "withdraw", COORDINATOR, at(1, minute=5), note="nhầm")
    office.tick(ON + RESEND_UNCERTAIN_AFTER)
    assert letter_to(office, HEAD, LetterKind.ASSIGNED).resent
    assert written(office) == [] and alerts(office) == []


def test_yesterdays_untrue_list_is_told_to_nobody(office: Office) -> None:
    office.tick(ON)
    office.tick(EVENING, Losing(office))
    office.act(office.task(), "accept", HEAD, MORNING - timedelta(hours=1))
    office.days(MORNING, at(8))
    letter = letter_to(office, HEAD, LetterKind.DIGEST)
    assert letter.resent and letter.error == NOTHING_TRUE
    assert written(office) == [] and alerts(office) == []


def test_administrators_hear_of_a_coordinators_uncertain_letter(office: Office) -> None:
    office.tick(ON)
    office.tick(at(7, hour=17, minute=50), Losing(office, COORDINATOR))  # "not received", to the coordinator too
    office.tick(at(8))
    assert [one.facts["recipient"] for one in alerts(office)] == [COORDINATOR]
    office.tick(at(8, minute=6))
    told = body(office.sent(ADMINISTRATOR)[-1])
    assert "có thể đã đến hoặc chưa đến" in told and "dondoc outbox resend" in told
    assert "thôi gửi" not in told


def test_sent_again_by_hand_in_vain_it_is_not_told_a_second_time(office: Office) -> None:
    losing = Losing(office)
    office.tick(ON, losing)
    office.tick(ON + RESEND_UNCERTAIN_AFTER, losing)
    with transaction(office.engine) as session:
        resend(session, office.settings, [letter_to(office, HEAD, LetterKind.ASSIGNED).id], at(1, hour=9))
    office.days(at(1, hour=9), at(2))
    office.tick(at(1, hour=9, minute=1), losing)
    assert heard(office) == [("uncertain", 0)]


@of_room("replies")
def test_that_it_came_back_after_all_is_told_as_well(office: Office) -> None:
    losing = Losing(office)
    office.tick(ON, losing)
    office.tick(ON + RESEND_UNCERTAIN_AFTER, losing)
    address = office.person(HEAD).email
    raw = next(content for to, content in losing.letters if to == address)
    folder = office.settings.bounces_folder
    folder.mkdir()
    (folder / "001.eml").write_bytes(postfix(raw))
    office.days(at(1, hour=9), at(2, hour=9))
    assert {"uncertain", "undeliverable"} <= {rung for rung, _offset in office.told(office.task(), COORDINATOR)}


def test_that_nobody_can_be_told_holds_up_no_other_letter(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.tick(ON, Losing(office))
    again = ON + RESEND_UNCERTAIN_AFTER
    with pytest.raises(Dead):
        office.tick(again, Losing(office, answer=Dead))

    def broken(*_: object) -> None:
        raise ZeroDivisionError("while telling the coordinator")

    monkeypatch.setattr("workflows.delivery.letter_delivery.tell_uncertain", broken)
    late: datetime = again + LEASE + timedelta(minutes=1)
    with transaction(office.engine) as session:
        session.execute(
            update(Letter).where(col(Letter.state) == LetterState.SENT).values(state=LetterState.QUEUED, attempts=0)
        )
    office.tick(late)
    assert letter_to(office, HEAD, LetterKind.ASSIGNED).state is LetterState.UNCERTAIN
    with reading(office.engine) as session:
        kinds = session.exec(select(Alert.kind)).all()
        queued = session.exec(select(Letter).where(Letter.state == LetterState.QUEUED, Letter.slot <= late)).all()
    assert AlertKind.LETTER_UNWRITABLE in kinds and queued == []
    assert NoticeState.FAILED.value not in {one[3] for one in office.notices(office.task())}
