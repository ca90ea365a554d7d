"""A task handed on in parts: what happens to the parts, and to the whole because of them."""

from datetime import date
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.session import reading, transaction
from models.errors import BadInput, Refused
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from models.organization.unit import Unit
from models.tasks.history import History
from models.tasks.task import Task, TaskStatus
from models.text.localtime import due_date
from tests.office import COORDINATOR, Office, at, furnish
from tests.postgres import start_and_wait
from workflows.rules.tasks.actions import Action
from workflows.tasks.act import act

pytestmark = pytest.mark.long

LEAD = "duong.trong.nghia"
CLERK = "ngo.van.loc"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """T-LT has handed its task on to two centres: the whole until 30 June, the parts until 15 June."""
    office = furnish(engine, tmp_path)
    office.launch("3")
    whole = office.task("3", "T-LT")
    office.act(whole, "set-date", COORDINATOR, at(1, hour=9), due=date(2004, 6, 30), note="theo quý")
    office.act(whole, "cascade", LEAD, at(1, hour=9), units=("T-LT-KV1", "T-LT-KV2"), due=date(2004, 6, 15))
    return office


@pytest.fixture
def whole(office: Office) -> Task:
    return office.task("3", "T-LT")


@pytest.fixture
def parts(office: Office) -> list[Task]:
    return [office.task("3", unit) for unit in ("T-LT-KV1", "T-LT-KV2")]


def head(office: Office, part: Task) -> str:
    with reading(office.engine) as session:
        return session.get_one(Person, session.get_one(Unit, part.lead_unit_id).head_id).code


def again(office: Office, task: Task) -> Task:
    with reading(office.engine) as session:
        return session.get_one(Task, task.id)


def day_due(office: Office, task: Task) -> date:
    due_at = again(office, task).due_at
    assert due_at is not None
    return due_date(due_at)


def finish(office: Office, *parts: Task) -> None:
    for part in parts:
        office.submit(part, head(office, part), at(2, hour=9))
        office.act(part, "approve", LEAD, at(2, hour=10))


def closings(office: Office, whole: Task) -> int:
    with reading(office.engine) as session:
        told = select(History.id).where(History.task_id == whole.id, History.event == "children_closed")
        return len(session.exec(told).all())


def test_of_the_last_two_parts_approved_at_once_one_tells_the_lead_of_the_whole(
    office: Office, whole: Task, parts: list[Task]
) -> None:
    for part in parts:
        office.submit(part, head(office, part), at(2, hour=9))
    second = Thread(target=office.act, args=(parts[1], "approve", LEAD, at(3, hour=9)))
    with transaction(office.engine) as session:
        act(office.acting(session, resolve_person(session, LEAD), at(3, hour=9)), parts[0].id, Action.APPROVE, {})
        start_and_wait(second, office.engine)
    second.join()
    assert {again(office, part).status for part in parts} == {TaskStatus.APPROVED}
    assert closings(office, whole) == 1


@pytest.mark.parametrize("action", ["grant-extension", "agree-extension"])
def test_extension_of_a_part_stays_within_the_wholes_date(
    office: Office, whole: Task, parts: list[Task], action: str
) -> None:
    part, by = parts[0], LEAD
    office.act(part, "ask-extension", head(office, part), at(2, hour=9), due=date(2004, 6, 28), note="cần thêm")
    if action == "agree-extension":
        office.act(part, "counter-extension", LEAD, at(2, hour=10), due=date(2004, 6, 25), note="sớm hơn")
        by = head(office, part)
    office.act(whole, "set-date", COORDINATOR, at(3, hour=9), due=date(2004, 6, 21), note="gấp")
    with pytest.raises(BadInput, match="21/06/2004"):
        office.act(part, action, by, at(3, hour=10))
    assert day_due(office, part) == date(2004, 6, 15)


def test_a_part_is_not_reopened_while_the_whole_is_submitted_or_closed(
    office: Office, whole: Task, parts: list[Task]
) -> None:
    finish(office, *parts)
    office.submit(whole, LEAD, at(3, hour=9))
    with pytest.raises(Refused, match="waiting for approval"):
        office.act(parts[0], "reopen", LEAD, at(3, hour=10), note="làm lại")
    office.act(whole, "approve", COORDINATOR, at(3, hour=11))
    with pytest.raises(Refused, match="done"):
        office.act(parts[0], "reopen", LEAD, at(3, hour=12), note="làm lại")
    office.act(whole, "reopen", COORDINATOR, at(3, hour=13), note="chưa đủ")
    office.act(parts[0], "reopen", LEAD, at(3, hour=14), note="làm lại")
    assert again(office, parts[0]).status is TaskStatus.ACCEPTED


