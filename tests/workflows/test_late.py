"""Late has one meaning: for a row, for a query, for the report, and on every page, in every list and call."""

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, update
from sqlmodel import Session, col, select

from models.database.ids import new_id
from models.database.session import reading, transaction
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from models.organization.unit import Unit
from models.tasks.late import is_late, late_at
from models.tasks.task import OPEN_STATUSES, Task, TaskStatus
from models.text.localtime import at_local, end_of_day, local_date
from tests.office import COORDINATOR, Office, at, furnish
from workflows.access.rights import OPERATOR, read_principal
from workflows.reports.report_figures import report
from workflows.reports.report_tasks import Figure, tasks_behind
from workflows.worklists.my_work import read_work
from workflows.worklists.task_filter import EveryTaskFilter, ShownTasks, TaskFilter
from workflows.worklists.task_rows import count_tasks, list_tasks, read_tasks

NOON = at_local(date(2004, 6, 3), time(12))
MOMENTS = st.datetimes(datetime(2004, 5, 20), datetime(2004, 6, 20), timezones=st.just(UTC))
DUE = st.one_of(
    st.none(),
    MOMENTS,
    st.dates(date(2004, 5, 20), date(2004, 6, 20)).map(end_of_day),
    st.sampled_from([NOON, end_of_day(date(2004, 6, 2)), end_of_day(date(2004, 6, 3))]),
)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    office = furnish(engine, tmp_path)
    office.launch("4")
    with transaction(office.engine) as session:  # and one without a date
        dated = session.scalars(select(Task)).one().model_dump()
        dates = dict.fromkeys(("due_at", "original_due_at", "due_set_at", "due_anchor_id", "due_fixed_by"))
        session.add(Task(**dated | dates | {"id": new_id(), "occurrence": "request:1"}))
    return office


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(status=st.sampled_from(list(TaskStatus)), due_at=DUE, now=st.one_of(MOMENTS, st.just(NOON)))
def test_a_row_and_a_query_agree_on_what_is_late(
    office: Office, status: TaskStatus, due_at: datetime | None, now: datetime
) -> None:
    with Session(office.engine) as session:  # nothing is kept
        closed_at = None if status in OPEN_STATUSES else NOON
        state = {"status": status, "closed_at": closed_at, "next_check_at": None}
        has_date = col(Task.due_at).is_not(None) if due_at else col(Task.due_at).is_(None)
        one = session.scalars(select(col(Task.id)).where(has_date).limit(1)).one()
        session.execute(update(Task).where(col(Task.id) == one).values(state | {"due_at": due_at}))
        chosen = select(col(Task.id)).where(col(Task.id) == one)
        found = bool(session.scalars(chosen.where(late_at(now))).all())
        others = bool(session.scalars(chosen.where(~late_at(now))).all())
        session.rollback()
    assert found is is_late(status, due_at, now)
    assert others is not found


@pytest.mark.parametrize(("hour", "late"), [(8, 0), (9, 1), (10, 1)])
def test_a_task_due_at_nine_is_late_everywhere_from_nine_on(office: Office, hour: int, late: int) -> None:
    office.launch("2.a", due=None)
    office.declare("T-LT", now=at(2, hour=9))  # 24 hours
    now = at(3, hour=hour)
    with reading(office.engine) as session:
        task = session.scalars(select(Task).where(col(Task.incident_id).is_not(None))).one()
        coordinator = read_principal(session, resolve_person(session, COORDINATOR), local_date(now))
        lead = session.get_one(Unit, task.lead_unit_id)
        head = read_principal(session, session.get_one(Person, lead.head_id), local_date(now))
        rows, paging = read_tasks(session, coordinator, TaskFilter(show=ShownTasks.LATE), now)
        soon, _paging = read_tasks(session, coordinator, TaskFilter(show=ShownTasks.SOON), now)
        found = {
            "api and command": len(list_tasks(session, OPERATOR, EveryTaskFilter(overdue=True), now)),
            "list": paging.total,
            "rows": sum(row.overdue for row in rows),
            "count": count_tasks(session, coordinator, now)[ShownTasks.LATE],
            "not soon": 1 - sum(row.id == task.id for row in soon),
            "report": report(session, cutoff=local_date(now), now=now).figures.open_overdue,
            "behind": len(tasks_behind(session, cutoff=local_date(now), figure=Figure.OPEN_OVERDUE, now=now)),
            "work": sum(
                line.countdown.is_late
                for line in read_work(session, head, now=now, calendar=office.calendar).lines
                if line.countdown
            ),
        }
        assert found == dict.fromkeys(found, late)
        assert report(session, cutoff=local_date(now)).figures.open_overdue == 1, "at the end of its day it is late"
    with transaction(office.engine) as session:
        assert session.get_one(Task, task.id).due_at == at(3, hour=9)
