"""An approval undone within a minute by who gave it: the result waits again, and nobody hears of either."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.session import reading
from models.errors import Refused
from models.letters.letter_preference import Pace
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.history import RECORDED, History
from models.tasks.task import Result, Task, TaskStatus, WaitKind
from tests.office import COORDINATOR, ON, Office, at, furnish
from workflows.rules.tasks.classification import HistoryRow
from workflows.rules.tasks.lifecycle import UNDO_WITHIN
from workflows.rules.tasks.task_life import LIFE_EVENTS, Life

HEAD, LEAD, CLERK = "luong.thi.ngan", "duong.trong.nghia", "ngo.van.loc"
APPROVED = at(4, hour=9)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """The office, and who works there."""
    return furnish(engine, tmp_path)


@pytest.fixture
def at_once(office: Office) -> None:
    """The head wants news as it happens."""
    office.choose(HEAD, news=Pace.AT_ONCE)


@pytest.fixture
def task(office: Office) -> Task:
    """Submitted on 2 June, approved on 4 June; the letters of the approval wait a minute."""
    office.launch("4")
    office.tick(ON)
    task = office.task()
    office.submit(task, HEAD, at(2, hour=9))
    office.act(task, "approve", COORDINATOR, APPROVED, letters_at=APPROVED + UNDO_WITHIN)
    return task


def undo(office: Office, task: Task, seconds: int = 30, by: str = COORDINATOR) -> Any:
    return office.act(task, "undo-approval", by, APPROVED + timedelta(seconds=seconds))


def news(office: Office, task: Task, person: str = HEAD) -> list[str]:
    return [rung for rung, _offset in office.told(task, person) if rung.startswith("event:")]


def test_the_result_waits_again_since_it_was_sent(office: Office, task: Task) -> None:
    undo(office, task)
    again = office.task()
    assert (again.status, again.closed_at) == (TaskStatus.SUBMITTED, None)
    assert (again.wait_kind, again.wait_since) == (WaitKind.DECISION, at(2, hour=9))
    assert again.submitted_on == date(2004, 6, 2)
    with reading(office.engine) as session:
        result = session.exec(select(Result)).one()
    assert (result.decision, result.decided_at, result.decided_by) == (None, None, None)


def test_nobody_hears_of_an_approval_that_was_undone(office: Office, task: Task) -> None:
    office.tick(APPROVED + timedelta(seconds=20))
    undo(office, task)
    office.tick(at(4, hour=10))
    assert news(office, task) == []


def test_an_approval_that_stands_is_told_after_its_minute(office: Office, at_once: None, task: Task) -> None:
    office.tick(APPROVED + timedelta(seconds=59))
    assert news(office, task) == []
    office.tick(APPROVED + UNDO_WITHIN)
    assert news(office, task) == ["event:approved"]


def test_who_waits_for_the_decision_is_reminded_as_if_nothing_had_been(office: Office, task: Task) -> None:
    undo(office, task)
    office.days(at(5), at(14))
    reminded = {(offset, state) for rung, offset, _person, state in office.notices(task) if rung == "decide"}
    assert reminded == {(3, "superseded"), (5, "sent")}, "the request itself was told on the third day only"
    with reading(office.engine) as session:
        began = session.exec(select(History.id).where(History.event == "submitted")).one()
    assert office.task().wait_anchor_id == began


def test_it_can_be_approved_or_returned_afterwards(office: Office, task: Task) -> None:
    undo(office, task)
    office.act(task, "return", COORDINATOR, at(4, hour=10), note="thiếu phụ lục")
    assert office.task().status is TaskStatus.RETURNED
    office.submit(task, HEAD, at(5, hour=9))
    office.act(task, "approve", COORDINATOR, at(5, hour=10))
    assert office.task().status is TaskStatus.APPROVED


def test_refused_after_the_minute(office: Office, task: Task) -> None:
    with pytest.raises(Refused, match="60 seconds"):
        undo(office, task, 61)
    assert office.task().status is TaskStatus.APPROVED


def test_refused_to_another_of_those_who_may_decide(office: Office, task: Task) -> None:
    with reading(office.engine) as session:
        head = session.get_one(Person, session.get_one(Unit, task.assigner_unit_id).head_id)
    with pytest.raises(Refused, match="by who gave it"):
        undo(office, task, by=head.code)
    assert office.task().status is TaskStatus.APPROVED


def test_refused_once_the_letter_has_left(office: Office, at_once: None) -> None:
    office.launch("4")
    task = office.task()
    office.submit(task, HEAD, at(2, hour=9))
    office.act(task, "approve", COORDINATOR, APPROVED)
    office.tick(APPROVED + timedelta(seconds=10))
    with pytest.raises(Refused, match="told"):
        undo(office, task)


def test_refused_where_parts_ended_with_the_whole(office: Office) -> None:
    office.launch("3")
    whole = office.task("3", "T-LT")
    office.act(whole, "cascade", LEAD, at(1, hour=9), units=("T-LT-KV1", "T-LT-KV2"), due=None)
    received = {"number": "13/BC", "date": date(2004, 6, 2), "received_on": date(2004, 6, 2)}
    office.act(whole, "receive", CLERK, at(2, hour=9), **received)
    office.act(whole, "approve", COORDINATOR, APPROVED, letters_at=APPROVED + UNDO_WITHIN)
    with pytest.raises(Refused, match="told"):
        undo(office, whole)


def test_the_lead_of_the_whole_is_not_told_that_its_parts_are_done(office: Office) -> None:
    office.launch("3")
    whole = office.task("3", "T-LT")
    office.act(whole, "cascade", LEAD, at(1, hour=9), units=("T-LT-KV1",), due=None)
    part = office.task("3", "T-LT-KV1")
    with reading(office.engine) as session:
        head = session.get_one(Person, session.get_one(Unit, part.lead_unit_id).head_id)
    office.submit(part, head.code, at(2, hour=9))
    office.act(part, "approve", LEAD, APPROVED, letters_at=APPROVED + UNDO_WITHIN)
    undo(office, part, by=LEAD)
    office.tick(at(4, hour=10))
    assert "event:children_closed" not in news(office, whole, LEAD)
    office.act(whole, "receive", CLERK, at(5, hour=9), number="1", date=date(2004, 6, 5), received_on=date(2004, 6, 5))


def test_scorecards_count_no_decision_that_was_undone(office: Office, task: Task) -> None:
    undo(office, task)
    with reading(office.engine) as session:
        query = select(History).where(History.task_id == task.id, col(History.event).in_(LIFE_EVENTS))
        rows = session.exec(query.order_by(*RECORDED)).all()
    life = Life()
    for row in rows:
        life.add_row(HistoryRow(row.recorded_at, row.event, row.occurred_on, row.to_status, row.facts))
    assert (life.decisions, life.sent_on, life.status) == ([], date(2004, 6, 2), TaskStatus.SUBMITTED)
