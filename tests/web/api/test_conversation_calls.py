"""Conversations through the API: the same rules as on the pages, the same messages."""

from base64 import b64encode
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import select

from models.database.session import reading
from models.tasks.conversation import ConversationMessage, MessageWay
from models.tasks.task import Task
from tests.web.api.programs import Make, Program
from tests.web.site import Office
from workflows.access.access_tokens import Scope

COORDINATOR, STRANGER = "le.thi.c", "dinh.hoang.long"
DIRECTIVE = "/directives/ct-06-2004/conversation"


@pytest.fixture
def task(office: Office) -> Task:
    return office.task("4")


@pytest.fixture
def head(office: Office, task: Task, program: Make) -> Program:
    return program(office.head(task).code)


def place(task: Task) -> str:
    return f"/tasks/{task.id}/conversation"


def say(who: Program, path: str, text: str, **more: Any) -> str:
    answer = who.post(path, {"text": text, **more})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["message"])


def texts(who: Program, path: str) -> list[str]:
    return [one["text"] for one in who.get(path).json()["items"]]


def test_a_message_is_written_and_read(office: Office, task: Task, head: Program, program: Make) -> None:
    file = {"name": "bảng.txt", "content": b64encode("số liệu".encode()).decode()}
    say(head, place(task), "kèm bảng", quote=True, files=[file], mention=[COORDINATOR])
    reader = program(COORDINATOR)
    (one,) = reader.get(place(task)).json()["items"]
    assert (one["text"], one["author"], one["came_by"]) == ("kèm bảng", office.head(task).code, "api")
    assert one["unread"] and one["quotes_duty"] and one["mentions"] == ["Lê Thị Cúc"]
    answer = reader.get(f"{place(task)}/files/{one['files'][0]['id']}")
    assert answer.content.decode() == "số liệu"
    with reading(office.engine) as session:
        assert session.exec(select(ConversationMessage)).one().came_by is MessageWay.API


def test_a_question_is_answered_and_published(office: Office, task: Task, head: Program, program: Make) -> None:
    coordinator = program(COORDINATOR)
    asked = say(head, place(task), "Mẫu nào?", question=True)
    assert head.post(place(task), {"text": "tự trả lời", "answers": asked}).status_code == 409
    office.now += timedelta(minutes=1)
    answered = say(coordinator, place(task), "Mẫu 02", answers=asked)
    path = f"{place(task)}/{answered}/publish"
    assert head.post(path, {}).status_code == 409
    assert coordinator.post(path, {"question": "Dùng mẫu nào?"}).status_code == 200
    assert coordinator.post(path, {}).status_code == 409
    (found,) = program("nguyen.minh.quan").get(DIRECTIVE).json()["published"]
    assert (found["question"], found["answer"], found["unit"], found["duty"]) == ("Dùng mẫu nào?", "Mẫu 02", "", "4")


def test_a_message_is_changed_and_marked_as_read(office: Office, task: Task, head: Program, program: Make) -> None:
    one, coordinator = say(head, place(task), "cũ"), program(COORDINATOR)
    assert coordinator.post(f"{place(task)}/{one}/edit", {"text": "khác"}).status_code == 409
    assert head.post(f"{place(task)}/{one}/edit", {"text": "mới"}).status_code == 200
    (read,) = coordinator.get(place(task)).json()["items"]
    assert read["text"] == "mới" and read["edited_at"]
    upto = {"upto": read["written_at"]}
    assert coordinator.post(f"{place(task)}/read", upto).json() == {"changed": True}
    assert coordinator.post(f"{place(task)}/read", upto).json() == {"changed": False}
    assert coordinator.get(place(task)).json()["items"][0]["unread"] is False
    for wrong in ("2026-11-02T10:00:00", "0001-01-01T00:00:00+14:00"):
        assert coordinator.post(f"{place(task)}/read", {"upto": wrong}).status_code == 422, wrong
    office.now += timedelta(minutes=11)
    assert head.post(f"{place(task)}/{one}/edit", {"text": "quá muộn"}).status_code == 409


@pytest.mark.parametrize("upto", ["2004-06-03T09:00:00", "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z"])
def test_a_mark_is_an_instant_with_its_zone(task: Task, head: Program, upto: str) -> None:
    answer = head.ask("POST", f"{place(task)}/read", json={"upto": upto})
    assert answer.status_code == 422, answer.text


def test_strangers_find_nothing_by_any_id(office: Office, task: Task, head: Program, program: Make) -> None:
    one, stranger = say(head, place(task), "riêng"), program(STRANGER)
    calls: list[tuple[str, str, Any]] = [
        ("GET", place(task), None),
        ("POST", place(task), {"text": "x"}),
        ("POST", f"{place(task)}/read", {"upto": office.now.isoformat()}),
        ("POST", f"{place(task)}/{one}/edit", {"text": "x"}),
        ("POST", f"{place(task)}/{one}/publish", {}),
        ("GET", f"{place(task)}/files/{uuid4()}", None),
        ("POST", f"{DIRECTIVE}/{one}/edit", {"text": "x"}),
        ("GET", f"{place(office.task('2'))}/files/{uuid4()}", None),
    ]
    for method, path, body in calls:
        assert stranger.ask(method, path, json=body).status_code == 404, (method, path)
    assert texts(head, place(task)) == ["riêng"]


def test_a_token_that_only_reads_writes_nothing(office: Office, task: Task, program: Make) -> None:
    reader = program(office.head(task).code, Scope.READ)
    assert reader.get(place(task)).status_code == 200
    assert reader.post(place(task), {"text": "x"}).status_code == 403


def test_each_fault_is_told_by_its_field(task: Task, head: Program) -> None:
    for body in ({}, {"text": ""}, {"text": "x" * 4001}, {"text": "x", "khác": 1}, {"text": "x", "answers": "y"}):
        assert head.post(place(task), body).status_code == 422, body
    answer = head.post(place(task), {"text": "x", "mention": [STRANGER]})
    assert answer.status_code == 409 and "cannot be mentioned" in answer.json()["detail"]


def test_units_ask_on_the_directive_and_read_what_is_for_all(office: Office, head: Program, program: Make) -> None:
    coordinator = program(COORDINATOR)
    say(coordinator, DIRECTIVE, "nội bộ")
    office.now += timedelta(minutes=1)
    say(coordinator, DIRECTIVE, "cho mọi đơn vị", to_all=True)
    assert head.post(DIRECTIVE, {"text": "không phải câu hỏi"}).status_code == 409
    office.now += timedelta(minutes=1)
    say(head, DIRECTIVE, "Có mẫu chung không?", question=True)
    assert texts(head, DIRECTIVE) == ["cho mọi đơn vị", "Có mẫu chung không?"]
    assert texts(program("nguyen.minh.quan"), DIRECTIVE) == ["nội bộ", "cho mọi đơn vị", "Có mẫu chung không?"]
    assert program("thai.dieu.linh").get(DIRECTIVE).status_code == 404
