"""The register, absences, one's work, search and the audit, for programs."""

from datetime import date

from models.localtime import at_local
from tests.web.api.conftest import Make
from tests.web.conftest import Office


def test_a_unit_and_its_head_are_made_and_a_fault_is_told_by_its_column(office: Office, program: Make) -> None:
    boss = program("dang.thu.thuy")
    unit = {"code": "CTY-A", "name": "Công ty A", "kind": "enterprise", "tags": "telecom"}
    assert boss.post("/units", {"cells": unit}).json()["code"] == "CTY-A"
    again = boss.post("/units", {"cells": unit})
    assert again.status_code == 422
    person = boss.post("/people", {"cells": {"full_name": "Trần Văn A", "unit": "CTY-A", "email": "a@cty.example"}})
    assert person.json()["code"] == "tran.van.a"
    assert boss.post("/units/CTY-A/offices/head", {"to": "tran.van.a"}).status_code == 204
    wrong = boss.ask("PATCH", "/people/tran.van.a", json={"cells": {"email": "no address"}})
    assert (wrong.status_code, "email" in wrong.text) == (422, True)
    actions = [one["action"] for one in boss.get("/audit").json()["items"]]
    assert "office_handed_over" in actions


def test_a_role_is_given_and_taken_back(office: Office, program: Make) -> None:
    boss = program("dang.thu.thuy")
    role = {"role": "observer", "unit": "VU-VT"}
    assert boss.post("/people/le.thi.c/roles", role).status_code == 204
    assert boss.post("/people/le.thi.c/roles", role).status_code == 409
    assert "observer" in program("le.thi.c").get("/me").json()["standings"]
    assert boss.ask("DELETE", "/people/le.thi.c/roles", json=role).status_code == 204


def test_the_register_is_not_for_others_to_edit(office: Office, program: Make) -> None:
    assert program("le.thi.c").post("/units", {"cells": {"code": "X", "name": "X"}}).status_code == 403


def test_an_absence_is_ones_own_to_record(office: Office, program: Make) -> None:
    mine = program("le.thi.c")
    wanted = {"stand_in": "ngo.van.loc", "starts_on": "2026-11-02", "ends_on": "2026-11-06"}
    made = mine.post("/absences", wanted)
    assert made.status_code == 201
    assert [one["stand_in"] for one in mine.get("/absences").json()] == ["ngo.van.loc"]
    assert program("ngo.van.loc").post("/absences", wanted | {"person": "le.thi.c"}).status_code == 403
    assert program("ngo.van.loc").ask("DELETE", f"/absences/{made.json()['id']}").status_code == 404
    assert mine.ask("DELETE", f"/absences/{made.json()['id']}").status_code == 204


def test_ones_work_and_what_fits_some_words(office: Office, program: Make) -> None:
    office.now = at_local(date(2026, 11, 26))
    task = office.task("4")
    head = program(office.head(task).code)
    listed = head.get("/work").json()
    assert (listed["total"], listed["items"][0]["task_id"]) == (1, str(task.id))
    assert listed["items"][0]["need"] == "late"
    found = head.get("/search", params={"q": "mien giam gia cuoc"}).json()["items"]
    assert [one["task_id"] for one in found] == [str(task.id)]
    assert head.get("/search", params={"q": "phuong an"}).json()["items"] == []


def test_the_official_figures_are_for_those_who_see_everything(office: Office, program: Make) -> None:
    assert program("nguyen.minh.quan").get("/report").json()["total"] > 20
    assert program(office.head(office.task("4")).code).get("/report").status_code == 403
