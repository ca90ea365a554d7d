"""Search on a page: one field without JavaScript, what it finds, and that it costs the same however much there is."""

import re
from typing import Any

from sqlalchemy import event
from sqlmodel import select

from models.database.session import reading
from models.organization.unit import Unit
from models.tasks.task import Contribution, TaskStatus
from tests.page import Page
from tests.web.more_tasks import more
from tests.web.site import LAUNCHED, Office
from workflows.rules.tasks.actions import Action

DATABASES = ("sqlite", "postgresql")

OBSERVER, COORDINATOR = "nguyen.minh.quan", "le.thi.c"


def found(text: str) -> list[str]:
    return Page(text).words("li.line")


def test_the_page_asks_first_and_finds_then(office: Office) -> None:
    reader = office.sign_in(OBSERVER)
    page = reader.get("/search?lang=en").text
    assert 'name="q"' in page and 'role="search"' in page and not found(page)
    (task,) = found(reader.get("/search?q=mien+giam+gia+cuoc&lang=en").text)
    assert task.startswith("Item 4: ") and "Vụ Kế hoạch – Tài chính" in task and "20 November 2026" in task
    assert "Not accepted yet" in task


def test_what_is_written_stays_in_the_field_and_is_escaped(office: Office) -> None:
    page = office.sign_in(OBSERVER).get("/search?q=%3Ci%3E%22x").text
    assert 'value="&lt;i&gt;&#34;x"' in page
    assert "<i>" not in page


def test_who_may_not_see_a_task_does_not_find_it(office: Office) -> None:
    head = office.head(office.task("4"))
    reader = office.sign_in(head.code)
    assert len(found(reader.get("/search?q=06/2004").text)) == 1
    page = reader.get("/search?q=bd-c&lang=en").text
    assert not found(page)
    assert "No task that you may see matches “bd-c”" in page


def test_a_coordinating_unit_is_told_that_it_contributes_and_not_how_the_task_stands(office: Office) -> None:
    with reading(office.engine) as session:
        unit = session.exec(select(Unit).where(Unit.code == "VU-PC")).one()
    task = office.task("4")
    office.change(lambda session: session.add(Contribution(task_id=task.id, unit_id=unit.id)))
    (line,) = found(office.sign_in("quach.viet.hung").get("/search?q=gia+cuoc&lang=en").text)
    assert "You contribute to it" in line and "Not accepted yet" not in line


def test_late_and_waiting_tasks_say_so(office: Office) -> None:
    task = office.task("4")
    head = office.head(task)
    office.act(task, Action.ACCEPT, head.id, LAUNCHED)
    office.act(task, Action.RAISE_OBSTACLE, head.id, LAUNCHED, note="thiếu số liệu")
    office.now = LAUNCHED.replace(month=12)
    (line,) = found(office.sign_in(OBSERVER).get("/search?q=gia+cuoc&lang=en").text)
    assert "Overdue" in line and "Under way" in line and "The reported obstacle is waiting for an answer" in line


def test_pages_follow_each_other(office: Office) -> None:
    more(office, office.task("4"), 30)
    reader = office.sign_in(OBSERVER)
    first = reader.get("/search?q=gia+cuoc").text
    (address,) = re.findall(r'<a href="(/search\?[^"]+)" rel="next"', first)
    second = reader.get(address.replace("&amp;", "&")).text
    assert len(found(first)) == 25 and len(found(second)) == 6
    assert 'rel="next"' not in second


def test_a_query_without_end_is_told_to_be_so(office: Office) -> None:
    answer = office.sign_in(OBSERVER).get(f"/search?q={'x' * 300}&lang=en")
    assert answer.status_code == 422
    assert "200" in answer.text


def test_as_many_queries_for_many_tasks_as_for_few(office: Office) -> None:
    reader = office.sign_in(COORDINATOR)
    asked: list[str] = []

    def keep(*given: Any) -> None:
        asked.append(given[2])

    def count() -> int:
        asked.clear()
        reader.get("/search?q=gia+cuoc")
        return sum(statement.startswith(("SELECT", "WITH")) for statement in asked)

    reader.get("/search?q=gia+cuoc")
    event.listen(office.engine, "before_cursor_execute", keep)
    few = count()
    more(office, office.task("4"), 1000, status=TaskStatus.ACCEPTED)
    assert count() == few <= 11
