"""Background jobs beside the clock: through Prefect or without it, at once when nudged, and stopped cleanly."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.session import reading
from models.operations.background_job import BackgroundJob, BackgroundJobState
from tests.fire.processes import until
from tests.office import ON, Office, furnish
from tests.workflows.test_background_jobs import look, queue_launch
from tests.workflows.test_run_job import flows
from workflows.jobs.background_runner import BackgroundRunner
from workflows.jobs.flow_run import FlowRun, StartFlow
from workflows.jobs.tick import Counts


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def runner(office: Office, flows: Callable[[], StartFlow | None] = lambda: None) -> BackgroundRunner:
    return BackgroundRunner(office.engine, office.settings, threading.Event(), lambda: ON, flows=flows)


def test_it_does_what_waits_and_is_idle_without_anything_to_do(office: Office) -> None:
    assert runner(office).look(ON) == {}
    job_id = queue_launch(office, "4")
    assert runner(office).look(ON) == {"errands": 1, "errands_failed": 0}
    assert look(office, job_id).state is BackgroundJobState.DONE


def test_prefect_runs_one_flow_for_all_that_wait(office: Office) -> None:
    queue_launch(office, "4")
    queue_launch(office, "2")
    runs: list[str] = []

    def flow(run: FlowRun) -> Counts:
        runs.append(run.name)
        return run.parts[run.name](run.now)

    assert runner(office, flows(flow)).look(ON)["errands"] == 2 and runs == ["errands"]


def test_what_prefect_fails_is_done_without_it(office: Office) -> None:
    job_id = queue_launch(office, "4")

    def flow(run: FlowRun) -> Counts:
        raise OSError("gone")

    runner(office, flows(flow)).look(ON)
    assert look(office, job_id).state is BackgroundJobState.DONE


def test_a_nudge_has_it_begin_and_a_stop_ends_it(office: Office) -> None:
    stop = threading.Event()
    one = BackgroundRunner(office.engine, office.settings, stop, lambda: ON)
    one.start()
    queue_launch(office, "4")
    one.nudge()

    def done() -> bool:
        with reading(office.engine) as session:
            return (
                session.exec(select(BackgroundJob).where(col(BackgroundJob.state) == BackgroundJobState.DONE)).first()
                is not None
            )

    until(done, "the job")
    stop.set()
    one.join()
