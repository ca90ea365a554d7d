"""A task's moves stand in the order of what happened, also where a clock that was ahead wrote some of them."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.session import reading
from models.tasks.history import History
from models.tasks.task import TaskStatus
from tests.office import COORDINATOR, Office, at, furnish
from workflows.reports.report_figures import report


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """A clock that was four days ahead has launched; then it was put right."""
    office = furnish(engine, tmp_path)
    office.launch("3", on=at(5))
    return office


def lines(office: Office) -> list[History]:
    with reading(office.engine) as session:
        task = office.task("3", "T-LT")
        query = select(History).where(History.task_id == task.id).order_by(col(History.recorded_at), col(History.id))
        return list(session.exec(query))


def test_what_is_done_after_a_clock_was_put_right_stands_after_what_it_had_recorded(office: Office) -> None:
    office.act(office.task("3", "T-LT"), "withdraw", COORDINATOR, at(1, hour=9), note="giao nhầm")
    given, withdrawn = lines(office)
    assert (given.event, withdrawn.event) == ("assigned", "withdrawn")
    assert withdrawn.recorded_at - given.recorded_at == timedelta(microseconds=1)
    assert withdrawn.occurred_on == date(2004, 6, 1), "the day on which it was done stays what it was"


def test_the_report_counts_a_task_as_it_ended_and_not_as_it_began(office: Office) -> None:
    with reading(office.engine) as session:
        before = report(session, cutoff=date(2004, 6, 6)).figures.total
    office.act(office.task("3", "T-LT"), "withdraw", COORDINATOR, at(1, hour=9), note="giao nhầm")
    assert office.task("3", "T-LT").status is TaskStatus.WITHDRAWN
    with reading(office.engine) as session:
        assert report(session, cutoff=date(2004, 6, 6)).figures.total == before - 1


def test_where_clocks_agree_a_line_bears_the_moment_of_what_was_done(office: Office) -> None:
    office.act(office.task("3", "T-LT"), "withdraw", COORDINATOR, at(7), note="giao nhầm")
    assert [one.recorded_at for one in lines(office)] == [at(5), at(7)]
