"""The page of a task: what it shows to whom."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlmodel import Session, select

from models.database.session import reading
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.task import Contribution, Task
from models.text.localtime import at_local
from tests.web.site import LAUNCHED, Office
from workflows.rules.tasks.actions import Action

DATABASES = ("sqlite", "postgresql")


def page(office: Office, task: Task, who: str, language: str = "en") -> str:
    answer = office.sign_in(who).get(f"/tasks/{task.id}?lang={language}")
    assert answer.status_code == 200, answer.text
    return answer.text


def partner(office: Office, task: Task, code: str) -> Person:
    """The head of a unit that coordinates from now on."""
    with reading(office.engine) as session:
        unit = session.exec(select(Unit).where(Unit.code == code)).one()
        assert unit.head_id is not None
        head = session.get_one(Person, unit.head_id)
    office.change(lambda session: session.add(Contribution(task_id=task.id, unit_id=unit.id)))
    return head


def test_the_head_sees_the_duty_quoted_why_their_unit_the_date_and_who_follows_it_up(office: Office) -> None:
    task = office.task("2")
    text = page(office, task, office.head(task).code)
    for words in (
        *("xây dựng phương án hành động", "<mark>Các doanh nghiệp bưu chính, viễn thông và internet phối hợp"),
        *("for every enterprise", "20 November 2026", "14 working days left", "Not accepted yet", "Lê Thị Cúc"),
        *("Send it by classified mail", "Follow-up contact", "the unit&#39;s head", "Assigned to the unit"),
    ):
        assert words in text, words


def test_the_same_page_in_vietnamese(office: Office) -> None:
    task = office.task("2")
    text = page(office, task, office.head(task).code, "vi")
    for words in ("Tiếp nhận", "Vì sao giao đơn vị này", "Còn 14 ngày làm việc", "20/11/2026", "Đề nghị gia hạn"):
        assert words in text, words


def test_a_late_task_says_by_how_many_working_days(office: Office) -> None:
    task = office.task("4")
    office.now = at_local(date(2026, 11, 25))  # 24 November is a holiday since 2025
    assert "2 working days late" in page(office, task, office.head(task).code)


def test_a_moved_date_keeps_the_first_one_in_sight_with_the_reason(office: Office) -> None:
    task = office.task("4")
    office.act(
        task,
        Action.SET_DATE,
        task.coordinator_id,
        LAUNCHED + timedelta(hours=1),
        due=date(2026, 12, 4),
        note="Chờ số liệu quý III",
    )
    text = page(office, task, office.head(task).code)
    for words in ("4 December 2026", "first set for 20 November 2026", "Chờ số liệu quý III"):
        assert words in text


def test_what_happened_stands_in_order_newest_first(office: Office) -> None:
    task = office.task("4")
    head = office.head(task)
    office.act(task, Action.ACCEPT, head.id, LAUNCHED + timedelta(days=1))
    text = page(office, task, head.code)
    assert "Under way" in text
    history = text.partition('id="h-history"')[2]
    assert 0 < history.index("<strong>Accepted</strong>") < history.index("<strong>Assigned to the unit</strong>")


def test_a_coordinating_unit_sees_what_and_until_when_but_not_how_the_lead_stands(office: Office) -> None:
    task = office.task("4")
    head = office.head(task)
    office.act(task, Action.ACCEPT, head.id, LAUNCHED, note="bắt đầu ngay")
    office.act(task, Action.RAISE_OBSTACLE, head.id, LAUNCHED, note="thiếu số liệu")
    text = page(office, task, partner(office, task, "VU-BC").code)
    for words in ("20 November 2026", "Required result", "Report our contribution", "contribution not reported yet"):
        assert words in text
    for kept in ("bắt đầu ngay", "thiếu số liệu", "Under way", "History so far", head.full_name, "days left"):
        assert kept not in text


@pytest.mark.parametrize("path", ["", "/accept", "/submit", "/files/{file}"])
def test_another_units_task_is_as_if_it_were_not_there(office: Office, path: str) -> None:
    task, other = office.task("2"), office.task("4")
    reader = office.sign_in(office.head(other).code)
    theirs = reader.get(f"/tasks/{task.id}{path.format(file=uuid4())}")
    nobodys = reader.get(f"/tasks/{uuid4()}{path.format(file=uuid4())}")
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert "phương án" not in theirs.text
    short = reader.get(f"/tasks/{task.id.hex[-8:]}")
    assert short.status_code == 404


def test_the_last_digits_name_a_task_as_well(office: Office) -> None:
    task = office.task("4")
    reader = office.sign_in(office.head(task).code)
    assert reader.get(f"/tasks/{task.id.hex[-8:]}").status_code == 200
    assert reader.get("/tasks/nonsense").status_code == 404


def test_observers_read_everything_and_are_offered_nothing_but_to_write_a_message(office: Office) -> None:
    task = office.task("2")
    text = page(office, task, "nguyen.minh.quan")
    assert "History so far" in text
    assert set(re.findall(rf"/tasks/{task.id.hex}/([\w-]+)", text)) == {"conversation"}


def test_whoever_follows_the_task_up_sees_which_rule_told_whom(office: Office) -> None:
    task = office.task("4")
    assert "Rungs fired and to come" in page(office, task, "le.thi.c")
    assert "Rungs fired and to come" not in page(office, task, office.head(task).code)


def test_a_drill_says_so(office: Office) -> None:
    task = office.task("4")

    def practise(session: Session) -> None:
        session.get_one(Task, task.id).is_drill = True

    office.change(practise)
    assert "DIỄN TẬP" in page(office, task, office.head(task).code)


def test_a_long_story_costs_no_more_queries_than_a_short_one(office: Office) -> None:
    task = office.task("4")
    head = office.head(task)
    reader = office.sign_in(head.code)

    office.act(task, Action.ACCEPT, head.id, LAUNCHED)
    before = office.queries(reader, f"/tasks/{task.id}")
    assert before < 60
    for number in range(40):
        office.act(task, Action.PROGRESS, head.id, LAUNCHED + timedelta(minutes=number + 1), note=f"bước {number}")
    assert office.queries(reader, f"/tasks/{task.id}") == before
    assert "bước 39" in reader.get(f"/tasks/{task.id}").text
    assert "bước 0" not in reader.get(f"/tasks/{task.id}").text
    assert "bước 0" in reader.get(f"/tasks/{task.id}?history=all").text
