"""The page on which one chooses one's letters, the mail reader's button, and short links."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlmodel import select

from models.database.run import link_key
from models.database.session import reading, transaction
from models.letters.letter import Letter, LetterKind, LetterLink
from models.letters.letter_preference import LetterPreference, Pace
from models.organization.person import Person
from notifications.composing.keys import link_code, sign_fewer, write_code
from tests.old_links import sign_link
from tests.web.site import LAUNCHED, Office

PAGE = "/account/letters"
WHO = "le.thi.c"


def stored(office: Office, code: str = WHO) -> LetterPreference | None:
    with reading(office.engine) as session:
        person = session.exec(select(Person).where(Person.code == code)).one()
        return session.get(LetterPreference, person.id)


def test_one_chooses_and_sees_it_again(office: Office) -> None:
    mine = office.sign_in(WHO)
    answer = mine.send(PAGE, requests="two_hours", summary="off", quiet_from="11:30", quiet_until="13:30")
    page = mine.follow(answer)
    assert 'value="two_hours" selected' in page.text and 'value="11:30"' in page.text
    row = stored(office)
    assert row and (row.requests, row.summary, row.changes) == (Pace.TWO_HOURS, Pace.OFF, None)
    assert (row.quiet_from, row.quiet_until) == (690, 810)
    mine.follow(mine.send(PAGE))
    row = stored(office)
    assert row and row.requests is None and row.quiet_from is None, "empty is as usual"


def test_trying_a_choice_stores_nothing(office: Office) -> None:
    mine = office.sign_in(WHO)
    answer = mine.send(PAGE, requests="two_hours", **{"try": "1"})
    assert answer.headers["location"] == f"{PAGE}?requests=two_hours"
    page = mine.follow(answer)
    assert 'value="two_hours" selected' in page.text and "csrf" not in answer.headers["location"]
    assert stored(office) is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"changes": "off"}, "off"),
        ({"requests": "at_once"}, "at_once"),
        ({"news": "never"}, "never"),
        ({"quiet_from": "11:30"}, "Giờ yên tĩnh"),
        ({"quiet_from": "13:00", "quiet_until": "12:00"}, "13:00"),
        ({"quiet_from": "26:00", "quiet_until": "27:00"}, "26:00"),
    ],
)
def test_bad_input_is_named_and_nothing_is_stored(office: Office, fields: dict[str, str], said: str) -> None:
    answer = office.sign_in(WHO).send(PAGE, **fields)
    assert answer.status_code == 422 and said.lower() in answer.text.lower()
    assert stored(office) is None


def test_quiet_hours_that_cannot_be_saved_cannot_be_tried(office: Office) -> None:
    answer = office.sign_in(WHO).get(f"{PAGE}?quiet_from=13:00&quiet_until=12:00")
    assert answer.status_code == 422 and "13:00" in answer.text


def test_a_stranger_is_led_to_sign_in(office: Office) -> None:
    assert office.get(PAGE).status_code == 303 and "sign-in" in office.get(PAGE).headers["location"]


def test_a_mail_readers_button_needs_no_session_and_does_one_thing(office: Office) -> None:
    with reading(office.engine) as session:
        person = session.exec(select(Person).where(Person.code == WHO)).one()
        key = link_key(session)
    path = f"/fewer/{sign_fewer(key, person.id, LetterKind.EVENT)}"
    assert office.reader.get(path).status_code == 303 and stored(office) is None, "opening it changes nothing"
    answer = office.reader.ask("POST", path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    row = stored(office)
    assert row and (row.changes, row.requests, row.summary) == (Pace.MORNING, Pace.MORNING, None)
    for forged in (sign_fewer("another key", person.id, LetterKind.EVENT), "x"):
        assert office.reader.ask("POST", f"/fewer/{forged}").status_code == 404
    digest = sign_fewer(key, person.id, LetterKind.DIGEST)
    assert office.reader.ask("POST", f"/fewer/{digest}").status_code == 422, "what a ladder forces has no button"


def link(office: Office, slot: datetime = LAUNCHED) -> str:
    """A short link of a letter to the head of the first task."""
    task = office.task("4")
    head = office.head(task)
    with transaction(office.engine) as session:
        letter = Letter(recipient_id=head.id, slot=slot, kind=LetterKind.EVENT, not_before=slot)
        session.add(letter)
        session.flush()
        code = link_code(link_key(session), letter.id, task.id)
        session.add(LetterLink(code=code, letter_id=letter.id, task_id=task.id))
        return write_code(code)


def test_a_short_link_opens_what_a_long_one_opens(office: Office) -> None:
    code, task = link(office), office.task("4")
    head = office.head(task)
    with reading(office.engine) as session:
        long = sign_link(link_key(session), task.id, head.id, LAUNCHED)
    stranger = office.get(f"/v/{code}")
    assert stranger.status_code == office.get(f"/v/{long}").status_code == 200
    assert task.id.hex not in stranger.text
    signed = office.sign_in(head.code)
    for token in (code, code.lower(), code.replace("-", ""), long):
        assert signed.get(f"/v/{token}").headers["location"] == f"/tasks/{task.id.hex}"


def test_a_short_link_lapses_like_a_long_one(office: Office) -> None:
    code = link(office, LAUNCHED - timedelta(days=200))
    assert office.get(f"/v/{code}").status_code == 410


def test_a_code_that_was_never_given_opens_nothing(office: Office) -> None:
    assert office.get(f"/v/{write_code(link_code('x', uuid4(), uuid4()))}").status_code == 404
