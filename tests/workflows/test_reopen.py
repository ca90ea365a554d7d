"""A task taken back while its result waited, and taken up again: the unit submits once more."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.session import reading, transaction
from models.tasks.task import Result, Task, TaskStatus
from tests.office import COORDINATOR, Office, at, furnish

HEAD, CLERK = "luong.thi.ngan", "ngo.van.loc"
RECEIPT = {"number": "13/BC", "date": date(2004, 6, 5), "received_on": date(2004, 6, 5)}


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """The office, and who works there."""
    return furnish(engine, tmp_path)


@pytest.fixture
def task(office: Office) -> Task:
    """Submitted, withdrawn before anybody decided, and reopened."""
    office.launch("4")
    task = office.task()
    office.submit(task, HEAD, at(2, hour=9))
    office.act(task, "withdraw", COORDINATOR, at(3, hour=9), note="nhầm")
    office.act(task, "reopen", COORDINATOR, at(4, hour=9), note="làm tiếp")
    return task


def decisions(office: Office) -> list[str | None]:
    with reading(office.engine) as session:
        return list(session.exec(select(Result.decision).order_by(col(Result.submitted_at))))


def test_the_result_that_waited_goes_back_with_the_reopening(office: Office, task: Task) -> None:
    assert office.task().status is TaskStatus.ACCEPTED
    with reading(office.engine) as session:
        result = session.exec(select(Result)).one()
    assert (result.decision, result.decided_at) == ("returned", at(4, hour=9))


def test_the_unit_submits_anew_and_is_approved(office: Office, task: Task) -> None:
    office.submit(task, HEAD, at(5, hour=9))
    office.act(task, "approve", COORDINATOR, at(5, hour=10))
    assert decisions(office) == ["returned", "approved"]
    assert office.task().submitted_on == date(2004, 6, 5)


def test_the_clerk_receives_the_report_anew(office: Office, task: Task) -> None:
    office.act(task, "receive", CLERK, at(5, hour=9), **RECEIPT)
    assert decisions(office) == ["returned", None]


def test_a_task_reopened_before_results_went_back_can_be_submitted_too(office: Office, task: Task) -> None:
    with transaction(office.engine) as session:
        result = session.exec(select(Result)).one()
        result.decision = result.decided_at = result.decided_by = None
    office.submit(task, HEAD, at(5, hour=9))
    assert decisions(office) == ["returned", None]
