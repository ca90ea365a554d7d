"""A letter that reaches nobody never passes in silence: where nobody else can be told, the administrators are."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.database.session import reading, transaction
from models.letters.letter import LetterKind, LetterState
from models.operations.alert import Alert, AlertKind
from models.organization.account import MailedPurpose
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from notifications.smtp.clocks import Stopwatch
from notifications.smtp.transport import Attempt, SendOutcome
from tests.office import COORDINATOR, ON, Office, at, body, furnish
from workflows.access.accounts.mailed import invite, issue
from workflows.jobs.simulate import RecordedSender

ADMINISTRATOR, HEAD = "dang.thu.thuy", "luong.thi.ngan"  # of Vụ Kế hoạch – Tài chính
ABOVE = ("le.thi.d", "tran.duc.thinh")  # heads of the coordinator's own unit and of the issuer's office


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    office = furnish(engine, tmp_path)
    office.launch("4")
    office.tick(ON)
    return office


def given_up(office: Office) -> list[Alert]:
    with reading(office.engine) as session:
        return list(session.exec(select(Alert).where(Alert.kind == AlertKind.LETTER_GIVEN_UP)))


class Refusing(RecordedSender):
    """A server that takes no letter to one address, for a reason that lies in the letter."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        if to_address == self._address:
            return Attempt(SendOutcome.PERMANENT, 554, "message content rejected")
        return super().send(to_address, content)


def test_of_a_coordinators_own_letter_that_was_refused_the_administrators_hear(office: Office) -> None:
    office.tick(at(7), Refusing(office.person(COORDINATOR).email or ""))  # "not received", to the coordinator too
    told = {(alert.facts["recipient"], alert.facts["reason"]) for alert in given_up(office)}
    assert told == {(COORDINATOR, "message content rejected")}
    assert ("undeliverable", 0) not in office.told(office.task(), COORDINATOR)


def test_of_a_heads_letter_only_the_coordinator_hears(office: Office) -> None:
    office.tick(at(3), Refusing(office.person(HEAD).email or ""))
    office.tick(at(3, hour=9))
    assert ("undeliverable", 2) in office.told(office.task(), COORDINATOR)
    assert given_up(office) == []


@pytest.mark.parametrize("trouble", [{"is_active": False}, {"email": None}])
def test_administrators_hear_when_nobody_can_be_reached(office: Office, trouble: dict[str, object]) -> None:
    for code in (HEAD, COORDINATOR, *ABOVE):
        office.change_person(code, **trouble)
    office.tick(at(3))
    assert ("not_accepted", 2, COORDINATOR, "failed") in office.notices(office.task())
    assert {letter.state for letter in office.letters() if letter.slot > ON} >= {LetterState.FAILED}
    office.tick(at(3, hour=9))
    assert any("không còn ai để báo thay" in body(letter) for letter in office.sent(ADMINISTRATOR))
    assert {alert.facts["recipient"] for alert in given_up(office)} == {COORDINATOR}


def test_once_the_coordinators_address_works_again_what_falls_due_reaches_them(office: Office) -> None:
    for code in (HEAD, COORDINATOR, *ABOVE):
        office.change_person(code, email_refused_at=ON)
    office.tick(at(3))
    assert ("not_accepted", 2) in office.told(office.task(), COORDINATOR)
    assert given_up(office) == []


class Unknown(Refusing):
    """A server that knows one address no more."""

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        if to_address == self._address:
            return Attempt(SendOutcome.PERMANENT, 550, "no such user", of_address=True)
        return super().send(to_address, content)


def test_of_a_refused_invitation_the_administrators_hear(office: Office) -> None:
    with transaction(office.engine) as session:
        invite(session, resolve_person(session, HEAD), now=at(1, hour=9), by=office.person(ADMINISTRATOR).id)
    office.tick(at(1, hour=9), Unknown(office.person(HEAD).email or ""))
    assert [(one.facts["recipient"], one.facts["reason"]) for one in given_up(office)] == [(HEAD, "no such user")]
    office.tick(at(1, hour=9, minute=6))
    assert any("no such user" in body(letter) for letter in office.sent(ADMINISTRATOR))


@pytest.mark.parametrize("purpose", [MailedPurpose.RESET, MailedPurpose.SIGN_IN])
def test_of_a_code_or_link_that_its_reader_asked_for_nobody_hears(office: Office, purpose: MailedPurpose) -> None:
    with transaction(office.engine) as session:
        issue(session, resolve_person(session, HEAD), purpose, now=at(1, hour=9))
    office.tick(at(1, hour=9), Unknown(office.person(HEAD).email or ""))
    assert [letter.state for letter in office.letters() if letter.kind is LetterKind.ACCOUNT] == [LetterState.FAILED]
    assert given_up(office) == []


def test_the_coordinator_reads_which_letters_to_whom_where_and_why(office: Office) -> None:
    """Two letters that told of four tasks are two, each with its reader, its address, the answer and its page."""
    office.launch("1", "2")
    with reading(office.engine) as session:
        heads = [session.get_one(Person, office.unit(code).head_id) for code in ("CTY-M", "T-LT")]
    addresses = {one.email for one in heads}

    class RefusingBoth(RecordedSender):
        def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
            if to_address in addresses:
                return Attempt(SendOutcome.PERMANENT, 554, "message content rejected")
            return super().send(to_address, content)

    office.tick(ON, RefusingBoth())
    office.tick(at(3), RefusingBoth())
    office.tick(at(3, hour=9))
    (told,) = [one for one in office.sent(COORDINATOR) if "THƯ CHƯA GỬI ĐƯỢC" in body(one)]
    refused = [one for one in office.letters() if one.state is LetterState.FAILED]
    text = body(told)
    assert f"{len(refused):02d} thư chưa gửi được" in told["subject"]
    for one in heads:
        assert f"Thư gửi {one.full_name}" in text and f"({one.email})" in text
    for letter in refused:
        assert text.count(f"/letters/{letter.id.hex}") == 1
    assert text.count("message content rejected") == len(refused)
