"""A launch that release 0.3.0 was making when it was stopped: 0.4.0 makes the rest, and tells nothing twice."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text
from sqlmodel import col

from models.database.schema import downgrade, is_current, migrate
from models.database.session import reading, transaction
from models.directives.launch import ArmedDuty, Launch
from models.letters.letter import Notice
from models.operations.background_job import LAUNCH, BackgroundJob, BackgroundJobState
from models.tasks.task import Task
from tests.office import COORDINATOR, DUE, ON, Office, furnish
from workflows.history.verify_history import verify
from workflows.jobs.run_background_jobs import run_background_jobs
from workflows.launch.launch_order import LaunchOrder, as_given
from workflows.launch.launch_plan import find_directive, plan_launch
from workflows.operations.setup import BUNDLED
from workflows.queue.background_jobs import LEASE, ask
from workflows.tasks.assign import create_tasks

PATHS, MADE = ("1", "2", "2.a"), 20


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def cut_off(office: Office) -> BackgroundJob:
    """As 0.3.0 leaves it: the launch begun, the first tasks of one duty made, the rest in a chunk in hand."""
    coordinator = office.person(COORDINATOR).id
    order = LaunchOrder(directive=BUNDLED, paths=PATHS, coordinator_id=coordinator, due_on=DUE)
    with transaction(office.engine) as session:
        job = ask(session, LAUNCH, as_given(order), asked_by=coordinator, now=ON)
        plan = plan_launch(
            session,
            find_directive(session, BUNDLED),
            on=ON,
            coordinator_id=coordinator,
            calendar=office.calendar,
            paths=PATHS,
            due_on=DUE,
            launch_id=job.id,
        )
        session.add(plan.launch)
        session.flush()
        for one in plan.arming:
            session.add(ArmedDuty(duty_id=one.duty_id, launch_id=job.id, armed_at=ON, next_opens_at=one.next_opens_at))
        batch = plan.batches[-1]
        first = dict(list(batch.shares.items())[:MADE])
        create_tasks(session, batch.launch_context, first, partners=batch.partners, calendar=office.calendar)
        job.state, job.lease_until, job.attempts = BackgroundJobState.RUNNING, ON + LEASE, 1
        job.done, job.total, job.outcome = MADE, plan.total, {"before": 0, "armed": ["1", "2.a"]}
    downgrade(office.engine, "0045")
    with office.engine.begin() as connection:
        for number, state in enumerate(("done", "running")):
            connection.execute(
                text(
                    "INSERT INTO errand_chunk"
                    " (errand_id, number, size, content, state, ready_at, lease_until, fence, attempts, outcome, error)"
                    " VALUES (:job, :number, :size, '{}', :state, :until, :until, 1, 1, '{}', '')"
                ),
                {
                    "job": job.id.hex if office.engine.dialect.name == "sqlite" else job.id,
                    "number": number,
                    "size": MADE,
                    "state": state,
                    "until": None if state == "done" else str(ON + LEASE),
                },
            )
    return job


def count(office: Office, column: Any) -> dict[Any, int]:
    with reading(office.engine) as session:
        return {key: number for key, number in session.execute(select(column, func.count()).group_by(column))}


def test_the_rest_is_made_once_and_told_once(office: Office) -> None:
    job = cut_off(office)
    before = count(office, col(Notice.task_id))
    migrate(office.engine)
    assert is_current(office.engine)
    assert run_background_jobs(office.engine, office.settings, now=ON) == {"errands": 0, "errands_failed": 0}
    assert run_background_jobs(office.engine, office.settings, now=ON + 2 * LEASE)["errands_failed"] == 0
    with reading(office.engine) as session:
        done = session.get_one(BackgroundJob, job.id)
        tasks = session.execute(select(col(Task.duty_id), col(Task.occurrence), col(Task.assigned_unit_id))).all()
    assert (done.state, done.done) == (BackgroundJobState.DONE, job.total)
    assert (done.outcome["existing"], done.outcome["created"]) == (MADE, job.total - MADE)
    assert len(tasks) == len(set(tasks)) == job.total
    assert count(office, col(Launch.id)).keys() == count(office, col(Task.launch_id)).keys() and done.outcome["launch"]
    after = count(office, col(Notice.task_id))
    assert {task: after[task] for task in before} == before and len(after) == job.total
    assert office.launch(*PATHS, on=ON + timedelta(hours=1)).created == 0
    assert verify(office.engine).broken is None


def test_who_does_not_wait_for_it_launches_again(office: Office) -> None:
    job = cut_off(office)
    migrate(office.engine)
    assert office.launch(*PATHS).created == job.total - MADE
    run_background_jobs(office.engine, office.settings, now=ON + 2 * LEASE)
    with reading(office.engine) as session:
        done = session.get_one(BackgroundJob, job.id)
    assert (done.state, done.outcome["created"], done.outcome["existing"]) == (BackgroundJobState.DONE, 0, job.total)
