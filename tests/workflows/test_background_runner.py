"""Background jobs as the clock asks for them: one after the other, by workers where there are any."""

from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Engine

from models.database.session import transaction
from models.operations.background_job import BULK, LAUNCH, PREVIEW, BackgroundJob, BackgroundJobState
from tests.office import ON, Office, furnish
from tests.workflows.queued_jobs import look, queue_launch
from workflows.jobs.run_background_jobs import BackgroundRunner
from workflows.jobs.run_names import RunName, name_background_job
from workflows.jobs.tick import Call, Counts, plainly
from workflows.operations.setup import BUNDLED
from workflows.queue.background_jobs import ask


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def test_it_does_what_waits_one_at_a_time_and_each_is_a_run_of_its_own(office: Office) -> None:
    seen: list[str] = []

    def run(name: RunName, do: Callable[[Call], Counts]) -> Counts:
        seen.append(name.name)
        return do(plainly)

    runner = BackgroundRunner(office.engine, office.settings, Event(), run=run)
    runner.look(ON)
    assert seen == []
    jobs = [queue_launch(office, "4"), queue_launch(office, "2")]
    runner.look(ON)
    assert len(seen) == 1
    runner.look(ON)
    runner.look(ON)
    assert seen == ["launch 4", "launch 2"]
    assert {look(office, job).state for job in jobs} == {BackgroundJobState.DONE}


def test_once_told_to_stop_it_begins_nothing(office: Office) -> None:
    job, stop = queue_launch(office, "4"), Event()
    stop.set()
    BackgroundRunner(office.engine, office.settings, stop).look(ON)
    assert look(office, job).state is BackgroundJobState.QUEUED


def test_what_workers_take_is_not_done_here(office: Office) -> None:
    jobs = [queue_launch(office, "4"), queue_launch(office, "2")]
    given: list[BackgroundJob] = []

    def hand_over(job: BackgroundJob, name: RunName) -> bool:
        given.append(job)
        return job.id == jobs[0]

    BackgroundRunner(office.engine, office.settings, Event(), hand_over=hand_over).look(ON)
    assert [job.id for job in given] == jobs
    assert look(office, jobs[0]).state is BackgroundJobState.QUEUED
    assert look(office, jobs[1]).state is BackgroundJobState.DONE


def named(office: Office, kind: str, given: dict[str, object]) -> RunName:
    with transaction(office.engine) as session:
        job = ask(session, kind, given, asked_by=office.person("le.thi.c").id, now=ON)
        return name_background_job(session, job)


def test_a_launch_is_called_by_its_duties_and_period_and_tagged_by_its_directive(office: Office) -> None:
    order = {"directive": BUNDLED, "coordinator_id": str(office.person("le.thi.c").id)}
    launch = named(office, LAUNCH, order | {"paths": ["5"]})
    assert launch.name == "launch 5, 6 tháng đầu năm 2004" and launch.tags[0] == "launch" and launch.tags[-1] == "5"
    preview = named(office, PREVIEW, {"order": order | {"paths": ["4"]}, "days": 30})
    assert preview.name == "preview 4" and preview.tags[1] == launch.tags[1]
    assert launch.tags[1] == "06/2004/CT-BBCVT"


@pytest.mark.parametrize("given", [{}, {"directive": "none", "paths": ["4"]}, {"order": {"paths": 4}}])
def test_what_cannot_be_named_is_called_by_its_kind(office: Office, given: dict[str, object]) -> None:
    assert named(office, LAUNCH, given).name == "launch"
    assert named(office, BULK, given).name == "bulk"
