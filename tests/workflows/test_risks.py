"""Warnings from a real history, on both databases: named, explained, narrowed, and counted in few queries."""

from datetime import date

import pytest
from sqlalchemy import ColumnElement
from sqlmodel import Session, col

from models.tasks.task import Task, TaskStatus
from models.text.localtime import end_of_day
from tests.ministry import Counted, Ministry, day
from workflows.reports.scorecards.risks import Risks, read_risks
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.escalation.risk import Sign

CALENDAR = WorkCalendar()
TODAY = day(16)


@pytest.fixture
def ministry(session: Session) -> Ministry:
    return Ministry(session)


def risks(ministry: Ministry, among: ColumnElement[bool] | None = None) -> Risks:
    return read_risks(ministry.session, day=TODAY, calendar=CALENDAR, among=among)


def given(ministry: Ministry, duty: str = "ct06/2", unit: str = "AN", due: date = day(30)) -> Task:
    """A task of the first day of the month."""
    task = ministry.task(duty, unit, due)
    task.original_due_at = task.due_at = end_of_day(due)
    ministry.session.flush()
    return task


def test_an_open_task_is_warned_of_with_its_reasons_and_names(ministry: Ministry) -> None:
    task = given(ministry, unit="DAI")
    calm = given(ministry)
    ministry.happened(calm, "accepted", day(1), "accepted")
    found = risks(ministry)
    assert found.looked_at == 2
    [warned] = found.warned
    assert (warned.task_id, warned.unit, warned.duty_path, warned.directive) == (task.id, "Công ty Đại", "2", "ct06")
    assert [reason.sign for reason in warned.risk.reasons] == [Sign.NOT_ACCEPTED, Sign.SILENT]
    assert warned.risk.reasons[0].words == "not accepted 11 working days after it was given"


def test_a_task_that_its_head_gave_to_an_officer_is_not_called_unaccepted(ministry: Ministry) -> None:
    task = given(ministry)
    ministry.happened(task, "assigned_on", day(2), "accepted")
    assert risks(ministry).warned == (), "half of the time in silence is too little to warn of by itself"
    left = given(ministry)
    assert [one.task_id for one in risks(ministry).warned] == [left.id]


def test_what_is_late_sent_in_or_done_is_not_looked_at(ministry: Ministry) -> None:
    given(ministry, due=TODAY)
    ministry.task(due=None)
    for status in (TaskStatus.SUBMITTED, TaskStatus.APPROVED, TaskStatus.WITHDRAWN):
        task = given(ministry)
        task.status = status
        ministry.happened(task, status.value, day(10), status.value)
    assert risks(ministry).looked_at == 0


def test_only_the_tasks_that_are_asked_for_are_warned_of(ministry: Ministry) -> None:
    _one, other = (given(ministry, duty) for duty in ("ct06/2", "kl/1"))
    assert len(risks(ministry).warned) == 2
    assert [one.task_id for one in risks(ministry, col(Task.id) == other.id).warned] == [other.id]


def test_the_number_of_queries_does_not_grow_with_the_tasks(ministry: Ministry) -> None:
    def queries() -> int:
        with Counted(ministry.session) as seen:
            risks(ministry)
        return len(seen)

    given(ministry, unit="DAI")
    few = queries()
    for _again in range(9):
        given(ministry, unit="DAI")
    assert queries() == few <= 3