def test_a_part_of_a_withdrawn_whole_is_not_reopened_by_itself(office: Office, whole: Task, parts: list[Task]) -> None:
    office.act(whole, "withdraw", COORDINATOR, at(3, hour=9), note="nhầm")
    with pytest.raises(Refused, match="withdrawn"):
        office.act(parts[0], "reopen", LEAD, at(3, hour=10), note="làm lại")
    assert again(office, parts[0]).status is TaskStatus.WITHDRAWN


def test_a_part_reopened_after_the_whole_was_moved_up_is_due_no_later_than_the_whole(
    office: Office, whole: Task, parts: list[Task]
) -> None:
    finish(office, *parts)
    office.act(whole, "set-date", COORDINATOR, at(3, hour=9), due=date(2004, 6, 10), note="gấp")
    office.act(parts[0], "reopen", LEAD, at(3, hour=10), note="làm lại")
    assert day_due(office, parts[0]) == date(2004, 6, 10)
    with reading(office.engine) as session:
        moved = select(History.event).where(History.task_id == parts[0].id).order_by(col(History.id).desc()).limit(2)
        assert set(session.exec(moved)) == {"reopened", "due_moved"}


def receive(office: Office, whole: Task) -> None:
    given = {"number": "12/BC-T-LT", "date": date(2004, 6, 2), "received_on": date(2004, 6, 2)}
    office.act(whole, "receive", CLERK, at(2, hour=11), **given)


def test_a_report_that_arrived_is_recorded_though_parts_are_open_and_the_parts_go_on(
    office: Office, whole: Task, parts: list[Task]
) -> None:
    """It did arrive, and the day it did decides; whether that is all is for who approves to say."""
    receive(office, whole)
    assert again(office, whole).status is TaskStatus.SUBMITTED
    assert {again(office, part).status for part in parts} == {TaskStatus.ASSIGNED}
    office.act(whole, "return", COORDINATOR, at(2, hour=12), note="thiếu số liệu")
    assert {again(office, part).status for part in parts} == {TaskStatus.ASSIGNED}


def test_whose_report_arrived_is_not_asked_for_it_when_the_last_part_is_done(
    office: Office, whole: Task, parts: list[Task]
) -> None:
    receive(office, whole)
    finish(office, *parts)
    assert closings(office, whole) == 0
    office.act(whole, "return", COORDINATOR, at(3, hour=9), note="thiếu số liệu")
    office.act(parts[0], "reopen", LEAD, at(3, hour=10), note="bổ sung")
    office.submit(parts[0], head(office, parts[0]), at(4, hour=9))
    office.act(parts[0], "approve", LEAD, at(4, hour=10))
    assert closings(office, whole) == 1, "it is the lead's turn again"


def test_a_letter_that_asks_for_the_result_does_not_leave_once_it_has_arrived(
    office: Office, whole: Task, parts: list[Task]
) -> None:
    for part in parts:
        office.submit(part, head(office, part), at(2, hour=9))
        office.act(part, "approve", LEAD, at(2, hour=19))
    office.submit(whole, LEAD, at(2, hour=20))
    office.tick(at(3))
    assert ("event:children_closed", 0) not in office.told(whole, LEAD)


def test_with_the_whole_done_nobody_is_chased_for_its_parts_any_more(
    office: Office, whole: Task, parts: list[Task]
) -> None:
    finish(office, parts[0])
    receive(office, whole)
    office.act(whole, "approve", COORDINATOR, at(3, hour=9))
    done, left = (again(office, part) for part in parts)
    assert (done.status, left.status) == (TaskStatus.APPROVED, TaskStatus.WITHDRAWN)
    assert left.closed_at == at(3, hour=9) and left.next_check_at is None
    assert closings(office, whole) == 0, "the whole is over: nobody is asked to send its result"
    with reading(office.engine) as session:
        query = select(History).where(History.task_id == left.id).order_by(col(History.id).desc()).limit(1)
        line = session.exec(query).one()
    assert (line.event, line.relation) == ("withdrawn", "system")
    office.days(at(4), at(30))
    told = [one["Subject"] for one in office.sent(head(office, left)) if "thu hồi" in str(one["Subject"]).lower()]
    assert len(told) == 1
    assert not [one for one in office.sent(head(office, left)) if "quá hạn" in str(one["Subject"])]


def test_parts_of_parts_end_with_the_whole_too(office: Office, whole: Task, parts: list[Task]) -> None:
    part = parts[0]
    below = office.unit("T-LT-KV2")
    office.change_unit("T-LT-KV2", parent_id=part.lead_unit_id)
    office.act(parts[1], "withdraw", LEAD, at(2, hour=8), note="giao lại")
    office.act(part, "cascade", head(office, part), at(2, hour=9), units=("T-LT-KV2",))
    receive(office, whole)
    office.act(whole, "approve", COORDINATOR, at(3, hour=9))
    with reading(office.engine) as session:
        grandchild = session.exec(select(Task).where(Task.parent_id == part.id)).one()
    assert grandchild.lead_unit_id == below.id and grandchild.status is TaskStatus.WITHDRAWN
