"""The dead-man's watch: a clock that had stopped is told once it is back, with what was late meanwhile."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.database.session import reading, transaction
from models.letters.letter import LetterKind, LetterState
from models.operations.alert import Alert, AlertKind
from models.operations.system_job import JobName
from tests.office import Office, at, furnish
from workflows.jobs.run_job import JobRecord, run_job
from workflows.jobs.system_jobs import pause, resume, set_cron


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def run(office: Office, now: datetime) -> None:
    for name in (JobName.TICK, JobName.DELIVER):
        run_job(office.engine, office.settings, name, now=now, sender=lambda: office.sender, kept=lambda: True)


def told(office: Office) -> list[Alert]:
    with reading(office.engine) as session:
        return list(session.exec(select(Alert).where(Alert.kind == AlertKind.CLOCK_STOPPED)))


def test_the_first_tick_ever_tells_nothing_also_after_years_of_played_ticks(office: Office) -> None:
    office.launch("4")
    office.days(at(1), at(3))  # as `tick --now` does: no run by the clock
    run(office, at(1, month=12))
    assert told(office) == []


def test_a_stopped_clock_is_told_with_what_was_late_and_is_over_at_once(office: Office) -> None:
    office.launch("4", due=date(2004, 6, 30))
    run(office, at(1))
    assert office.sender.letters
    run(office, at(1, minute=1))
    task = office.task()
    assert task.next_check_at is not None
    back = task.next_check_at + timedelta(days=2)
    run(office, back)
    (alert,) = told(office)
    facts = alert.facts
    assert datetime.fromisoformat(facts["to"]) == back
    assert at(1, minute=1) <= datetime.fromisoformat(facts["from"]) < at(1, minute=2)
    assert facts["tasks"] == 1
    assert facts["letters"] == 0  # what the sweep had not found yet is no letter yet
    assert alert.raised_at == back
    assert alert.ended_at is not None and back <= alert.ended_at < back + timedelta(minutes=1)
    assert [one for one in office.letters() if one.kind is LetterKind.ALERT]


def test_letters_that_should_have_left_are_counted_before_they_are_made_up(office: Office) -> None:
    run(office, at(1, hour=7))
    office.launch("4", on=at(1, hour=7, minute=30))
    run(office, at(1, hour=9))
    (alert,) = told(office)
    assert alert.facts["letters"] > 0
    assert not [one for one in office.letters() if one.state is LetterState.QUEUED and one.kind is LetterKind.ASSIGNED]


@pytest.mark.parametrize(("minutes", "is_told"), [(14, False), (16, True)])
def test_a_quarter_of_an_hour_is_forgiven(office: Office, minutes: int, is_told: bool) -> None:
    run(office, at(1))
    run(office, at(1) + timedelta(minutes=minutes))
    assert bool(told(office)) is is_told


def test_five_moments_of_its_own_expression_are_forgiven(office: Office) -> None:
    """Ticking once each working day, it stands still every weekend."""
    with transaction(office.engine) as session:
        set_cron(session, JobName.TICK, "0 8 * * 1-5", at(1))
    run(office, at(4))  # a Friday
    run(office, at(7))
    run(office, at(14))
    assert told(office) == []
    run(office, at(22))
    assert len(told(office)) == 1


def test_a_pause_is_no_stop_and_counts_for_nothing_after_it(office: Office) -> None:
    run(office, at(1))
    with transaction(office.engine) as session:
        pause(session, JobName.TICK, at(1))
    run(office, at(1, hour=10))  # by hand
    run(office, at(1, hour=12))
    with transaction(office.engine) as session:
        resume(session, JobName.TICK, at(1, hour=15))
    run(office, at(1, hour=15, minute=1))
    assert told(office) == []
    run(office, at(1, hour=16))
    assert len(told(office)) == 1


def test_two_who_come_back_at_once_tell_it_once(office: Office) -> None:
    run(office, at(1))
    for second in (0, 1):
        JobRecord(office.engine, office.settings, JobName.TICK, at(1, hour=10) + timedelta(seconds=second)).begin()
    assert len(told(office)) == 1


def test_one_killed_again_and_again_tells_it_once(office: Office) -> None:
    run(office, at(1))
    for minute in range(0, 60, 2):
        JobRecord(office.engine, office.settings, JobName.TICK, at(1, hour=10, minute=minute)).begin()
    assert len(told(office)) == 1


def test_ticks_that_never_end_are_a_stopped_clock(office: Office) -> None:
    office.launch("4", due=date(2004, 6, 30))
    run(office, at(1))
    for minute in range(1, 240):  # the process dies in each of them, hour after hour
        moment = at(1) + timedelta(minutes=minute)
        JobRecord(office.engine, office.settings, JobName.TICK, moment).begin()
    (alert,) = told(office)
    assert at(1) <= datetime.fromisoformat(alert.facts["from"]) < at(1, minute=1)
    assert alert.raised_at == at(1, minute=16)
    assert (alert.times, alert.ended_at) == (1, None)
    run(office, at(1, hour=12))
    (alert,) = told(office)
    assert alert.ended_at is not None


def test_ticks_that_never_came_to_an_end_since_the_first_start_are_told_too(office: Office) -> None:
    for minute in (0, 5, 20):
        JobRecord(office.engine, office.settings, JobName.TICK, at(1, minute=minute)).begin()
    assert [one.facts["from"] for one in told(office)] == [at(1).isoformat()]


def test_a_resumed_clock_that_does_not_run_is_told_from_the_moment_it_was_resumed(office: Office) -> None:
    run(office, at(1))
    with transaction(office.engine) as session:
        pause(session, JobName.TICK, at(1))
    with transaction(office.engine) as session:
        resume(session, JobName.TICK, at(1, hour=12))
    run(office, at(1, hour=14))
    assert [one.facts["from"] for one in told(office)] == [at(1, hour=12).isoformat()]


def test_failing_ticks_are_no_stopped_clock(office: Office) -> None:
    run(office, at(1))
    for minute in range(10, 60, 10):
        record = JobRecord(office.engine, office.settings, JobName.TICK, at(1, minute=minute))
        record.begin()
        record.fail("OSError")
    run(office, at(1, minute=59))
    assert told(office) == []


def test_a_clock_that_steps_back_is_no_stopped_clock(office: Office) -> None:
    run(office, at(1, hour=10))
    run(office, at(1, hour=9))
    run(office, at(1, hour=9, minute=1))
    assert told(office) == []
