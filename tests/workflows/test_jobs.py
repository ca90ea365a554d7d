"""The system jobs: when they run, what their rows tell of the last run, and what happens when one fails."""

import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from models.database.session import transaction
from models.errors import BadInput, NotFound
from models.letters.letter import LetterKind
from models.operations.alert import AlertKind
from models.operations.system_job import DEFAULT_CRONS, Job, JobName, JobState
from models.settings import Settings
from models.text.localtime import local
from notifications.smtp.transport import Sender
from tests.office import Office, at, furnish
from tests.workflows.job_rows import alerts, row
from workflows.jobs.job_words import cron_words, outcome_words
from workflows.jobs.run_job import JobRecord, run_job
from workflows.jobs.simulate import RecordedSender
from workflows.jobs.system_jobs import ensure_jobs, list_jobs, next_run, pause, read_job_name, resume, set_cron

pytestmark = pytest.mark.both

NOW = datetime(2026, 11, 25, 3, 0, 0, tzinfo=UTC)  # Wednesday, 10:00 local


def no_mail() -> Sender:
    raise OSError("no mail server\nand a second line")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def test_every_job_has_a_row_and_a_repeat_keeps_what_was_changed(session: Session) -> None:
    ensure_jobs(session)
    set_cron(session, JobName.PURGE, "0 3 * * *", NOW)
    ensure_jobs(session)
    jobs = {job.name: job for job in session.exec(select(Job))}
    assert {name: job.cron for name, job in jobs.items()} == DEFAULT_CRONS | {JobName.PURGE: "0 3 * * *"}


def test_jobs_are_listed_with_their_next_run_before_any_was_written(session: Session) -> None:
    listed = {job.name: job.next_run_at for job in list_jobs(session, NOW, every=60)}
    assert list(listed) == list(JobName)
    assert listed[JobName.TICK] == NOW + timedelta(minutes=1)
    assert listed[JobName.DELIVER] == NOW + timedelta(minutes=1)
    assert listed[JobName.SUMMARIES] == NOW + timedelta(hours=22)  # 08:00 local of the next day
    assert session.exec(select(Job)).all() == []


def test_a_paused_job_has_no_next_run_until_it_is_resumed(session: Session) -> None:
    pause(session, JobName.TICK, NOW)
    assert list_jobs(session, NOW)[0].next_run_at is None
    resume(session, JobName.TICK, NOW)
    assert list_jobs(session, NOW)[0].next_run_at is not None


def test_a_wrong_expression_is_refused_with_the_right_form(session: Session) -> None:
    with pytest.raises(BadInput) as wrong:
        set_cron(session, JobName.PURGE, "0 25 * * *", NOW)
    for part in ("cron", "0 25 * * *", "the hour is wrong", "0 8 * * 1-5"):
        assert part in wrong.value.tell("en")
    with pytest.raises(BadInput, match=r"0 0 30 2 \*"):
        set_cron(session, JobName.PURGE, "0 0 30 2 *", NOW)


def test_a_jobs_name_is_taken_with_either_hyphen(session: Session) -> None:
    assert read_job_name("open-periods") is read_job_name("Open_Periods") is JobName.OPEN_PERIODS
    with pytest.raises(NotFound, match="tick, deliver, open-periods, summaries, purge"):
        read_job_name("sweep")


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        (None, "every 60 seconds"),
        ("1 0 * * *", "daily at 00:01"),
        ("30 7 * * 1-5", "Monday to Friday at 07:30"),
        ("*/5 * * * *", "every 5 minutes"),
        ("15 * * * *", "every hour at minute 15"),
        ("* * * * *", "every minute"),
        ("0 8 1 * *", "by the expression 0 8 1 * *"),
    ],
)
def test_plain_expressions_are_told_in_words(cron: str | None, words: str) -> None:
    assert cron_words(Job(name=JobName.PURGE, cron=cron), every=60) == words


def test_weekdays_count_from_sunday_as_cron_does() -> None:
    monday = next_run("0 8 * * 1", NOW, every=60)
    assert monday is not None
    assert local(monday).strftime("%a %H:%M") == "Mon 08:00"


def test_paces_agree_between_processes_whenever_they_start() -> None:
    for seconds in (0, 1, 59):
        assert next_run(None, NOW + timedelta(seconds=seconds), every=60) == NOW + timedelta(minutes=1)


