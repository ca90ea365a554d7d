"""What a letter is told about its tasks, read from what is stored."""

from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.database.session import transaction
from models.tasks.task import Task
from notifications.outbox.claims import next_letters
from tests.notifications.queue import take
from tests.office import COORDINATOR, Office, at, body, furnish
from workflows.delivery.deliver import deliver
from workflows.escalation.sweep import sweep

HEAD = "duong.trong.nghia"
LEAD, AUTHORITY = "luong.thi.ngan", "quach.viet.hung"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def test_standing_down_ends_the_situation_and_asks_for_nothing(office: Office) -> None:
    office.launch("2.a", due=None)
    incident = office.declare("T-LT", now=at(2, hour=9))
    office.tick(at(2, hour=9))
    office.stand_down(incident, at(2, hour=9, minute=30))
    office.tick(at(2, hour=9, minute=31))
    told = office.sent(HEAD)[-1]
    assert told["Subject"].startswith("[Tình huống] kết thúc, 01 nhiệm vụ được thu hồi")
    assert "Tình huống đã kết thúc; nhiệm vụ được thu hồi." in body(told)
    assert "thực hiện ngay" not in body(told)


def test_a_task_withdrawn_while_the_situation_lasts_does_not_end_it(office: Office) -> None:
    office.launch("2.a", due=None)
    office.declare("T-LT", now=at(2, hour=9))
    office.tick(at(2, hour=9))
    office.act(office.task("2.a"), "withdraw", "le.thi.c", at(2, hour=10), note="Giao đơn vị khác")
    office.tick(at(2, hour=10, minute=1))
    told = office.sent(HEAD)[-1]
    assert "thu hồi" in told["Subject"]
    assert "kết thúc" not in told["Subject"] + body(told)


# what was asked is told until it is answered


def asked_extension(office: Office) -> Task:
    """Asked in the evening: the decider hears of it with the morning's digest."""
    office.launch("4")
    task = office.task()
    office.act(task, "ask-extension", LEAD, at(2, hour=19), due=date(2004, 7, 9), note="cần thêm")
    return task


def test_an_extension_decided_before_the_letter_leaves_is_not_asked_for(office: Office) -> None:
    task = asked_extension(office)
    office.act(task, "refuse-extension", COORDINATOR, at(2, hour=20), note="không")
    office.tick(at(3))
    assert ("event:extension_asked", 0, COORDINATOR, "dropped") in office.notices(task)
    assert ("event:extension_refused", 0) in office.told(task, LEAD)


def test_only_the_extension_still_open_is_asked_for(office: Office) -> None:
    task = asked_extension(office)
    office.act(task, "refuse-extension", COORDINATOR, at(2, hour=20), note="không")
    office.act(task, "ask-extension", LEAD, at(2, hour=21), due=date(2004, 7, 7), note="vẫn cần")
    office.tick(at(3))
    assert office.told(task, COORDINATOR) == [("event:extension_asked", 0)]
    assert ("event:extension_asked", 0, COORDINATOR, "dropped") in office.notices(task)


def test_an_extension_still_open_in_the_morning_is_asked_for(office: Office) -> None:
    task = asked_extension(office)
    office.tick(at(3))
    assert office.told(task, COORDINATOR) == [("event:extension_asked", 0)]


def test_an_obstacle_answered_before_the_letter_leaves_is_not_reported(office: Office) -> None:
    office.launch("4")
    task = office.task()
    office.act(task, "raise-obstacle", LEAD, at(2, hour=19), note="Thiếu số liệu", to="VU-PC")
    office.act(task, "answer-obstacle", AUTHORITY, at(2, hour=20), note="đồng ý")
    office.tick(at(3))
    raised = {row for row in office.notices(task) if row[0] == "event:obstacle_raised"}
    assert {state for *_key, state in raised} == {"dropped"}
    assert {person for _rung, _offset, person, _state in raised} == {COORDINATOR, AUTHORITY}


