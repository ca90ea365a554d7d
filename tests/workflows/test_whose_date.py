"""Whose a date is to move, after it was moved, asked for or recorded in an unusual order."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.database.session import reading
from models.errors import BadInput, Refused
from models.organization.register_reads import resolve_person
from models.tasks.task import Task, TaskStatus
from models.text.localtime import due_date
from tests.office import COORDINATOR, Office, at, furnish
from workflows.access.rights import read_principal
from workflows.access.task_access import look_at
from workflows.reports.counted_history import counted_tasks
from workflows.reports.report_tasks import ALL_OF_IT, Figure, tasks_behind
from workflows.rules.tasks.actions import Action
from workflows.rules.tasks.offers import offered
from workflows.rules.tasks.task_life import Life
from workflows.worklists.task_view import read_situation

HEAD, OFFICE_HEAD, CLERK = "luong.thi.ngan", "tran.duc.thinh", "ngo.van.loc"
PAPER = {"number": "12/BC", "date": date(2004, 6, 3)}


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    office = furnish(engine, tmp_path)
    office.launch("4")
    return office


def day_due(office: Office) -> date:
    due_at = office.task().due_at
    assert due_at is not None
    return due_date(due_at)


def test_moved_directive_date_is_still_the_issuers(office: Office) -> None:
    task = office.task()
    office.change_task(task, due_fixed_by="directive")
    office.act(task, "set-date", OFFICE_HEAD, at(2), due=date(2004, 7, 15), note="Bộ trưởng đồng ý")
    with pytest.raises(Refused, match="issuer's side"):
        office.act(task, "set-date", COORDINATOR, at(3), due=date(2004, 8, 15), note="thêm nữa")
    office.act(task, "ask-extension", HEAD, at(3), due=date(2004, 8, 15), note="cần thêm")
    with pytest.raises(Refused, match="issuer's side"):
        office.act(task, "grant-extension", COORDINATOR, at(3))
    assert day_due(office) == date(2004, 7, 15)


def test_a_date_of_the_coordinators_stays_theirs_when_the_issuers_side_moved_it(office: Office) -> None:
    task = office.task()
    office.act(task, "set-date", OFFICE_HEAD, at(2), due=date(2004, 7, 15), note="Bộ trưởng đồng ý")
    office.act(task, "set-date", COORDINATOR, at(3), due=date(2004, 8, 15), note="thêm nữa")
    assert day_due(office) == date(2004, 8, 15)


def offers(office: Office) -> set[Action]:
    with reading(office.engine) as session:
        principal = read_principal(session, resolve_person(session, COORDINATOR), date(2004, 6, 7))
        sight = look_at(session, principal, office.task().id, date(2004, 6, 7))
        return set(offered(read_situation(session, principal, sight, at(7))))


def test_granting_what_was_asked_for_never_takes_time_that_was_given_since(office: Office) -> None:
    task = office.task()
    office.act(task, "ask-extension", HEAD, at(3), due=date(2004, 7, 5), note="cần thêm")
    office.act(task, "set-date", COORDINATOR, at(4), due=date(2004, 7, 30), note="cả đợt")
    with pytest.raises(Refused, match="30/07/2004"):
        office.act(task, "grant-extension", COORDINATOR, at(7))
    assert day_due(office) == date(2004, 7, 30)
    assert offers(office) & {Action.GRANT_EXTENSION, Action.REFUSE_EXTENSION} == {Action.REFUSE_EXTENSION}
    office.act(task, "refuse-extension", COORDINATOR, at(7), note="đã có thời hạn muộn hơn")
    assert office.task().wait_kind is None


def test_more_time_may_be_granted_after_the_day_that_was_asked_for(office: Office) -> None:
    task = office.task()
    office.act(task, "ask-extension", HEAD, at(28), due=date(2004, 7, 5), note="cần thêm")
    office.act(task, "grant-extension", COORDINATOR, at(7, 7))
    assert day_due(office) == date(2004, 7, 5)


def test_report_received_during_a_withdrawal_counts_from_its_day(office: Office) -> None:
    task = office.task()
    office.act(task, "withdraw", COORDINATOR, at(3), note="nhầm")
    office.act(task, "reopen", COORDINATOR, at(8), note="vẫn cần")
    office.act(task, "receive", CLERK, at(8, hour=9), received_on=date(2004, 6, 4), **PAPER)
    assert office.task().submitted_on == date(2004, 6, 4)


def test_a_report_from_before_the_present_lead_had_the_task_is_not_its_report(office: Office) -> None:
    task = office.task()
    office.act(task, "change-lead", COORDINATOR, at(7), to="VU-PC", note="đúng chức năng")
    with pytest.raises(BadInput, match="before the task was assigned"):
        office.act(task, "receive", CLERK, at(8, hour=9), received_on=date(2004, 6, 4), **PAPER)


def sent_in_time_with_the_paper_after_it(office: Office) -> Task:
    """Sent here on 28 June, due on the 30th, the paper arrived on 2 July."""
    task = office.task()
    office.submit(task, HEAD, at(28, hour=9))
    office.act(
        task, "receive", CLERK, at(2, 7, hour=9), received_on=date(2004, 7, 2), number="12/BC", date=at(28).date()
    )
    return task


def test_the_paper_that_follows_a_result_sent_in_time_makes_it_no_later(office: Office) -> None:
    sent_in_time_with_the_paper_after_it(office)
    with reading(office.engine) as session:
        life = Life()
        for _task, _duty, rows in counted_tasks(session, date(2004, 7, 5), None):
            for row in rows:
                life.add_row(row)
        behind = tasks_behind(session, cutoff=date(2004, 7, 5), figure=Figure.TOTAL, part=ALL_OF_IT)
    assert life.submitted_on == date(2004, 6, 28) and life.is_pending()
    assert [one.at.submitted_on for one in behind] == [date(2004, 6, 28)]


def test_after_a_return_the_day_of_the_next_result_counts_not_that_of_the_first(office: Office) -> None:
    task = sent_in_time_with_the_paper_after_it(office)
    office.act(task, "return", COORDINATOR, at(5, 7), note="thiếu số liệu")
    office.act(task, "receive", CLERK, at(7, 7), received_on=date(2004, 7, 6), number="15/BC", date=date(2004, 7, 6))
    with reading(office.engine) as session:
        (behind,) = tasks_behind(session, cutoff=date(2004, 7, 8), figure=Figure.TOTAL, part=ALL_OF_IT)
    assert behind.at.status is TaskStatus.SUBMITTED
    assert behind.at.submitted_on == date(2004, 7, 6) == office.task().submitted_on
