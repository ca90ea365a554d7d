"""The register, absences, one's work and search, for programs."""

from base64 import b64encode
from datetime import date
from typing import Any

from models.text.localtime import at_local
from tests.web.api.programs import Make
from tests.web.site import Office
from workflows.access.access_tokens import Scope
from workflows.access.audit_log import AuditActor
from workflows.organization.register.roles import give_role


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


def test_ones_language_is_ones_own_to_choose(office: Office, program: Make) -> None:
    mine = program("le.thi.c")
    assert mine.ask("PATCH", "/me", json={"language": "en"}).json()["language"] == "en"
    assert mine.get("/me").json()["language"] == "en"
    assert mine.ask("PATCH", "/me", json={"language": "fr"}).status_code == 422


def test_no_program_changes_the_address_of_its_person_or_of_an_administrator(office: Office, program: Make) -> None:
    boss, audit_actor = program("dang.thu.thuy"), AuditActor(office.now)
    office.change(lambda session: give_role(session, "ngo.van.loc", "administrator", "VP", audit_actor))

    def put(code: str, address: str) -> Any:
        sheet = b64encode(f"code,email\n{code},{address}\n".encode()).decode()
        return boss.ask(
            "POST", "/register/import", json={"files": {"people": {"name": "people.csv", "content": sheet}}}
        )

    before = boss.get("/register/files/people").text
    for code in ("dang.thu.thuy", "ngo.van.loc"):
        refused = put(code, "thief@elsewhere.example")
        assert (refused.status_code, "on the page" in refused.json()["detail"]) == (409, True)
        assert "E-mail address" in refused.json()["detail"] and code in refused.json()["detail"]
    assert boss.get("/register/files/people").text == before
    assert put("le.thi.c", "c@mpt.example").status_code == 200
