"""The flat list of tasks: filters in the address, sorting, columns, groups, files, and what each reader sees."""

import csv
import io
import re
from datetime import date

import pytest

from models.tasks.task import TaskStatus
from tests.page import Page
from tests.web.more_tasks import due, more
from tests.web.site import LAUNCHED, Office
from workflows.rules.tasks.actions import Action

DATABASES = ("sqlite", "postgresql")
COORDINATOR, OBSERVER, HEAD = "le.thi.c", "nguyen.minh.quan", "luong.thi.ngan"


def rows(text: str) -> list[str]:
    return Page(text).words("tbody tr")


def test_late_tasks_stand_with_days_head_and_telephone(office: Office) -> None:
    task = office.task("4")
    more(office, task, 1, status=TaskStatus.ACCEPTED, **due(date(2026, 10, 29)))
    (row,) = rows(office.sign_in(COORDINATOR).get("/tasks?show=late&lang=en").text)
    assert "2 working days late" in row and "29 October 2026" in row and office.head(task).full_name in row
    assert "0900 000" in row


def test_a_number_of_a_list_counts_its_rows(office: Office) -> None:
    task = office.task("4")
    more(office, task, 2, status=TaskStatus.RETURNED, **due(date(2026, 11, 4)))
    reader = office.sign_in(COORDINATOR)
    text = reader.get("/tasks?lang=en").text
    for name, words in (("open", "Not completed"), ("soon", "Due within 7 days"), ("returned", "Returned")):
        count = int(re.search(rf"{words} <strong>(\d+)", text)[1])  # type: ignore[index]
        assert len(rows(reader.get(f"/tasks?show={name}&lang=en").text)) == count, name


def test_a_list_is_sorted_both_ways(office: Office) -> None:
    reader = office.sign_in(COORDINATOR)
    up, down = (rows(reader.get(f"/tasks?sort=unit&lang=en{more}").text) for more in ("", "&desc=1"))
    assert len(up) > 1 and up == down[::-1]


def test_a_day_and_a_unit_filter_and_can_be_taken_off(office: Office) -> None:
    task = office.task("4")
    more(office, task, 3, status=TaskStatus.ACCEPTED, **due(date(2026, 11, 6)))
    reader = office.sign_in(OBSERVER)
    text = reader.get("/tasks?due=2026-11-06&lang=en").text
    assert len(rows(text)) == 3 and "remove this filter" in text
    assert rows(reader.get("/tasks?unit=khong-co&lang=en").text) == []


def test_rows_of_a_group_stand_under_its_name(office: Office) -> None:
    text = office.sign_in(COORDINATOR).get("/tasks?group=unit&lang=en").text
    groups = re.findall(r'<tr class="group"><th[^>]*>(.*?)</th>', text)
    assert groups and len(groups) == len(set(groups))


def test_a_file_holds_what_the_list_shows(office: Office) -> None:
    reader = office.sign_in(COORDINATOR)
    shown = rows(reader.get("/tasks?column=unit&column=due&lang=en").text)
    answer = reader.get("/tasks/csv?column=unit&column=due&lang=en")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines[0] == ["Duty", "Period", "Deadline", "Unit"] or lines[0] == ["Duty", "Period", "Unit", "Deadline"]
    assert len(lines) - 1 == len(shown)
    assert reader.get("/tasks/xlsx").content.startswith(b"PK")


def test_a_head_sees_their_own_units_tasks_alone(office: Office) -> None:
    task = office.task("4")
    head = office.head(task)
    names = rows(office.sign_in(head.code).get("/tasks?lang=en").text)
    everybody = rows(office.sign_in(OBSERVER).get("/tasks?lang=en").text)
    assert 0 < len(names) < len(everybody)


def test_a_closed_task_stands_under_completed_alone(office: Office) -> None:
    task = office.task("4")
    head = office.head(task)
    office.act(task, Action.ACCEPT, head.id, LAUNCHED)
    office.act(task, Action.SUBMIT, head.id, LAUNCHED, number="1", date=LAUNCHED.date(), subject="a", signer="b")
    office.act(task, Action.APPROVE, task.coordinator_id, LAUNCHED)
    reader = office.sign_in(COORDINATOR)
    assert task.id.hex not in reader.get("/tasks").text
    assert task.id.hex in reader.get("/tasks?show=done").text


@pytest.mark.parametrize(
    "query", ["show=x", "sort=x", "group=x", "column=x", "due=x", "due=2026-02-30", "show=open&sort="]
)
def test_what_the_address_cannot_say_is_named(office: Office, query: str) -> None:
    answer = office.sign_in(COORDINATOR).get(f"/tasks?{query}&lang=en")
    if query.endswith("sort="):
        assert answer.status_code == 200
    else:
        assert answer.status_code == 422 and "it can be" in answer.text


def test_those_ticked_lead_to_the_check_of_many(office: Office) -> None:
    reader = office.sign_in(COORDINATOR)
    page = Page(reader.get("/tasks?lang=en").text)
    check = reader.get(f"{page.form('form#bulk').action}?t={page.values('t')[0]}&action=remind&lang=en")
    assert check.status_code == 200 and "1 task" in check.text


def views(text: str) -> list[str]:
    part = text.split('name="views"')[1].split('action="/tasks/views"')[0]
    return [" ".join(re.sub("<[^>]+>", " ", one).split()) for one in re.findall(r"<li>(<a .*?</a>)", part, re.S)]


def test_a_named_list_is_opened_shared_and_deleted(office: Office) -> None:
    reader, other = office.sign_in(COORDINATOR), office.sign_in(OBSERVER)
    shown = "/tasks?show=late&sort=unit"
    saved = reader.follow(reader.send(shown, "/tasks/views", query="show=late&sort=unit", name=" Chậm  nhất ")).text
    assert views(saved) == ["Chậm nhất"] and 'href="/tasks?show=late&amp;sort=unit" aria-current="page"' in saved
    assert views(other.get("/tasks").text) == []
    reader.send(shown, "/tasks/views", query="show=late", name="Chậm nhất", is_shared="on")
    assert views(reader.get("/tasks?lang=en").text) == ["Chậm nhất shared"]
    assert views(other.get("/tasks?lang=en").text) == ["Chậm nhất Lê Thị Cúc"]
    deletes = re.search(r'action="(/tasks/views/[^"]+/delete)"', reader.get("/tasks").text)
    assert deletes and other.send("/tasks", deletes[1]).status_code == 404
    assert reader.send("/tasks", deletes[1]).status_code == 303
    assert views(reader.get("/tasks").text) == []


@pytest.mark.parametrize(
    ("name", "query", "words"),
    [
        ("", "", "give the list a name"),
        ("a" * 81, "", "81"),
        ("a", "show=x", "it can be"),
        ("a", "duty=" + "b" * 9, ""),
    ],
)
def test_a_list_without_a_right_name_is_not_saved(office: Office, name: str, query: str, words: str) -> None:
    reader = office.sign_in(COORDINATOR)
    answer = reader.send("/tasks?lang=en", "/tasks/views", query=query, name=name)
    assert (answer.status_code == 303) == (not words) and words in answer.text
