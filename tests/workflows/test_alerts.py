"""Alerts: one for one trouble, however often it comes and goes; told to those who can mend it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from models.database.session import reading, transaction
from models.letters.letter import Letter, LetterKind
from models.operations.alert import Alert, AlertKind
from models.organization.person import Person, PersonRole, Role
from models.organization.unit import Unit, UnitKind
from workflows.queue.alerts import administrators, end_alert, raise_alert
from workflows.rules.calendar.workdays import WorkCalendar

NOON = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)  # Wednesday, 10:00 local
CALENDAR = WorkCalendar()


@pytest.fixture(autouse=True)
def administrator(engine: Engine) -> None:
    with transaction(engine) as session:
        unit = Unit(code="MPT", name="Bộ", name_folded="bo", sort_key="", kind=UnitKind.MINISTRY)
        person = Person(
            code="quan.tri", full_name="Quản trị", name_folded="quan tri", sort_key="", email="quan.tri@mpt.example"
        )
        session.add_all([unit, person])
        session.flush()
        session.add(PersonRole(person_id=person.id, unit_id=unit.id, role=Role.ADMINISTRATOR))


def fail(engine: Engine, now: datetime, subject: str = "deliver", reason: str = "OSError") -> bool:
    with transaction(engine) as session:
        return raise_alert(session, AlertKind.JOB_FAILED, subject, now=now, calendar=CALENDAR, facts={"reason": reason})


def mend(engine: Engine, now: datetime, subject: str = "deliver") -> bool:
    with transaction(engine) as session:
        return end_alert(session, AlertKind.JOB_FAILED, subject, now=now)


def alerts(engine: Engine) -> list[Alert]:
    with reading(engine) as session:
        return list(session.exec(select(Alert).order_by(col(Alert.raised_at))))


def letters(engine: Engine) -> list[datetime]:
    with reading(engine) as session:
        return list(session.exec(select(Letter.slot).where(Letter.kind == LetterKind.ALERT).order_by(col(Letter.slot))))


def test_flapping_job_is_one_alert_and_one_letter(engine: Engine) -> None:
    for minute in range(0, 240, 2):
        fail(engine, NOON + timedelta(minutes=minute))
        mend(engine, NOON + timedelta(minutes=minute + 1))
    (alert,) = alerts(engine)
    assert (alert.times, alert.raised_at) == (120, NOON)
    assert alert.ended_at == NOON + timedelta(minutes=239)
    assert letters(engine) == [NOON + timedelta(minutes=5)]


def test_one_that_comes_and_goes_all_day_is_told_every_four_hours_of_the_working_day(engine: Engine) -> None:
    morning = NOON - timedelta(hours=2)
    for minute in range(0, 9 * 60, 2):
        fail(engine, morning + timedelta(minutes=minute))
        mend(engine, morning + timedelta(minutes=minute + 1))
    assert len(alerts(engine)) == 1
    assert [slot - morning for slot in letters(engine)] == [
        timedelta(minutes=5),
        timedelta(hours=4, minutes=10),
        timedelta(hours=8, minutes=15),
    ]
    assert alerts(engine)[0].slot == letters(engine)[-1]


@pytest.mark.parametrize(("minutes", "alerts_told"), [(59, 1), (61, 2)])
def test_what_comes_back_within_the_hour_is_the_same_trouble(engine: Engine, minutes: int, alerts_told: int) -> None:
    assert fail(engine, NOON)
    mend(engine, NOON + timedelta(minutes=1))
    again = NOON + timedelta(minutes=1 + minutes)
    assert fail(engine, again, reason="TimeoutError") is (alerts_told == 2)
    found = alerts(engine)
    assert len(found) == alerts_told == len(letters(engine))
    assert (found[-1].ended_at, found[-1].last_seen_at, found[-1].facts) == (None, again, {"reason": "TimeoutError"})
    assert not fail(engine, again + timedelta(minutes=1))
    assert alerts(engine)[-1].times == found[-1].times + 1


def test_another_subject_is_another_trouble(engine: Engine) -> None:
    fail(engine, NOON)
    mend(engine, NOON + timedelta(minutes=1))
    assert fail(engine, NOON + timedelta(minutes=2), subject="purge")


def test_several_processes_at_once_open_one_again_together(engine: Engine) -> None:
    fail(engine, NOON)
    mend(engine, NOON + timedelta(minutes=1))
    together(4, lambda: fail(engine, NOON + timedelta(minutes=2)))
    (alert,) = alerts(engine)
    assert (alert.times, alert.ended_at) == (5, None)


def test_one_is_opened_again_while_another_process_raises_it_anew(engine: Engine) -> None:
    """Their clocks do not agree whether the hour is over."""
    for turn in range(5):
        base = NOON + timedelta(days=turn)
        fail(engine, base)
        mend(engine, base + timedelta(minutes=1))
        moments = [base + timedelta(minutes=60), base + timedelta(minutes=62)]
        together(2, lambda moments=moments: fail(engine, moments.pop()))  # type: ignore[misc]
        with reading(engine) as session:
            (alert,) = session.exec(select(Alert).where(col(Alert.ended_at).is_(None)))
        assert alert.times >= 2
        mend(engine, base + timedelta(minutes=63))


def test_a_subject_of_any_length_is_taken_and_found_again(engine: Engine) -> None:
    long = "mail.mpt.example" * 20
    fail(engine, NOON, subject=long)
    fail(engine, NOON + timedelta(minutes=1), subject=long)
    (alert,) = alerts(engine)
    assert (alert.subject, alert.times) == (long[:120], 2)
    assert mend(engine, NOON + timedelta(minutes=2), subject=long)


def test_an_administrator_whose_address_a_server_refused_is_told_all_the_same(session: Session) -> None:
    (person,) = session.exec(select(Person)).all()
    person.email_refused_at = NOON
    session.add(person)
    session.flush()
    assert administrators(session) == [person.id]
    person.email = None
    session.add(person)
    session.flush()
    assert administrators(session) == []


def together(many: int, do: Callable[[], object]) -> None:
    barrier, faults = Barrier(many), list[Exception]()

    def run() -> None:
        barrier.wait()
        try:
            do()
        except Exception as fault:
            faults.append(fault)

    threads = [Thread(target=run) for _ in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
