"""The clock asks the rows: expressions, pauses, others' changes, several clocks, a wall clock that steps back."""

import io
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.database.session import reading, transaction
from models.operations.logs import start_logging, stop_logging
from models.operations.system_job import Job, JobName
from models.text.localtime import local
from workflows.jobs import schedule
from workflows.jobs.schedule import JobClock, RunJob
from workflows.jobs.system_jobs import TAKEN, ask_to_run, ensure_jobs, pause, resume, set_cron, take_due

LATER = "0 0 1 1 *"
NOW = datetime(2026, 11, 25, 1, 0, 30, tzinfo=UTC)  # 08:00:30 local
BUT_LETTERS: list[JobName] = [name for name in JobName if name is not JobName.DELIVER]


class Heard:
    """What the clock ran but letters, in order, and whether two ran at once."""

    def __init__(self) -> None:
        self.jobs: list[JobName] = []
        self.overlapped = False
        self.count = threading.Semaphore(0)
        self.delivered = threading.Semaphore(0)
        self._busy = threading.Lock()

    def __call__(self, name: JobName, /, *, now: datetime, planned: datetime) -> None:
        if name is JobName.DELIVER:
            self.delivered.release()
            return
        self.overlapped |= not self._busy.acquire(blocking=False)
        assert now.tzinfo is UTC and planned <= now + timedelta(seconds=5)
        self.jobs.append(name)
        self._busy.release()
        self.count.release()


@pytest.fixture(autouse=True)
def rings_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "RING_SECONDS", 0.05)


@contextmanager
def running(
    engine: Engine, heard: RunJob, beside: Mapping[str, Callable[[datetime], object]] | None = None
) -> Iterator[JobClock]:
    clock = JobClock(engine, heard, every=86400, beside=beside)
    clock.start()
    try:
        yield clock
    finally:
        clock.stop()


def rows(engine: Engine) -> dict[JobName, Job]:
    with reading(engine) as session:
        return {job.name: job for job in session.exec(select(Job))}


def missed(engine: Engine, *names: JobName, now: datetime | None = None) -> None:
    now = now or datetime.now(UTC)
    with transaction(engine) as session:
        ensure_jobs(session)
        for job in session.exec(select(Job)).all():
            job.next_run_at = now - timedelta(hours=3) if job.name in names else now + timedelta(seconds=20)
            session.add(job)


def take(engine: Engine, now: datetime = NOW, names: list[JobName] = BUT_LETTERS) -> list[JobName]:
    """All that one clock takes at a moment."""
    with transaction(engine) as session:
        ensure_jobs(session)
    taken: list[JobName] = []
    while name := take_due(engine, names, now=now, every=60):
        taken.append(name)
    return taken


def test_at_the_start_the_tick_runs_once_and_purge_waits_for_its_hour(engine: Engine) -> None:
    heard = Heard()
    with running(engine, heard):
        assert heard.count.acquire(timeout=10)
    assert heard.jobs == [JobName.TICK]
    assert set(rows(engine)) == set(JobName)


def test_letters_and_what_is_asked_beside_hold_up_no_job(engine: Engine) -> None:
    stuck, asked, over = threading.Event(), threading.Event(), threading.Event()
    heard = Heard()
    missed(engine, JobName.DELIVER)

    def run(name: JobName, /, *, now: datetime, planned: datetime) -> None:
        if name is JobName.DELIVER:
            stuck.set()
            over.wait(20)
        heard(name, now=now, planned=planned)

    def ask(now: datetime) -> None:
        asked.set()
        over.wait(20)

    with running(engine, run, {"codes": ask}):
        assert stuck.wait(10) and asked.wait(10)
        with transaction(engine) as session:
            ask_to_run(session, JobName.PURGE, datetime.now(UTC))
        assert heard.count.acquire(timeout=10) and heard.count.acquire(timeout=10)
        over.set()
    assert heard.jobs == [JobName.TICK, JobName.PURGE]


def test_what_was_missed_is_made_up_once(engine: Engine) -> None:
    missed(engine, *JobName, now=NOW)
    assert take(engine) == BUT_LETTERS
    assert take(engine) == [] and take(engine, NOW + TAKEN / 9) == []


def test_a_job_runs_again_at_its_next_moment(engine: Engine) -> None:
    assert take(engine) == []  # it has no moment yet, and gets one
    assert rows(engine)[JobName.PURGE].next_run_at == datetime(2026, 11, 25, 19, 30, tzinfo=UTC)
    assert take(engine, NOW + timedelta(seconds=30)) == [JobName.TICK]
    assert take(engine, NOW + timedelta(seconds=89)) == []
    assert take(engine, NOW + timedelta(seconds=90)) == [JobName.TICK]


def test_who_dies_before_the_job_begins_leaves_it_to_another_clock(engine: Engine) -> None:
    missed(engine, JobName.PURGE, now=NOW)
    assert take(engine) == [JobName.PURGE]
    assert take(engine, NOW + TAKEN, [JobName.PURGE]) == [JobName.PURGE]


def test_paused_tick_stays_paused_and_its_parts_catch_up(engine: Engine) -> None:
    missed(engine, JobName.TICK, JobName.SUMMARIES)
    with transaction(engine) as session:
        pause(session, JobName.TICK, datetime.now(UTC))
    heard = Heard()
    with running(engine, heard):
        assert heard.count.acquire(timeout=10)
    assert heard.jobs == [JobName.SUMMARIES]


