"""One task that cannot be decided holds up nobody: it is put off for an hour and told; one period likewise."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

from models.database.session import reading, transaction
from models.directives.directive import Duty
from models.directives.template import TemplateVersion
from models.letters.letter import NoticeState
from models.operations.alert import Alert, AlertKind
from models.tasks.task import Task
from models.tasks.task_check import TaskCheck
from tests.office import COORDINATOR, Office, at, furnish
from workflows.escalation import sweep as sweeping
from workflows.escalation.sweep import sweep
from workflows.launch.open_periods import open_periods

HEAD = "luong.thi.ngan"  # of Vụ Kế hoạch – Tài chính, duty 4
AT = at(3)
"""Two working days after the launch: "not accepted" is told."""


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    made = furnish(engine, tmp_path)
    made.launch("4", "2")
    return made


def spoil(office: Office, path: str) -> dict[str, Any]:
    """Writes into a duty's published template what nobody can read; returns what it was."""
    with transaction(office.engine) as session:
        on_table = " ON template_version" if office.engine.dialect.name == "postgresql" else ""
        session.execute(text(f"DROP TRIGGER IF EXISTS template_version_is_frozen{on_table}"))
        version = session.exec(
            select(TemplateVersion).join(Duty, col(Duty.id) == TemplateVersion.duty_id).where(Duty.path == path)
        ).one()
        before = dict(version.spec)
        version.spec = before | {"steps": []}
        return before


def mend(office: Office, path: str, spec: dict[str, Any]) -> None:
    with transaction(office.engine) as session:
        session.execute(
            text("UPDATE template_version SET spec = :spec WHERE duty_id = (SELECT id FROM duty WHERE path = :path)"),
            {"spec": json.dumps(spec), "path": path},
        )


def alerts(office: Office, kind: AlertKind = AlertKind.TASK_STUCK) -> list[Alert]:
    with reading(office.engine) as session:
        return list(session.exec(select(Alert).where(Alert.kind == kind).order_by(col(Alert.raised_at))))


def late(office: Office, path: str, unit: str | None = None) -> list[str]:
    """Who has been told that the task is not accepted."""
    task = office.task(path, unit)
    return [person for rung, _o, person, _s in office.notices(task, NoticeState.PENDING) if rung == "not_accepted"]


def test_a_task_whose_template_cannot_be_read_is_put_off_and_the_others_move_on(office: Office) -> None:
    spoil(office, "4")
    sweep(office.engine, now=AT, calendar=office.calendar)
    assert late(office, "4") == []
    assert late(office, "2", "T-LT") == ["duong.trong.nghia"]
    assert office.next_check(office.task("4")) == AT + timedelta(hours=1)
    [alert] = alerts(office)
    assert (alert.subject, alert.ended_at) == (str(office.task("4").id), None)
    assert "steps" in alert.facts["reason"] and "\n" not in alert.facts["reason"]


def test_it_is_tried_again_each_hour_and_counted(office: Office) -> None:
    spoil(office, "4")
    for minutes in (0, 30, 60, 119, 120):
        sweep(office.engine, now=AT + timedelta(minutes=minutes), calendar=office.calendar)
    [alert] = alerts(office)
    assert alert.times == 3


def test_decided_well_again_it_is_told_late_and_its_alert_ends(office: Office) -> None:
    before = spoil(office, "4")
    sweep(office.engine, now=AT, calendar=office.calendar)
    mend(office, "4", before)
    sweep(office.engine, now=AT + timedelta(hours=1), calendar=office.calendar)
    assert late(office, "4") == [HEAD]
    [alert] = alerts(office)
    assert alert.ended_at == AT + timedelta(hours=1)


def test_closed_meanwhile_its_alert_ends_too(office: Office) -> None:
    before = spoil(office, "4")
    sweep(office.engine, now=AT, calendar=office.calendar)
    mend(office, "4", before)
    office.act(office.task("4"), "withdraw", COORDINATOR, AT + timedelta(minutes=5), note="nhầm")
    sweep(office.engine, now=AT + timedelta(minutes=6), calendar=office.calendar)
    [alert] = alerts(office)
    assert alert.ended_at == AT + timedelta(minutes=6)