def test_a_change_of_lead_decided_before_the_letter_leaves_is_not_asked_for(office: Office) -> None:
    office.launch("4")
    task = office.task()
    office.act(task, "not-ours", LEAD, at(2, hour=19), note="không thuộc chức năng")
    asked = [row for row in office.notices(task) if row[0] == "event:lead_change_asked"]
    office.act(task, "keep-lead", COORDINATOR, at(2, hour=20), note="thuộc chức năng")
    office.tick(at(3))
    dropped = [row for row in office.notices(task) if row[0] == "event:lead_change_asked"]
    assert asked and {state for *_key, state in dropped} == {"dropped"}


def test_a_request_and_its_reminder_of_one_morning_are_told_once(office: Office) -> None:
    office.launch("4")  # due on the 30th
    task = office.task()
    office.act(task, "ask-extension", LEAD, at(28, hour=10), due=date(2004, 7, 9), note="cần thêm")
    office.tick(at(29))
    assert office.told(task, COORDINATOR) == [("event:extension_asked", 0)]
    assert ("decide", 3, COORDINATOR, "superseded") in office.notices(task)
    office.tick(at(30))
    above = {person for rung, _offset, person, state in office.notices(task) if (rung, state) == ("decide", "sent")}
    assert len(above) == 1 and COORDINATOR not in above, "the superior hears of it no later than on the date"
    office.tick(at(5, 7))
    assert len([row for row in office.notices(task) if row[0] == "decide"]) == 2, "nobody is reminded twice"


# what came too late for its own letter


def test_a_late_question_is_put_beside_what_is_more_severe(office: Office) -> None:
    """Its letter left without it; with the next one comes another reminder about the same task."""
    office.launch("2", on=at(4), due=None)
    office.days(at(4), at(7))
    sweep(office.engine, now=at(8), calendar=office.calendar)
    with transaction(office.engine) as session:
        for one in next_letters(session, now=at(8), limit=50):  # the digest is with somebody who looked too early
            assert take(session, one, until=at(8, hour=9))
    deliver(office.engine, office.settings, office.sender, now=at(8), calendar=office.calendar)
    task = office.task("2", "T-LT")
    assert ("set_date", 2) not in office.told(task, COORDINATOR)
    office.tick(at(10))
    assert set(office.told(task, COORDINATOR)) == {("set_date", 2), ("not_accepted", 4)}
    assert "CẦN ẤN ĐỊNH THỜI HẠN" in body(office.sent(COORDINATOR)[-1])


def test_of_two_reminders_of_one_date_the_worse_one_is_told(office: Office) -> None:
    office.launch("4")
    office.act(office.task(), "accept", LEAD, at(1, hour=9))
    office.days(at(1), at(18))
    sweep(office.engine, now=at(21), calendar=office.calendar)  # 7 days before; its digest does not leave
    office.tick(at(25))  # 3 days before
    told = [(rung, offset) for rung, offset in office.told(office.task(), LEAD) if rung == "due_soon"]
    assert told == [("due_soon", -3)]


# the calendar entry


def test_after_a_downtime_the_date_still_comes_as_a_calendar_entry(office: Office) -> None:
    office.launch("4", on=at(1, hour=19))
    office.tick(at(8))  # the assignment is superseded by "not accepted", in one digest
    assert office.told(office.task(), LEAD) == [("not_accepted", 4)]
    assert len(entries(office.sent(LEAD)[-1])) == 1
    office.tick(at(21))
    assert entries(office.sent(LEAD)[-1]) == [], "once is enough"


def test_a_task_with_a_date_set_meanwhile_comes_with_one_calendar_entry(office: Office) -> None:
    office.launch("4", on=at(1, hour=19))
    office.act(office.task(), "set-date", COORDINATOR, at(1, hour=20), due=date(2004, 7, 9), note="Bộ đồng ý")
    office.tick(at(8))
    assert len(entries(office.sent(LEAD)[-1])) == 1


def entries(letter: EmailMessage) -> list[str]:
    return [part.get_filename() or "" for part in letter.walk() if part.get_content_type() == "text/calendar"]
