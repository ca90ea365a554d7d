"""kill -9 in the midst of a launch: nothing of it is there, or all of it. Two at once: the second finds every task."""

import os
import random
import signal
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from models.database.ids import new_id
from models.database.session import reading, transaction
from models.directives.directive import Duty
from models.directives.launch import ArmedDuty, Launch
from models.letters.letter import Notice
from models.operations.background_job import LAUNCH, BackgroundJob, BackgroundJobState
from models.organization.person import Person
from models.tasks.history import History
from models.tasks.task import Task
from tests.fire.deaths import LAUNCH_DEATHS, die_launching
from tests.fire.facts import assert_whole
from tests.fire.processes import PATIENCE, ask_at, at_once, context, do_background_jobs, open_office, two_workers
from tests.office import COORDINATOR, DUE, ON, Office, furnish
from tests.scenes import Play
from workflows.launch.launch_order import LaunchOrder, as_given
from workflows.operations.setup import BUNDLED
from workflows.queue.background_jobs import LEASE, ask

pytestmark = pytest.mark.long

PATHS = ("1", "2", "2.a")
AGAIN = ON + 2 * LEASE


@pytest.fixture
def url(stage: Callable[[Play], str]) -> str:
    return stage(furnish)


@pytest.fixture
def office(url: str, tmp_path: Path) -> Iterator[Office]:
    office = open_office(url, tmp_path, 1)
    yield office
    office.engine.dispose()


def order(office: Office) -> LaunchOrder:
    return LaunchOrder(directive=BUNDLED, paths=PATHS, coordinator_id=office.person(COORDINATOR).id, due_on=DUE)


def queue(office: Office) -> UUID:
    """As a launch of very many tasks waits for the background."""
    with transaction(office.engine) as session:
        asked_by = office.person(COORDINATOR).id
        return ask(session, LAUNCH, as_given(order(office)), asked_by=asked_by, now=ON).id


def in_background(office: Office) -> tuple[UUID, Callable[[datetime], tuple[Any, ...]]]:
    return queue(office), lambda moment: (do_background_jobs, moment)


def by_form(office: Office) -> tuple[UUID, Callable[[datetime], tuple[Any, ...]]]:
    job_id, given = new_id(), order(office)
    return job_id, lambda _moment: (ask_at, given, job_id, ON)


WAYS = {"in the background": in_background, "by a form": by_form}


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
        lines = lines.where(col(History.event).in_(("assigned", "launched")))
        return {
            "launches": session.scalar(select(func.count()).select_from(Launch)),
            "tasks": sorted(tuple(row) for row in session.execute(tasks)),
            "told": sorted(tuple(map(str, row)) for row in session.execute(told)),
            "history": dict(tuple(row) for row in session.execute(lines)),
            "armed": session.scalar(select(func.count()).select_from(ArmedDuty)),
        }


NOTHING: dict[str, Any] = {"launches": 0, "tasks": [], "told": [], "history": {}, "armed": 0}


def die(point: str | int, url: str, folder: Path, what: tuple[Any, ...]) -> bool:
    """Return whether a process died at that point; it may have come to its end before."""
    process = context.Process(target=die_launching, args=(point, url, folder, *what))
    process.start()
    process.join(PATIENCE)
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", LAUNCH_DEATHS)
def test_a_launch_killed_with(name: str, way: str, url: str, office: Office, tmp_path: Path) -> None:
    job_id, at = WAYS[way](office)
    assert die(name, url, tmp_path, at(ON)), f"it never came to: {name}"
    assert_whole(office.engine)
    if name == "the launch committed":
        assert_all_made(office, job_id)
    else:
        assert made(office) == NOTHING
    launch, *given = at(AGAIN)
    launch(office, *given)
    assert_all_made(office, job_id)


def test_a_launch_killed_again_and_again_leaves_nothing_or_all_of_it(url: str, office: Office, tmp_path: Path) -> None:
    job_id, at = by_form(office)
    chance, statement = random.Random(7), 1
    while die(statement, url, tmp_path, at(ON)):
        assert made(office) == NOTHING
        assert_whole(office.engine)
        statement += chance.randrange(1, 6)
    assert statement > 20
    assert_all_made(office, job_id)


def two_forms(office: Office) -> list[tuple[Any, ...]]:
    return [by_form(office)[1](ON), by_form(office)[1](ON)]


def one_form_twice(office: Office) -> list[tuple[Any, ...]]:
    return 2 * [by_form(office)[1](ON)]


def two_in_background(office: Office) -> list[tuple[Any, ...]]:
    queue(office)
    queue(office)
    return 2 * [(do_background_jobs, ON)]


def a_form_beside_the_background(office: Office) -> list[tuple[Any, ...]]:
    queue(office)
    return [by_form(office)[1](ON), (do_background_jobs, ON)]


@pytest.mark.parametrize("two", [two_forms, one_form_twice, two_in_background, a_form_beside_the_background])
def test_two_launches_of_the_same_at_once_make_every_task_once(
    two: Callable[[Office], list[tuple[Any, ...]]], url: str, office: Office, tmp_path: Path
) -> None:
    with two_workers(url, tmp_path, 1) as both:
        at_once(*both, *((launch, tuple(given), {}) for launch, *given in two(office)))
    with reading(office.engine) as session:
        jobs = session.scalars(select(BackgroundJob)).all()
    found = made(office)
    total = len(found["tasks"])
    assert len(jobs) == (1 if two is one_form_twice else 2)
    assert all(one.state is BackgroundJobState.DONE and one.done == one.total == total for one in jobs)
    assert sorted(one.outcome["created"] for one in jobs) == sorted([total, 0][: len(jobs)])
    assert all(one.outcome["existing"] == total - one.outcome["created"] for one in jobs)
    assert_once(found)
    assert_whole(office.engine)


def test_while_one_launches_the_same_form_is_killed_beside_it(url: str, office: Office, tmp_path: Path) -> None:
    job_id, at = by_form(office)
    chance = random.Random(7)
    for _turn in range(6):
        both = [context.Process(target=die_launching, args=(10**6, url, tmp_path, *at(ON))) for _ in range(2)]
        for process in both:
            process.start()
        both[0].join(chance.uniform(0, 0.3))
        if both[0].exitcode is None:
            os.kill(both[0].pid or 0, signal.SIGKILL)
        both[1].join(PATIENCE)
        both[0].join(PATIENCE)
        assert both[1].exitcode == 0
        assert_all_made(office, job_id)


def assert_once(found: dict[str, Any]) -> None:
    assert {row[-1] for row in found["tasks"]} == {1}
    assert {row[-1] for row in found["told"]} == {"1"}
    assert found["history"]["launched"] == found["launches"] == 1
    assert found["history"]["assigned"] == len(found["tasks"])
    assert found["armed"] == 2


def assert_all_made(office: Office, job_id: UUID) -> None:
    """The launch is over, and everything was made once."""
    with reading(office.engine) as session:
        job = session.get_one(BackgroundJob, job_id)
        moments = {event: at for event, at in session.execute(select(col(History.event), col(History.recorded_at)))}
    found = made(office)
    assert (job.state, job.outcome["existing"]) == (BackgroundJobState.DONE, 0)
    assert job.outcome["created"] == job.done == job.total == len(found["tasks"])
    assert job.outcome["armed"] == ["1", "2.a"]
    assert_once(found)
    assert moments["launched"] >= moments["assigned"]
    assert_whole(office.engine)
