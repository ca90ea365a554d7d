"""The API's own manners: who may call, how it tells of trouble, how lists go on, and that nothing is done twice."""

import io
import json
from base64 import b64encode
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from models.database.session import reading, transaction
from models.operations.logs import start_logging, stop_logging
from models.organization.access import KEPT_FOR, Webhook
from models.organization.register_reads import resolve_person
from tests.rooms import of_room
from tests.web.api.programs import Make
from tests.web.site import Office, Reader
from workflows.access.access_tokens import Scope, end_token, list_tokens
from workflows.jobs.cleanup.purge import purge


def test_without_a_token_nothing_is_told(office: Office) -> None:
    answer = Reader(office.app).get("/api/v1/tasks", headers={"accept-language": "vi"})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Authorization: Bearer" in answer.json()["detail"]


def test_a_token_that_was_ended_or_is_too_old_counts_no_more(office: Office, program: Make) -> None:
    mine = program("le.thi.c")
    assert mine.get("/me").json()["code"] == "le.thi.c"
    with transaction(office.engine) as session:
        person_id = resolve_person(session, "le.thi.c").id
        end_token(session, person_id, list_tokens(session, person_id)[0].id, now=office.now)
    assert mine.get("/me").status_code == 401
    other = program("le.thi.c")
    office.now += timedelta(days=31)
    assert other.get("/me").status_code == 401


def test_a_token_does_only_what_it_was_made_for(office: Office, program: Make) -> None:
    task = office.task("4")
    reads = program(office.head(task).code, Scope.READ)
    refused = reads.post(f"/tasks/{task.id}/accept")
    assert (refused.status_code, refused.json()["title"]) == (403, "Not allowed")
    assert program(office.head(task).code, Scope.ACT).post(f"/tasks/{task.id}/accept").json()["status"] == "accepted"


def test_a_call_without_a_token_or_past_what_it_was_made_for_leaves_a_line(office: Office, program: Make) -> None:
    written, reads = io.StringIO(), program("le.thi.c", Scope.READ)
    start_logging(written, form="json")
    try:
        assert Reader(office.app).get("/api/v1/tasks").status_code == 401
        assert reads.post(f"/tasks/{office.task('4').id}/accept").status_code == 403
    finally:
        stop_logging()
    told = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [(one["event"], one["level"], one["path"].partition("tasks")[0]) for one in told] == [
        ("no_token", "warning", "/api/v1/"),
        ("out_of_scope", "warning", "/api/v1/"),
    ]
    assert reads.token not in written.getvalue()


def test_lists_go_on_from_page_to_page_and_name_each_task_once(office: Office, program: Make) -> None:
    mine = program("le.thi.c")
    found, cursor = [], None
    for _page in range(100):
        answer = mine.get("/tasks", params={"limit": 7} | ({"cursor": cursor} if cursor else {})).json()
        found += [one["id"] for one in answer["items"]]
        cursor = answer["next"]
        if cursor is None:
            break
    whole = [one["id"] for one in mine.get("/tasks", params={"limit": 200}).json()["items"]]
    assert found == whole and len(set(found)) == len(found) > 7


def test_the_same_request_again_gets_the_same_answer_and_does_nothing_twice(office: Office, program: Make) -> None:
    task = office.task("4")
    head, key = program(office.head(task).code), {"idempotency-key": "one"}
    path = f"/tasks/{task.id}/progress"
    first = head.post(path, {"note": "Đã họp"}, headers=key)
    again = head.post(path, {"note": "Đã họp"}, headers=key)
    assert first.status_code == again.status_code == 200
    assert (first.json(), again.headers["idempotency-replayed"]) == (again.json(), "true")
    history = head.get(f"/tasks/{task.id}").json()["history"]
    assert [one["event"] for one in history].count("progress") == 1
    other = head.post(path, {"note": "Khác"}, headers=key)
    assert (other.status_code, "another request" in other.json()["detail"]) == (422, True)


@of_room("channels")
def test_an_answer_that_holds_a_secret_is_kept_no_longer_than_a_repeat_may_come(office: Office, program: Make) -> None:
    boss, key = program("dang.thu.thuy"), {"idempotency-key": "one"}
    wanted = {"name": "Trục", "url": "https://truc.example.vn/"}
    secret = boss.post("/webhooks", wanted, headers=key).json()["secret"]
    assert boss.post("/webhooks", wanted, headers=key).json()["secret"] == secret
    assert purge(office.engine, office.settings, now=office.now + KEPT_FOR).answers == 0
    assert purge(office.engine, office.settings, now=office.now + KEPT_FOR + timedelta(seconds=1)).answers == 1


@of_room("channels")
def test_an_answer_that_holds_a_secret_stands_sealed_in_the_database(office: Office, program: Make) -> None:
    boss, key = program("dang.thu.thuy"), {"idempotency-key": "one"}
    wanted = {"name": "Trục", "url": "https://truc.example.vn/"}
    secret = boss.post("/webhooks", wanted, headers=key).json()["secret"]
    assert secret.startswith("whsec_") and boss.post("/webhooks", wanted, headers=key).json()["secret"] == secret
    with reading(office.engine) as session:
        hook = session.exec(select(Webhook)).one()
        assert session.scalar(text("SELECT body FROM kept_answer")).startswith(b"gAAAAA")
        assert session.scalar(text("SELECT secret FROM webhook")).startswith("gAAAAA")
    page = office.sign_in("dang.thu.thuy").get(f"/admin/webhooks/{hook.id}").text
    assert secret in page.replace("&#43;", "+").replace("&#x2B;", "+")


