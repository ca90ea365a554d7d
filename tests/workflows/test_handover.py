"""Handing over: one run for each moment, by its planned name; what nobody takes is done by the clock itself."""

import io
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.run import Run
from models.database.session import reading, transaction
from models.operations.background_job import BULK, LAUNCH, BackgroundJob, BackgroundJobState
from models.operations.logs import start_logging, stop_logging
from models.operations.system_job import JobName, JobState
from tests.office import Office, at, furnish
from tests.workflows.job_rows import row
from workflows.jobs.prefect import hand_to_workers as handover
from workflows.jobs.prefect.hand_to_workers import WorkerHandover
from workflows.jobs.prefect.prefect_remote import RemotePrefect
from workflows.jobs.run_job import run_job
from workflows.jobs.run_names import RunName
from workflows.queue.background_jobs import ask

pytestmark = pytest.mark.both

PLANNED = at(1)
NOW = at(1, minute=2)


@dataclass(frozen=True)
class Given:
    id: str
    state: str

    @property
    def is_over(self) -> bool:
        return self.state in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


@dataclass
class Prefect:
    """Stands for Prefect's server and its workers: what it was given, by key, and how each run stands."""

    answers: bool = True
    workers: bool = True
    states: list[str] = field(default_factory=lambda: ["RUNNING"])
    fault: Exception | None = None
    runs: dict[str, tuple[str, RunName]] = field(default_factory=dict)
    taken_back: list[str] = field(default_factory=list)

    def check(self) -> bool:
        return self.answers

    def has_workers(self) -> bool:
        return self.workers

    def hand_over(self, run: RunName, deployment: str, *, key: str) -> Given:
        if self.fault is not None:
            raise self.fault
        self.runs.setdefault(key, (f"{run.flow}/{deployment}", run))
        return Given(key, self.states[0])

    def read_run(self, run: Given) -> Given:
        self.states = self.states[1:] or self.states
        return Given(run.id, self.states[0])

    def take_back(self, run: Given, reason: str) -> None:
        self.taken_back.append(run.id)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


@pytest.fixture
def clock(office: Office, monkeypatch: pytest.MonkeyPatch) -> Callable[..., WorkerHandover]:
    """A clock's handing over to such a Prefect; it has no patience with workers."""

    def make(prefect: Prefect, **settings: Any) -> WorkerHandover:
        client = ModuleType("workflows.jobs.prefect.prefect_client")
        client.__dict__.update(WorkerPoolClient=lambda remote, pool: prefect)
        monkeypatch.setitem(sys.modules, "workflows.jobs.prefect.prefect_client", client)
        monkeypatch.setattr(handover, "_LOOK_SECONDS", 0.01)
        return WorkerHandover(
            office.settings.model_copy(update=settings),
            cast(RemotePrefect, SimpleNamespace(check=prefect.check)),
            threading.Event(),
            taken_seconds=0.05,
            begun_seconds=0.05,
        )

    return make


def ring(office: Office, handover: WorkerHandover, name: JobName) -> None:
    """As a clock does: what is not handed over is run here."""
    if not handover.hand_over(name, PLANNED):
        run_job(office.engine, office.settings, name, now=NOW, planned=PLANNED, sender=lambda: office.sender)


def test_a_job_is_handed_over_by_its_planned_moment_and_not_done_here(
    office: Office, clock: Callable[..., WorkerHandover]
) -> None:
    office.launch("4")
    prefect = Prefect(states=["SCHEDULED", "PENDING", "RUNNING"])
    assert clock(prefect).hand_over(JobName.OPEN_PERIODS, PLANNED)
    key, (deployment, run) = next(iter(prefect.runs.items()))
    assert key == f"open_periods:{PLANNED.isoformat()}"
    assert (deployment, run.given) == ("job/open-periods", {"name": "open_periods", "planned": PLANNED.isoformat()})
    assert (run.name, run.tags) == ("open-periods 08:00", ("open-periods",))
    assert office.sender.letters == [] and prefect.taken_back == []


