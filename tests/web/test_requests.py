"""Asking units for something, and putting a difficulty to the authority: done once, told in the asker's words."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import Session, col

from models.database.session import reading
from models.directives.directive import find_directive
from models.organization.register_reads import resolve_person
from models.tasks.history import History, HistoryNote
from models.tasks.task import Task
from models.text.localtime import due_date
from tests.page import Page
from tests.web.site import DUE, LAUNCHED, Office, Reader
from workflows.launch.launch_plan import default_coordinator
from workflows.launch.launch_tasks import launch
from workflows.organization.working_calendar import load_calendar

ASK = "/launch/ct-06-2004/request"
WANTED = "Số đại lý internet trên địa bàn đến ngày 31/10"


@pytest.fixture
def armed(office: Office) -> Office:
    def arm(session: Session) -> None:
        directive = find_directive(session, "ct-06-2004")
        launch(
            session,
            directive,
            on=LAUNCHED,
            coordinator_id=default_coordinator(session, directive),
            calendar=load_calendar(session),
            paths=["3", "obstacles"],
            due_on=DUE,
            override=True,
        )

    office.change(arm)
    return office


@pytest.fixture
def coordinator(armed: Office) -> Reader:
    reader = armed.sign_in("le.thi.c")
    reader.get("/launch?lang=en")
    return reader


def requested(office: Office) -> list[Task]:
    with reading(office.engine) as session:
        return list(session.scalars(select(Task).where(col(Task.occurrence).like("request:%"))))


def hidden(text: str) -> dict[str, Any]:
    return {name: value for name, value in Page(text).form("main form").hidden.items() if name != "csrf"}


def test_units_are_asked_in_the_coordinators_own_words(armed: Office, coordinator: Reader) -> None:
    assert "Item 3" in coordinator.get(ASK).text
    given: dict[str, Any] = {"duty": "3", "note": WANTED, "due": "2026-11-13", "unit": ["CTY-M", "CTY-N"]}
    check = coordinator.send(ASK, **given, step="check").text
    assert WANTED in check and "13 November 2026" in check and "2 tasks" in check
    assert requested(armed) == []
    done = coordinator.send(ASK, **hidden(check), step="ask")
    assert "Asked: 2 tasks." in coordinator.follow(done).text
    assert coordinator.send(ASK, **hidden(check), step="ask").status_code == 303
    tasks = requested(armed)
    assert len(tasks) == 2 and {due_date(task.due_at).isoformat() for task in tasks if task.due_at} == {"2026-11-13"}
    with reading(armed.engine) as session:
        notes = session.execute(
            select(col(HistoryNote.text), col(History.note_hash))
            .join(History, col(History.id) == col(HistoryNote.history_id))
            .where(col(History.task_id).in_([task.id for task in tasks]))
        ).all()
    assert [text for text, _hash in notes] == [WANTED] * 2 and len({kept for _text, kept in notes}) == 2
    head = armed.sign_in(armed.head(tasks[0]).code)
    assert WANTED in head.get(f"/tasks/{tasks[0].id.hex}").text


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"duty": "4"}, "Duty 4: expected one of item 3, report of obstacles"),
        ({"unit": []}, "Unit: choose at least one, or all of them"),
        ({"unit": ["VU-KHTC"]}, "Unit: choose at least one, or all of them"),
        ({"note": ""}, "Note: say what is asked for"),
        ({"due": "2026-10-01"}, "Due 01/10/2026: the day is past"),
        ({"due": "soon"}, "Deadline soon: not a day of the calendar"),
    ],
)
def test_what_is_wrong_comes_back_in_the_form(
    armed: Office, coordinator: Reader, change: dict[str, Any], told: str
) -> None:
    given: dict[str, Any] = {"duty": "3", "note": WANTED, "due": "2026-11-13", "unit": ["CTY-M"]}
    answer = coordinator.send(ASK, **(given | change), step="check")
    assert answer.status_code == 422 and told in answer.text
    assert requested(armed) == []


def test_a_head_puts_a_general_difficulty_to_the_authority_once(armed: Office) -> None:
    head = armed.sign_in("nguyen.thanh.tung")
    assert 'href="/difficulty"' in head.get("/work").text, "the way there"
    page = head.get("/difficulty?lang=en").text
    assert "answered by Vụ Viễn thông within 5 working days" in page
    given = {"directive": "ct-06-2004", "note": "Chưa có hướng dẫn về mẫu biểu", "nonce": Page(page).value("nonce")}
    told = head.send("/difficulty", **given)
    assert (told.status_code, told.headers["location"]) == (303, "/work")
    assert head.send("/difficulty", **given).status_code == 303
    (task,) = requested(armed)
    with reading(armed.engine) as session:
        head_id = resolve_person(session, "nguyen.thanh.tung").id
        assert (session.scalar(select(func.count()).select_from(HistoryNote)) or 0) >= 2
    assert task.coordinator_id == head_id, "who raised it decides whether the answer will do"
    refused = head.send("/difficulty", **(given | {"note": " ", "nonce": "0" * 32}))
    assert refused.status_code == 422 and "describe the obstacle" in refused.text


def test_of_an_unaddressed_unit_or_without_the_office_nothing_can_be_put(armed: Office) -> None:
    clerk = armed.sign_in("ngo.van.loc")
    assert "No directive that addresses your unit" in clerk.get("/difficulty?lang=en").text
    answer = clerk.send("/account", "/difficulty", directive="ct-06-2004", note="x", nonce="0" * 32)
    assert answer.status_code == 404
    assert requested(armed) == []


@pytest.mark.parametrize("person", ["luong.thi.ngan", "ngo.van.loc", "nguyen.minh.quan"])
def test_nobody_else_asks_units(armed: Office, person: str) -> None:
    stranger = armed.sign_in(person)
    assert stranger.get(ASK).status_code in (403, 404)
    given = {"duty": "3", "note": WANTED, "unit": "CTY-M", "step": "ask", "nonce": "0" * 32}
    assert stranger.send("/account", ASK, **given).status_code in (403, 404)
    assert requested(armed) == []
