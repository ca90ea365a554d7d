"""Through Prefect or without: what a job does is the same, and what Prefect fails is done at once without it."""

import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import Engine

from models.database.session import transaction
from models.letters.letter import LetterKind
from models.operations.alert import AlertKind
from models.operations.system_job import JobName, JobState
from tests.office import Office, at, furnish
from tests.workflows.test_jobs import alerts, row
from workflows.access.accounts.account_letters import queue_test
from workflows.jobs.prefect.job_runner import JobRunner
from workflows.jobs.prefect.prefect_watch import PrefectWatch
from workflows.jobs.prefect.watched import PrefectFailed
from workflows.jobs.system_jobs import pause


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


@pytest.fixture
def through(office: Office, monkeypatch: pytest.MonkeyPatch) -> Callable[..., JobRunner]:
    """A runner whose flows do as the test says; its Prefect answers or not."""

    def make(flow: Callable[..., Any], *, answers: bool = True) -> JobRunner:
        flows = ModuleType("workflows.jobs.prefect.run_flow")
        flows.__dict__.update(run_flow=flow)
        monkeypatch.setitem(sys.modules, "workflows.jobs.prefect.run_flow", flows)
        watch = SimpleNamespace(check=lambda: answers, server=SimpleNamespace(api_url="", home=Path()))
        return JobRunner(
            office.engine, office.settings, lambda: office.sender, cast(PrefectWatch, watch), threading.Event()
        )

    return make


def test_what_prefect_fails_in_the_middle_is_done_without_it_for_the_same_moment(
    office: Office, through: Callable[..., JobRunner]
) -> None:
    office.launch("4")

    def flow(api_url: str, home: Path, name: JobName, work: Any, now: datetime) -> dict[str, int]:
        assert work.begin(now)
        raise PrefectFailed("gone", {"opened": 1} | work.parts["sweep"](now))

    through(flow)(JobName.TICK, at(1))
    assert office.sender.letters
    job = row(office.engine, JobName.TICK)
    assert (job.last_state, job.last_started_at) == (JobState.DONE, at(1))
    assert job.last_outcome["sent"] == len(office.sender.letters)
    assert job.last_outcome["opened"] == 1  # what the flow had done before counts as well
    assert alerts(office.engine, AlertKind.JOB_FAILED) == []


def test_a_verb_that_failed_through_prefect_is_not_run_again(office: Office, through: Callable[..., JobRunner]) -> None:
    office.launch("4")

    def flow(api_url: str, home: Path, name: JobName, work: Any, now: datetime) -> dict[str, int]:
        work.fail("OSError: no mail server")  # as the flow's hook does
        raise OSError("no mail server")

    through(flow)(JobName.DELIVER, at(1))
    assert office.sender.letters == []
    (alert,) = alerts(office.engine, AlertKind.JOB_FAILED)
    assert alert.times == 1
    assert row(office.engine, JobName.DELIVER).last_state is JobState.FAILED


def test_a_flow_finishes_the_tick_as_the_plain_verb_does(office: Office, through: Callable[..., JobRunner]) -> None:
    office.launch("4")

    def flow(api_url: str, home: Path, name: JobName, work: Any, now: datetime) -> dict[str, int]:
        told: dict[str, int] = {}
        assert work.begin(now)
        for part in work.parts.values():
            told |= part(now)
        work.finish(now, told)
        return told

    through(flow)(JobName.TICK, at(1))
    sent = len(office.sender.letters)
    assert sent
    assert office.tick(at(1)).checked == 0  # that moment is finished
    assert len(office.sender.letters) == sent


def test_a_flow_gets_the_parts_that_no_job_of_their_own_holds_back(
    office: Office, through: Callable[..., JobRunner]
) -> None:
    with transaction(office.engine) as session:
        pause(session, JobName.DELIVER, at(1))
    given: dict[JobName, set[str]] = {}

    def flow(api_url: str, home: Path, name: JobName, work: Any, now: datetime) -> dict[str, int]:
        given[name] = set(work.parts)
        return {}

    for name in (JobName.TICK, JobName.DELIVER):
        through(flow)(name, at(1))
    assert given[JobName.TICK] == {"bounces", "open_periods", "sweep", "compile_reports", "summaries", "seal"}
    assert "deliver" in given[JobName.DELIVER]  # by hand it still runs
    assert row(office.engine, JobName.TICK).last_outcome == {"without_deliver": 1}


def test_what_prefect_fails_is_done_without_it_and_a_pause_holds_all_the_same(
    office: Office, through: Callable[..., JobRunner]
) -> None:
    office.launch("4")
    with transaction(office.engine) as session:
        pause(session, JobName.DELIVER, at(1))

    def flow(api_url: str, home: Path, name: JobName, work: Any, now: datetime) -> dict[str, int]:
        raise PrefectFailed("gone", {})

    through(flow)(JobName.TICK, at(1))
    assert row(office.engine, JobName.TICK).last_state is JobState.DONE
    assert not office.sender.letters


def test_without_an_answer_from_prefect_the_plain_verb_does_it(
    office: Office, through: Callable[..., JobRunner]
) -> None:
    office.launch("4")
    through(lambda *args: pytest.fail("asked Prefect"), answers=False)(JobName.TICK, at(1))
    assert office.sender.letters


def test_once_told_to_stop_it_begins_nothing(office: Office) -> None:
    stop = threading.Event()
    stop.set()
    JobRunner(office.engine, office.settings, lambda: office.sender, None, stop)(JobName.TICK, datetime.now(UTC))
    assert office.rows()["job"] == 0


def test_who_waits_for_a_code_waits_for_no_other_letter(office: Office, through: Callable[..., JobRunner]) -> None:
    office.launch("4")
    with transaction(office.engine) as session:
        queue_test(session, office.person("le.thi.c").id, at(2, hour=22))
    through(lambda *_: {}).hurry(at(2, hour=22))
    assert [letter.kind for letter in office.letters()] == [LetterKind.ACCOUNT]
    assert len(office.sent("le.thi.c")) == 1


def test_nothing_leaves_in_a_hurry_while_the_delivery_is_paused(
    office: Office, through: Callable[..., JobRunner]
) -> None:
    with transaction(office.engine) as session:
        pause(session, JobName.DELIVER, at(2))
        queue_test(session, office.person("le.thi.c").id, at(2))
    through(lambda *_: {}).hurry(at(2))
    assert office.sender.letters == []
