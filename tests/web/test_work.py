"""My work: what needs me now stands first, whoever I am, and the page costs the same however much there is."""

import re
from datetime import date, timedelta
from typing import Any

import pytest

from models.database.session import reading
from models.organization.person import Absence, Person
from models.organization.unit import Unit
from models.tasks.task import Contribution, TaskStatus
from models.text.localtime import at_local
from tests.page import Page
from tests.web.more_tasks import due, more
from tests.web.site import LAUNCHED, Office
from workflows.rules.tasks.actions import Action

DATABASES = ("sqlite", "postgresql")


def headings(text: str) -> list[str]:
    return Page(text).words("h2")


def test_what_needs_me_now_stands_first(office: Office) -> None:
    task = office.task("4")
    head = office.head(task)
    none: dict[str, Any] = {"due_at": None, "original_due_at": None}
    more(office, task, 1, status=TaskStatus.ACCEPTED, **due(date(2026, 10, 30)))
    more(office, task, 1, status=TaskStatus.RETURNED, **due(date(2026, 12, 30)))
    more(office, task, 2, status=TaskStatus.ACCEPTED, **due(date(2026, 11, 5)))
    more(office, task, 1, status=TaskStatus.ACCEPTED, **due(date(2026, 12, 31)))
    more(office, task, 1, status=TaskStatus.ACCEPTED, **none)
    waiting = more(office, task, 1, status=TaskStatus.ACCEPTED, **due(date(2026, 11, 4)))[0]
    office.act(waiting, Action.RAISE_OBSTACLE, head.id, LAUNCHED, note="thiếu số liệu")
    done = more(office, task, 1, status=TaskStatus.ACCEPTED, **due(date(2026, 11, 4)))[0]
    office.act(done, Action.SUBMIT, head.id, LAUNCHED, number="1", date=LAUNCHED.date(), subject="a", signer="b")
    office.act(done, Action.APPROVE, task.coordinator_id, LAUNCHED)
    text = office.sign_in(head.code).get("/work?lang=en").text
    assert headings(text) == [
        "Late",
        "To accept",
        "Returned for completion",
        "Due within 7 days",
        "Under way",
        "Waiting for somebody else",
        "Without a deadline",
        "Recently completed",
    ]
    assert "with Vụ Viễn thông, since 2 November 2026" in text
    assert f"/tasks/{task.id.hex}/accept" in text
    assert "one working day late" in text.lower()


def test_the_same_list_in_vietnamese(office: Office) -> None:
    task = office.task("4")
    text = office.sign_in(office.head(task).code).get("/work").text
    assert headings(text) == ["Chờ tiếp nhận"]
    assert "Tiếp nhận" in text and "Chỉ thị số 06/2004/CT-BBCVT" in text


def test_a_date_proposed_instead_is_to_be_answered(office: Office) -> None:
    task = office.task("4")
    head = office.head(task)
    office.act(task, Action.ASK_EXTENSION, head.id, LAUNCHED, due=date(2026, 12, 30), note="thiếu số liệu")
    office.act(task, Action.COUNTER_EXTENSION, task.coordinator_id, LAUNCHED, due=date(2026, 12, 4), note="sớm hơn")
    text = office.sign_in(head.code).get("/work?lang=en").text
    assert headings(text)[0].startswith("Another deadline was proposed")
    assert f"/tasks/{task.id.hex}/agree-extension" in text


def test_one_need_can_be_looked_at_alone_and_long_lists_come_in_pages(office: Office) -> None:
    task = office.task("4")
    reader = office.sign_in(office.head(task).code)
    more(office, task, 60, status=TaskStatus.ACCEPTED, **due(date(2026, 10, 30)))
    first, second = reader.get("/work?lang=en").text, reader.get("/work?lang=en&page=2").text
    assert (first.count('class="line"'), second.count('class="line"')) == (50, 11)
    assert headings(first) == ["Late"]
    alone = reader.get("/work?lang=en&show=accept").text
    assert headings(alone) == ["To accept (1)"]
    assert reader.get("/work?show=late&page=99").text.count('class="line"') == 10
    assert reader.get("/work?show=nonsense").status_code == 200
    more(office, task, 2, **due(date(2026, 10, 30)))  # late, and not accepted either
    assert headings(reader.get("/work?lang=en&show=accept").text) == ["To accept (3)"]
    assert headings(reader.get("/work?lang=en&show=late").text) == ["Late (62)"]


