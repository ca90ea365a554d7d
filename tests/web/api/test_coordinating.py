"""What a coordinator's and an administrator's programs do: launches, incidents, requests, jobs, calendar, webhooks."""

from datetime import date

import pytest

from tests.rooms import of_room
from tests.web.api.programs import Make
from tests.web.site import DUE, Office
from workflows.jobs.run_background_jobs import run_background_jobs
from workflows.rules.tasks.actions import Action

DATABASES = ("sqlite", "postgresql")

CODE = "ct-06-2004"
WANTED = {"duties": ["5"], "due": DUE.isoformat(), "override": True, "reason": "danh bạ còn thiếu"}


def test_a_launch_is_planned_and_made_by_one_call(office: Office, program: Make) -> None:
    mine = program("le.thi.c")
    plan = mine.post(f"/directives/{CODE}/plan", WANTED).json()
    assert plan["tasks"] == plan["new"] > 0
    before = len(mine.get("/tasks", params={"duty": "5", "limit": 200}).json()["items"])
    made = mine.post(f"/directives/{CODE}/launches", WANTED, headers={"Idempotency-Key": "launch-5"})
    assert (made.status_code, made.json()["state"]) == (201, "done")
    assert made.json()["outcome"]["created"] == plan["tasks"]
    assert made.json()["outcome"]["launch"] in {
        one["id"].replace("-", "") for one in mine.get(f"/directives/{CODE}/launches").json()
    }
    assert len(mine.get("/tasks", params={"duty": "5", "limit": 200}).json()["items"]) - before == plan["tasks"]
    again = mine.post(f"/directives/{CODE}/launches", WANTED, headers={"Idempotency-Key": "launch-5"})
    assert (again.status_code, again.json()) == (201, made.json())


