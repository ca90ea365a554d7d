"""Through Prefect or without: what a job does is the same, and what Prefect fails is done at once without it."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.database.session import transaction
from models.letters.letter import LetterKind
from models.operations.alert import AlertKind
from models.operations.system_job import JobName, JobState
from tests.office import Office, at, furnish
from tests.workflows.test_jobs import alerts, row
from workflows.access.accounts.mailed import queue_test
from workflows.delivery.mail_lines import MailLines
from workflows.jobs.flow_run import FlowRun, PrefectFailed, StartFlow
from workflows.jobs.run_job import run_job, send_account_letters
from workflows.jobs.system_jobs import pause
from workflows.jobs.tick import Counts


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def flows(flow: Callable[[FlowRun], Counts]) -> Callable[[], StartFlow]:
    """Stands for a Prefect that answers; its flows do as the test says."""

    @contextmanager
    def start(run: FlowRun) -> Iterator[Future[Counts]]:
        done = Future[Counts]()
        try:
            done.set_result(flow(run))
        except Exception as fault:
            done.set_exception(fault)
        yield done

    return lambda: start


def run(office: Office, name: JobName, flow: Callable[[FlowRun], Counts]) -> Counts:
    return run_job(office.engine, office.settings, name, now=at(1), sender=lambda: office.sender, flows=flows(flow))


def test_what_prefect_fails_in_the_middle_is_done_without_it_for_the_same_moment(office: Office) -> None:
    office.launch("4")

    def flow(run: FlowRun) -> Counts:
        assert run.begin()
        run.counts |= {"opened": 1} | run.parts["sweep"](run.now)
        raise OSError("gone")

    run(office, JobName.TICK, flow)
    job = row(office.engine, JobName.TICK)
    assert (job.last_state, job.last_started_at) == (JobState.DONE, at(1))
    assert job.last_outcome["sealed"] > 0
    assert job.last_outcome["opened"] == 1  # what the flow had done before counts as well
    assert alerts(office.engine, AlertKind.JOB_FAILED) == []


def test_a_verb_that_failed_through_prefect_is_not_run_again(office: Office) -> None:
    office.launch("4")

    def flow(run: FlowRun) -> Counts:
        with run.working("deliver"):
            raise OSError("no mail server")

    with pytest.raises(OSError, match="no mail server"):
        run(office, JobName.DELIVER, flow)
    assert office.sender.letters == []
    (alert,) = alerts(office.engine, AlertKind.JOB_FAILED)
    assert alert.times == 1
    assert row(office.engine, JobName.DELIVER).last_state is JobState.FAILED


def test_a_flow_finishes_the_tick_as_the_plain_verb_does(office: Office) -> None:
    office.launch("4")

    def flow(run: FlowRun) -> Counts:
        assert run.begin()
        for part in run.parts.values():
            run.counts |= part(run.now)
        run.finish(run.counts)
        return run.counts

    assert run(office, JobName.TICK, flow)["sealed"] > 0
    assert office.tick(at(1)).letters == 0  # that moment is finished
    assert office.sender.letters == [], "letters leave by a job of their own"


def test_a_flow_gets_the_parts_that_no_job_of_their_own_holds_back(office: Office) -> None:
    with transaction(office.engine) as session:
        pause(session, JobName.DELIVER, at(1))
    given: dict[str, set[str]] = {}

    def flow(run: FlowRun) -> Counts:
        given[run.name] = set(run.parts)
        return {}

    for name in (JobName.TICK, JobName.DELIVER):
        run(office, name, flow)
    parts = {"incoming", "open_periods", "sweep", "compile_reports", "summaries", "messages", "seal"}
    assert given[JobName.TICK] == parts
    assert given[JobName.DELIVER] == {"deliver"}  # by hand it still runs
    assert row(office.engine, JobName.TICK).last_outcome == {"without_deliver": 1}


def test_what_prefect_fails_is_done_without_it_and_a_pause_holds_all_the_same(office: Office) -> None:
    office.launch("4")
    with transaction(office.engine) as session:
        pause(session, JobName.DELIVER, at(1))

    def flow(run: FlowRun) -> Counts:
        raise OSError("gone")

    run(office, JobName.TICK, flow)
    assert row(office.engine, JobName.TICK).last_state is JobState.DONE
    assert not office.sender.letters and row(office.engine, JobName.TICK).last_outcome["without_deliver"]


def test_a_flow_that_prefect_fails_after_its_end_is_done_once(office: Office) -> None:
    office.launch("4")

    def flow(run: FlowRun) -> Counts:
        with run.working("deliver"):
            run.counts |= run.parts["deliver"](run.now)
        raise OSError("no answer to the last request")

    sent = run(office, JobName.DELIVER, flow)["sent"]
    assert sent == len(office.sender.letters) > 0


def test_prefect_that_falls_silent_is_given_up(office: Office) -> None:
    office.launch("4")

    @contextmanager
    def start(run: FlowRun) -> Iterator[Future[Counts]]:
        run.patience = 0.01
        yield Future()
        with pytest.raises(PrefectFailed), run.working("deliver"):
            pytest.fail("begun by Prefect after all")

    run_job(
        office.engine, office.settings, JobName.DELIVER, now=at(1), sender=lambda: office.sender, flows=lambda: start
    )
    assert office.sender.letters


def hurry(office: Office, now: datetime) -> None:
    send_account_letters(office.engine, office.settings, lambda: office.sender, MailLines(waits=True), now)


def test_who_waits_for_a_code_waits_for_no_other_letter(office: Office) -> None:
    office.launch("4")
    with transaction(office.engine) as session:
        queue_test(session, office.person("le.thi.c").id, at(2, hour=22))
    hurry(office, at(2, hour=22))
    assert [letter.kind for letter in office.letters()] == [LetterKind.ACCOUNT]
    assert len(office.sent("le.thi.c")) == 1


def test_nothing_leaves_in_a_hurry_while_the_delivery_is_paused(office: Office) -> None:
    with transaction(office.engine) as session:
        pause(session, JobName.DELIVER, at(2))
        queue_test(session, office.person("le.thi.c").id, at(2))
    hurry(office, at(2))
    assert office.sender.letters == []
