"""The register, absences, one's work, search and the audit, for programs."""

from base64 import b64encode
from datetime import date

from models.text.localtime import at_local
from tests.web.api.conftest import Make
from tests.web.conftest import Office
from workflows.access.access_tokens import Scope


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


def test_task_token_of_an_administrator_changes_no_holder(office: Office, program: Make) -> None:
    boss, only_acts = program("dang.thu.thuy"), program("dang.thu.thuy", Scope.READ, Scope.ACT)
    wanted = {"stand_in": "ngo.van.loc", "starts_on": "2026-11-02", "ends_on": "2026-11-06", "person": "le.thi.c"}
    refused = only_acts.post("/absences", wanted)
    assert (refused.status_code, "administer" in refused.json()["detail"]) == (403, True)
    path = f"/absences/{boss.post('/absences', wanted).json()['id']}"
    assert only_acts.ask("DELETE", path).status_code == 403
    assert boss.ask("DELETE", path).status_code == 204


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


def test_the_register_is_looked_through_and_a_change_upon_an_old_look_is_refused(office: Office, program: Make) -> None:
    boss = program("dang.thu.thuy")
    listed = boss.get("/register/units", params={"q": "tct-t"}).json()
    assert "TCT-T" in [one["code"] for one in listed["items"]] and listed["total"] < 10
    seen = boss.get("/register/units/TCT-T").json()
    assert (seen["cells"]["code"], seen["cells"]["kind"]) == ("TCT-T", "enterprise")
    first = {"cells": {"phone": "024 1"}, "seen": seen["mark"]}
    assert boss.ask("PATCH", "/units/TCT-T", json=first).json()["changed"] == ["phone"]
    late = boss.ask("PATCH", "/units/TCT-T", json={"cells": {"phone": "024 2"}, "seen": seen["mark"]})
    assert late.status_code == 409
    assert boss.get("/register/units/TCT-T").json()["cells"]["phone"] == "024 1"
    assert boss.get("/register/units/NONE").status_code == 404


def test_people_are_found_with_their_roles_and_addresses(office: Office, program: Make) -> None:
    boss = program("dang.thu.thuy")
    found = boss.get("/register/people", params={"role": "coordinator"}).json()["items"]
    assert "le.thi.c" in [one["code"] for one in found]
    person = boss.get("/register/people/le.thi.c").json()
    assert person["cells"]["email"] and "coordinator" in [one["role"] for one in person["roles"]]
    for path in ("units", "people", "units/TCT-T", "people/le.thi.c"):
        assert program("le.thi.c").get(f"/register/{path}").status_code == 403


def test_ones_language_is_ones_own_to_choose(office: Office, program: Make) -> None:
    mine = program("le.thi.c")
    assert mine.ask("PATCH", "/me", json={"language": "en"}).json()["language"] == "en"
    assert mine.get("/me").json()["language"] == "en"
    assert mine.ask("PATCH", "/me", json={"language": "fr"}).status_code == 422


def test_no_program_changes_the_address_of_its_person_or_of_an_administrator(office: Office, program: Make) -> None:
    boss = program("dang.thu.thuy")
    boss.post("/people/ngo.van.loc/roles", {"role": "administrator", "unit": "VP"})
    for code in ("dang.thu.thuy", "ngo.van.loc"):
        before = boss.get(f"/register/people/{code}").json()["cells"]
        refused = boss.ask("PATCH", f"/people/{code}", json={"cells": {"email": "thief@elsewhere.example"}})
        assert (refused.status_code, "on the page" in refused.json()["detail"]) == (409, True)
        assert "E-mail address" in refused.json()["detail"] and code in refused.json()["detail"]
        sheet = b64encode(f"code,email\n{code},thief@elsewhere.example\n".encode()).decode()
        wanted = {"files": {"people": {"name": "people.csv", "content": sheet}}}
        assert boss.post("/register/import", wanted).status_code == 409
        assert boss.get(f"/register/people/{code}").json()["cells"] == before
        kept = {"email": before["email"], "phone": "0281"}
        assert boss.ask("PATCH", f"/people/{code}", json={"cells": kept}).status_code == 200, "it stays what it is"
    assert boss.ask("PATCH", "/people/le.thi.c", json={"cells": {"email": "c@mpt.example"}}).status_code == 200
