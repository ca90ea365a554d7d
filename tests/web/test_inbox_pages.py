"""The page of what waits for a decision: the ordinary decision is one form away, and nobody else's is there."""

import re
from datetime import date, timedelta
from typing import Any

import pytest

from models.database.session import reading
from models.tasks.task import Task, TaskStatus
from models.text.localtime import due_date, local_date
from tests.web.conftest import LAUNCHED, Office
from workflows.rules.tasks.lifecycle import Action

DATABASES = ("sqlite", "postgresql")

COORDINATOR = "le.thi.c"
LATER = LAUNCHED + timedelta(days=1)


@pytest.fixture
def submitted(office: Office) -> Task:
    task = office.task("4")
    office.act(
        task,
        Action.SUBMIT,
        office.head(task).id,
        LATER,
        number="12/BC",
        date=local_date(LATER),
        subject="Cơ chế miễn, giảm giá cước",
        signer="Lương Thị Ngân",
    )
    office.now = LATER + timedelta(hours=2)
    return task


def send(office: Office, path: str, task: Task, action: str, **fields: Any) -> Any:
    """Sends the form of an item as it stands on the page."""
    reader = office.sign_in(COORDINATOR)
    page = reader.get(path).text
    target = f"/tasks/{task.id.hex}/{action}"
    form = page.partition(f'action="{target}"')[2].partition("</form>")[0]
    assert form, "the form is there"
    hidden = dict(re.findall(r'name="(seen|then|to)" value="([^"]*)"', form))
    return reader, reader.send(path, target, **hidden, **fields)


def test_whom_the_page_opens_to(office: Office, submitted: Task) -> None:
    assert office.get("/inbox").status_code == 303
    assert "12/BC" in office.sign_in(COORDINATOR).get("/inbox").text
    for who in ("nguyen.minh.quan", "dang.thu.thuy"):
        assert office.sign_in(who).get("/inbox").status_code == 403
    text = office.sign_in(office.head(office.task("2")).code).get("/inbox?lang=en").text
    assert "Nothing waits for your decision" in text
    assert "12/BC" not in text


def test_it_says_what_came_how_long_it_waits_and_when_one_is_reminded(office: Office, submitted: Task) -> None:
    office.now = LATER + timedelta(days=6)
    text = office.sign_in(COORDINATOR).get("/inbox?lang=en").text
    for words in (
        "Document 12/BC of 3 November 2026",
        "waiting since 3 November 2026: 4 working days",
        "you are reminded on 6 November 2026",
        "your superior on 10 November 2026",
        "signed by",
    ):
        assert words in text


def test_a_result_is_approved_from_the_list_and_one_is_back_in_it(office: Office, submitted: Task) -> None:
    reader, answer = send(office, "/inbox?kind=result&lang=en", submitted, "approve")
    assert answer.headers["location"].startswith("/inbox?kind=result")
    text = reader.follow(answer).text
    assert "Done: Approve the result" in text
    assert office.task("4").status is TaskStatus.APPROVED


def test_a_result_is_returned_with_what_is_missing(office: Office, submitted: Task) -> None:
    _reader, answer = send(office, "/inbox", submitted, "return", note="thiếu phụ lục")
    assert answer.status_code == 303
    assert office.task("4").status is TaskStatus.RETURNED


def test_a_decision_on_what_changed_meanwhile_is_not_made_unseen(office: Office, submitted: Task) -> None:
    reader = office.sign_in(COORDINATOR)
    page = reader.get("/inbox").text
    form = page.partition(f'action="/tasks/{submitted.id.hex}/approve"')[2].partition("</form>")[0]
    hidden = dict(re.findall(r'name="(seen|then)" value="([^"]*)"', form))
    office.act(submitted, Action.RETURN, submitted.coordinator_id, office.now, note="thiếu phụ lục")
    office.act(
        submitted,
        Action.SUBMIT,
        office.head(submitted).id,
        office.now + timedelta(minutes=1),
        number="13/BC",
        date=local_date(office.now),
        subject="Bổ sung",
        signer="Lương Thị Ngân",
    )
    answer = reader.send("/inbox", f"/tasks/{submitted.id.hex}/approve", **hidden)
    assert answer.status_code == 409
    assert office.task("4").status is TaskStatus.SUBMITTED


def test_more_time_is_granted_to_the_day_that_was_asked_for(office: Office) -> None:
    task = office.task("4")
    asked = date(2026, 12, 4)
    office.act(task, Action.ASK_EXTENSION, office.head(task).id, LATER, due=asked, note="chờ số liệu")
    office.now = LATER
    text = office.sign_in(COORDINATOR).get("/inbox?lang=en").text
    assert "asks for 4 December 2026" in text
    assert "chờ số liệu" in text
    send(office, "/inbox", task, "grant-extension")
    due_at = office.task("4").due_at
    assert due_at is not None
    assert due_date(due_at) == asked


def test_another_lead_is_kept_or_changed_to_the_one_proposed(office: Office) -> None:
    task = office.task("4")
    office.act(task, Action.NOT_OURS, office.head(task).id, LATER, note="không thuộc chức năng", to="VU-PC")
    office.now = LATER
    send(office, "/inbox", task, "change-lead", note="đúng chức năng")
    with reading(office.engine) as session:
        assert session.get_one(Task, task.id).lead_unit_id != task.lead_unit_id


def test_filters_stay_in_the_address_and_a_made_up_kind_is_refused(office: Office, submitted: Task) -> None:
    reader = office.sign_in(COORDINATOR)
    text = reader.get("/inbox?q=tai+chinh&lang=en").text
    assert "/inbox?kind=result&amp;q=tai+chinh" in text
    assert "Nothing that waits fits" in reader.get("/inbox?kind=obstacle&lang=en").text
    assert reader.get("/inbox?kind=love").status_code == 422