def test_a_launch_of_very_many_tasks_is_made_in_the_background(
    office: Office, program: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows.launch.launch_order.WITHIN_REQUEST", 5)
    mine = program("le.thi.c")
    ordered = mine.post(f"/directives/{CODE}/launches", WANTED)
    assert (ordered.status_code, ordered.json()["state"]) == (202, "queued")
    run_background_jobs(office.engine, office.settings, now=office.now)
    done = mine.get(f"/background-jobs/{ordered.json()['id']}").json()
    assert (done["state"], done["outcome"]["created"]) == ("done", ordered.json()["total"])


def test_a_launch_is_taken_back_before_its_first_letter(office: Office, program: Make) -> None:
    mine = program("le.thi.c")
    newest = mine.get(f"/directives/{CODE}/launches").json()[0]
    path = f"/directives/{CODE}/launches/{newest['id']}/take-back"
    assert newest["taken_back_at"] is None
    assert program("nguyen.minh.quan").post(path, {"reason": "Sai ngày"}).status_code in (403, 404)
    assert mine.post(path, {"reason": " "}).status_code == 422
    assert mine.post(path, {"reason": "Sai ngày"}).json() == {"withdrawn": 26}
    assert mine.post(path, {"reason": "Sai ngày"}).status_code == 409
    assert mine.get(f"/directives/{CODE}/launches").json()[0]["taken_back_at"] is not None
    assert mine.post(f"/directives/{CODE}/plan", {"duties": ["2", "4"]}).json()["new"] == 26


@pytest.mark.parametrize("path", ["plan", "launches", "previews"])
def test_a_launch_in_a_wrong_year_is_refused(office: Office, program: Make, path: str) -> None:
    answer = program("le.thi.c").post(f"/directives/{CODE}/{path}", {"duties": ["5"], "on": "2062-11-25"})
    assert answer.status_code == 422
    assert "25/11/2062" in answer.text and "02/11/2026" in answer.text and "03/11/2027" in answer.text


def test_only_who_coordinates_the_directive_launches(office: Office, program: Make) -> None:
    for code in ("nguyen.minh.quan", office.head(office.task("2")).code):
        answer = program(code).post(f"/directives/{CODE}/launches", {"duties": ["5"]})
        assert answer.status_code in (403, 404)


def test_a_drill_is_declared_and_stood_down(office: Office, program: Make) -> None:
    mine = program("le.thi.c")
    mine.post(f"/directives/{CODE}/launches", {"duties": ["2.a"], "override": True, "reason": "thiếu"})
    declared = mine.post(
        f"/directives/{CODE}/incidents", {"title": "Diễn tập", "units": ["TCT-T", "CTY-M"], "is_drill": True}
    )
    assert declared.status_code == 201, declared.text
    assert declared.json()["created"] == 2
    listed = mine.get(f"/directives/{CODE}/incidents").json()["items"]
    assert [one["is_drill"] for one in listed] == [True]
    path = f"/incidents/{declared.json()['id']}/stand-down"
    assert program("nguyen.minh.quan").post(path, {"reason": "Xong"}).status_code == 403
    assert mine.post(path, {"reason": "Xong"}).json() == {"withdrawn": 2}
    assert mine.post(path, {"reason": "Xong"}).status_code == 409


def test_the_boards_figures_and_what_waits_for_a_decision(office: Office, program: Make) -> None:
    task = office.task("4")
    office.act(task, Action.ASK_EXTENSION, office.head(task).id, office.now, due=date(2026, 12, 1), note="Chờ số liệu")
    mine = program("le.thi.c")
    board = mine.get(f"/directives/{CODE}/board").json()
    assert board["figures"]["total"] == sum(one["figures"]["total"] for one in board["duties"]) > 20
    assert board["marks"]["extension"] == 1
    waiting = mine.get("/inbox").json()
    assert waiting["counts"] == {"extension": 1}
    assert waiting["items"][0]["task_id"] == str(task.id)
    unit = waiting["items"][0]["unit_code"]
    assert len(mine.get("/inbox", params={"q": unit}).json()["items"]) == 1
    assert mine.get("/inbox", params={"q": "nobody"}).json()["items"] == []


def test_many_tasks_are_looked_at_first_and_then_acted_on_one_by_one(office: Office, program: Make) -> None:
    mine = program("le.thi.c")
    wanted = {"action": "withdraw", "given": {"note": "Trùng"}, "duty": "2", "units": ["T-LT", "CTY-M"]}
    seen = mine.post(f"/directives/{CODE}/many", wanted | {"dry_run": True}).json()
    assert (len(seen["to_do"]), seen["background_job"]) == (2, None)
    errand = mine.post(f"/directives/{CODE}/many", wanted).json()["background_job"]
    run_background_jobs(office.engine, office.settings, now=office.now)
    assert mine.get(f"/background-jobs/{errand['id']}").json()["outcome"] == {"done": 2, "refused": 0}
    assert mine.get(f"/tasks/{seen['to_do'][0]}").json()["status"] == "withdrawn"
    assert mine.post(f"/directives/{CODE}/many", {"action": "approve"}).status_code == 422


@of_room("channels")
def test_a_webhook_is_made_and_switched_off(office: Office, program: Make) -> None:
    boss = program("dang.thu.thuy")
    made = boss.post("/webhooks", {"name": "Trục", "url": "https://truc.example.vn/"}).json()
    assert made["secret"].startswith("whsec_")
    assert boss.ask("PATCH", f"/webhooks/{made['id']}", json={"is_active": False}).status_code == 204
    listed = boss.get("/webhooks").json()
    assert [one["is_active"] for one in listed] == [False]
    assert "secret" not in listed[0]


def test_an_incident_is_looked_at_first_and_then_followed_task_by_task(office: Office, program: Make) -> None:
    mine = program("le.thi.c")
    mine.post(f"/directives/{CODE}/launches", {"duties": ["2.a"], "override": True, "reason": "thiếu"})
    ready = {one["duty"]: one["units"] for one in mine.get(f"/directives/{CODE}/contingencies").json()}
    assert "TCT-T" in ready["2.a"]
    wanted = {"title": "Diễn tập", "units": ["TCT-T", "CTY-M"], "is_drill": True}
    assert mine.post(f"/directives/{CODE}/incidents", wanted | {"dry_run": True}).json()["created"] == 2
    assert mine.get(f"/directives/{CODE}/incidents").json()["items"] == [], "looking declares nothing"
    incident = mine.post(f"/directives/{CODE}/incidents", wanted).json()["id"]
    told = mine.get(f"/directives/{CODE}/incidents/{incident}").json()
    assert (told["open"], [one["accepted_by"] for one in told["tasks"]]) == (2, [None, None])
    task = told["tasks"][0]["task_id"]
    assert mine.post(f"/tasks/{task}/telephone", {"answered_by": "Trực ban"}).status_code == 200
    told = mine.get(f"/directives/{CODE}/incidents/{incident}").json()
    assert [call["answered_by"] for one in told["tasks"] for call in one["calls"]] == ["Trực ban"]


def test_every_task_date_and_letter_is_previewed_by_day(office: Office, program: Make) -> None:
    mine = program("le.thi.c")
    wanted = {"duties": ["5"], "due": DUE.isoformat(), "override": True, "reason": "thiếu", "days": 30}
    asked = mine.post(f"/directives/{CODE}/previews", wanted)
    assert (asked.status_code, asked.json()["kind"]) == (202, "preview")
    run_background_jobs(office.engine, office.settings, now=office.now)
    found = mine.get(f"/background-jobs/{asked.json()['id']}").json()
    assert found["state"] == "done" and found["outcome"]["tasks"] > 0
    day = found["outcome"]["days"][0][0]
    told = mine.get(f"/background-jobs/{found['id']}/days/{day}").json()
    assert len(told["tasks"]) == found["outcome"]["tasks"]
    assert mine.get(f"/background-jobs/{found['id']}/days/2030-01-01").status_code == 404
    other = program("nguyen.minh.quan")
    assert other.get(f"/background-jobs/{found['id']}/days/{day}").status_code == 404
    page = office.sign_in("le.thi.c").get(f"/launch/{CODE}/preview/{found['id']}")
    assert page.status_code == 200, "the wizard goes on from it"


def test_what_became_of_each_of_many_tasks(office: Office, program: Make) -> None:
    mine = program("le.thi.c")
    wanted = {"action": "withdraw", "given": {"note": "Trùng"}, "duty": "2", "units": ["T-LT", "CTY-M"]}
    errand = mine.post(f"/directives/{CODE}/many", wanted).json()["background_job"]["id"]
    assert mine.get(f"/background-jobs/{errand}/tasks").json() == []
    run_background_jobs(office.engine, office.settings, now=office.now)
    assert [one["why_not"] for one in mine.get(f"/background-jobs/{errand}/tasks").json()] == [None, None]
    assert program("nguyen.minh.quan").get(f"/background-jobs/{errand}/tasks").status_code == 404
