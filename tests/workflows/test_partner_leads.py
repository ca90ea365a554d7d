"""A coordinating unit that is made the lead: it coordinates with nobody, least of all with itself."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.database.session import reading, transaction
from models.errors import Refused
from models.organization.register_reads import resolve_person
from models.tasks.task import Contribution, Task
from models.tasks.task_reads import task_partners
from tests.office import COORDINATOR, Office, at, body, furnish
from workflows.access.rights import read_principal
from workflows.access.task_access import look_at
from workflows.reports.report_figures import report
from workflows.reports.report_tasks import Figure, ReportPart, tasks_behind
from workflows.rules.tasks.actions import Action
from workflows.rules.tasks.offers import offered
from workflows.worklists.my_work import read_work
from workflows.worklists.task_records import TaskPartner, read_records
from workflows.worklists.task_view import read_situation

FORMER, NEW_LEAD, OTHER = "luong.thi.ngan", "quach.viet.hung", "pham.dang.vinh"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """Item 4 with two coordinating units, of which one takes the lead on 8 June."""
    office = furnish(engine, tmp_path)
    office.launch("4")
    with transaction(engine) as session:
        for unit in ("VU-PC", "VU-KHCN"):
            session.add(Contribution(task_id=office.task().id, unit_id=office.unit(unit).id))
    office.tick(at(1, hour=9))
    office.act(office.task(), "change-lead", COORDINATOR, at(8, hour=9), to="VU-PC", note="đúng chức năng")
    office.tick(at(8, hour=9))
    return office


@pytest.fixture
def task(office: Office) -> Task:
    return office.task()


def test_its_letter_names_only_the_others(office: Office, task: Task) -> None:
    (line,) = [one for one in body(office.sent(NEW_LEAD)[-1]).splitlines() if "Phối hợp" in one]
    assert "Khoa học" in line and "Pháp chế" not in line


def test_no_contribution_is_asked_of_it(office: Office, task: Task) -> None:
    with reading(office.engine) as session:
        for person, owes in ((NEW_LEAD, False), (OTHER, True)):
            principal = read_principal(session, resolve_person(session, person), at(8).date())
            work = read_work(session, principal, now=at(8, hour=10), calendar=office.calendar)
            assert bool(work.to_contribute) is owes, person
            sight = look_at(session, principal, task.id, at(8).date())
            assert (Action.CONTRIBUTE in offered(read_situation(session, principal, sight, at(8, hour=10)))) is owes
    with pytest.raises(Refused):
        office.act(task, "contribute", NEW_LEAD, at(8, hour=11), note="phần của chúng tôi")


def test_it_is_told_once_when_the_task_is_withdrawn(office: Office, task: Task) -> None:
    office.act(task, "withdraw", COORDINATOR, at(9, hour=9), note="nhầm")
    office.tick(at(9, hour=14))
    assert ("event:withdrawn", 0) in office.told(task, OTHER)
    with reading(office.engine) as session:
        assert [one["code"] for one in task_partners(session, task.id)] == ["VU-KHCN"]
        assert [one.unit_id for one in read_records(session, TaskPartner, task.id)] == [office.unit("VU-KHCN").id]


def test_the_report_counts_it_as_a_partner_until_it_led(office: Office) -> None:
    with reading(office.engine) as session:
        for cutoff, codes in ((date(2004, 6, 4), ["VU-KHCN", "VU-PC"]), (date(2004, 6, 8), ["VU-KHCN"])):
            assert sorted(one.code for one in report(session, cutoff=cutoff).by_partner) == codes
            part = ReportPart(partner="VU-PC")
            behind = tasks_behind(session, cutoff=cutoff, figure=Figure.TOTAL, part=part)
            assert len(behind) == codes.count("VU-PC")
