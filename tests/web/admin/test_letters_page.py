"""Letters that need attention, and the engine's troubles, on the administration's pages."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session, col, select

from models.database.session import reading, transaction
from models.letters.letter import DEAD, Letter, LetterKind, LetterState
from models.operations.alert import AlertKind
from models.organization.audit import Audit
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from notifications.outbox.attempts import HELD_REASON
from notifications.smtp.clocks import Stopwatch
from notifications.smtp.transport import Attempt, SendOutcome
from tests.page import Page
from tests.web.site import Office, Reader
from workflows.delivery.deliver import deliver
from workflows.jobs.simulate import RecordedSender
from workflows.organization.working_calendar import load_calendar
from workflows.queue.alerts import end_alert, raise_alert

PAGE = "/admin/letters"


class Loses(RecordedSender):
    """A mail server whose line is lost after each letter."""

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        return Attempt(SendOutcome.UNCERTAIN, None, "connection lost after DATA")


@pytest.fixture
def administrator(office: Office) -> Reader:
    return office.sign_in("dang.thu.thuy")


def dead(office: Office, state: LetterState, error: str, count: int = 1, to: str = "le.thi.c") -> list[UUID]:
    """Letters in a state that needs a person."""
    with transaction(office.engine) as session:
        recipient = resolve_person(session, to).id
        shared: dict[str, Any] = {
            "state": state,
            "topic": state.value,
            "error": error,
            "attempts": 3,
            "not_before": office.now,
        }
        letters = [
            Letter(recipient_id=recipient, slot=office.now - timedelta(minutes=n), kind=LetterKind.DIGEST, **shared)
            for n in range(count)
        ]
        session.add_all(letters)
        return [letter.id for letter in letters]


def states(office: Office, ids: list[UUID]) -> set[LetterState]:
    with reading(office.engine) as session:
        return {LetterState(one) for one in session.exec(select(Letter.state).where(col(Letter.id).in_(ids)))}


def lines(office: Office) -> list[tuple[str, int]]:
    with reading(office.engine) as session:
        return [(one.action, one.facts["count"]) for one in session.exec(select(Audit).order_by(col(Audit.id)))]


@pytest.mark.parametrize("path", [PAGE, "/admin/alerts"])
def test_troubles_are_for_administrators_only(office: Office, path: str) -> None:
    for code in ("le.thi.c", "ngo.van.loc", "nguyen.minh.quan"):
        assert office.sign_in(code).get(path).status_code == 403


def test_each_letter_says_why_it_stands_and_what_to_do(office: Office, administrator: Reader) -> None:
    assert "No letter needs attention" in administrator.get(f"{PAGE}?lang=en").text
    dead(office, LetterState.FAILED, "550 no such mailbox")
    dead(office, LetterState.FAILED, "554 5.7.1 rejected by content filter", to="dang.thu.thuy")
    dead(office, LetterState.UNCERTAIN, "line lost")
    dead(office, LetterState.HELD, HELD_REASON)
    dead(office, LetterState.FAILED, "cannot be written: no template", to="ngo.van.loc")
    shown = administrator.get(f"{PAGE}?lang=en").text
    assert "Refused for good (550 no such mailbox)" in shown and "Correct the person&#39;s address" in shown
    assert "to let our letters through its filter" in shown
    assert "May or may not have arrived (line lost)" in shown and "as the same message" in shown
    assert "Kept back by test mode" in shown and "Cannot be written: no template" in shown
    assert 'href="/admin/people/le.thi.c"' in shown and "not delivered (3)" in shown
    only = administrator.get(f"{PAGE}?state=held&lang=en").text
    assert "Kept back by test mode" in only and "line lost" not in only


@pytest.mark.parametrize("state", [LetterState.FAILED, LetterState.HELD])
def test_those_ticked_go_out_again(office: Office, administrator: Reader, state: LetterState) -> None:
    first, second, third = dead(office, state, "for a reason", 3)
    ids = [str(first), str(second)]
    assert administrator.send(PAGE, deed="resend", letter=ids, state="").headers["location"] == PAGE
    assert states(office, [first, second]) == {LetterState.QUEUED} and states(office, [third]) == {state}
    assert lines(office) == [("letters_sent_again", 2)]


def test_ticked_uncertain_letters_go_out_again_or_say_why_not(office: Office, administrator: Reader) -> None:
    with reading(office.engine) as session:
        calendar = load_calendar(session)
    deliver(office.engine, office.settings, Loses(), now=office.now, calendar=calendar)
    with reading(office.engine) as session:
        first, second, *_more = session.exec(select(Letter).where(Letter.state == LetterState.UNCERTAIN)).all()
    ids = [str(first.id), str(second.id)]
    assert administrator.send(PAGE, deed="resend", letter=ids, state="").headers["location"] == PAGE
    with reading(office.engine) as session:
        assert not any(session.get_one(Letter, one.id).resent for one in (first, second))

    def leaves(session: Session) -> None:
        session.get_one(Person, second.recipient_id).email = "khac@mpt.example"

    office.change(leaves)
    told = administrator.send(f"{PAGE}?lang=en", deed="resend", letter=ids, state="")
    assert told.status_code == 409 and "the recipient has another address by now" in told.text
    assert second.id.hex[-8:] in told.text
    assert lines(office) == [("letters_sent_again", 2)]


def test_all_alike_go_out_again_or_are_put_aside(office: Office, administrator: Reader) -> None:
    refused = dead(office, LetterState.FAILED, "550 no such\nmailbox", 3)
    other = dead(office, LetterState.FAILED, "552 too large", 2, to="ngo.van.loc")
    keys = Page(administrator.get(f"{PAGE}?lang=en").text).values("alike")
    assert len(keys) == 2
    administrator.send(PAGE, deed="drop", alike=keys[0], state="failed")
    administrator.send(PAGE, deed="resend", alike=keys[1], state="failed")
    assert states(office, refused) == {LetterState.DROPPED} and states(office, other) == {LetterState.QUEUED}
    assert lines(office) == [("letters_put_aside", 3), ("letters_sent_again", 2)]
    again = administrator.send(f"{PAGE}?lang=en", PAGE, deed="drop", alike=keys[0])
    assert again.status_code == 404 and "look again" in again.text


def test_what_is_put_aside_needs_nobody_and_is_not_sent(office: Office, administrator: Reader) -> None:
    (letter,) = dead(office, LetterState.UNCERTAIN, "line lost")
    administrator.send(PAGE, deed="drop", letter=str(letter))
    assert "No letter needs attention" in administrator.get(f"{PAGE}?lang=en").text
    assert administrator.send(PAGE, deed="resend", letter=str(letter)).status_code == 409


def test_all_that_were_ticked_or_none(office: Office, administrator: Reader) -> None:
    (good,) = dead(office, LetterState.FAILED, "x")
    (sent,) = dead(office, LetterState.SENT, "")
    assert administrator.send(PAGE, deed="resend", letter=[str(good), str(sent)]).status_code == 409
    assert states(office, [good]) == {LetterState.FAILED}
    for given in ({}, {"letter": "no-id"}, {"alike": "x"}):
        assert administrator.send(PAGE, deed="resend", **given).status_code in (404, 422)
    assert lines(office) == []


def test_a_long_list_is_paged(office: Office, administrator: Reader) -> None:
    dead(office, LetterState.HELD, HELD_REASON, 60)
    assert "1 to 50 of 60" in administrator.get(f"{PAGE}?lang=en").text
    assert "51 to 60 of 60" in administrator.get(f"{PAGE}?lang=en&page=2").text
    assert set(DEAD) == {LetterState.FAILED, LetterState.UNCERTAIN, LetterState.HELD}


def test_alerts_say_what_lasts_and_where_to_see_to_it(office: Office, administrator: Reader) -> None:
    assert "no problem" in administrator.get("/admin/alerts?lang=en").text

    def trouble(session: Session) -> None:
        calendar = load_calendar(session)
        facts = {"reason": "OSError: disk full"}
        raise_alert(session, AlertKind.JOB_FAILED, "purge", now=office.now, calendar=calendar, facts=facts)
        raise_alert(session, AlertKind.MAIL_FAILING, "smtp.mpt.example:25", now=office.now, calendar=calendar)
        end_alert(session, AlertKind.MAIL_FAILING, "smtp.mpt.example:25", now=office.now + timedelta(minutes=5))

    office.change(trouble)
    shown = administrator.get("/admin/alerts?lang=en").text
    assert shown.index("A job fails") < shown.index("The mail server takes nothing")
    assert "disk full" in shown and 'href="/admin/jobs"' in shown and shown.count("Resolve") == 1
    office.now += timedelta(days=31)
    assert "smtp.mpt.example" not in office.sign_in("dang.thu.thuy").get("/admin/alerts").text
