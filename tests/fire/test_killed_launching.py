"""kill -9 in the midst of a launch in chunks: others make what is missing, and nothing twice; two share one launch."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from models.database.ids import new_id
from models.database.session import reading, transaction
from models.directives.directive import Duty
from models.directives.launch import ArmedDuty
from models.letters.letter import Notice
from models.operations.background_job import BackgroundJob, BackgroundJobState
from models.organization.person import Person
from models.tasks.history import History
from models.tasks.task import Task
from tests.fire.deaths import LAUNCH_DEATHS, die_launching
from tests.fire.facts import assert_whole
from tests.fire.processes import PATIENCE, at_once, context, launch_together, open_office, two_workers
from tests.office import COORDINATOR, DUE, ON, Office, furnish
from tests.scenes import Play
from workflows.jobs.run_background_jobs import run_background_jobs
from workflows.launch.launch_order import LaunchOrder, ask_launch
from workflows.operations.setup import BUNDLED
from workflows.queue.background_jobs import LEASE
from workflows.queue.chunks import CHUNK_LEASE

PATHS = ("1", "2", "2.a")


def ask_for_it(office: Office) -> None:
    with transaction(office.engine) as session:
        order = LaunchOrder(directive=BUNDLED, paths=PATHS, coordinator_id=office.person(COORDINATOR).id, due_on=DUE)
        ask_launch(session, order, job_id=new_id(), actor=office.person(COORDINATOR), now=ON, calendar=office.calendar)


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
def test_a_launch_killed_with(name: str, url: str, office: Office, tmp_path: Path) -> None:
    process = context.Process(target=die_launching, args=(name, url, tmp_path, 1, ON))
    process.start()
    process.join(PATIENCE)
    assert process.exitcode == -signal.SIGKILL, f"it never came to: {name}"
    assert_whole(office.engine)
    was_planned = name != "the launch planned, not committed"
    before = read_errand(office)
    told = run_background_jobs(office.engine, office.settings, now=ON)
    assert told["errands"] == 0, "nobody takes up the whole"
    assert bool(told["chunks"]) is (was_planned and before.done < before.total - 10), "but what is in nobody's hands"
    after = read_errand(office)
    if after.state is BackgroundJobState.RUNNING:
        left = after.total - after.done
        assert 0 < left <= 10 if was_planned else after.total == 0, "a chunk is in the hands of the dead"
    run_background_jobs(office.engine, office.settings, now=ON + 2 * (CHUNK_LEASE if was_planned else LEASE))
    assert_all_made(office)


def test_two_processes_share_a_launch_while_either_is_killed_again_and_again(
    url: str, office: Office, tmp_path: Path
) -> None:
    chance, deaths = random.Random(7), 0
    living = [begin_launching(url, tmp_path) for _ in range(2)]
    while read_errand(office).state is not BackgroundJobState.DONE and deaths < 12:
        done = read_errand(office).done
        victim = living.pop(chance.randrange(2))
        patience = time.monotonic() + chance.uniform(0, 0.4)
        while (
            time.monotonic() < patience and read_errand(office).done == done
        ):  # killed at the latest when one moves on
            victim.join(0.005)  # it may come to its end by itself
        if victim.exitcode is None:
            os.kill(victim.pid or 0, signal.SIGKILL)
            victim.join(PATIENCE)
            deaths += 1
            assert_whole(office.engine)
        assert read_errand(office).done >= done, "nothing that was done is lost"
        living.append(begin_launching(url, tmp_path))
    for process in living:
        process.kill()
        process.join(PATIENCE)
    moment = ON
    while read_errand(office).state is not BackgroundJobState.DONE:
        moment += 2 * LEASE  # the leases of the dead are over, one after the other
        run_background_jobs(office.engine, office.settings, now=moment)
        assert moment < ON + 40 * LEASE
    assert deaths > 2
    assert_all_made(office)


def test_two_launches_of_the_same_at_once_make_every_task_once(url: str, office: Office, tmp_path: Path) -> None:
    ask_for_it(office)
    with two_workers(url, tmp_path, 1) as both:
        at_once(*both, (launch_together, (ON, 7), {}), (launch_together, (ON, 7), {}))
    with reading(office.engine) as session:
        errands = session.scalars(select(BackgroundJob).order_by(col(BackgroundJob.asked_at))).all()
        total = session.scalar(select(func.count()).select_from(Task))
        history = session.scalar(select(func.count()).where(col(History.event) == "assigned"))
    assert {one.state for one in errands} == {BackgroundJobState.DONE}
    assert all(one.done == one.total == total for one in errands)
    assert sum(one.outcome["created"] for one in errands) == total == history
    assert all(one.outcome["existing"] == one.total - one.outcome["created"] for one in errands)
    found = made(office)
    assert {row[-1] for row in found["tasks"]} == {1} and {row[-1] for row in found["told"]} == {"1"}
    assert found["armed"] == 2
    assert_whole(office.engine)


def begin_launching(url: str, folder: Path) -> Any:
    process = context.Process(target=_launch_alone, args=(url, folder))
    process.start()
    return process


def _launch_alone(url: str, folder: Path) -> None:
    launch_together(open_office(url, folder, 1), ON, 3)


def read_errand(office: Office) -> BackgroundJob:
    with reading(office.engine) as session:
        return session.scalars(select(BackgroundJob)).one()


def assert_all_made(office: Office) -> None:
    """The launch is over, and everything was made once."""
    errand = read_errand(office)
    with reading(office.engine) as session:
        total = session.scalar(select(func.count()).select_from(Task))
        moments = {event: at for event, at in session.execute(select(col(History.event), col(History.recorded_at)))}
    assert (errand.state, errand.done, errand.outcome["existing"]) == (BackgroundJobState.DONE, errand.total, 0)
    assert errand.outcome["created"] == errand.total == total
    assert errand.outcome["armed"] == ["1", "2.a"]
    found = made(office)
    assert {row[-1] for row in found["tasks"]} == {1}
    assert {row[-1] for row in found["told"]} == {"1"}
    assert found["history"]["launched"] == 1 and found["armed"] == 2
    assert moments["launched"] >= moments["assigned"]
    assert_whole(office.engine)
