"""Letters for programs: to whom and when, each as it was received, sent again; those that need a person."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select, update

from models.database.session import reading
from models.letters.letter import Letter, LetterContent, LetterKind, LetterState, Notice
from models.organization.audit import Audit
from models.organization.person import PersonRole, Role
from models.organization.register_reads import resolve_person, resolve_unit
from models.organization.unit import Unit
from models.tasks.task import Task
from tests.web.api.programs import Make
from tests.web.site import LAUNCHED, Office
from workflows.access.access_tokens import Scope
from workflows.jobs.simulate import RecordedSender
from workflows.jobs.tick import tick

DATABASES = ("sqlite", "postgresql")

COORDINATOR, ADMINISTRATOR, HEAD = "le.thi.c", "dang.thu.thuy", "luong.thi.ngan"


@pytest.fixture
def told(office: Office) -> Letter:
    """The assignment of duty 4, as it left."""
    tick(office.engine, office.settings, now=LAUNCHED + timedelta(minutes=1), sender=RecordedSender())
    head = office.head(office.task("4"))
    with reading(office.engine) as session:
        return session.exec(select(Letter).where(Letter.recipient_id == head.id)).one()


def change(office: Office, letter: Letter, **values: Any) -> None:
    office.change(lambda session: session.execute(update(Letter).where(col(Letter.id) == letter.id).values(**values)))


def state_of(office: Office, letter: Letter) -> LetterState:
    with reading(office.engine) as session:
        return session.get_one(Letter, letter.id).state


def test_letters_are_for_those_whose_pages_show_them(office: Office, program: Make, told: Letter) -> None:
    for path in ("", f"/{told.id}", f"/{told.id}/eml", f"/{told.id}/attachments/0"):
        for who in (COORDINATOR, ADMINISTRATOR):
            assert program(who).get(f"/letters{path}").status_code == 200, path
        for who in ("nguyen.minh.quan", "ngo.van.loc", HEAD):
            assert program(who).get(f"/letters{path}").status_code == 403, path
    assert program(HEAD).post(f"/letters/{told.id}/resend").status_code == 403


def test_the_list_says_to_whom_when_and_goes_on_from_page_to_page(office: Office, program: Make, told: Letter) -> None:
    mine, found, cursor = program(COORDINATOR), [], None
    for _page in range(100):
        answer = mine.get("/letters", params={"limit": 7} | ({"cursor": cursor} if cursor else {})).json()
        found += answer["items"]
        if (cursor := answer["next"]) is None:
            break
    assert len({one["id"] for one in found}) == len(found) > 6
    assert [one["slot"] for one in found] == sorted((one["slot"] for one in found), reverse=True)
    (line,) = [one for one in found if one["id"] == str(told.id)]
    assert (line["recipient_code"], line["kind"], line["state"]) == (HEAD, "assigned", "sent")


@pytest.mark.parametrize(
    "asked",
    [
        {"person": HEAD},
        {"q": "lương thị ngân"},
        {"person": HEAD, "kind": "assigned", "state": "sent"},
        {"person": HEAD, "directive": "ct-06-2004", "first": "2026-11-02", "last": "2026-11-02"},
    ],
)
def test_letters_are_found_as_on_the_page(office: Office, program: Make, told: Letter, asked: dict[str, str]) -> None:
    found = program(COORDINATOR).get("/letters", params=asked).json()["items"]
    assert [one["id"] for one in found] == [str(told.id)]
    by_task = program(COORDINATOR).get("/letters", params={"task": str(office.task("4").id), "person": HEAD}).json()
    assert [one["id"] for one in by_task["items"]] == [str(told.id)]
    nothing = program(COORDINATOR).get("/letters", params=asked | {"first": "2027-01-01"}).json()
    assert nothing == {"items": [], "next": None}


@pytest.mark.parametrize(
    "asked", [{"state": "x"}, {"cursor": "x"}, {"cursor": "2026-11-02~" + "0" * 32}, {"task": "x"}]
)
def test_what_cannot_be_asked_is_told_by_its_field(office: Office, program: Make, asked: dict[str, str]) -> None:
    assert program(COORDINATOR).get("/letters", params=asked).status_code == 422


def test_a_letter_is_told_as_it_was_received(office: Office, program: Make, told: Letter) -> None:
    mine = program(COORDINATOR)
    whole = mine.get(f"/letters/{told.id}").json()
    assert (whole["words_shown"], whole["may_resend"]) == (True, False)
    assert "miễn, giảm giá cước" in whole["text"] and "<html" in whole["html"].lower()
    assert [one["outcome"] for one in whole["attempts"]] == ["accepted"]
    assert [one["task_id"] for one in whole["spoken"]] == [str(office.task("4").id)]
    with reading(office.engine) as session:
        kept = session.get_one(LetterContent, told.id).content
    eml = mine.get(f"/letters/{told.id}/eml")
    assert (eml.content, eml.headers["content-type"]) == (kept, "message/rfc822")
    calendar = mine.get(f"/letters/{told.id}/attachments/0")
    assert calendar.content.startswith(b"BEGIN:VCALENDAR") and whole["attachments"][0].endswith(".ics")
    assert calendar.headers["content-disposition"].startswith("attachment")
    assert mine.get(f"/letters/{told.id}/attachments/9").status_code == 404


def test_a_letter_that_also_speaks_of_others_tasks_keeps_its_words(office: Office, program: Make, told: Letter) -> None:
    """A coordinator of another unit, which supervises the lead of one of the two tasks that it speaks of."""
    mine = office.task("4")

    def speak_of_both(session: Session) -> None:
        above = resolve_unit(session, "VU-BC").id
        session.get_one(Unit, mine.lead_unit_id).supervising_unit_id = above
        clerk = resolve_person(session, "ngo.van.loc").id
        session.add(PersonRole(person_id=clerk, role=Role.COORDINATOR, unit_id=above))
        others = select(Task.id).join(Unit, col(Unit.id) == col(Task.lead_unit_id))
        other = session.exec(others.where(col(Unit.supervising_unit_id) != above)).first()
        session.execute(update(Notice).where(col(Notice.task_id) == other).values(letter_id=told.id))

    office.change(speak_of_both)
    seen = program("ngo.van.loc").get(f"/letters/{told.id}").json()
    assert [one["task_id"] for one in seen["spoken"]] == [str(mine.id)]
    assert (seen["words_shown"], seen["subject"], seen["text"], seen["html"], seen["attachments"]) == (
        False,
        None,
        None,
        None,
        [],
    )
    for path in ("eml", "attachments/0"):
        assert program("ngo.van.loc").get(f"/letters/{told.id}/{path}").status_code == 404
    (line,) = program("ngo.van.loc").get("/letters", params={"person": HEAD}).json()["items"]
    assert (line["id"], line["subject"]) == (str(told.id), None)
    assert program(COORDINATOR).get(f"/letters/{told.id}").json()["words_shown"]


def test_a_letter_with_a_code_is_not_there(office: Office, program: Make, told: Letter) -> None:
    change(office, told, kind=LetterKind.ACCOUNT, topic="secret:1")
    for who in (COORDINATOR, ADMINISTRATOR):
        for path in ("", "/eml", "/attachments/0"):
            assert program(who).get(f"/letters/{told.id}{path}").status_code == 404
        assert program(who).post(f"/letters/{told.id}/resend").status_code == 404
        assert program(who).get("/letters", params={"kind": "account"}).json()["items"] == []


def test_a_dead_letter_goes_out_again_and_the_audit_says_by_whom(office: Office, program: Make, told: Letter) -> None:
    change(office, told, state=LetterState.FAILED, error="550 no such mailbox")
    mine = program(COORDINATOR)
    assert mine.get(f"/letters/{told.id}").json()["may_resend"]
    only_reads = program(COORDINATOR, Scope.READ)
    assert only_reads.post(f"/letters/{told.id}/resend").status_code == 403
    assert mine.post(f"/letters/{told.id}/resend").json()["state"] == "queued"
    assert mine.post(f"/letters/{told.id}/resend").status_code == 409
    with reading(office.engine) as session:
        line = session.exec(select(Audit).where(Audit.action == "letters_sent_again")).one()
    assert (line.object, bool(line.address)) == (told.id.hex[-8:], True)


def test_letters_that_need_a_person_are_the_administrators(office: Office, program: Make, told: Letter) -> None:
    for who in (COORDINATOR, "nguyen.minh.quan", HEAD):
        assert program(who).get("/dead-letters").status_code == 403
        assert program(who).post("/dead-letters", {"deed": "resend", "letters": [str(told.id)]}).status_code == 403


def test_dead_letters_say_why_and_are_dealt_with_one_by_one_or_all_alike(
    office: Office, program: Make, told: Letter
) -> None:
    change(office, told, state=LetterState.FAILED, error="550 no such mailbox")
    boss = program(ADMINISTRATOR)
    found = boss.get("/dead-letters", params={"state": "failed"}).json()
    assert (found["total"], found["items"][0]["recipient"]) == (1, HEAD)
    assert found["items"][0]["why"] and found["items"][0]["todo"]
    assert boss.get("/dead-letters", params={"state": "held"}).json()["total"] == 0
    for wrong in ({"deed": "resend"}, {"deed": "burn", "letters": [str(told.id)]}):
        assert boss.post("/dead-letters", wrong).status_code == 422
    assert boss.post("/dead-letters", {"deed": "resend", "alike": found["alike"][0]["key"]}).json() == {"count": 1}
    assert state_of(office, told) is LetterState.QUEUED
    change(office, told, state=LetterState.FAILED)
    assert boss.post("/dead-letters", {"deed": "put-aside", "letters": [str(told.id)]}).json() == {"count": 1}
    assert state_of(office, told) is LetterState.DROPPED
    assert boss.post("/dead-letters", {"deed": "put-aside", "letters": [str(told.id)]}).status_code == 409