def test_wrong_input_names_every_field(office: Office, program: Make) -> None:
    task = office.task("4")
    answer = program(office.head(task).code).post(f"/tasks/{task.id}/ask-extension", {"due": "soon", "extra": 1})
    assert answer.status_code == 422
    assert {fault.split(":")[0] for fault in answer.json()["faults"]} == {"due", "note", "extra"}


def test_wrong_input_is_told_in_the_callers_language(office: Office, program: Make) -> None:
    mine = program(office.head(office.task("4")).code)
    told = [
        mine.post(f"/tasks/{office.task('4').id}/ask-extension", {"due": "soon", "extra": 1}, headers=spoken).json()
        for spoken in ({"accept-language": "vi"}, {"accept-language": "en"})
    ]
    assert told[0]["faults"] == [
        "note: cần có giá trị",
        "due: phải là một ngày có trong lịch, ví dụ 05/11/2026 hoặc 2026-11-05",
        "extra: không phải là trường được dùng ở đây",
    ]
    assert "note: a value is needed" in told[1]["faults"]


@pytest.mark.parametrize("name", ["nobody", "0" * 8, "01a212f0-4051-75f4-b495-3c28a839db4b"])
def test_what_is_not_there_and_what_is_not_ones_own_look_alike(office: Office, program: Make, name: str) -> None:
    task, other = office.task("4"), office.task("2")
    mine = program(office.head(task).code)
    unknown = mine.get(f"/tasks/{name}")
    foreign = mine.get(f"/tasks/{other.id}")
    assert foreign.status_code == 404
    assert unknown.status_code in (404, 422)
    assert foreign.json()["detail"].replace(str(other.id), "X") == "there is no task X"


def test_a_file_of_the_server_cannot_be_submitted(office: Office, program: Make) -> None:
    task = office.task("4")
    given = {"number": "1", "date": "2026-11-02", "subject": "s", "signer": "x", "file": ["/etc/hostname"]}
    answer = program(office.head(task).code).post(f"/tasks/{task.id}/submit", given)
    assert (answer.status_code, answer.json()["faults"][0].split(":")[0]) == (422, "file")


def test_a_result_is_submitted_with_its_file(office: Office, program: Make) -> None:
    task = office.task("4")
    head = program(office.head(task).code)
    report = {"name": "báo cáo.pdf", "content": b64encode(b"%PDF-1.4 xong").decode()}
    given = {"number": "1/BC", "date": "2026-11-02", "subject": "Báo cáo", "signer": "Tạ Bá Toàn", "files": [report]}
    assert head.post(f"/tasks/{task.id}/submit", given).json()["status"] == "submitted"
    assert head.get(f"/tasks/{task.id}").json()["results"][0]["files"] == ["báo cáo.pdf"]


def test_a_file_that_is_not_what_its_name_says_is_refused(office: Office, program: Make) -> None:
    task = office.task("4")
    report = {"name": "báo cáo.pdf", "content": b64encode(b"MZ").decode()}
    given = {"number": "1/BC", "date": "2026-11-02", "subject": "Báo cáo", "signer": "Tạ Bá Toàn", "files": [report]}
    assert program(office.head(task).code).post(f"/tasks/{task.id}/submit", given).status_code == 422


def test_every_answer_is_described(office: Office) -> None:
    described = Reader(office.app).get("/api/v1/openapi.json").json()
    assert "/tasks/{name}/accept" in described["paths"]
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            assert operation.get("description") or operation.get("summary"), (method, path)


def test_the_description_tells_a_programmer_how_to_begin(office: Office) -> None:
    described = Reader(office.app).get("/api/v1/openapi.json").json()["info"]["description"]
    for needed in ("Authorization: Bearer", "cursor", "Idempotency-Key", "application/problem+json"):
        assert needed in described
    assert "application, mounted" not in described


def test_a_call_that_changes_something_says_what_it_does(office: Office) -> None:
    """Not what it returns: "Return a new unit" on a POST hides that one is made."""
    for path, operations in Reader(office.app).get("/api/v1/openapi.json").json()["paths"].items():
        for method, operation in operations.items():
            says = operation.get("description") or operation["summary"]
            assert method == "get" or path.endswith("/archive") or not says.startswith("Return"), (method, path, says)


@of_room("channels")
def test_a_kept_answer_is_for_programs_of_the_same_scopes_only(office: Office, program: Make) -> None:
    """The secret of a new webhook stands in it: nothing that a token which may only read is told again."""
    administrator = "dang.thu.thuy"
    wanted, key = {"name": "Trục", "url": "https://hooks.example/a"}, {"Idempotency-Key": "mot-lan"}
    made = program(administrator).post("/webhooks", wanted, headers=key)
    assert made.status_code == 201
    assert program(administrator).post("/webhooks", wanted, headers=key).json() == made.json()
    weak = program(administrator, Scope.READ).post("/webhooks", wanted, headers=key)
    assert weak.status_code in (403, 422) and "whsec" not in weak.text