def test_a_task_that_the_database_itself_refuses_is_found_among_hundreds_and_put_off(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notice that no constraint lets in fails the whole batch: it is cut down until the task stands alone."""
    poisoned = office.task("2", "T-LT")
    forbid_notices(office, poisoned.id)
    monkeypatch.setattr(sweeping, "BATCH", 12)
    sweep(office.engine, now=AT, calendar=office.calendar)
    assert late(office, "2", "T-LT") == [] and late(office, "4") == [HEAD]
    assert late(office, "2", "T-BC") != []
    assert office.next_check(office.task("2", "T-LT")) == AT + timedelta(hours=1)
    assert [alert.subject for alert in alerts(office)] == [str(poisoned.id)]
    allow_notices(office)
    sweep(office.engine, now=AT + timedelta(hours=1), calendar=office.calendar)
    assert late(office, "2", "T-LT") == ["duong.trong.nghia"]


def test_every_second_task_poisoned_the_others_are_told_all_the_same(office: Office) -> None:
    with reading(office.engine) as session:
        tasks = session.exec(select(Task).order_by(col(Task.id))).all()
    forbid_notices(office, *(task.id for task in tasks[::2]))
    checked = sweep(office.engine, now=AT, calendar=office.calendar).checked
    with reading(office.engine) as session:
        after = {check.task_id: check.at for check in session.exec(select(TaskCheck))}
    assert checked == len(tasks) > 6
    assert [after[task.id] == AT + timedelta(hours=1) for task in tasks] == [n % 2 == 0 for n in range(len(tasks))]


def test_a_row_of_the_task_itself_that_cannot_be_read_is_put_off(office: Office) -> None:
    if office.engine.dialect.name == "postgresql":
        pytest.skip("PostgreSQL keeps a moment a moment")
    with transaction(office.engine) as session:
        session.execute(text("UPDATE task SET due_set_at = 'hôm qua' WHERE id = :id"), {"id": office.task("4").id.hex})
    sweep(office.engine, now=AT, calendar=office.calendar)
    assert late(office, "2", "T-LT") == ["duong.trong.nghia"]
    assert len(alerts(office)) == 1


def test_trouble_of_the_database_is_nobodys_fault_and_is_raised(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_args: object, **_named: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("database is locked"))

    monkeypatch.setattr(sweeping, "read_already_sent", locked)
    with pytest.raises(OperationalError):
        sweep(office.engine, now=AT, calendar=office.calendar)
    assert alerts(office) == []


def test_stuck_period_raises_an_alert_and_delays_no_other(office: Office) -> None:
    office.launch("2.b", "oversight", due=None)
    before = spoil(office, "2.b")
    at_launch, now = occurrences(office, "2.b"), at(31, 12)
    others = occurrences(office, "oversight")
    opened(office, now)
    assert occurrences(office, "2.b") == at_launch and occurrences(office, "oversight") > others
    [alert] = alerts(office, AlertKind.PERIOD_STUCK)
    with reading(office.engine) as session:
        duty = session.exec(select(Duty).where(Duty.path == "2.b")).one()
    assert (alert.subject, alert.ended_at) == (str(duty.id), None)
    opened(office, now + timedelta(minutes=1))
    mend(office, "2.b", before)
    opened(office, now + timedelta(minutes=2))
    assert occurrences(office, "2.b") > at_launch
    [alert] = alerts(office, AlertKind.PERIOD_STUCK)
    assert (alert.times, alert.ended_at) == (2, now + timedelta(minutes=2))


def opened(office: Office, now: Any) -> None:
    with transaction(office.engine) as session:
        open_periods(session, now=now, calendar=office.calendar)


def occurrences(office: Office, path: str) -> set[str]:
    with reading(office.engine) as session:
        return set(
            session.exec(select(Task.occurrence).join(Duty, col(Duty.id) == Task.duty_id).where(Duty.path == path))
        )


def forbid_notices(office: Office, *task_ids: UUID) -> None:
    """A trigger that refuses the tasks' notices, as a constraint would."""
    on_postgres = office.engine.dialect.name == "postgresql"
    listed = ", ".join(f"'{one if on_postgres else one.hex}'" for one in task_ids)
    with transaction(office.engine) as session:
        if on_postgres:
            session.execute(
                text(
                    "CREATE TRIGGER no_notices BEFORE INSERT ON notice FOR EACH ROW"
                    f" WHEN (NEW.task_id IN ({listed})) EXECUTE FUNCTION refuse('poisoned')"
                )
            )
        else:
            session.execute(
                text(
                    f"CREATE TRIGGER no_notices BEFORE INSERT ON notice WHEN NEW.task_id IN ({listed})"
                    " BEGIN SELECT RAISE(ABORT, 'poisoned'); END"
                )
            )


def allow_notices(office: Office) -> None:
    with transaction(office.engine) as session:
        on_table = " ON notice" if office.engine.dialect.name == "postgresql" else ""
        session.execute(text(f"DROP TRIGGER no_notices{on_table}"))
