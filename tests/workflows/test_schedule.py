"""The clock follows the jobs' rows: expressions, pauses, changes made by others, a wall clock that steps back."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.database.session import reading, transaction
from models.operations.logs import start_logging, stop_logging
from models.operations.system_job import Job, JobName
from models.text.localtime import ZONE, local
from workflows.jobs import schedule
from workflows.jobs.schedule import Clock, JobTrigger, RunJob
from workflows.jobs.system_jobs import ask_to_run, ensure_jobs, pause, resume, set_cron

LATER = "0 0 1 1 *"


class Heard:
    """What the clock ran but letters, in order, and whether two ran at once."""

    def __init__(self) -> None:
        self.jobs: list[JobName] = []
        self.overlapped = False
        self.count = threading.Semaphore(0)
        self.delivered = threading.Semaphore(0)
        self._busy = threading.Lock()

    def __call__(self, name: JobName, /, *, now: datetime, planned: datetime | None) -> None:
        if name is JobName.DELIVER:
            self.delivered.release()
            return
        self.overlapped |= not self._busy.acquire(blocking=False)
        assert now.tzinfo is UTC and planned is None
        self.jobs.append(name)
        self._busy.release()
        self.count.release()


@contextmanager
def running(engine: Engine, heard: RunJob) -> Iterator[Clock]:
    clock = Clock(engine, heard, every=86400)
    clock.start()
    try:
        yield clock
    finally:
        clock.stop()


def rows(engine: Engine) -> dict[JobName, Job]:
    with reading(engine) as session:
        return {job.name: job for job in session.exec(select(Job))}


def missed(engine: Engine, *names: JobName) -> None:
    with transaction(engine) as session:
        ensure_jobs(session)
        for job in session.exec(select(Job)).all():
            job.next_run_at = datetime.now(UTC) + timedelta(hours=-3 if job.name in names else 9)
            session.add(job)


def test_at_the_start_the_tick_runs_once_and_purge_waits_for_its_hour(engine: Engine) -> None:
    heard = Heard()
    with running(engine, heard):
        assert heard.count.acquire(timeout=10)
    assert heard.jobs == [JobName.TICK]
    assert set(rows(engine)) == set(JobName)


def test_letters_leave_after_each_tick_and_hold_up_no_job(engine: Engine) -> None:
    stuck, over = threading.Event(), threading.Event()
    heard = Heard()

    def run(name: JobName, /, *, now: datetime, planned: datetime | None) -> None:
        if name is JobName.DELIVER:
            stuck.set()
            over.wait(20)
        heard(name, now=now, planned=planned)

    with running(engine, run) as clock:
        assert stuck.wait(10), "what the first tick wrote leaves at once, though its job's moment is tomorrow"
        with transaction(engine) as session:
            ask_to_run(session, JobName.PURGE, datetime.now(UTC))
        clock.look(datetime.now(UTC))
        assert heard.count.acquire(timeout=10) and heard.count.acquire(timeout=10)
        over.set()
    assert heard.jobs == [JobName.TICK, JobName.PURGE]


def test_a_delivery_with_hours_of_its_own_follows_no_tick(engine: Engine) -> None:
    with transaction(engine) as session:
        set_cron(session, JobName.DELIVER, LATER, datetime.now(UTC))
    heard = Heard()
    with running(engine, heard):
        assert heard.count.acquire(timeout=10)
    assert not heard.delivered.acquire(blocking=False)


def test_what_was_missed_is_made_up_once_after_the_tick_that_includes_the_rest(engine: Engine) -> None:
    missed(engine, *JobName)
    heard = Heard()
    with running(engine, heard):
        assert heard.count.acquire(timeout=10)
        assert heard.count.acquire(timeout=10)
    assert heard.jobs == [JobName.TICK, JobName.PURGE]
    assert not heard.overlapped


def test_paused_tick_stays_paused_and_its_parts_catch_up(engine: Engine) -> None:
    missed(engine, JobName.TICK, JobName.SUMMARIES)
    with transaction(engine) as session:
        pause(session, JobName.TICK, datetime.now(UTC))
    heard = Heard()
    with running(engine, heard):
        assert heard.count.acquire(timeout=10)
    assert heard.jobs == [JobName.SUMMARIES]


def test_missed_part_with_its_own_hour_is_made_up(engine: Engine) -> None:
    with transaction(engine) as session:
        set_cron(session, JobName.SUMMARIES, "0 10 * * 1", datetime.now(UTC))
    missed(engine, JobName.TICK, JobName.SUMMARIES, JobName.OPEN_PERIODS)
    heard = Heard()
    with running(engine, heard):
        assert heard.count.acquire(timeout=10)
        assert heard.count.acquire(timeout=10)
    assert heard.jobs == [JobName.TICK, JobName.SUMMARIES]


def test_nudges_are_followed_at_once_beside_a_running_job_and_many_of_them_as_one(engine: Engine) -> None:
    ticking, go_on, hurried, slow = threading.Event(), threading.Event(), threading.Semaphore(0), threading.Event()
    times: list[datetime] = []

    def job(name: JobName, /, *, now: datetime, planned: datetime | None) -> None:
        ticking.set()
        go_on.wait(20)

    def hurry(moment: datetime) -> None:
        times.append(moment)
        hurried.release()
        slow.wait(20)

    clock = Clock(engine, job, every=86400, hurry=hurry)
    clock.start()
    try:
        assert ticking.wait(10)
        clock.nudge()
        assert hurried.acquire(timeout=10), "while the tick goes on"
        for _ in range(5):
            clock.nudge()
        slow.set()
        assert hurried.acquire(timeout=10)
        assert not hurried.acquire(timeout=0.2)
    finally:
        go_on.set()
        clock.stop()
    assert len(times) == 2 and all(moment.tzinfo is UTC for moment in times)


def test_a_nudge_that_fails_is_not_the_last_one_followed(engine: Engine) -> None:
    hurried = threading.Semaphore(0)

    def hurry(moment: datetime) -> None:
        hurried.release()
        raise RuntimeError("no mail server")

    clock = Clock(engine, Heard(), every=86400, hurry=hurry)
    clock.start()
    try:
        for _ in range(2):
            clock.nudge()
            assert hurried.acquire(timeout=10)
    finally:
        clock.stop()


def test_failed_look_is_logged_once_and_the_next_go_on(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "FOLLOW_SECONDS", 0.01)
    looks, log = threading.Semaphore(0), io.StringIO()

    class Blind(Clock):
        def look(self, now: datetime) -> None:
            looks.release()
            raise RuntimeError("no database at all")

    clock = Blind(engine, Heard(), every=86400)
    start_logging(log)
    try:
        clock.start()
        for _ in range(3):
            assert looks.acquire(timeout=10)
    finally:
        clock.stop()
        stop_logging()
    assert log.getvalue().count("schedule_unreadable") == 1
    assert "RuntimeError: no database at all" in log.getvalue()


def test_a_job_that_fails_stops_neither_the_clock_nor_another(engine: Engine) -> None:
    missed(engine, JobName.PURGE)
    heard = Heard()

    def fail(name: JobName, /, *, now: datetime, planned: datetime | None) -> None:
        heard(name, now=now, planned=planned)
        raise OSError("on purpose")

    with running(engine, fail):
        assert heard.count.acquire(timeout=10)
        assert heard.count.acquire(timeout=10)
    assert heard.jobs == [JobName.TICK, JobName.PURGE]


def test_a_change_made_by_another_process_is_followed(engine: Engine) -> None:
    with running(engine, Heard()) as clock:
        before = clock.next_run(JobName.PURGE)
        with transaction(engine) as session:
            set_cron(session, JobName.PURGE, LATER, datetime.now(UTC))
            pause(session, JobName.SUMMARIES, datetime.now(UTC))
        clock.look(datetime.now(UTC))
        planned = clock.next_run(JobName.PURGE)
        assert planned is not None
        assert planned != before
        assert local(planned).strftime("%d/%m %H:%M") == "01/01 00:00"
        assert rows(engine)[JobName.PURGE].next_run_at == planned
        assert clock.next_run(JobName.SUMMARIES) is None
        assert rows(engine)[JobName.SUMMARIES].next_run_at is None
        with transaction(engine) as session:
            resume(session, JobName.SUMMARIES, datetime.now(UTC))
        clock.look(datetime.now(UTC))
        assert clock.next_run(JobName.SUMMARIES) == rows(engine)[JobName.SUMMARIES].next_run_at is not None


def test_a_wall_clock_that_steps_back_does_not_hold_the_jobs_up(engine: Engine) -> None:
    with running(engine, Heard()) as clock:
        now, ahead = datetime.now(UTC), datetime.now(UTC) + timedelta(days=30)
        with transaction(engine) as session:
            set_cron(session, JobName.PURGE, "0 5 * * *", datetime.now(UTC))
        clock.look(ahead)
        planned = clock.next_run(JobName.PURGE)
        assert planned is not None
        assert planned > ahead
        clock.look(now)
        right = clock.next_run(JobName.PURGE)
        assert right is not None
        assert now < right <= now + timedelta(days=1)


def test_a_next_run_that_passed_while_nobody_was_awake_stays_for_the_tick_to_see(engine: Engine) -> None:
    with running(engine, Heard()) as clock:
        now = datetime.now(UTC)
        for passed, is_kept in ((now - timedelta(hours=2), True), (now + timedelta(seconds=1), False)):
            with transaction(engine) as session:
                job = session.exec(select(Job).where(Job.name == JobName.TICK)).one()
                job.next_run_at = passed
                session.add(job)
            clock.look(now + timedelta(seconds=5))
            assert (rows(engine)[JobName.TICK].next_run_at == passed) is is_kept
        # and after a night's sleep of the machine itself
        with transaction(engine) as session:
            job = session.exec(select(Job).where(Job.name == JobName.TICK)).one()
            job.next_run_at = now + timedelta(seconds=30)
            session.add(job)
        clock.look(now + timedelta(hours=8))
        assert rows(engine)[JobName.TICK].next_run_at == now + timedelta(seconds=30)


def test_missed_moments_of_an_expression_are_one(engine: Engine) -> None:
    """APScheduler asks for each moment in turn and runs the last: coalesced."""
    trigger = JobTrigger(JobName.PURGE, "0 8 * * 1", 60)
    first = trigger.get_next_fire_time(None, datetime(2026, 11, 25, 12, tzinfo=ZONE))
    assert first == datetime(2026, 11, 30, 8, tzinfo=ZONE)  # a Monday: from_crontab would say Tuesday
    assert trigger.get_next_fire_time(first, datetime(2027, 1, 1, tzinfo=ZONE)) == first + timedelta(days=7)


def test_what_somebody_asks_for_is_run_once_by_one_clock_also_when_it_is_paused(engine: Engine) -> None:
    heard, other = Heard(), Heard()
    with running(engine, heard) as clock, running(engine, other) as second:
        assert heard.count.acquire(timeout=10) and other.count.acquire(timeout=10)  # their first ticks
        with transaction(engine) as session:
            pause(session, JobName.PURGE, datetime.now(UTC))
            ask_to_run(session, JobName.PURGE, datetime.now(UTC))
        clock.look(datetime.now(UTC))
        second.look(datetime.now(UTC))
        assert heard.count.acquire(timeout=10)
    assert heard.jobs == [JobName.TICK, JobName.PURGE] and other.jobs == [JobName.TICK]
    assert rows(engine)[JobName.PURGE].asked_at is None


@pytest.mark.parametrize("is_taken", [True, False])
def test_one_of_many_clocks_runs_only_what_is_not_done_elsewhere(engine: Engine, is_taken: bool) -> None:
    asked, ran = threading.Semaphore(0), threading.Semaphore(0)
    moments: list[datetime | None] = []

    def hand_over(name: JobName, planned: datetime) -> bool:
        moments.append(planned)
        asked.release()
        return is_taken

    def run(name: JobName, /, *, now: datetime, planned: datetime | None) -> None:
        if name is not JobName.DELIVER:  # never handed over
            moments.append(planned)
            ran.release()

    clock = Clock(engine, run, every=86400, hand_over=hand_over)
    clock.start()
    try:
        assert asked.acquire(timeout=10)
        assert ran.acquire(timeout=0.5 if is_taken else 10) is not is_taken
    finally:
        clock.stop()
    assert moments == [datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)] * (1 if is_taken else 2)


def test_once_told_to_stop_it_begins_nothing(engine: Engine) -> None:
    heard, stop = Heard(), threading.Event()
    stop.set()
    clock = Clock(engine, heard, every=86400, stop=stop)
    clock.start()
    clock.stop()
    assert heard.jobs == []
