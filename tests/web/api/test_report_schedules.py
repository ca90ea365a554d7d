"""Report schedules through the API: made, changed by whoever saw them, paused, and what was compiled of them."""

from datetime import timedelta

import pytest

from tests.web.api.conftest import Make
from tests.web.conftest import Office
from workflows.access.access_tokens import Scope
from workflows.reports.compile_reports import compile_reports
from workflows.rules.calendar.workdays import WorkCalendar

WANTED = {"directive": "ct-06-2004", "duty": "results", "to_issuer": True}


def test_a_schedule_from_its_making_to_its_first_report(office: Office, program: Make) -> None:
    coordinator = program("le.thi.c")
    made = coordinator.post("/report-schedules", WANTED)
    assert made.status_code == 201
    body = made.json()
    assert (body["office"], body["every"], body["next_period"], body["next_on"]) == (
        "VU-VT",
        "quarter",
        "2026-Q4",
        "2026-12-18",
    )
    path = f"/report-schedules/{body['id']}"
    changed = coordinator.ask("PUT", path, json={"own_day": 22, "seen": body["seen"]}).json()
    assert (changed["own_day"], changed["to_issuer"], changed["next_on"]) == (22, False, "2026-12-22")
    assert coordinator.ask("PUT", path, json={"own_day": 21, "seen": body["seen"]}).status_code == 409
    assert coordinator.ask("PATCH", path, json={"is_paused": True}).json()["next_on"] is None
    assert coordinator.ask("PATCH", path, json={"is_paused": False}).json()["is_paused"] is False
    compile_reports(office.engine, now=office.now + timedelta(days=74), calendar=WorkCalendar())
    [compiled] = coordinator.get(path).json()["compiled"]
    assert (compiled["period"], compiled["cutoff"]) == ("2026-Q4", "2026-12-14")
    assert compiled["report"] is not None and set(compiled["counts"]) >= {"on_time", "late", "missing"}
    assert [one["id"] for one in coordinator.get("/report-schedules").json()] == [body["id"]]


@pytest.mark.parametrize("code", ["ta.chi.thanh", "nguyen.minh.quan"])
def test_others_have_none(office: Office, program: Make, code: str) -> None:
    made = program("le.thi.c").post("/report-schedules", WANTED).json()
    other = program(code)
    assert other.get("/report-schedules").status_code in (403, 409)
    for answer in (
        other.get(f"/report-schedules/{made['id']}"),
        other.post("/report-schedules", WANTED),
        other.ask("PATCH", f"/report-schedules/{made['id']}", json={"is_paused": True}),
        other.ask("PUT", f"/report-schedules/{made['id']}", json={"seen": 0}),
    ):
        assert answer.status_code in (403, 404, 409)


def test_reading_scopes_change_nothing(program: Make) -> None:
    assert program("le.thi.c", Scope.READ).post("/report-schedules", WANTED).status_code == 403


@pytest.mark.parametrize("wrong", [{"own_day": 0}, {"own_day": 3}, {"kind": "unit"}, {"language": "fr"}, {"x": 1}])
def test_what_is_wrong_is_refused(program: Make, wrong: dict[str, object]) -> None:
    assert program("le.thi.c").post("/report-schedules", WANTED | wrong).status_code == 422
