"""Another unit leads: what the former one had asked for ends with its lead, and holds nobody's reminders up."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.database.session import reading
from models.errors import Refused
from models.organization.register_reads import resolve_person
from models.tasks.history import History
from models.tasks.task import Extension, Obstacle, Task
from notifications.smtp.clocks import Stopwatch
from notifications.smtp.transport import Attempt, SendOutcome
from tests.office import COORDINATOR, Office, at, body, furnish
from workflows.jobs.simulate import RecordedSender

FORMER, NEW_LEAD, AUTHORITY = "luong.thi.ngan", "quach.viet.hung", "pham.dang.vinh"
MORE_TIME: dict[str, Any] = {"due": date(2004, 7, 15), "note": "cần thêm số liệu"}
DIFFICULTY: dict[str, Any] = {"note": "thiếu số liệu", "to": "VU-KHCN"}


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """Item 4, which VU-KHTC leads and has accepted."""
    office = furnish(engine, tmp_path)
    office.launch("4")
    office.act(office.task(), "accept", FORMER, at(1, hour=9))
    return office


def change_lead(office: Office, now: datetime = at(8, hour=9)) -> Task:
    office.act(office.task(), "change-lead", COORDINATOR, now, to="VU-PC", note="đúng chức năng")
    return office.task()


def events(office: Office, task: Task) -> list[str]:
    with reading(office.engine) as session:
        query = select(History.event).where(History.task_id == task.id)
        return list(session.exec(query.order_by(History.recorded_at, History.id)).all())  # type: ignore[arg-type]


@pytest.mark.parametrize(("asked", "given"), [("ask-extension", MORE_TIME), ("raise-obstacle", DIFFICULTY)])
def test_the_new_lead_is_reminded_though_the_former_one_waited_for_an_answer(
    office: Office, asked: str, given: dict[str, Any]
) -> None:
    office.act(office.task(), asked, FORMER, at(7, hour=9), **given)
    assert office.task().wait_kind is not None
    assert change_lead(office).wait_kind is None
    office.days(at(9), at(30))
    told = {rung for rung, _offset, to, _state in office.notices(office.task()) if to == NEW_LEAD}
    assert {"not_accepted", "due_soon", "due"} <= told


@pytest.mark.parametrize(("asked", "given"), [("ask-extension", MORE_TIME), ("raise-obstacle", DIFFICULTY)])
def test_the_new_lead_asks_for_itself(office: Office, asked: str, given: dict[str, Any]) -> None:
    office.act(office.task(), asked, FORMER, at(7, hour=9), **given)
    change_lead(office)
    office.act(office.task(), asked, NEW_LEAD, at(9, hour=9), **given)
    assert office.task().wait_kind is not None


def test_time_that_the_former_lead_asked_for_is_not_granted_to_the_new_one(office: Office) -> None:
    office.act(office.task(), "ask-extension", FORMER, at(7, hour=9), **MORE_TIME)
    change_lead(office)
    with pytest.raises(Refused):
        office.act(office.task(), "grant-extension", COORDINATOR, at(9, hour=9))
    with reading(office.engine) as session:
        (extension,) = session.exec(select(Extension)).all()
        assert extension.state == "refused"
        assert extension.decided_by == resolve_person(session, COORDINATOR).id
        assert extension.decision_reason == "Đơn vị chủ trì đã thay đổi"


def test_another_date_proposed_to_the_former_lead_is_not_the_new_ones_to_agree_to(office: Office) -> None:
    office.act(office.task(), "ask-extension", FORMER, at(7, hour=9), **MORE_TIME)
    office.act(office.task(), "counter-extension", COORDINATOR, at(7, hour=10), due=date(2004, 7, 7), note="một tuần")
    change_lead(office)
    with pytest.raises(Refused):
        office.act(office.task(), "agree-extension", NEW_LEAD, at(9, hour=9))


def test_the_authority_is_not_asked_any_more_for_what_the_former_lead_wanted(office: Office) -> None:
    office.act(office.task(), "raise-obstacle", FORMER, at(7, hour=9), **DIFFICULTY)
    change_lead(office)
    with pytest.raises(Refused):
        office.act(office.task(), "answer-obstacle", AUTHORITY, at(9, hour=9), note="đã gửi số liệu")
    with reading(office.engine) as session:
        (obstacle,) = session.exec(select(Obstacle)).all()
        assert obstacle.answered_at == at(8, hour=9)
        assert obstacle.answer == "Đơn vị chủ trì đã thay đổi"


def test_the_history_says_that_the_request_ended_with_the_lead(office: Office) -> None:
    office.act(office.task(), "ask-extension", FORMER, at(7, hour=9), **MORE_TIME)
    assert events(office, change_lead(office))[-2:] == ["extension_refused", "lead_changed"]


def test_the_former_lead_hears_once_that_another_leads(office: Office) -> None:
    office.act(office.task(), "ask-extension", FORMER, at(7, hour=9), **MORE_TIME)
    task = change_lead(office)
    told = [rung for rung, _offset, to, _state in office.notices(task) if to == FORMER]
    assert [one for one in told if one.startswith("event:")] == ["event:lead_changed"]


def test_what_a_clock_that_was_ahead_had_decided_is_told_to_the_new_lead(office: Office) -> None:
    """A clock three weeks ahead decides in the evening; its letters would leave the next morning."""
    office.tick(at(25, hour=20))
    waiting = {(rung, to) for rung, _offset, to, state in office.notices(office.task()) if state == "pending"}
    assert {to for _rung, to in waiting} >= {FORMER}
    change_lead(office)
    office.days(at(9), at(30))
    sent = [(rung, to) for rung, _offset, to, state in office.notices(office.task()) if state == "sent"]
    assert [rung for rung, to in sent if to == FORMER] == ["event:lead_changed"]
    assert {rung for rung, to in sent if to == NEW_LEAD} >= {"due_soon", "due"}


class Meanwhile(RecordedSender):
    """Its first letter to the former lead is under way while another unit gets the lead."""

    def __init__(self, office: Office, end: Attempt) -> None:
        super().__init__()
        self.office, self.end, self.is_done = office, end, False

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        if to_address != self.office.person(FORMER).email or self.is_done:
            return super().send(to_address, content)
        self.is_done = True
        change_lead(self.office, at(21, hour=9))
        if self.end.outcome is SendOutcome.ACCEPTED:
            super().send(to_address, content)
        return self.end


def reminders(office: Office) -> list[tuple[str, str, str]]:
    notices = office.notices(office.task())
    return [(rung, to, state) for rung, _offset, to, state in notices if rung == "not_accepted" or rung == "due_soon"]


@pytest.mark.parametrize(
    ("end", "state"),
    [(Attempt(SendOutcome.ACCEPTED, 250), "sent"), (Attempt(SendOutcome.TEMPORARY, 450, "later"), "dropped")],
    ids=["taken", "put off"],
)
def test_a_letter_under_way_while_the_lead_changes_is_told_only_if_it_arrives(
    office: Office, end: Attempt, state: str
) -> None:
    office.days(at(2), at(20))
    office.sender = sender = Meanwhile(office, end)
    office.days(at(21), at(25))
    assert sender.is_done
    to_former = [(rung, state) for rung, to, state in reminders(office) if to == FORMER]
    assert to_former == [("due_soon", state)]
    letters = [body(one).lower() for one in office.sent(FORMER)]
    assert len([one for one in letters if "đến hạn" in one]) == (state == "sent"), "nor does it leave a second time"
    assert {to for _rung, to, state in reminders(office) if state == "sent"} >= {NEW_LEAD}
