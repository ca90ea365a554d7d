"""Tasks that no template stood ready for, by programs: typed by hand, and a difficulty put to the authority."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import Session, col

from models.database.session import reading
from models.directives.directive import Directive, find_directive
from models.tasks.task import Task
from tests.web.api.programs import Make
from tests.web.site import DUE, LAUNCHED, Office
from workflows.launch.launch_plan import default_coordinator
from workflows.launch.launch_tasks import launch
from workflows.organization.working_calendar import load_calendar

COORDINATOR, CODE = "le.thi.c", "ct-06-2004"
TYPED: dict[str, Any] = {
    "kind": "công văn",
    "number": "1234/BBCVT-VT",
    "issued_on": "2026-10-30",
    "issuer": "Bộ trưởng",
    "follows": "VU-VT",
    "subject": "Về việc báo cáo",
    "title": "Báo cáo chất lượng dịch vụ",
    "lead": "CTY-E",
    "due_on": "2026-11-20",
    "quote": "Đề nghị Công ty Viễn thông E\nbáo cáo trước ngày 20/11.",
    "partners": ["VU-PC"],
    "result": "Báo cáo bằng văn bản",
}


def counted(office: Office) -> tuple[int, int]:
    with reading(office.engine) as session:
        ask = [session.scalar(select(func.count()).select_from(model)) or 0 for model in (Directive, Task)]
    return ask[0], ask[1]


def test_a_task_is_looked_at_first_and_then_given(office: Office, program: Make) -> None:
    mine, before = program(COORDINATOR), counted(office)
    seen = mine.post("/typed-tasks", TYPED | {"dry_run": True})
    assert (seen.status_code, seen.json()["task_id"], counted(office)) == (201, None, before)
    made = mine.post("/typed-tasks", TYPED).json()
    assert counted(office) == (before[0] + 1, before[1] + 1)
    task = mine.get(f"/tasks/{made['task_id']}").json()
    assert (task["unit_code"], task["due_on"], task["directive"]) == ("CTY-E", "2026-11-20", made["directive"])
    documents = mine.get("/typed-tasks/documents").json()
    assert [one["code"] for one in documents] == [made["directive"]]
    more = mine.post("/typed-tasks", TYPED | {"document": made["directive"], "title": "Báo cáo giá", "lead": "CTY-M"})
    assert (more.json()["directive"], counted(office)[0]) == (made["directive"], before[0] + 1)


def test_the_same_request_again_types_it_once(office: Office, program: Make) -> None:
    mine, key = program(COORDINATOR), {"idempotency-key": "one"}
    first = mine.post("/typed-tasks", TYPED, headers=key).json()
    assert mine.post("/typed-tasks", TYPED, headers=key).json() == first


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"secrecy": "mật"}, 409),
        ({"lead": "nobody"}, 404),
        ({"quote": ""}, 422),
        ({"follows": "VU-BC"}, 422),
        ({"document": "ct-06-2004"}, 404),
        ({"document": "none"}, 404),
    ],
)
def test_what_may_not_be_typed_is_told_and_nothing_is_stored(
    office: Office, program: Make, wrong: dict[str, str], status: int
) -> None:
    before = counted(office)
    assert program(COORDINATOR).post("/typed-tasks", TYPED | wrong).status_code == status
    assert counted(office) == before


@pytest.mark.parametrize("code", ["nguyen.minh.quan", "dang.thu.thuy", "luong.thi.ngan"])
def test_only_coordinators_type_tasks(office: Office, program: Make, code: str) -> None:
    assert program(code).post("/typed-tasks", TYPED).status_code == 403
    assert program(code).get("/typed-tasks/documents").status_code == 403


@pytest.fixture
def armed(office: Office) -> Office:
    def arm(session: Session) -> None:
        directive = find_directive(session, CODE)
        launch(
            session,
            directive,
            on=LAUNCHED,
            coordinator_id=default_coordinator(session, directive),
            calendar=load_calendar(session),
            paths=["obstacles"],
            due_on=DUE,
            override=True,
        )

    office.change(arm)
    return office


def test_a_head_puts_a_difficulty_to_the_authority(armed: Office, program: Make) -> None:
    head = program(armed.head(armed.task("2")).code)
    (place,) = head.get("/difficulties").json()
    assert (place["directive"], place["working_days"] > 0) == (CODE, True)
    put = head.post("/difficulties", {"directive": CODE, "note": "Chưa có hướng dẫn về biểu mẫu"})
    assert (put.status_code, put.json()["authority"]) == (201, place["authority"])
    with reading(armed.engine) as session:
        query = select(col(Task.assigner_unit_id)).where(col(Task.occurrence).like("request:%"))
        assert session.scalars(query).all() == [armed.task("2").lead_unit_id]


def test_a_difficulty_is_a_heads_to_put(armed: Office, program: Make) -> None:
    for code in ("nguyen.minh.quan", "ngo.van.loc"):
        assert program(code).get("/difficulties").json() == []
        assert program(code).post("/difficulties", {"directive": CODE, "note": "x"}).status_code == 404
    head = program(armed.head(armed.task("2")).code)
    assert head.post("/difficulties", {"directive": "none", "note": "x"}).status_code == 404
    assert head.post("/difficulties", {"directive": CODE, "note": ""}).status_code == 422


def test_the_launches_of_a_directive(office: Office, program: Make) -> None:
    (one,) = program(COORDINATOR).get(f"/directives/{CODE}/launches").json()
    assert one["tasks"] == counted(office)[1] and one["units"] > 10 and one["due_on"] == DUE.isoformat()
    head = office.head(office.task("4")).code
    assert program(head).get(f"/directives/{CODE}/launches").status_code in (403, 404)
