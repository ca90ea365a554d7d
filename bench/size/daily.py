"""A working day on the government: what opens, the tick of the morning, people's acts, the tick of each hour."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text
from sqlmodel import col, select

from models.database.session import reading, transaction
from models.errors import DondocError
from models.organization.person import Person
from models.organization.unit import Unit
from models.settings import Settings
from models.tasks.task import Task, TaskStatus
from models.tasks.task_check import TaskCheck
from models.text.localtime import local_date
from workflows.jobs.simulate import RecordedSender
from workflows.jobs.tick import tick
from workflows.organization.working_calendar import load_calendar
from workflows.rules.tasks.lifecycle import Action
from workflows.tasks.act import act

TABLES = ("task", "task_check", "letter", "notice", "history", "letter_attempt", "run", "mail_window", "job", "errand")
_READ = (
    "SELECT relname, n_tup_ins, n_tup_upd, n_tup_hot_upd, pg_total_relation_size(relid)"
    " FROM pg_stat_user_tables WHERE schemaname = 'public'"
)


@dataclass(frozen=True)
class Written:
    """What a table's days were: rows inserted and updated, how many of these in place (HOT), its growth in bytes."""

    table: str
    inserted: int
    updated: int
    hot: int
    grown: int


def live(engine: Engine, folder: Path, now: datetime, *, days: int, acts: int) -> Iterator[Written]:
    """So many days of ticks and acts; then what was written, table by table."""
    settings, before = Settings(data=folder), _counts(engine)
    moment = now
    for day in range(days):
        moment = now + timedelta(days=day)
        tick(engine, settings, now=moment, sender=RecordedSender(keep_content=False))
        for hour in range(1, 4):
            _act(engine, settings, moment + timedelta(hours=hour), acts // 3)
            tick(engine, settings, now=moment + timedelta(hours=hour, minutes=30), sender=RecordedSender(False))
    after = _counts(engine)
    for table in TABLES:
        gained = [new - old for new, old in zip(after[table], before[table], strict=True)]
        yield Written(table, *gained)


def _counts(engine: Engine) -> dict[str, list[int]]:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("SELECT pg_stat_force_next_flush()")
    engine.dispose()  # each connection tells what it did when it ends
    with engine.connect() as connection:
        return {row[0]: list(row[1:]) for row in connection.execute(text(_READ))}


_NEXT = {
    TaskStatus.ASSIGNED: Action.ACCEPT,
    TaskStatus.ACCEPTED: Action.SUBMIT,
    TaskStatus.RETURNED: Action.SUBMIT,
    TaskStatus.SUBMITTED: Action.APPROVE,
}


def _act(engine: Engine, settings: Settings, now: datetime, count: int) -> None:
    """The next step of so many open tasks, each in a transaction of its own; what is refused is passed over."""
    with reading(engine) as session:
        calendar = load_calendar(session)
        columns: Any = (Task.id, Task.status, Unit.head_id, Task.coordinator_id, Task.officer_id)
        query: Any = select(*columns)
        query = (
            query.join(Unit, col(Unit.id) == col(Task.lead_unit_id))
            .outerjoin(TaskCheck, col(TaskCheck.task_id) == col(Task.id))
            .where(col(Task.status).in_(list(_NEXT)))
        )
        found = session.execute(query.order_by(col(TaskCheck.at), col(Task.id)).limit(count)).all()
    for task_id, status, head, coordinator, officer in found:
        action = _NEXT[status]
        by = coordinator if action is Action.APPROVE else officer or head
        given: dict[str, Any] = {}
        if action is Action.SUBMIT:
            given = {"number": "1/BC", "date": local_date(now), "subject": "Báo cáo", "signer": "Thủ trưởng"}
        try:
            with transaction(engine) as session:
                person = session.get_one(Person, by)
                act(session, task_id, action, person, given, now=now, calendar=calendar, settings=settings)
        except DondocError:
            continue  # somebody who was not theirs to act, as in any morning