def test_what_is_asked_beside_goes_on_after_a_failure_which_is_logged_once(engine: Engine) -> None:
    asks, log = threading.Semaphore(0), io.StringIO()

    def fail(now: datetime) -> None:
        assert now.tzinfo is UTC
        asks.release()
        raise RuntimeError("no mail server")

    start_logging(log)
    try:
        with running(engine, Heard(), {"codes": fail}):
            for _ in range(3):
                assert asks.acquire(timeout=10)
    finally:
        stop_logging()
    assert log.getvalue().count("clock_failed") == 1 and "RuntimeError: no mail server" in log.getvalue()


def test_a_job_that_fails_stops_neither_the_clock_nor_another(engine: Engine) -> None:
    missed(engine, JobName.PURGE)
    heard = Heard()

    def fail(name: JobName, /, *, now: datetime, planned: datetime) -> None:
        heard(name, now=now, planned=planned)
        raise OSError("on purpose")

    with running(engine, fail):
        assert heard.count.acquire(timeout=10)
        assert heard.count.acquire(timeout=10)
    assert heard.jobs == [JobName.TICK, JobName.PURGE]


def test_a_change_made_by_another_process_is_followed_and_runs_nothing(engine: Engine) -> None:
    assert take(engine) == []
    with transaction(engine) as session:
        set_cron(session, JobName.PURGE, LATER, NOW)
        pause(session, JobName.SUMMARIES, NOW)
    assert take(engine) == []
    planned = rows(engine)[JobName.PURGE].next_run_at
    assert planned is not None and local(planned).strftime("%d/%m %H:%M") == "01/01 00:00"
    assert rows(engine)[JobName.SUMMARIES].next_run_at is None
    with transaction(engine) as session:
        resume(session, JobName.SUMMARIES, NOW)
    assert take(engine) == []
    assert rows(engine)[JobName.SUMMARIES].next_run_at == datetime(2026, 11, 26, 1, 0, tzinfo=UTC)


def test_a_clock_that_steps_back_holds_no_job_up(engine: Engine) -> None:
    ahead = NOW + timedelta(days=30)
    missed(engine, *JobName, now=ahead)
    assert take(engine, ahead) == BUT_LETTERS
    assert take(engine) == []
    moments = [rows(engine)[name].next_run_at for name in BUT_LETTERS]
    assert all(moment is not None and moment <= NOW + timedelta(days=1) for moment in moments)


def test_the_clock_itself_rings_on_when_the_wall_clock_steps_back(engine: Engine) -> None:
    heard = Heard()
    with running(engine, heard) as clock:
        assert heard.count.acquire(timeout=10)
        for job in clock._scheduler.get_jobs():  # as if these had been planned before the step
            job.modify(next_run_time=datetime.now(UTC) + timedelta(hours=2))
        with transaction(engine) as session:
            ask_to_run(session, JobName.PURGE, datetime.now(UTC))
        assert heard.count.acquire(timeout=10)
    assert heard.jobs == [JobName.TICK, JobName.PURGE]


def test_of_several_clocks_one_takes_what_is_due_or_asked_for_also_when_it_is_paused(engine: Engine) -> None:
    missed(engine, JobName.TICK, now=NOW)
    with transaction(engine) as session:
        pause(session, JobName.PURGE, NOW)
        ask_to_run(session, JobName.PURGE, NOW)
    taken: list[JobName] = []
    ready = threading.Barrier(3)

    def ring() -> None:
        ready.wait(10)
        taken.extend(take(engine))

    clocks = [threading.Thread(target=ring) for _clock in range(3)]
    for clock in clocks:
        clock.start()
    for clock in clocks:
        clock.join(30)
    assert sorted(taken) == [JobName.PURGE, JobName.TICK]
    assert rows(engine)[JobName.PURGE].asked_at is None and rows(engine)[JobName.PURGE].next_run_at is None


@pytest.mark.parametrize("is_taken", [True, False])
def test_one_of_many_clocks_runs_only_what_is_not_done_elsewhere(engine: Engine, is_taken: bool) -> None:
    asked, ran = threading.Semaphore(0), threading.Semaphore(0)
    moments: list[datetime] = []

    def hand_over(name: JobName, planned: datetime) -> bool:
        moments.append(planned)
        asked.release()
        return is_taken

    def run(name: JobName, /, *, now: datetime, planned: datetime) -> None:
        if name is not JobName.DELIVER:  # never handed over
            moments.append(planned)
            ran.release()

    clock = JobClock(engine, run, every=86400, hand_over=hand_over)
    clock.start()
    try:
        assert asked.acquire(timeout=10)
        assert ran.acquire(timeout=0.5 if is_taken else 10) is not is_taken
    finally:
        clock.stop()
    assert len(moments) == (1 if is_taken else 2) and len(set(moments)) == 1, "both call the run by one moment"


def test_rows_are_judged_by_the_clock_of_the_databases_server(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose own clock is an hour ahead would else take each job all the time, and others give it back."""
    there = datetime.now(UTC) - timedelta(hours=1)
    monkeypatch.setattr(schedule, "server_clock", lambda session: there)
    taken: list[datetime] = []
    ran = threading.Semaphore(0)

    def run(name: JobName, /, *, now: datetime, planned: datetime) -> None:
        taken.append(planned)
        ran.release()

    with running(engine, run):
        with transaction(engine) as session:
            ask_to_run(session, JobName.PURGE, datetime.now(UTC))
        assert ran.acquire(timeout=10)
    assert set(taken) == {there}


def test_once_told_to_stop_it_begins_nothing(engine: Engine) -> None:
    heard, stop = Heard(), threading.Event()
    stop.set()
    clock = JobClock(engine, heard, every=86400, stop=stop)
    clock.start()
    clock.stop()
    assert heard.jobs == []
