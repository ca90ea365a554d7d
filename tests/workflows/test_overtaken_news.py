"""News of an evening that was overtaken by the morning: what is no longer so is not told, what still is, is."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from models.database.session import transaction
from models.tasks.task import Contribution, Task
from tests.office import COORDINATOR, ON, Office, at, attachments, furnish

HEAD, SECOND, THIRD = "luong.thi.ngan", "quach.viet.hung", "pham.dang.vinh"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """Item 4, which VU-KHTC leads and has accepted; everybody has been told of that."""
    office = furnish(engine, tmp_path)
    office.launch("4")
    office.tick(ON)
    office.act(office.task(), "accept", HEAD, at(1, hour=9))
    return office


def in_the_evening(office: Office, *deeds: tuple[str, str, dict[str, Any]]) -> Task:
    """One deed an hour from 19:00 of 2 June on; the letters leave the next morning."""
    for number, (action, by, given) in enumerate(deeds):
        office.act(office.task(), action, by, at(2, hour=19 + number), **given)
    office.tick(at(3))
    return office.task()


def news(office: Office, person: str) -> list[str]:
    told = office.told(office.task(), person)
    return sorted(rung.removeprefix("event:") for rung, _offset in told if rung.startswith("event:"))


def result(day: int) -> dict[str, Any]:
    return {"number": "12/BC", "date": date(2004, 6, day), "subject": "Báo cáo", "signer": "Lương Thị Ngân"}


def test_a_result_sent_again_in_the_same_evening_is_not_asked_for_in_the_morning(office: Office) -> None:
    office.act(office.task(), "submit", HEAD, at(2, hour=9), **result(2))
    in_the_evening(office, ("return", COORDINATOR, {"note": "thiếu phụ lục"}), ("submit", HEAD, result(2)))
    assert news(office, HEAD) == []


def test_a_result_returned_and_not_sent_again_is_asked_for(office: Office) -> None:
    office.act(office.task(), "submit", HEAD, at(2, hour=9), **result(2))
    in_the_evening(office, ("return", COORDINATOR, {"note": "thiếu"}), ("progress", HEAD, {"note": "đang bổ sung"}))
    assert news(office, HEAD) == ["returned"]


def test_an_approval_undone_in_the_same_evening_is_not_told_as_done(office: Office) -> None:
    office.act(office.task(), "submit", HEAD, at(2, hour=9), **result(2))
    in_the_evening(office, ("approve", COORDINATOR, {}), ("reopen", COORDINATOR, {"note": "nhầm"}))
    assert news(office, HEAD) == ["reopened"]


def test_a_task_taken_back_and_given_again_in_one_evening_stays_in_the_calendar(office: Office) -> None:
    in_the_evening(office, ("withdraw", COORDINATOR, {"note": "nhầm"}), ("reopen", COORDINATOR, {"note": "nhầm"}))
    assert news(office, HEAD) == ["reopened"]
    (entry,) = attachments(office.sent(HEAD)[-1]).values()
    assert "METHOD:PUBLISH" in entry


def test_a_date_that_was_agreed_to_is_not_asked_about_any_more(office: Office) -> None:
    office.act(office.task(), "ask-extension", HEAD, at(2, hour=9), due=date(2004, 7, 15), note="cần thêm số liệu")
    other = {"due": date(2004, 7, 7), "note": "một tuần"}
    in_the_evening(office, ("counter-extension", COORDINATOR, other), ("agree-extension", HEAD, {}))
    assert news(office, HEAD) == ["extension_accepted"]


def test_a_date_proposed_and_still_unanswered_is_asked_about(office: Office) -> None:
    office.act(office.task(), "ask-extension", HEAD, at(2, hour=9), due=date(2004, 7, 15), note="cần thêm số liệu")
    in_the_evening(office, ("counter-extension", COORDINATOR, {"due": date(2004, 7, 7), "note": "một tuần"}))
    assert news(office, HEAD) == ["extension_countered"]


def change(to: str) -> tuple[str, str, dict[str, Any]]:
    return ("change-lead", COORDINATOR, {"to": to, "note": "đúng chức năng"})


def test_a_lead_that_changed_twice_in_one_evening_is_told_to_the_first_one_too(office: Office) -> None:
    in_the_evening(office, change("VU-PC"), change("VU-KHCN"))
    assert [news(office, one) for one in (HEAD, SECOND, THIRD)] == [["lead_changed"]] * 3


def test_a_lead_that_came_back_in_the_same_evening_is_told_once(office: Office) -> None:
    in_the_evening(office, change("VU-PC"), change("VU-KHTC"))
    assert [news(office, one) for one in (HEAD, SECOND)] == [["lead_changed"]] * 2


def test_another_coordinator_named_before_another_lead_is_told_of_it(office: Office) -> None:
    other = ("change-coordinator", COORDINATOR, {"to": "ho.thi.mai", "note": "phân công lại"})
    in_the_evening(office, other, change("VU-PC"))
    assert news(office, "ho.thi.mai") == ["coordinator_changed"]


def test_what_was_said_to_the_former_leads_people_is_not_said_after_it(office: Office) -> None:
    later = ("set-date", COORDINATOR, {"due": date(2004, 7, 9), "note": "Bộ đồng ý"})
    in_the_evening(office, later, change("VU-PC"))
    assert news(office, HEAD) == ["lead_changed"]


def test_calendar_entry_comes_back_with_a_reopened_task(office: Office) -> None:
    office.act(office.task(), "withdraw", COORDINATOR, at(2, hour=9), note="nhầm")
    office.tick(at(2, hour=14))
    office.act(office.task(), "reopen", COORDINATOR, at(3, hour=9), note="làm tiếp")
    office.tick(at(3, hour=14))
    cancelled, again = (attachments(one) for one in office.sent(HEAD)[-2:])
    (before,), (after,) = cancelled.values(), again.values()
    assert "METHOD:CANCEL" in before and "METHOD:PUBLISH" in after
    assert sequence(after) >= sequence(before)


def sequence(entry: str) -> int:
    (line,) = (line for line in entry.splitlines() if line.startswith("SEQUENCE:"))
    return int(line.removeprefix("SEQUENCE:"))


def test_coordinating_units_hear_that_a_task_is_reopened(office: Office) -> None:
    with transaction(office.engine) as session:
        session.add(Contribution(task_id=office.task().id, unit_id=office.unit("VU-PC").id))
    office.act(office.task(), "withdraw", COORDINATOR, at(2, hour=9), note="nhầm")
    office.tick(at(2, hour=14))
    office.act(office.task(), "reopen", COORDINATOR, at(3, hour=9), note="làm tiếp")
    office.tick(at(3, hour=14))
    assert news(office, SECOND) == ["reopened", "withdrawn"]
