"""The register for programs: spreadsheets in and out, and the calls that only administrators' programs have."""

from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest

from models.text.localtime import local_date
from tests.rooms import of_room
from tests.web.api.programs import Make, Program
from tests.web.site import Office

ADMINISTRATOR = "dang.thu.thuy"


@pytest.fixture
def boss(office: Office, program: Make, monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.setenv("DONDOC_DATA", str(office.settings.data))
    return program(ADMINISTRATOR)


OF_ADMINISTRATORS = [
    ("GET", "/dead-letters"),
    ("GET", "/register/columns"),
    ("GET", "/register/files/people"),
    ("POST", "/register/import"),
    pytest.param("GET", "/webhooks/00000000-0000-0000-0000-000000000001/calls", marks=of_room("channels")),
]
BODIES: dict[str, Any] = {"/register/import": {"files": {"units": {"name": "x.csv", "content": "eA=="}}}}


def sheet(text: str, name: str = "units.csv") -> dict[str, str]:
    return {"name": name, "content": b64encode(text.encode()).decode()}


@pytest.mark.parametrize(("method", "path"), OF_ADMINISTRATORS)
def test_the_installation_is_the_administrators(office: Office, program: Make, method: str, path: str) -> None:
    for code in ("le.thi.c", "ngo.van.loc", "nguyen.minh.quan", "luong.thi.ngan"):
        answer = program(code).ask(method, path, json=BODIES.get(path))
        assert (code, answer.status_code) == (code, 403)


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
    assert not (office.settings.data / "uploads").exists(), "no file is kept"


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