def test_a_run_leaves_when_how_long_and_what(office: Office) -> None:
    office.launch("4")
    run_job(office.engine, office.settings, JobName.DELIVER, now=at(1), sender=lambda: office.sender)
    job = row(office.engine, JobName.DELIVER)
    assert (job.last_state, job.last_started_at) == (JobState.DONE, at(1))
    assert job.last_finished_at == job.last_done_at
    assert job.last_seconds is not None
    assert job.last_finished_at == at(1) + timedelta(seconds=job.last_seconds)
    assert job.last_outcome["sent"] == len(office.sender.letters) > 0
    assert f"sent: {len(office.sender.letters)}" in outcome_words(job)
    assert job.next_run_at == at(1) + timedelta(minutes=1)


@pytest.mark.parametrize("name", JobName)
def test_every_job_runs_alone(office: Office, name: JobName) -> None:
    told = run_job(office.engine, office.settings, name, now=at(7), sender=RecordedSender)
    assert told
    assert row(office.engine, name).last_state is JobState.DONE


def test_a_failing_job_alerts_the_administrators_once_and_its_next_success_ends_it(office: Office) -> None:
    for minute in (0, 1):
        with pytest.raises(OSError, match="no mail server"):
            run_job(office.engine, office.settings, JobName.DELIVER, now=at(1, minute=minute), sender=no_mail)
    job = row(office.engine, JobName.DELIVER)
    assert (job.last_state, job.last_error) == (JobState.FAILED, "OSError: no mail server")
    assert job.last_done_at is None
    (alert,) = alerts(office.engine, AlertKind.JOB_FAILED)
    assert (alert.subject, alert.times, alert.ended_at) == ("deliver", 2, None)
    assert alert.facts == {"reason": "OSError: no mail server"}
    assert [letter.kind for letter in office.letters()].count(LetterKind.ALERT) >= 1

    run_job(office.engine, office.settings, JobName.SUMMARIES, now=at(1, minute=2))  # another job's success is not its
    assert alerts(office.engine, AlertKind.JOB_FAILED)[0].ended_at is None
    run_job(office.engine, office.settings, JobName.DELIVER, now=at(1, minute=3), sender=RecordedSender)
    assert alerts(office.engine, AlertKind.JOB_FAILED)[0].ended_at is not None
    assert row(office.engine, JobName.DELIVER).last_error == ""


def test_one_who_was_overtaken_does_not_write_over_the_later_run(engine: Engine, settings: Settings) -> None:
    first = JobRecord(engine, settings, JobName.DELIVER, NOW)
    later = JobRecord(engine, settings, JobName.DELIVER, NOW + timedelta(seconds=30))
    first.begin()
    later.begin()
    first.done({"sent": 7})
    job = row(engine, JobName.DELIVER)
    assert (job.last_state, job.last_started_at) == (JobState.RUNNING, NOW + timedelta(seconds=30))
    assert job.last_outcome == {}
    assert job.last_done_at is not None  # and yet one has come to its end
    later.done({"sent": 1})
    assert row(engine, JobName.DELIVER).last_outcome == {"sent": 1}


