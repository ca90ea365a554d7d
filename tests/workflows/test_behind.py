"""An engine that works and does not keep up tells so itself, before somebody misses a letter."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import func, select

from models.database.session import reading, transaction
from models.letters.letter import LetterKind
from models.operations.alert import Alert, AlertKind
from models.operations.system_job import JobName
from models.tasks.task_check import TaskCheck
from tests.office import Office, at, furnish
from workflows.jobs.clock.clock_watch import check_behind
from workflows.jobs.run_job import run_job
from workflows.organization.working_calendar import load_calendar
from workflows.queue.alerts import raise_alert
from workflows.queue.send_hold import begin_send_hold

QUOTA = 1
"""Letters a day: fewer than there are heads."""


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def launch(office: Office, on: datetime) -> None:
    for duty in ("4", "2"):
        office.launch(duty, on=on, due=date(2004, 6, 30))


def run(office: Office, now: datetime, a_day: int | None = QUOTA) -> None:
    mail = office.settings.mail.model_copy(update={"letters_per_day": a_day})
    settings = office.settings.model_copy(update={"mail": mail})
    for name in (JobName.TICK, JobName.DELIVER):
        run_job(office.engine, settings, name, now=now, sender=lambda: office.sender)


def told(office: Office) -> list[Alert]:
    with reading(office.engine) as session:
        return list(session.exec(select(Alert).where(Alert.kind == AlertKind.WORK_BEHIND)))


def is_behind(office: Office, now: datetime, *, sends: bool = True) -> bool:
    with transaction(office.engine) as session:
        return check_behind(session, now=now, sends=sends)


def test_letters_held_back_by_quota_are_told_once(office: Office) -> None:
    launch(office, at(1))
    run(office, at(1))
    assert len(office.sender.letters) == QUOTA
    for minute in (14, 28, 42, 56):
        run(office, at(1, minute=minute))
    assert told(office) == []
    for minute in (5, 6, 7):
        run(office, at(1, hour=9, minute=minute))
    (alert,) = told(office)
    assert (alert.times, alert.ended_at) == (3, None)
    assert alert.facts["letters"] > 0 and "tasks" not in alert.facts
    assert datetime.fromisoformat(alert.facts["from"]) <= at(1, hour=8, minute=5)
    assert [one.kind for one in office.letters()].count(LetterKind.ALERT) == 1

    for minute in (20, 21):
        run(office, at(1, hour=9, minute=minute), a_day=None)  # somebody raised the limit
    (alert,) = told(office)
    assert alert.ended_at is not None


def test_letters_that_wait_for_the_morning_are_not_late(office: Office) -> None:
    launch(office, at(1, hour=17, minute=30))
    for moment in (at(1, hour=17, minute=30), at(1, hour=20), at(2, hour=7, minute=30)):
        run(office, moment)
    assert told(office) == []
    for minute in (15, 16):
        run(office, at(2, hour=8, minute=minute))
    assert len(told(office)) == 1


def test_what_waited_while_the_machine_was_off_is_not_late_before_the_first_delivery(office: Office) -> None:
    launch(office, at(1, hour=17, minute=50))
    run(office, at(1, hour=17, minute=55), a_day=None)
    office.launch("1", on=at(1, hour=17, minute=56), due=date(2004, 6, 30))
    run(office, at(2, hour=11), a_day=None)
    assert told(office) == []


@pytest.mark.parametrize("why", ["nothing", "send hold", "mail server", "job of its own"])
def test_letters_held_back_for_a_reason_that_is_known_already_tell_nothing_more(office: Office, why: str) -> None:
    launch(office, at(1))
    run(office, at(1))
    late = at(1, hour=11)
    with transaction(office.engine) as session:
        if why == "send hold":
            begin_send_hold(session, made_at=at(1), restored_at=at(1), head=None)
        if why == "mail server":
            raise_alert(session, AlertKind.MAIL_FAILING, "mail:25", now=late, calendar=load_calendar(session))
    assert is_behind(office, late, sends=why != "job of its own") is (why == "nothing")


def test_tasks_that_a_tick_left_out_are_told_with_how_many_and_since_when(office: Office) -> None:
    launch(office, at(1))
    run(office, at(1), a_day=None)
    with reading(office.engine) as session:
        first = session.exec(select(func.min(TaskCheck.at))).one()
    assert first is not None
    assert not is_behind(office, first + timedelta(minutes=14))
    assert is_behind(office, first + timedelta(minutes=16))
    (alert,) = told(office)
    assert alert.facts["tasks"] >= 1
    assert datetime.fromisoformat(alert.facts["from"]) == first