@pytest.mark.parametrize("kind", ["own", "contributions", "decisions"])
def test_the_page_costs_the_same_for_ten_tasks_and_for_two_hundred(office: Office, kind: str) -> None:
    task = office.task("4")
    reader = office.sign_in(office.head(task).code)

    def some(count: int) -> None:
        if kind == "own":
            more(office, task, count)
        elif kind == "contributions":
            others = more(office, office.task("2"), count)
            shares = [Contribution(task_id=one.id, unit_id=task.lead_unit_id) for one in others]
            office.change(lambda session: session.add_all(shares))
        else:
            handed = {"parent_id": task.id, "parent_key": task.id, "assigner_unit_id": task.lead_unit_id}
            waits = {"wait_kind": "decision", "wait_since": LAUNCHED, "status": TaskStatus.SUBMITTED}
            more(office, office.task("2"), count, **handed, **waits)

    some(10)
    before = office.queries(reader, "/work")
    some(190)
    assert office.queries(reader, "/work") == before < 25


def test_an_officer_sees_what_was_assigned_on_to_them_and_nothing_else(office: Office) -> None:
    task = office.task("4")
    head = office.head(task)
    officer = Person(
        code="an",
        full_name="Lê An",
        name_folded="le an",
        sort_key="an",
        unit_id=task.lead_unit_id,
        email="an@x.example",
    )
    office.change(lambda session: session.add(officer.model_copy()))
    more(office, task, 1)
    assert "No task is waiting for you" in office.sign_in(officer.code).get("/work?lang=en").text
    office.act(task, Action.ASSIGN, head.id, LAUNCHED, to=officer.code)
    text = office.sign_in(officer.code).get("/work?lang=en").text
    assert text.count('class="line"') == 1
    assert task.id.hex in text


def test_a_stand_in_sees_the_heads_tasks_and_for_whom(office: Office) -> None:
    task = office.task("4")
    head, other = office.head(task), office.head(office.task("2"))
    days: dict[str, Any] = {"starts_on": date(2026, 11, 2), "ends_on": date(2026, 11, 6)}
    office.change(lambda session: session.add(Absence(person_id=head.id, stand_in_id=other.id, **days)))
    text = office.sign_in(other.code).get("/work?lang=en").text
    assert f"for {head.full_name}, who is away" in text
    assert task.id.hex in text
    away = office.sign_in(head.code).get("/work?lang=en").text
    assert f"{other.full_name} stands in for you" in away
    office.now = at_local(date(2026, 11, 9))
    assert task.id.hex not in office.sign_in(other.code).get("/work?lang=en").text


def test_contributions_and_what_was_put_to_my_unit_stand_there_too(office: Office) -> None:
    mine, theirs = office.task("4"), office.task("2")
    head = office.head(mine)
    office.change(lambda session: session.add(Contribution(task_id=theirs.id, unit_id=mine.lead_unit_id)))
    with reading(office.engine) as session:
        code = session.get_one(Unit, mine.lead_unit_id).code
    office.act(theirs, Action.RAISE_OBSTACLE, office.head(theirs).id, LAUNCHED, note="vướng", to=code)
    text = office.sign_in(head.code).get("/work?lang=en").text
    assert {"Waits for your decision (1)", "Your unit's contribution is asked for (1)"} <= {
        one.replace("&#39;", "'") for one in headings(text)
    }
    assert '<a href="/inbox?kind=obstacle">1 obstacle to answer</a>' in text


def test_a_heading_counts_all_contributions_and_leads_to_them(office: Office) -> None:
    mine, theirs = office.task("4"), office.task("2")
    others = more(office, theirs, 60)
    shares = [Contribution(task_id=one.id, unit_id=mine.lead_unit_id) for one in others]
    office.change(lambda session: session.add_all(shares))
    reader = office.sign_in(office.head(mine).code)
    text = reader.get("/work?lang=en").text
    assert "Your unit's contribution is asked for (60)" in headings(text)
    assert '<a href="/work?show=contribute">See all 60</a>' in text
    pages = [reader.get(f"/work?lang=en&show=contribute&page={page}").text for page in (1, 2)]
    assert [page.count('class="line"') for page in pages] == [50, 10]
    assert headings(pages[0]) == ["Your unit's contribution is asked for (60)"]


def test_no_other_units_task_is_on_the_list(office: Office) -> None:
    task, other = office.task("2"), office.task("4")
    assert other.id.hex not in office.sign_in(office.head(task).code).get("/work").text


def test_what_was_done_long_ago_is_not_listed(office: Office) -> None:
    task = office.task("4")
    long_ago = LAUNCHED - timedelta(days=40)
    more(office, task, 1, status=TaskStatus.APPROVED, closed_at=long_ago, next_check_at=None)
    assert "Recently completed" not in office.sign_in(office.head(task).code).get("/work?lang=en").text


def test_one_button_stands_out_that_of_the_most_urgent_task(office: Office) -> None:
    task = office.task("4")
    more(office, task, 3, status=TaskStatus.ASSIGNED, **due(date(2026, 10, 30)))
    text = office.sign_in(office.head(task).code).get("/work?lang=en").text
    buttons = re.findall(r'<a class="(button[^"]*)" href="/tasks/', text)
    assert len(buttons) == 4
    assert buttons == ["button"] + ["button second"] * 3
