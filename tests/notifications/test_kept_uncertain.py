"""An uncertain letter that does not go out again says why: at once to who asks for it, and on its page else."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.database.session import transaction
from models.errors import Refused
from models.letters.letter import Letter, LetterContent, LetterKind, LetterState
from notifications.outbox.attempts import RESEND_UNCERTAIN_AFTER
from notifications.outbox.explain import ended_because, explain, reason_words
from tests.notifications.outbox_runs import COORDINATOR, HEAD, LOST, letter_to, run, scripted
from tests.office import ON, Office, at, furnish
from workflows.delivery.resend import resend

AGAIN = ON + RESEND_UNCERTAIN_AFTER


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    office = furnish(engine, tmp_path)
    office.launch("4")
    return office


def retire(office: Office) -> None:
    office.change_person(HEAD, is_active=False)


def lose_address(office: Office) -> None:
    office.change_person(HEAD, email=None)


def move(office: Office) -> None:
    office.change_person(HEAD, email="khac@mpt.example")


def withdraw(office: Office) -> None:
    office.act(office.task(), "withdraw", COORDINATOR, at(1, minute=5), note="nhầm")


def test_mode(office: Office) -> None:
    mail = office.settings.mail.model_copy(update={"only_to": ("thu@mpt.example",)})
    office.settings = office.settings.model_copy(update={"mail": mail})


test_mode.__test__ = False  # type: ignore[attr-defined]


def lose_bytes(office: Office) -> None:
    with transaction(office.engine) as session:
        session.delete(session.get_one(LetterContent, letter_to(office).id))


WHY: list[tuple[Callable[[Office], None], str]] = [
    (retire, "the recipient has retired"),
    (lose_address, "the recipient has no address"),
    (move, "the recipient has another address by now"),
    (withdraw, "nothing in it is still true"),
    (test_mode, "test mode keeps back what goes to its address"),
    (lose_bytes, "its text is no longer stored"),
]
each = pytest.mark.parametrize(("change", "why"), WHY, ids=[change.__name__ for change, _why in WHY])


def lost(office: Office) -> Letter:
    run(office, scripted(office, LOST), ON)
    return letter_to(office)


def send_again(office: Office, letter: Letter, now: datetime) -> None:
    with transaction(office.engine) as session:
        resend(session, office.settings, [letter.id], now)


@each
def test_who_asks_for_it_is_told_at_once_and_nothing_changes(
    office: Office, change: Callable[[Office], None], why: str
) -> None:
    letter = lost(office)
    change(office)
    with pytest.raises(Refused, match=why):
        send_again(office, letter, AGAIN)
    assert letter_to(office) == letter


@each
def test_what_keeps_it_meanwhile_stands_on_its_page_and_in_the_list(
    office: Office, change: Callable[[Office], None], why: str
) -> None:
    letter = lost(office)
    content = office.content(letter)
    send_again(office, letter, AGAIN - timedelta(minutes=1))
    change(office)
    sender = scripted(office)
    run(office, sender, AGAIN)
    letter = letter_to(office)
    assert content not in sender.tried and (letter.state, letter.resent) == (LetterState.UNCERTAIN, True)
    assert ended_because(letter.error) == why
    told, advice = reason_words(letter.model_dump() | {"last_outcome": "uncertain"})
    assert told == f"may or may not have arrived; not sent again: {why}" and "set it aside" in advice
    assert why in explain(letter.model_dump() | {"last_outcome": "uncertain"})


def test_a_list_of_an_earlier_day_says_that_it_is_one_when_it_is_kept(office: Office) -> None:
    with transaction(office.engine) as session:
        session.get_one(Letter, lost(office).id).kind = LetterKind.DIGEST
    run(office, scripted(office), at(2, hour=9))
    assert ended_because(letter_to(office).error) == "it lists the state of another day"


def test_once_the_reason_has_gone_it_goes_out_as_it_was(office: Office) -> None:
    letter = lost(office)
    address = office.person(HEAD).email
    move(office)
    run(office, scripted(office), AGAIN)
    office.change_person(HEAD, email=address)
    sender = scripted(office)
    send_again(office, letter_to(office), at(1, hour=9))
    run(office, sender, at(1, hour=9))
    assert letter_to(office).state is LetterState.SENT and sender.tried == [office.content(letter)]
    assert letter_to(office).error == ""
