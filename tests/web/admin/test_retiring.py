"""Before a unit, a person or a template's version is retired, a page says in words what that does, and asks."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from models.database.session import reading
from models.directives.directive import Duty
from models.directives.launch import ArmedDuty
from models.directives.template import TemplateState, TemplateVersion
from models.organization.person import Absence
from models.organization.register_reads import resolve_person, resolve_unit
from models.organization.unit import Unit
from models.tasks.task import Contribution, Task
from tests.page import Page
from tests.web.site import LAUNCHED, Office, Reader

ADMINISTRATOR = "dang.thu.thuy"
VERSION = "/admin/templates/ct-06-2004/4/1"


@pytest.fixture
def administrator(office: Office) -> Reader:
    return office.sign_in(ADMINISTRATOR)


def shown(reader: Reader, path: str) -> str:
    """What the page says in English, as one line of text."""
    page = reader.get(f"{path}?lang=en")
    assert page.status_code == 200
    return Page(page.text).words("main")[0]


def put_in_hand(office: Office, code: str) -> Task:
    task = office.task("4")

    def assign(session: Session) -> None:
        session.get_one(Task, task.id).officer_id = resolve_person(session, code).id

    office.change(assign)
    return task


@pytest.mark.parametrize("page", ["/admin/units/VU-PC", "/admin/people/ngo.van.loc", VERSION])
def test_retiring_asks_first_and_looking_retires_nothing(administrator: Reader, page: str) -> None:
    assert f'href="{page}/retire"' in administrator.get(page).text
    assert f'action="{page}/retire"' not in administrator.get(page).text, "not by one press"
    asked = administrator.get(f"{page}/retire").text
    assert f'<form method="post" action="{page}/retire">' in asked and f'href="{page}"' in asked
    assert f'href="{page}/retire"' in administrator.get(page).text, "it is as it was"
    assert administrator.send(f"{page}/retire").status_code == 303
    assert f'href="{page}/retire"' not in administrator.get(page).text


@pytest.mark.parametrize("page", ["/admin/units/VU-PC", "/admin/people/ngo.van.loc", VERSION])
def test_what_is_retired_already_is_not_asked_about_again(administrator: Reader, page: str) -> None:
    administrator.send(f"{page}/retire")
    again = administrator.get(f"{page}/retire")
    assert again.status_code == 303 and again.headers["location"] == page


@pytest.mark.parametrize("page", ["/admin/units/VU-PC", "/admin/people/ngo.van.loc", VERSION])
def test_it_is_for_administrators_only(office: Office, page: str) -> None:
    assert office.sign_in("le.thi.c").get(f"{page}/retire").status_code == 403


def test_of_a_person_it_says_which_open_tasks_name_them_and_who_gets_the_letters(
    office: Office, administrator: Reader
) -> None:
    put_in_hand(office, "ta.ba.toan")
    told = shown(administrator, "/admin/people/ta.ba.toan/retire")
    assert "no longer sign in" in told and "get no letter" in told
    assert "Assigned to them: 1 open task of Vụ Kế hoạch – Tài chính." in told
    assert "letters meant for them go to the coordinator" in told
    assert "Hand these tasks over" in told and "Followed up" not in told


def test_of_a_coordinator_it_says_how_many_tasks_they_follow_and_who_is_told_instead(
    office: Office, administrator: Reader
) -> None:
    with reading(office.engine) as session:
        mine = select(Task.id).where(Task.coordinator_id == resolve_person(session, "le.thi.c").id)
        followed = len(session.exec(mine).all())
    told = shown(administrator, "/admin/people/le.thi.c/retire")
    assert (
        f"Followed up by them: {followed} open tasks" in told and "the head of the unit that gave the task out" in told
    )
    assert "Has a role: coordinator" in told


def test_it_says_whom_they_stand_in_for(office: Office, administrator: Reader) -> None:
    def away(session: Session) -> None:
        day = (office.now + timedelta(days=3)).date()
        head, stand_in = (resolve_person(session, code).id for code in ("luong.thi.ngan", "ta.ba.toan"))
        session.add(Absence(person_id=head, stand_in_id=stand_in, starts_on=day, ends_on=day, reason=""))

    office.change(away)
    told = shown(administrator, "/admin/people/ta.ba.toan/retire")
    assert "stand in for Lương Thị Ngân" in told


def test_a_head_is_told_to_be_replaced_first_and_there_is_no_button(administrator: Reader) -> None:
    page = administrator.get("/admin/people/luong.thi.ngan/retire?lang=en").text
    assert "VU-KHTC" in page and 'href="/admin/units/VU-KHTC/offices/head"' in page
    assert 'action="/admin/people/luong.thi.ngan/retire"' not in page


def test_the_last_administrator_is_told_so_and_there_is_no_button(administrator: Reader) -> None:
    page = administrator.get(f"/admin/people/{ADMINISTRATOR}/retire?lang=en").text
    assert "last administrator" in page and f'action="/admin/people/{ADMINISTRATOR}/retire"' not in page


def test_of_a_unit_it_says_what_it_still_takes_part_in_and_who_stands_under_it(
    office: Office, administrator: Reader
) -> None:
    task = office.task("4")

    def join(session: Session) -> None:
        session.add(Contribution(task_id=task.id, unit_id=resolve_unit(session, "VU-PC").id))
        resolve_unit(session, "CTY-E").supervising_unit_id = resolve_unit(session, "VU-PC").id

    office.change(join)
    told = shown(administrator, "/admin/units/VU-PC/retire")
    assert "no more tasks" in told
    assert "It coordinates 1 open task that others lead" in told
    assert "Supervises 1 unit" in told


def test_a_unit_that_leads_open_tasks_is_told_so_and_there_is_no_button(administrator: Reader) -> None:
    page = administrator.get("/admin/units/VU-KHTC/retire?lang=en").text
    assert "still leads 1 open task" in page and 'action="/admin/units/VU-KHTC/retire"' not in page


def test_of_a_version_it_says_how_many_open_tasks_keep_it_and_that_nothing_new_comes(
    office: Office, administrator: Reader
) -> None:
    told = shown(administrator, f"{VERSION}/retire")
    assert "Open tasks that follow this version, and keep it: 1." in told
    assert "cannot be launched until another version is published" in told
    assert "cannot be restored" in told and "period" not in told


def test_of_a_version_with_periods_to_come_it_says_which_does_not_open(office: Office, administrator: Reader) -> None:
    def arm(session: Session) -> None:
        task = session.exec(select(Task).limit(1)).one()
        duty = session.exec(select(Duty).where(Duty.path == "3")).one()
        opens = LAUNCHED + timedelta(days=30)
        session.add(ArmedDuty(duty_id=duty.id, launch_id=task.launch_id, armed_at=LAUNCHED, next_opens_at=opens))

    office.change(arm)
    told = shown(administrator, "/admin/templates/ct-06-2004/3/1/retire")
    assert "next period, of 2 December 2026, does not open until" in told


def test_a_unit_given_a_task_meanwhile_is_not_retired_and_the_page_says_why(
    office: Office, administrator: Reader
) -> None:
    def give(session: Session) -> None:
        session.get_one(Task, office.task("4").id).lead_unit_id = resolve_unit(session, "VU-PC").id

    office.change(give)
    answer = administrator.send("/admin/units/VU-PC?lang=en", "/admin/units/VU-PC/retire")
    assert answer.status_code == 422 and "still leads 1 open task" in answer.text
    with reading(office.engine) as session:
        assert session.exec(select(Unit).where(col(Unit.code) == "VU-PC")).one().is_active


def test_a_version_retired_meanwhile_is_told_on_a_page(office: Office, administrator: Reader) -> None:
    def retire(session: Session) -> None:
        query = select(TemplateVersion).join(Duty, col(Duty.id) == TemplateVersion.duty_id).where(Duty.path == "4")
        version = session.exec(query).one()
        version.state, version.retired_at = TemplateState.RETIRED, office.now

    administrator.get(f"{VERSION}/retire")
    office.change(retire)
    answer = administrator.send("/admin/units/VU-PC?lang=en", f"{VERSION}/retire")
    assert answer.status_code == 409 and "only a published one can be retired" in answer.text
