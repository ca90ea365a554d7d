"""Remind now: one letter to whoever must act, once a day, and never to a unit that waits for somebody else."""

from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.errors import Refused
from models.letters.letter import NoticeState
from tests.office import COORDINATOR, Office, at, furnish

HEAD = "luong.thi.ngan"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    office = furnish(engine, tmp_path)
    office.launch("4")
    office.tick(at(1))
    return office


def reminders(office: Office) -> list[tuple[str, str]]:
    return [(who, state) for rung, _offset, who, state in office.notices(office.task("4")) if rung == "event:reminded"]


def test_reminder_quotes_the_duty_and_the_senders_words(office: Office) -> None:
    task = office.task("4")
    office.act(task, "accept", HEAD, at(1, hour=9))
    office.act(task, "remind", COORDINATOR, at(2, hour=9), note="Đề nghị gửi sớm để kịp họp giao ban")
    before = len(office.sender.letters)
    office.tick(at(2, hour=9, minute=5))
    ((_address, content),) = office.sender.letters[before:]
    message = message_from_bytes(content, policy=policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    for words in ("đôn đốc", "Đề nghị gửi sớm để kịp họp giao ban", "miễn, giảm giá cước"):
        assert words in text, text
    assert "đôn đốc thực hiện" in message["Subject"]
    assert reminders(office) == [(HEAD, NoticeState.SENT)]


def test_a_second_reminder_on_the_same_day_is_refused_and_on_the_next_it_is_not(office: Office) -> None:
    task = office.task("4")
    office.act(task, "remind", COORDINATOR, at(2, hour=9))
    with pytest.raises(Refused, match="already"):
        office.act(task, "remind", COORDINATOR, at(2, hour=17))
    assert len(reminders(office)) == 1
    office.act(task, "remind", COORDINATOR, at(3, hour=9))
    assert len(reminders(office)) == 2


def test_a_unit_that_waits_for_somebody_else_is_not_reminded(office: Office) -> None:
    task = office.task("4")
    office.act(task, "raise-obstacle", HEAD, at(2), note="thiếu số liệu")
    with pytest.raises(Refused, match="waits for somebody else"):
        office.act(task, "remind", COORDINATOR, at(2, hour=9))
    office.submit(office.task("4"), HEAD, at(2, hour=10))
    with pytest.raises(Refused, match="not possible"):
        office.act(task, "remind", COORDINATOR, at(2, hour=11))


def test_reminder_asked_at_night_leaves_in_the_morning_if_still_true(office: Office) -> None:
    task = office.task("4")
    office.act(task, "remind", COORDINATOR, at(2, hour=20))
    office.tick(at(2, hour=20, minute=5))
    assert reminders(office) == [(HEAD, NoticeState.PENDING)]
    office.submit(task, HEAD, at(3, hour=7, minute=30))
    office.tick(at(3))
    assert reminders(office) == [(HEAD, NoticeState.DROPPED)]


def test_a_unit_that_nobody_can_write_to_is_telephoned(office: Office) -> None:
    office.change_person(HEAD, email=None)
    with pytest.raises(Refused, match="telephone"):
        office.act(office.task("4"), "remind", COORDINATOR, at(2, hour=9))
    assert reminders(office) == []


def test_a_task_done_is_not_reminded_of(office: Office) -> None:
    task = office.task("4")
    office.submit(task, HEAD, at(2))
    office.act(task, "approve", COORDINATOR, at(2, hour=9))
    with pytest.raises(Refused):
        office.act(task, "remind", COORDINATOR, at(3))


def test_another_coordinator_gets_the_task_and_both_hear_of_it(office: Office) -> None:
    task = office.task("4")
    with pytest.raises(Exception, match="not an active coordinator"):
        office.act(task, "change-coordinator", COORDINATOR, at(2), to=HEAD)
    office.act(task, "change-coordinator", "le.thi.d", at(2, hour=9), to="le.thi.d", note="chuyển công tác")
    assert office.task("4").coordinator_id == office.person("le.thi.d").id
    told = {who for rung, _o, who, _s in office.notices(task) if rung == "event:coordinator_changed"}
    assert told == {COORDINATOR}, "who did it knows"
