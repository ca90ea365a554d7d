"""Letters on pages: the list, a letter as it was received, its files, and sending a dead one again."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select, update

from models.database.session import reading
from models.letters.letter import Letter, LetterContent, LetterKind, LetterState
from models.organization.audit import Audit
from models.organization.person import Person
from tests.web.site import LAUNCHED, Office
from workflows.jobs.simulate import RecordedSender
from workflows.jobs.tick import tick

DATABASES = ("sqlite", "postgresql")

COORDINATOR, ADMINISTRATOR = "le.thi.c", "dang.thu.thuy"


@pytest.fixture
def told(office: Office) -> Letter:
    """The assignment of duty 4, as it left."""
    tick(office.engine, office.settings, now=LAUNCHED + timedelta(minutes=1), sender=RecordedSender())
    head = office.head(office.task("4"))
    with reading(office.engine) as session:
        return session.exec(select(Letter).where(Letter.recipient_id == head.id)).one()


def change(office: Office, letter: Letter, **values: Any) -> None:
    office.change(lambda session: session.execute(update(Letter).where(col(Letter.id) == letter.id).values(**values)))


def test_whom_the_pages_open_to(office: Office, told: Letter) -> None:
    path = f"/letters/{told.id.hex}"
    for page in ("/letters", path, f"{path}/html", f"{path}/eml", f"{path}/resend", f"{path}/attachments/0"):
        assert office.get(page).status_code == 303
        for who in (COORDINATOR, ADMINISTRATOR):
            assert office.sign_in(who).get(page).status_code == 200, page
        for who in ("nguyen.minh.quan", "ngo.van.loc", office.head(office.task("2")).code):
            assert office.sign_in(who).get(page).status_code == 403, page


def test_the_list_says_to_whom_when_and_how_it_ended(office: Office, told: Letter) -> None:
    text = office.sign_in(COORDINATOR).get("/letters?person=luong.thi.ngan&lang=en").text
    for words in ("Lương Thị Ngân", "2 November 2026", "Assignment", "Sent", f"/letters/{told.id.hex}"):
        assert words.lower() in text.lower()
    assert "No letters match" in office.sign_in(COORDINATOR).get("/letters?state=failed&lang=en").text
    for query in ("kind=account", "state=x", "first=tomorrow", "task=x", "older=x"):
        assert office.sign_in(COORDINATOR).get(f"/letters?{query}").status_code == 422


@pytest.mark.parametrize("state", [one for one in LetterState if one is not LetterState.EMPTY])
def test_however_it_ended_list_and_page_say_so(office: Office, told: Letter, state: LetterState) -> None:
    change(office, told, state=state, lease_until=LAUNCHED if state is LetterState.CLAIMED else None)
    reader = office.sign_in(COORDINATOR)
    for path in ("/letters?person=luong.thi.ngan&lang=en", f"/letters/{told.id.hex}?lang=en"):
        answer = reader.get(path)
        assert answer.status_code == 200 and state.label.lower() in answer.text.lower(), path


def test_a_letter_is_shown_as_it_was_received(office: Office, told: Letter) -> None:
    reader = office.sign_in(COORDINATOR)
    path = f"/letters/{told.id.hex}"
    text = reader.get(f"{path}?lang=en").text
    assert f'src="{path}/html" sandbox=' in text
    for words in (
        "Accepted by the server",
        "miễn, giảm giá cước",
        f"/tasks/{office.task('4').id}",
        "Message-ID",
        ".ics",
    ):
        assert words in text
    frame = reader.get(f"{path}/html")
    assert "sandbox" in frame.headers["content-security-policy"]
    assert frame.headers["x-frame-options"] == "SAMEORIGIN"
    with reading(office.engine) as session:
        kept = session.get_one(LetterContent, told.id).content
    assert reader.get(f"{path}/eml").content == kept
    calendar = reader.get(f"{path}/attachments/0")
    assert calendar.content.startswith(b"BEGIN:VCALENDAR")
    assert calendar.headers["content-disposition"].startswith("attachment")
    assert reader.get(f"{path}/attachments/9").status_code == 404


def test_a_letter_whose_bytes_are_not_kept_says_so(office: Office, told: Letter) -> None:
    def forget(session: Session) -> None:
        session.delete(session.get_one(LetterContent, told.id))

    office.change(forget)
    reader = office.sign_in(COORDINATOR)
    assert "Its content is not stored" in reader.get(f"/letters/{told.id.hex}?lang=en").text
    assert reader.get(f"/letters/{told.id.hex}/html").status_code == 404


def test_a_letter_with_a_code_is_not_there(office: Office, told: Letter) -> None:
    change(office, told, kind=LetterKind.ACCOUNT, topic="secret:1")
    for who in (COORDINATOR, ADMINISTRATOR):
        for page in ("", "/html", "/eml", "/resend", "/attachments/0"):
            assert office.sign_in(who).get(f"/letters/{told.id.hex}{page}").status_code == 404


def test_dead_letter_resend_is_confirmed_and_audited(office: Office, told: Letter) -> None:
    change(office, told, state=LetterState.FAILED, error="550 no such mailbox")
    reader = office.sign_in(COORDINATOR)
    path = f"/letters/{told.id.hex}/resend"
    page = reader.get(f"{path}?lang=en").text
    assert "It is rewritten" in page
    assert "550 no such mailbox" in page
    with reading(office.engine) as session:
        assert session.get_one(Letter, told.id).state is LetterState.FAILED, "looking sends nothing"
    answer = reader.send(path)
    assert "goes out again" in reader.follow(answer).text or answer.status_code == 303
    with reading(office.engine) as session:
        assert session.get_one(Letter, told.id).state is LetterState.QUEUED
        line = session.exec(select(Audit).where(Audit.action == "letters_sent_again")).one()
        who = session.exec(select(Person.id).where(Person.code == COORDINATOR)).one()
    assert (line.actor_id, line.object) == (who, told.id.hex[-8:])


def test_uncertain_letter_that_is_kept_back_says_why(office: Office, told: Letter) -> None:
    change(office, told, state=LetterState.UNCERTAIN, resent=True, error="connection lost after DATA")
    reader = office.sign_in(COORDINATOR)
    path = f"/letters/{told.id.hex}/resend"
    page = reader.get(f"{path}?lang=en")
    assert page.status_code == 200 and "nothing in it is still true" in page.text, "its item has been told"
    assert f'action="{path}"' not in page.text, "there is no button that does nothing"
    answer = reader.send("/inbox?lang=en", f"{path}?lang=en")
    assert answer.status_code == 409 and "nothing in it is still true" in answer.text


def test_a_letter_that_was_sent_is_not_sent_again(office: Office, told: Letter) -> None:
    reader = office.sign_in(COORDINATOR)
    path = f"/letters/{told.id.hex}/resend"
    assert "Only a letter that failed" in reader.get(f"{path}?lang=en").text
    answer = reader.send("/inbox", path)
    assert answer.status_code in (409, 403)