def test_runs_of_two_processes_at_once_leave_a_whole_record(engine: Engine, settings: Settings) -> None:
    faults: list[Exception] = []

    def run(offset: int) -> None:
        try:
            for turn in range(5):
                moment = NOW + timedelta(seconds=10 * turn + offset)
                run_job(engine, settings, JobName.TICK, now=moment, sender=RecordedSender)
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(offset,)) for offset in (0, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    job = row(engine, JobName.TICK)
    assert job.last_done_at is not None
    assert alerts(engine, AlertKind.CLOCK_STOPPED) == []


def tick(office: Office, now: datetime) -> dict[str, int]:
    """And what leaves after it, unless that has hours of its own."""

    def run(name: JobName) -> dict[str, int]:
        return run_job(office.engine, office.settings, name, now=now, sender=lambda: office.sender, kept=lambda: True)

    told = run(JobName.TICK)
    return told if told.get("without_deliver") else told | run(JobName.DELIVER)


def test_no_tick_by_the_clock_sends_a_letter(office: Office) -> None:
    office.launch("4")
    run_job(office.engine, office.settings, JobName.TICK, now=at(1), sender=no_mail)
    assert office.letters() == [] and row(office.engine, JobName.TICK).last_state is JobState.DONE


def kinds(office: Office) -> set[LetterKind]:
    return {letter.kind for letter in office.letters()}


def test_paused_delivery_sends_all_once_it_is_resumed(office: Office) -> None:
    office.launch("4")
    with transaction(office.engine) as session:
        pause(session, JobName.DELIVER, at(1))
    told = tick(office, at(1))
    assert not office.sender.letters
    assert "letters left to their own job" in outcome_words(row(office.engine, JobName.TICK))
    assert told["without_deliver"] == 1 and "sent" not in {name for name, count in told.items() if count}
    with transaction(office.engine) as session:
        resume(session, JobName.DELIVER, at(1, minute=1))
    assert "without_deliver" not in tick(office, at(1, minute=2))
    assert len(office.sender.letters) == len(office.letters()) > 0


def test_by_hand_or_ahead_of_the_clock_a_pause_does_not_count(office: Office) -> None:
    office.launch("4")
    with transaction(office.engine) as session:
        pause(session, JobName.DELIVER, at(1))
    office.tick(at(1))  # as `tick --now`, simulate and demo do
    assert office.sender.letters
    office.days(at(2), at(4))
    sent = len(office.sender.letters)
    tick(office, at(7))
    assert len(office.sender.letters) == sent
    run_job(office.engine, office.settings, JobName.DELIVER, now=at(7, minute=1), sender=lambda: office.sender)
    assert len(office.sender.letters) > sent


def test_while_open_periods_is_paused_no_tick_opens_one(office: Office) -> None:
    office.launch("3", due=None)  # recurring each quarter
    opened = office.rows()["task"]
    with transaction(office.engine) as session:
        pause(session, JobName.OPEN_PERIODS, at(1))
    quarter = at(1, month=10) + timedelta(days=120)
    assert not tick(office, quarter).get("opened")
    assert office.rows()["task"] == opened
    with transaction(office.engine) as session:
        resume(session, JobName.OPEN_PERIODS, quarter)
    assert tick(office, quarter + timedelta(minutes=1))["opened"]


def test_summaries_with_an_hour_of_their_own_are_queued_then_and_by_no_tick_before(office: Office) -> None:
    office.launch("4")
    with transaction(office.engine) as session:
        set_cron(session, JobName.SUMMARIES, "0 10 * * 1-5", at(1))
    monday = at(7, hour=8)
    assert tick(office, monday)["without_summaries"] == 1
    tick(office, at(7, hour=9, minute=59))
    assert LetterKind.SUMMARY not in kinds(office)
    run_job(office.engine, office.settings, JobName.SUMMARIES, now=at(7, hour=10), sender=lambda: office.sender)
    assert LetterKind.SUMMARY in kinds(office)


def test_the_usual_expression_leaves_the_work_to_the_tick_as_well(office: Office) -> None:
    office.launch("4")
    with transaction(office.engine) as session:
        set_cron(session, JobName.SUMMARIES, "0  8 * * *", at(1))
    assert "without_summaries" not in tick(office, at(7))
    assert LetterKind.SUMMARY in kinds(office)


@pytest.mark.parametrize("cron", ["0 7 * * *", "59 7 * * 1", "0 0-6 1 * *"])
def test_an_hour_at_which_no_summary_is_due_yet_is_refused(session: Session, cron: str) -> None:
    with pytest.raises(BadInput, match="before 08:00"):
        set_cron(session, JobName.SUMMARIES, cron, NOW)
    for right in ("0 8 * * *", "0 7,9 * * 1", "*/30 * * * *"):
        assert set_cron(session, JobName.SUMMARIES, right, NOW).cron == right


def test_summaries_with_an_hour_of_their_own_are_not_lost_before_the_sweep(office: Office) -> None:
    office.launch("4")
    office.tick(at(1))
    office.act(office.task(), "set-date", "le.thi.c", at(2), due=date(2004, 6, 16), note="theo kế hoạch")
    office.tick(at(4))
    with transaction(office.engine) as session:
        set_cron(session, JobName.SUMMARIES, "0 9 * * 1", at(4))
    told = run_job(office.engine, office.settings, JobName.SUMMARIES, now=at(7, hour=9))  # no tick has swept yet
    assert told["summaries"] > 0
    tick(office, at(7, hour=9, minute=1))
    again = run_job(office.engine, office.settings, JobName.SUMMARIES, now=at(7, hour=9, minute=2))
    assert again["summaries"] == 0
