"""A clock ahead, once: nothing leaves where that is seen in time; where it is not, nothing is told twice or stuck."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.database.session import open_engine, reading, transaction
from models.directives.directive import find_directive
from models.letters.letter import LetterState, Notice
from models.operations.alert import Alert, AlertKind
from models.operations.system_job import JobName
from models.organization.register_reads import resolve_person
from models.text.localtime import at_local, local_date
from notifications.smtp.transport import Sender
from tests.keys import KEYS
from tests.office import COORDINATOR, Office, at_office, body, furnish
from tests.scenes import Play
from workflows.access.audit_log import AuditActor
from workflows.jobs.clock import clock_ahead
from workflows.jobs.clock.clock_ahead import ClockHeld, confirm
from workflows.jobs.run_job import run_job
from workflows.launch.launch_tasks import launch
from workflows.operations.setup import BUNDLED

pytestmark = pytest.mark.long


def on(day: int, month: int, year: int = 2026, hour: int = 8, minute: int = 5) -> datetime:
    return at_local(date(year, month, day), time(hour, minute))


AHEAD, FAR_AHEAD = on(4, 12), on(11, 1, 2027)


def november(engine: Engine, folder: Path) -> None:
    """The bundled directive, launched on 25 November 2026, with ticks of three days."""
    office = furnish(engine, folder)
    with transaction(engine) as session:
        launch(
            session,
            find_directive(session, BUNDLED),
            on=on(25, 11, minute=0),
            calendar=office.calendar,
            due_on=None,
            coordinator_id=resolve_person(session, COORDINATOR).id,
            override=True,
        )
    for moment in (on(25, 11), on(30, 11), on(1, 12)):
        office.tick(moment)


def mornings(first: datetime, last: datetime) -> list[datetime]:
    return [first + timedelta(days=days) for days in range((last - first).days + 1)]


def run(office: Office, now: datetime) -> int:
    """A tick and a delivery by the machine's clock, which nothing vouches for; how many letters left."""
    before, held = len(office.sender.letters), None
    for name in (JobName.TICK, JobName.DELIVER):
        try:
            run_job(office.engine, office.settings, name, now=now, sender=lambda: office.sender, kept=lambda: False)
        except ClockHeld as fault:
            held = fault
    if held is not None:
        raise held
    return len(office.sender.letters) - before


