"""The installation, for administrators' programs: troubles, check-up, mail, the audit, spreadsheets, handovers."""

from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from sqlmodel import select

from models.database.session import reading
from models.letters.letter import Letter, LetterKind
from models.operations.alert import AlertKind
from models.organization.register_reads import resolve_person
from models.organization.unit import Unit
from models.settings import MailSettings
from models.tasks.task import Task
from models.text.localtime import local_date
from tests.web.api.conftest import Make, Program
from tests.web.conftest import Office
from workflows.organization.working_calendar import load_calendar
from workflows.queue.alerts import raise_alert
from workflows.rules.tasks.lifecycle import Action

ADMINISTRATOR = "dang.thu.thuy"


@pytest.fixture
def boss(office: Office, program: Make, monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.setenv("DONDOC_DATA", str(office.settings.data))
    return program(ADMINISTRATOR)


OF_ADMINISTRATORS = [
    ("GET", "/alerts"),
    ("GET", "/check-up"),
    ("GET", "/mail"),
    ("GET", "/mail/connection"),
    ("POST", "/mail/test"),
    ("PATCH", "/mail"),
    ("GET", "/audit"),
    ("GET", "/dead-letters"),
    ("GET", "/register/columns"),
    ("GET", "/register/files/people"),
    ("POST", "/register/import"),
    ("GET", "/people/le.thi.c/tasks"),
    ("POST", "/people/le.thi.c/tasks/hand-over"),
    ("POST", "/people/le.thi.c/trust-address"),
    ("POST", "/people/le.thi.c/invite"),
    ("DELETE", "/units/VU-VT/offices/deputy"),
    ("POST", "/jobs/purge/run"),
    ("GET", "/webhooks/00000000-0000-0000-0000-000000000001/calls"),
]
BODIES: dict[str, Any] = {
    "/mail": {"fields": {"port": "26"}},
    "/register/import": {"files": {"units": {"name": "x.csv", "content": "eA=="}}},
    "/people/le.thi.c/tasks/hand-over": {"unit": "VU-VT", "to": "ngo.van.loc"},
}


@pytest.mark.parametrize("code", ["le.thi.c", "ngo.van.loc", "nguyen.minh.quan", "luong.thi.ngan"])
def test_the_installation_is_the_administrators(office: Office, program: Make, code: str) -> None:
    caller = program(code)
    for method, path in OF_ADMINISTRATORS:
        answer = caller.ask(method, path, json=BODIES.get(path))
        assert (method, path, answer.status_code) == (method, path, 403)


def test_troubles_say_what_helps(office: Office, boss: Program) -> None:
    def trouble(session: Any) -> None:
        calendar = load_calendar(session)
        facts = {"reason": "550 no"}
        raise_alert(session, AlertKind.JOB_FAILED, "deliver", now=office.now, facts=facts, calendar=calendar)

    office.change(trouble)
    told = boss.get("/alerts").json()
    assert (told["total"], told["items"][0]["subject"], told["items"][0]["reason"]) == (1, "deliver", "550 no")
    assert "dondoc doctor" in told["items"][0]["commands"]


def test_the_check_up_looks_from_all_sides(office: Office, boss: Program) -> None:
    found = {one["name"]: one for one in boss.get("/check-up").json()}
    assert {"database", "clock", "mail_server", "people"} <= set(found)
    assert all(one["title"] and one["words"] for one in found.values())
    assert all(one["advice"] for one in found.values() if one["state"] == "broken")


def test_no_answer_tells_the_mail_password(office: Office, boss: Program) -> None:
    office.settings.mail = MailSettings(user="dondoc", password=SecretStr("very secret"), host="127.0.0.1")
    told = boss.get("/mail")
    assert "very secret" not in told.text
    assert {one["name"]: one["value"] for one in told.json()["settings"]}["user"] == "dondoc"
    refused = boss.ask("PATCH", "/mail", json={"fields": {"password": "x"}})
    assert (refused.status_code, "password" in refused.json()["faults"][0]) == (422, True)


def test_no_program_has_the_mail_password_sent_elsewhere(office: Office, boss: Program) -> None:
    mail = MailSettings(mode="smtp", host="mail.mpt.example", security="tls", user="u", password=SecretStr("secret"))
    office.settings.mail = mail
    refused = boss.ask("PATCH", "/mail", json={"fields": {"host": "mail.thief.example", "sender_name": "Demo"}})
    assert (refused.status_code, "on the page" in refused.json()["detail"]) == (422, True)
    assert office.settings.mail == mail


def test_mail_settings_change_one_by_one(office: Office, boss: Program) -> None:
    changed = boss.ask("PATCH", "/mail", json={"fields": {"letters_per_minute": "30", "only_to": "@mpt.example"}})
    assert sorted(changed.json()["changed"]) == ["letters_per_minute", "only_to"]
    assert (office.settings.mail.letters_per_minute, office.settings.mail.only_to) == (30, ("@mpt.example",))
    wrong = boss.ask("PATCH", "/mail", json={"fields": {"port": "many"}})
    assert (wrong.status_code, wrong.json()["faults"][0].split(":")[0]) == (422, "port")
    assert boss.get("/audit", params={"action": "mail_changed"}).json()["items"][0]["address"]


def test_the_connection_is_tested_and_a_test_letter_sent(office: Office, boss: Program) -> None:
    office.settings.mail = MailSettings(mode="smtp", host="127.0.0.1", port=1)
    assert boss.get("/mail/connection").json()["state"] == "broken"
    assert "@" in boss.post("/mail/test").json()["address"]
    with reading(office.engine) as session:
        letter = session.exec(select(Letter).where(Letter.kind == LetterKind.ACCOUNT)).one()
    assert letter.topic.startswith("test:")


def test_the_audit_is_filtered_as_on_its_page(office: Office, boss: Program, program: Make) -> None:
    boss.post("/jobs/purge/run")
    boss.ask("PATCH", "/jobs/summaries", json={"is_paused": True})

    def actions(**asked: str) -> list[str]:
        return [one["action"] for one in boss.get("/audit", params=asked).json()["items"]]

    assert actions(about="summaries") == ["job_paused"]
    assert actions(action="job_asked_for") == ["job_asked_for"]
    assert "job_paused" in actions(who=ADMINISTRATOR, first="2026-11-02", last="2026-11-02")
    assert actions(who="ngo.van.loc", action="job_paused") == actions(last="2026-11-01", about="summaries") == []
    assert boss.get("/audit", params={"who": "nobody"}).status_code == 404
    first = boss.get("/audit", params={"limit": 1}).json()
    second = boss.get("/audit", params={"limit": 1, "cursor": first["next"]}).json()
    assert first["items"][0]["id"] < second["items"][0]["id"], "in the order of the deeds"


def sheet(text: str, name: str = "units.csv") -> dict[str, str]:
    return {"name": name, "content": b64encode(text.encode()).decode()}


def test_spreadsheets_are_looked_at_first_and_then_imported(office: Office, boss: Program) -> None:
    wanted = {"files": {"units": sheet("code,name,kind\nSGT,Công ty Sài Gòn,enterprise\nCTY-H,CTY-H Mới,enterprise\n")}}
    seen = boss.post("/register/import", wanted | {"dry_run": True}).json()
    assert (seen["units"], seen["written"]) == ({"created": 1, "updated": 1, "unchanged": 0}, False)
    assert [(row["code"], row["is_new"]) for row in seen["rows"]] == [("SGT", True), ("CTY-H", False)]
    other = boss.post("/register/import", wanted | {"mark": "0" * 32})
    assert (other.status_code, "check again" in other.json()["detail"]) == (409, True)
    assert boss.post("/register/import", wanted | {"mark": seen["mark"]}).json()["written"]
    again = boss.post("/register/import", wanted).json()
    assert again["units"] == {"created": 0, "updated": 0, "unchanged": 2}
    assert list((office.settings.data / "uploads").iterdir()) == [], "no file is kept"


def test_every_fault_of_a_spreadsheet_is_told_by_its_row(office: Office, boss: Program) -> None:
    wanted = {"files": {"units": sheet("code,name,kind\nX,,castle\nSGT,Công ty,enterprise\n")}}
    refused = boss.post("/register/import", wanted)
    assert refused.status_code == 422 and len(refused.json()["faults"]) == 2
    assert "SGT" not in boss.get("/register/files/units").text
    assert boss.post("/register/import", {"files": {"castles": sheet("x")}}).status_code == 422
    assert boss.post("/register/import", {"files": {}}).status_code == 422


def test_a_table_is_fetched_as_the_file_that_an_import_reads(office: Office, boss: Program) -> None:
    csv = boss.get("/register/files/units")
    assert csv.headers["content-type"].startswith("text/csv") and csv.text.lstrip("\ufeff").startswith("code,")
    again = boss.post("/register/import", {"files": {"units": sheet(csv.text.lstrip("\ufeff"))}, "dry_run": True})
    assert again.json()["rows"] == []
    assert boss.get("/register/files/people", params={"form": "xlsx", "empty": True}).content.startswith(b"PK")


def test_an_officers_open_tasks_are_handed_over(office: Office, boss: Program) -> None:
    task = office.task("4")
    head = office.head(task)
    person = {"full_name": "Trần Văn A", "unit": "VU-VT", "email": "a@mpt.example"}
    with reading(office.engine) as session:
        unit = session.get_one(Unit, task.lead_unit_id).code
    first = boss.post("/people", {"cells": person | {"unit": unit}}).json()["code"]
    second = boss.post("/people", {"cells": person | {"unit": unit, "email": "b@mpt.example"}}).json()["code"]
    office.act(task, Action.ASSIGN, head.id, office.now, to=first)
    assert [(one["unit"], one["tasks"]) for one in boss.get(f"/people/{first}/tasks").json()] == [(unit, 1)]
    given = {"unit": unit, "to": second}
    assert boss.post(f"/people/{first}/tasks/hand-over", given).status_code == 204
    assert boss.get(f"/people/{first}/tasks").json() == []
    with reading(office.engine) as session:
        assert session.get_one(Task, task.id).officer_id == resolve_person(session, second).id


def test_an_office_is_left_vacant_only_where_nothing_is_led(office: Office, boss: Program) -> None:
    assert boss.ask("DELETE", "/units/CTY-E/offices/head").status_code == 409
    given = {"to": "le.thi.c"}
    assert boss.post("/units/VU-VT/offices/focal_point", given).status_code == 204
    assert boss.ask("DELETE", "/units/VU-VT/offices/focal_point").status_code == 204
    assert boss.ask("DELETE", "/units/VU-VT/offices/focal_point").status_code == 409
    assert boss.ask("DELETE", "/units/VU-VT/offices/king").status_code == 422


def test_somebody_is_invited_and_a_refused_address_trusted_again(office: Office, boss: Program) -> None:
    assert boss.post("/people/ngo.van.loc/invite").status_code == 204
    assert boss.post("/people/ngo.van.loc/trust-address").status_code == 409
    office.change(lambda session: setattr(resolve_person(session, "ngo.van.loc"), "email_refused_at", office.now))
    assert boss.post("/people/ngo.van.loc/trust-address").status_code == 204
    assert [one["action"] for one in boss.get("/audit").json()["items"]][-2:] == ["invited", "address_trusted"]


def test_ones_own_absence_keeps_the_rules_of_ones_own_page(office: Office, program: Make, boss: Program) -> None:
    mine, day = program("le.thi.c"), local_date(office.now)
    wanted = {"stand_in": "ngo.van.loc", "starts_on": str(day), "ends_on": str(day + timedelta(days=3))}
    past = wanted | {"starts_on": str(day - timedelta(days=2))}
    assert "past" in mine.post("/absences", past).json()["detail"]
    stranger = wanted | {"stand_in": office.head(office.task("2")).code}
    assert "own unit" in mine.post("/absences", stranger).json()["detail"]
    made = mine.post("/absences", wanted)
    assert made.status_code == 201
    other = boss.post("/absences", past | {"person": "ngo.van.loc", "stand_in": "le.thi.c"})
    assert other.status_code in (201, 409, 422), "the register's own rules, which know the past"
    assert boss.ask("DELETE", f"/absences/{made.json()['id']}").status_code == 204