@pytest.mark.parametrize(
    ("seen", "taken_back"),
    [
        ({"answers": False}, 0),
        ({"workers": False}, 0),
        ({"fault": OSError("gone")}, 0),
        ({"states": ["SCHEDULED"]}, 1),
        ({"states": ["PENDING"]}, 1),
    ],
    ids=["Prefect silent", "no worker", "Prefect fails", "all workers busy", "the worker died before it began"],
)
def test_what_nobody_does_the_clock_does_itself_under_the_same_name(
    office: Office, clock: Callable[..., WorkerHandover], seen: dict[str, Any], taken_back: int
) -> None:
    prefect = Prefect(**seen)
    office.launch("4")
    ring(office, clock(prefect), JobName.TICK)
    assert row(office.engine, JobName.TICK).last_outcome["sealed"]
    assert len(prefect.taken_back) == taken_back
    job = row(office.engine, JobName.TICK)
    assert (job.last_state, job.last_started_at) == (JobState.DONE, NOW)  # the real moment is what it works for
    with reading(office.engine) as session:
        (run,) = session.exec(select(Run).where(col(Run.key).startswith("tick:"))).all()
    assert run.key == f"tick:{PLANNED.isoformat()}" and run.finished_at is not None


def test_two_clocks_without_prefect_do_a_tick_of_one_moment_once(
    office: Office, clock: Callable[..., WorkerHandover]
) -> None:
    office.launch("4")
    seen = []
    for _clock in range(2):
        ring(office, clock(Prefect(answers=False)), JobName.TICK)
        seen.append(row(office.engine, JobName.TICK).last_outcome["sealed"])
    with reading(office.engine) as session:
        assert len(session.exec(select(Run).where(col(Run.key).startswith("tick:"))).all()) == 1
    assert seen[0] > 0 == seen[1]


def test_that_jobs_are_done_here_is_logged_once_and_so_is_that_they_are_not_any_more(
    clock: Callable[..., WorkerHandover],
) -> None:
    prefect, log = Prefect(workers=False), io.StringIO()
    start_logging(log, form="text", level="info")
    try:
        handing = clock(prefect)
        for minute in range(3):
            handing.hand_over(JobName.PURGE, at(1, minute=minute))
        prefect.workers = True
        for minute in range(3, 6):
            handing.hand_over(JobName.PURGE, at(1, minute=minute))
    finally:
        stop_logging()
    assert log.getvalue().count("not_handed_over") == 1 and 'reason="no worker is running"' in log.getvalue()
    assert log.getvalue().count("handed_over") == 2


def test_a_clock_about_to_end_neither_hands_over_nor_does_anything(
    office: Office, clock: Callable[..., WorkerHandover]
) -> None:
    office.launch("4")
    handing, prefect = clock(Prefect()), Prefect()
    handing._stop.set()
    ring(office, handing, JobName.TICK)
    with reading(office.engine) as session:
        assert prefect.runs == {} and session.exec(select(Run)).all() == []


def named(job: BackgroundJob) -> RunName:
    return RunName("background-job", {"job": str(job.id)}, job.kind)


def asked(office: Office, kind: str) -> BackgroundJob:
    with transaction(office.engine) as session:
        return ask(session, kind, {}, asked_by=office.person("le.thi.c").id, now=PLANNED)


def test_a_background_job_is_handed_over_once(office: Office, clock: Callable[..., WorkerHandover]) -> None:
    small, large = asked(office, BULK), asked(office, LAUNCH)
    prefect = Prefect(states=["SCHEDULED"])
    for _site in range(2):
        site = clock(prefect)
        for job in (small, large):
            assert site.hand_over_background_job(job, named(job))
            assert site.hand_over_background_job(job, named(job))
    assert set(prefect.runs) == {f"background-job:{one.id}:0:0" for one in (small, large)}
    assert {deployment for deployment, _run in prefect.runs.values()} == {"background-job/background-job"}


def test_a_background_job_whose_run_ended_gets_another(office: Office, clock: Callable[..., WorkerHandover]) -> None:
    one = asked(office, BULK)
    prefect = Prefect(states=["CRASHED"])
    assert clock(prefect).hand_over_background_job(one, named(one))
    assert set(prefect.runs) == {f"background-job:{one.id}:0:{again}" for again in range(10)}


@pytest.mark.parametrize("prefect", [Prefect(answers=False), Prefect(workers=False), Prefect(fault=OSError("gone"))])
def test_background_jobs_that_nobody_takes_are_left_to_whoever_asked(
    office: Office, clock: Callable[..., WorkerHandover], prefect: Prefect
) -> None:
    one = asked(office, BULK)
    assert not clock(prefect).hand_over_background_job(one, named(one))
    with reading(office.engine) as session:
        assert session.get_one(BackgroundJob, one.id).state is BackgroundJobState.QUEUED
