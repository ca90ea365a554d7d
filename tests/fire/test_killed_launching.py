"""kill -9 in the midst of a launch in chunks: the next process makes what is missing, and nothing twice."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from models.directive import Duty
from models.errand import Errand, ErrandState
from models.history import History
from models.ids import new_id
from models.launch import ArmedDuty
from models.letter import Notice
from models.person import Person
from models.session import reading, transaction
from models.task import Task
from tests.fire.deaths import LAUNCH_DEATHS, die_launching
from tests.fire.facts import assert_whole
from tests.fire.processes import PATIENCE, context, open_office
from tests.fire.scenes import Play
from tests.office import COORDINATOR, DUE, ON, Office, furnish
from workflows.do_errands import do_errands
from workflows.errands import LEASE
from workflows.launch_order import LaunchOrder, ask_launch
from workflows.setup import BUNDLED

PATHS = ("1", "2", "2.a")


def ask_for_it(office: Office) -> None:
    with transaction(office.engine) as session:
        order = LaunchOrder(
            directive=BUNDLED, paths=PATHS, coordinator_id=office.person(COORDINATOR).id, due_on=DUE
        )  # fmt: skip
        ask_launch(
            session, order, errand_id=new_id(), actor=office.person(COORDINATOR), now=ON, calendar=office.calendar
        )


@pytest.fixture
def url(stage: Callable[[Play], str]) -> str:
    return stage(furnish)


@pytest.fixture
def office(url: str, tmp_path: Path) -> Iterator[Office]:
    office = open_office(url, tmp_path, 1)
    ask_for_it(office)
    yield office
    office.engine.dispose()


def made(office: Office) -> dict[str, Any]:
    """What there is of the launch, without anything that differs by the run."""
    with reading(office.engine) as session:
        tasks = (
            select(col(Duty.path), col(Task.occurrence), col(Task.assigned_unit_id), func.count())
            .join(Duty, col(Duty.id) == col(Task.duty_id))
            .group_by(col(Duty.path), col(Task.occurrence), col(Task.assigned_unit_id))
        )
        told = (
            select(col(Task.assigned_unit_id), col(Duty.path), col(Person.code), func.count())
            .select_from(Notice)
            .join(Task, col(Task.id) == col(Notice.task_id))
            .join(Duty, col(Duty.id) == col(Task.duty_id))
            .join(Person, col(Person.id) == col(Notice.recipient_id))
            .group_by(col(Task.assigned_unit_id), col(Duty.path), col(Person.code))
        )
        lines = select(col(History.event), func.count()).group_by(col(History.event))
        return {
            "tasks": sorted(tuple(row) for row in session.execute(tasks)),
            "told": sorted(tuple(map(str, row)) for row in session.execute(told)),
            "history": dict(tuple(row) for row in session.execute(lines)),
            "armed": session.scalar(select(func.count()).select_from(ArmedDuty)),
        }


@pytest.mark.parametrize("name", LAUNCH_DEATHS)
def test_killed_with(name: str, url: str, office: Office, tmp_path: Path) -> None:
    process = context.Process(target=die_launching, args=(name, url, tmp_path, 1, ON))
    process.start()
    process.join(PATIENCE)
    assert process.exitcode == -signal.SIGKILL, f"it never came to: {name}"
    assert_whole(office.engine)
    assert do_errands(office.engine, office.settings, now=ON)["errands"] == 0, "its lease runs"
    assert do_errands(office.engine, office.settings, now=ON + 2 * LEASE) == {"errands": 1, "errands_failed": 0}
    with reading(office.engine) as session:
        errand = session.scalars(select(Errand)).one()
        total = session.scalar(select(func.count()).select_from(Task))
    assert (errand.state, errand.done, errand.outcome["existing"]) == (ErrandState.DONE, errand.total, 0)
    assert errand.outcome["created"] == errand.total == total
    assert errand.outcome["armed"] == ["1", "2.a"]
    found = made(office)
    assert {row[-1] for row in found["tasks"]} == {1}
    assert {row[-1] for row in found["told"]} == {"1"}
    assert found["history"]["launched"] == 1 and found["armed"] == 2
    assert_whole(office.engine)
