"""Typing a task by hand in the browser: form, check, change, launch; what is secret or wrong comes back with words."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlmodel import Session, col

from models.database.session import reading
from models.directives.directive import Directive
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.task import Task
from tests.page import Page
from tests.web.site import LAUNCHED, Office, Reader

PAGE = "/launch/by-hand"
TYPED = {
    "kind": "công văn",
    "number": "1234/BBCVT-VT",
    "issued_on": "2026-10-30",
    "issuer": "Bộ trưởng",
    "follows": "VU-VT",
    "subject": "Về việc báo cáo",
    "urgency": "normal",
    "secrecy": "none",
    "title": "Báo cáo chất lượng dịch vụ",
    "quote": "Đề nghị Công ty Viễn thông E\nbáo cáo trước ngày 20/11.",
    "lead": "CTY-E",
    "partners": "VU-PC\nVụ Khoa học – Công nghệ",
    "due": "2026-11-20",
    "result": "Báo cáo bằng văn bản",
}


@pytest.fixture
def coordinator(office: Office) -> Reader:
    reader = office.sign_in("le.thi.c")
    reader.get("/launch?lang=en")
    return reader


def counted(office: Office) -> tuple[int, int]:
    with reading(office.engine) as session:
        ask = [session.scalar(select(func.count()).select_from(model)) or 0 for model in (Directive, Task)]
    return ask[0], ask[1]


def hidden(text: str) -> dict[str, str]:
    """The fields that the check page carries."""
    return {name: value for name, value in Page(text).form("main form").hidden.items() if name != "csrf"}


def test_typed_checked_changed_and_given(office: Office, coordinator: Reader) -> None:
    before = counted(office)
    assert "The assigning sentence, word for word" in coordinator.get(PAGE).text
    check = coordinator.send(PAGE, **TYPED, step="check")
    assert check.status_code == 200 and counted(office) == before
    with reading(office.engine) as session:
        unit = session.scalars(select(Unit).where(col(Unit.code) == "CTY-E")).one()
        head = session.get_one(Person, unit.head_id)
    for words in (
        unit.name,
        head.full_name,
        "Vụ Pháp chế; Vụ Khoa học – Công nghệ",
        "Friday, 20 November 2026",
        "Give the task now",
        "leave within minutes",
    ):
        assert words in check.text
    fields = hidden(check.text)
    assert fields["quote"] == TYPED["quote"] and fields["partners"] == TYPED["partners"]
    back = coordinator.send(PAGE, **fields, step="change")
    assert TYPED["title"] in back.text and "báo cáo trước ngày 20/11." in back.text
    given = coordinator.send(PAGE, **fields, step="launch")
    assert given.headers["location"] == "/directives/1234-bbcvt-vt"
    assert f"Given to {unit.name}: Báo cáo chất lượng dịch vụ" in coordinator.follow(given).text
    assert coordinator.send(PAGE, **fields, step="launch").headers["location"] == given.headers["location"]
    assert counted(office) == (before[0] + 1, before[1] + 1)


def test_outside_hours_the_letters_leave_on_the_next_morning(office: Office, coordinator: Reader) -> None:
    office.now = LAUNCHED + timedelta(hours=11)  # 19:00
    coordinator = office.sign_in("le.thi.c")
    assert "08:00 on 3 November 2026" in coordinator.send(f"{PAGE}?lang=en", PAGE, **TYPED, step="check").text
    express = TYPED | {"urgency": "express"}
    assert "leave within minutes" in coordinator.send(f"{PAGE}?lang=en", PAGE, **express, step="check").text


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"secrecy": "tối mật"}, "A document stamped TỐI MẬT may not enter a networked system"),
        ({"lead": "Viễn thông Quân đội X"}, "There is no unit Viễn thông Quân đội X"),
        ({"due": "31/11/2026"}, "Deadline 31/11/2026: not a day of the calendar; write it as 05/11/2026"),
        ({"due": "2026-10-01"}, "before the launch itself"),
        ({"urgency": "now"}, "Urgency now: expected one of"),
        ({"follows": "VU-BC"}, "Follow-up VU-BC: choose a unit that you coordinate for"),
        ({"quote": "", "title": ""}, "the assigning sentence: it may not be empty"),
        ({"document": "ct-06-2004"}, "It is not one that was typed by hand"),
    ],
)
def test_what_is_wrong_comes_back_in_the_form(
    office: Office, coordinator: Reader, change: dict[str, str], told: str
) -> None:
    before = counted(office)
    answer = coordinator.send(PAGE, **(TYPED | change), step="check")
    assert answer.status_code in (404, 409, 422)
    assert told.lower() in answer.text.lower()
    assert ('name="lead"' in answer.text and "1234/BBCVT-VT" in answer.text) or "document" in change
    assert counted(office) == before


def test_a_lead_without_a_head_is_asked_about_on_the_check_page(office: Office, coordinator: Reader) -> None:
    def lose_head(session: Session) -> None:
        session.scalars(select(Unit).where(col(Unit.code) == "CTY-E")).one().head_id = None

    office.change(lose_head)
    before = counted(office)
    check = coordinator.send(PAGE, **TYPED, step="check").text
    assert "it has no acting head" in check and 'name="override"' in check
    fields = hidden(check)
    refused = coordinator.send(PAGE, **fields, step="launch")
    assert refused.status_code == 409 and 'name="override"' in refused.text
    assert counted(office) == before
    done = coordinator.send(PAGE, **fields, override="on", reason="Đã gọi điện", step="launch")
    assert done.status_code == 303


def test_a_further_task_is_added_to_the_document(office: Office, coordinator: Reader) -> None:
    coordinator.send(PAGE, **hidden(coordinator.send(PAGE, **TYPED, step="check").text), step="launch")
    form = coordinator.get(f"{PAGE}?document=1234-bbcvt-vt").text
    assert 'value="1234-bbcvt-vt"' in form and 'name="issuer"' not in form
    more = {
        "document": "1234-bbcvt-vt",
        "quote": "Vụ Pháp chế rà soát.",
        "title": "Rà soát",
        "lead": "VU-PC",
        "result": "Báo cáo",
        "urgency": "normal",
        "secrecy": "none",
    }
    check = coordinator.send(PAGE, **more, step="check")
    assert check.status_code == 200
    given = coordinator.send(PAGE, **hidden(check.text), step="launch")
    assert given.headers["location"] == "/directives/1234-bbcvt-vt"
    with reading(office.engine) as session:
        assert session.scalar(select(func.count()).select_from(Directive)) == 2


@pytest.mark.parametrize("person", ["luong.thi.ngan", "ngo.van.loc", "nguyen.minh.quan"])
def test_nobody_else_types_tasks(office: Office, person: str) -> None:
    stranger, before = office.sign_in(person), counted(office)
    assert stranger.get(PAGE).status_code == 403
    assert stranger.send("/account", PAGE, **TYPED, step="launch").status_code == 403
    assert counted(office) == before


def test_a_date_that_has_passed_already_is_said(coordinator: Reader) -> None:
    fixed = TYPED | {"due": "2026-10-31", "fixed": "on"}
    text = coordinator.send(PAGE, **fixed, step="check").text
    assert "this date has passed already" in text and "fixed by the document" in text
