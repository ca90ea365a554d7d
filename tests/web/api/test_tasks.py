"""Acting on tasks by programs: what somebody else did first, and the files of results."""

from datetime import date, timedelta

import pytest

from models.database.session import reading
from models.tasks.task import Task
from tests.web.api.programs import Make, submit
from tests.web.site import Office
from workflows.rules.tasks.actions import Action


def test_an_action_in_the_light_of_what_was_seen_is_done(office: Office, program: Make) -> None:
    task = office.task("4")
    head = program(office.head(task).code)
    seen = head.get(f"/tasks/{task.id}").json()["seen"]
    assert head.post(f"/tasks/{task.id}/accept", {"seen": seen}).status_code == 200
    assert head.get(f"/tasks/{task.id}").json()["seen"] != seen


def test_who_was_not_first_is_told_what_happened_meanwhile(office: Office, program: Make) -> None:
    """The unit sends a second result while the coordinator still reads the first: they approve what they read only."""
    task = office.task("4")
    head, mine = program(office.head(task).code), program("le.thi.c")
    assert submit(head, task).status_code == 200
    seen = mine.get(f"/tasks/{task.id}").json()["seen"]
    office.now += timedelta(hours=1)
    head.post(f"/tasks/{task.id}/progress", {"note": "Đã họp"})
    office.act(task, Action.RETURN, task.coordinator_id, office.now, note="Thiếu số liệu")
    assert submit(head, task).status_code == 200
    late = mine.post(f"/tasks/{task.id}/approve", {"seen": seen})
    assert (late.status_code, late.json()["title"]) == (409, "Refused by a rule")
    assert "while the page was open" in late.json()["detail"]
    again = mine.get(f"/tasks/{task.id}").json()["seen"]
    assert mine.post(f"/tasks/{task.id}/approve", {"seen": again}).json()["status"] == "approved"


def test_who_names_a_line_of_another_task_is_taken_to_know_nothing(office: Office, program: Make) -> None:
    task, other = office.task("4"), office.task("2")
    assert submit(program(office.head(task).code), task).status_code == 200
    mine = program("le.thi.c")
    seen = mine.get(f"/tasks/{other.id}").json()["seen"]
    late = mine.post(f"/tasks/{task.id}/approve", {"seen": seen})
    assert late.status_code == 409 and "while the page was open" in late.json()["detail"]


def test_a_mark_that_is_none_is_refused(office: Office, program: Make) -> None:
    task = office.task("4")
    assert program(office.head(task).code).post(f"/tasks/{task.id}/accept", {"seen": "x"}).status_code == 422


def test_a_results_file_is_handed_to_those_who_see_the_task_whole(office: Office, program: Make) -> None:
    task = office.task("4")
    head = program(office.head(task).code)
    submit(head, task)
    (file,) = head.get(f"/tasks/{task.id}").json()["results"][0]["evidence"]
    assert (file["filename"], file["media_type"], file["size"]) == ("báo cáo.pdf", "application/pdf", 13)
    path = f"/tasks/{task.id}/files/{file['id']}"
    for code in ("le.thi.c", "nguyen.minh.quan", office.head(task).code):
        answer = program(code).get(path)
        assert (answer.status_code, answer.content) == (200, b"%PDF-1.4 xong")
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"].startswith("attachment")


def test_a_file_of_others_by_a_guessed_id_is_as_if_it_were_not_there(office: Office, program: Make) -> None:
    task, other = office.task("4"), office.task("2")
    submit(program(office.head(task).code), task)
    file = program("le.thi.c").get(f"/tasks/{task.id}").json()["results"][0]["evidence"][0]
    stranger = program(office.head(other).code)
    assert stranger.get(f"/tasks/{task.id}/files/{file['id']}").status_code == 404
    assert stranger.get(f"/tasks/{other.id}/files/{file['id']}").status_code == 404, "nor under a task of one's own"


@pytest.mark.parametrize("file_id", ["00000000-0000-0000-0000-000000000001", "x"])
def test_a_file_that_is_none(office: Office, program: Make, file_id: str) -> None:
    task = office.task("4")
    assert program("le.thi.c").get(f"/tasks/{task.id}/files/{file_id}").status_code in (404, 422)
    with reading(office.engine) as session:
        assert session.get_one(Task, task.id).revision == 0


def test_what_hangs_on_a_task_is_told_to_those_who_see_it_whole(office: Office, program: Make) -> None:
    task = office.task("4")
    head_id = office.head(task).id
    office.act(task, Action.ASK_EXTENSION, head_id, office.now, due=date(2026, 12, 1), note="Chờ số liệu")
    office.act(task, Action.TELEPHONE, task.coordinator_id, office.now, answered_by="Văn thư", note="Sẽ gửi")
    mine = program("le.thi.c")
    told = mine.get(f"/tasks/{task.id}/records").json()
    assert [(one["asked_due_on"], one["reason"], one["state"]) for one in told["extensions"]] == [
        ("2026-12-01", "Chờ số liệu", "open")
    ]
    assert [(one["answered_by"], one["note"]) for one in told["calls"]] == [("Văn thư", "Sẽ gửi")]
    assert (told["obstacles"], told["lead_changes"], told["presses"]) == ([], [], [])
    stranger = program(office.head(office.task("2")).code)
    assert stranger.get(f"/tasks/{task.id}/records").status_code == 404


def test_why_is_told_as_on_the_page(office: Office, program: Make) -> None:
    """Whoever leads the task on or sees letters is told who was told what; the unit itself is not."""
    task = office.task("4")
    told = program("le.thi.c").get(f"/tasks/{task.id}/why").json()
    assert told["due_on"] == "2026-11-20" and {"rung", "rule", "letters"} <= told["rungs"][0].keys()
    assert program(office.head(task).code).get(f"/tasks/{task.id}/why").status_code == 403
    assert program(office.head(office.task("2")).code).get(f"/tasks/{task.id}/why").status_code == 404
