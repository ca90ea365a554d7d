"""Inspections by program: planned, recorded once by one key, corrected, closed; each sees what is theirs."""

from typing import Any

import pytest

from tests.web.api.programs import Make, Program
from tests.web.site import Office

CODE = "ct-06-2004"
PLAN: dict[str, Any] = {
    "title": "Kiểm tra",
    "starts_on": "2026-11-16",
    "ends_on": "2026-11-18",
    "lead": "duong.thanh.tung",
    "units": ["CTY-L"],
    "visits": [{"unit": "CTY-M", "on": "2026-11-17"}],
    "duties": ["2"],
    "questions": ["Lưu hồ sơ?"],
}
DEMAND = {"text": "Xây dựng phương án", "title": "Xây dựng phương án", "result": "Phương án", "due": "2026-11-30"}


@pytest.fixture
def mine(program: Make) -> Program:
    return program("le.thi.c")


@pytest.fixture
def planned(mine: Program) -> str:
    answer = mine.post(f"/directives/{CODE}/inspections", PLAN)
    assert answer.status_code == 201, answer.text
    assert len(answer.json()["units"]) == 2
    return f"/inspections/{answer.json()['id']}"


def test_a_dry_run_plans_nothing(mine: Program) -> None:
    assert mine.post(f"/directives/{CODE}/inspections", PLAN | {"dry_run": True}).status_code == 201
    assert mine.get("/inspections").json()["items"] == []


def test_from_the_plan_to_the_end(office: Office, program: Make, mine: Program, planned: str) -> None:
    lead, head, other = program("duong.thanh.tung"), program("dinh.hoang.long"), program("ta.chi.thanh")
    assert mine.post(f"{planned}/units/CTY-L/move", {"on": "2026-11-17", "reason": "Trùng lịch"}).status_code == 200
    first = {"findings": [{"question": 1, "verdict": "not_met", "words": "Chưa có phương án", "seen": 0}]}
    for _time in range(2):  # one key: done once, and the same answer
        answer = lead.post(f"{planned}/units/CTY-L/findings", first, headers={"idempotency-key": "k1"})
        assert answer.json() == {"changed": 1}
    stale = {"findings": [{"question": 1, "verdict": "met", "seen": 0}]}
    assert mine.post(f"{planned}/units/CTY-L/findings", stale).status_code == 409
    assert head.get(planned).json()["units"][0]["answers"][0]["verdict"] is None, "not sent yet"
    for unit, questions in (("CTY-L", (2,)), ("CTY-M", (1, 2))):
        given = {"findings": [{"question": one, "verdict": "met"} for one in questions]}
        assert lead.post(f"{planned}/units/{unit}/findings", given).status_code == 200
    task = lead.post(f"{planned}/units/CTY-L/questions/1/corrections", DEMAND).json()["task"]
    assert lead.post(f"{planned}/send").json()["state"] == "findings_sent"
    refused = mine.post(f"{planned}/close", {"words": "Xong"})
    assert refused.status_code == 409 and "CTY-L" not in refused.text
    told = head.get(planned).json()
    assert [unit["code"] for unit in told["units"]] == ["CTY-L"] and told["points"] == []
    assert told["units"][0]["answers"][0]["corrections"][0]["task_id"] == task
    assert "Chưa có phương án" not in other.get(planned).text
    assert mine.post(f"/tasks/{task}/withdraw", {"note": "Đã sáp nhập"}).status_code == 200
    assert mine.post(f"{planned}/close", {"words": "Đã khắc phục"}).json()["state"] == "closed"
    listed = mine.get("/inspections", params={"directive": CODE}).json()["items"]
    assert [(one["state"], one["answered"], one["total"]) for one in listed] == [("closed", 4, 4)]
    assert head.get("/inspections").json()["items"][0]["answered"] is None, "how others stand is not theirs"


def test_settling_and_calling_off(mine: Program, planned: str) -> None:
    partly = {"findings": [{"question": 1, "verdict": "partly", "words": "Thiếu phụ lục"}]}
    assert mine.post(f"{planned}/units/CTY-L/findings", partly).status_code == 200
    assert mine.post(f"{planned}/units/CTY-L/questions/1/settle", {"words": "Đã bổ sung"}).status_code == 200
    assert mine.post(f"{planned}/cancel", {"words": "Hoãn"}).json()["state"] == "cancelled"


def test_what_somebody_else_changed_meanwhile_is_neither_settled_nor_corrected(mine: Program, planned: str) -> None:
    partly = {"findings": [{"question": 1, "verdict": "partly", "words": "Thiếu phụ lục"}]}
    assert mine.post(f"{planned}/units/CTY-L/findings", partly).status_code == 200
    settle, correct = (f"{planned}/units/CTY-L/questions/1/{deed}" for deed in ("settle", "corrections"))
    for path, body in ((settle, {"words": "Đã bổ sung"}), (correct, DEMAND)):
        assert mine.post(path, body | {"seen": 0}).status_code == 409
        answers = next(unit for unit in mine.get(planned).json()["units"] if unit["code"] == "CTY-L")["answers"]
        seen = answers[0]["revision"]
        assert mine.post(path, body | {"seen": seen}).status_code in (200, 201)
        assert mine.post(path, body | {"seen": seen}).status_code == 409


def test_the_list_goes_on_from_its_cursor(mine: Program, planned: str) -> None:
    assert mine.post(f"/directives/{CODE}/inspections", PLAN).status_code == 201
    first = mine.get("/inspections", params={"limit": 1}).json()
    after = mine.get("/inspections", params={"limit": 1, "cursor": first["next"]}).json()
    assert first["items"][0]["id"] != after["items"][0]["id"] and after["next"] is None


@pytest.mark.parametrize("changes", [{"units": ["KHONG-CO"], "visits": []}, {"duties": ["99"]}, {"lead": "khong.co"}])
def test_what_cannot_be_planned_is_told(mine: Program, changes: dict[str, Any]) -> None:
    assert mine.post(f"/directives/{CODE}/inspections", PLAN | changes).status_code in (404, 422)