@pytest.fixture(autouse=True)
def of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database server, where there is one, goes by the very clock that is wrong."""
    monkeypatch.setattr(clock_ahead, "server_clock", lambda session: None)


@pytest.fixture
def office(stage: Callable[[Play], str], tmp_path: Path) -> Iterator[Office]:
    office = at_office(open_engine(stage(november), KEYS), tmp_path)
    yield office
    office.engine.dispose()


def alerts(office: Office, kind: AlertKind) -> list[Alert]:
    with reading(office.engine) as session:
        return list(session.exec(select(Alert).where(Alert.kind == kind)))


def told(office: Office) -> set[tuple[object, ...]]:
    """Each rung with its task, its clock and its reader: the database has none of them twice."""
    with reading(office.engine) as session:
        found = session.exec(select(Notice)).all()
    return {(one.task_id, one.rung, one.offset, one.role, one.recipient_id) for one in found}


def test_a_clock_three_days_ahead_works_and_administrators_hear(office: Office) -> None:
    run(office, on(1, 12, minute=10))
    too_early = run(office, AHEAD)
    assert too_early > 20, "less than a week: as after a long weekend"
    (gap,) = alerts(office, AlertKind.CLOCK_STOPPED)
    assert gap.facts["to"] == AHEAD.isoformat()
    for minute in (15, 16, 17):
        run(office, on(1, 12, minute=minute))
    (alert,) = alerts(office, AlertKind.CLOCK_WAS_AHEAD)
    assert alert.facts == {"from": on(1, 12, minute=10).isoformat(), "to": AHEAD.isoformat(), "sent": too_early}
    assert alert.ended_at == alert.raised_at, "there is nothing that lasts"
    assert run(office, on(1, 12, minute=21)) > 0
    message = message_from_bytes(office.sender.letters[-1][1], policy=policy.default)
    assert isinstance(message, EmailMessage)
    words = " ".join(body(message).split())
    assert f"{too_early} thư" in words and "không được nhắc lại" in words


def test_nothing_told_too_early_is_told_again_and_ladders_go_on(stage: Callable[[Play], str], tmp_path: Path) -> None:
    rungs, sent = [], []
    for is_disturbed in (False, True):
        office = at_office(open_engine(stage(november), KEYS), tmp_path)
        if is_disturbed:
            assert office.tick(AHEAD).sent > 20, "these cannot be called back"
        before = len(office.sender.letters)
        for moment in mornings(on(2, 12), on(20, 12)):
            office.tick(moment)
            if is_disturbed and moment <= AHEAD:
                assert len(office.sender.letters) == before, "nothing is told again"
        rungs.append(told(office))
        sent.append([to for to, _raw in office.sender.letters[before:]])
        office.engine.dispose()
    assert rungs[0] == rungs[1], "each rung has its row in the end, whatever day it was told"
    assert 0 < len(sent[1]) < len(sent[0])


def test_what_was_in_hand_under_a_clock_ahead_is_free_by_the_real_clock(office: Office) -> None:
    """The delivery dies under the false clock: each letter that it had taken is held until a false moment."""
    task, moment = office.task("4"), on(1, 12, minute=10)
    office.act(task, "set-date", COORDINATOR, moment, due=date(2027, 3, 31), note="Bộ đồng ý")
    with pytest.raises(RuntimeError):
        office.tick(AHEAD, sender=cast(Sender, _Broken()))
    held = [one for one in office.letters() if one.state is LetterState.CLAIMED]
    assert held and all(one.lease_until is not None and one.lease_until > AHEAD for one in held)
    for minute in (11, 30, 50):
        office.tick(on(1, 12, minute=minute))
    now = on(1, 12, minute=50)
    due = [one for one in office.letters() if one.slot <= now]
    assert {one.state for one in due} <= {LetterState.SENT, LetterState.EMPTY, LetterState.UNCERTAIN}
    assert [one for one in office.letters() if one.state is LetterState.CLAIMED] == []


class _Broken:
    """A delivery that dies at its first letter."""

    def __enter__(self) -> "_Broken":
        return self

    def __exit__(self, *_: object) -> None: ...

    def send(self, *_: object, **__: object) -> None:
        raise RuntimeError("killed")


def test_a_clock_weeks_ahead_that_nothing_vouches_for_does_nothing(office: Office) -> None:
    run(office, on(1, 12, minute=10))
    before = office.rows()
    with pytest.raises(ClockHeld):
        run(office, FAR_AHEAD)
    changed = {table for table, count in office.rows().items() if count != before[table]}
    assert changed <= {"alert", "letter", "letter_attempt", "letter_content"}, "the alert and its letter"
    assert alerts(office, AlertKind.CLOCK_AHEAD)
    assert run(office, on(1, 12, minute=15)) == 0, "set right, it goes on by itself"
    assert alerts(office, AlertKind.CLOCK_AHEAD)[0].ended_at is not None
    assert alerts(office, AlertKind.CLOCK_WAS_AHEAD) == []


def test_a_confirmation_is_of_one_step_of_the_clock_and_of_one_day(office: Office) -> None:
    with transaction(office.engine) as session:
        confirm(session, now=FAR_AHEAD, today=local_date(FAR_AHEAD), audit_actor=AuditActor(FAR_AHEAD))
    with pytest.raises(ClockHeld):
        run(office, FAR_AHEAD + timedelta(days=1))
    before = told(office)
    run(office, FAR_AHEAD + timedelta(hours=23))
    assert told(office) > before
    with pytest.raises(ClockHeld):
        run(office, FAR_AHEAD + timedelta(days=10))


def test_a_tick_weeks_ahead_that_somebody_wanted_does_not_open_the_way_to_the_next(office: Office) -> None:
    """The hold counts from the newest tick up to now, and not from one that has not come."""
    office.tick(FAR_AHEAD)
    run(office, on(1, 12, minute=10))
    with pytest.raises(ClockHeld):
        run(office, on(20, 12))


def test_a_clock_that_is_ahead_again_and_again_is_told_once_for_each_day(office: Office) -> None:
    for minute in range(10, 20):
        run(office, on(1, 12, minute=minute))
        run(office, AHEAD + timedelta(minutes=minute))
    run(office, AHEAD + timedelta(days=1))
    run(office, on(1, 12, minute=20))
    assert [one.subject for one in alerts(office, AlertKind.CLOCK_WAS_AHEAD)] == ["2026-12-04", "2026-12-05"]


def test_a_clock_that_is_behind_is_told_and_repeats_nothing(office: Office) -> None:
    for moment in mornings(on(22, 12), on(20, 1, 2027)):
        office.tick(moment)
    before = told(office)
    run(office, on(25, 12, hour=9))
    assert told(office) == before
    assert len(alerts(office, AlertKind.CLOCK_WAS_AHEAD)) == 1


def test_a_stop_is_told_although_a_clock_ahead_had_told_one(office: Office) -> None:
    for moment in (on(1, 12, minute=10), AHEAD, on(1, 12, minute=15), on(1, 12, hour=11)):
        run(office, moment)
    assert len(alerts(office, AlertKind.CLOCK_STOPPED)) == 2


def test_an_alert_from_a_clock_ahead_ends_with_its_cause(office: Office) -> None:
    run(office, on(1, 12, minute=10))
    run_job(office.engine, office.settings, JobName.TICK, now=AHEAD, kept=lambda: False)
    with pytest.raises(RuntimeError):
        run_job(
            office.engine,
            office.settings,
            JobName.DELIVER,
            now=AHEAD,
            sender=lambda: cast(Sender, _Broken()),
            kept=lambda: False,
        )
    (alert,) = alerts(office, AlertKind.JOB_FAILED)
    assert alert.ended_at is None
    run(office, on(1, 12, minute=15))
    (alert,) = alerts(office, AlertKind.JOB_FAILED)
    assert alert.ended_at == alert.raised_at
