"""A coordinating unit's own share: recorded by whoever may, for the unit that owes it."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.session import reading, transaction
from models.errors import Refused
from models.organization.person import Absence, Person, PersonRole, Role
from models.tasks.task import Contribution, Task
from tests.office import Office, at, furnish

PARTNERS, OTHER = ("VU-BC", "VU-VT"), "duong.trong.nghia"
"""Two coordinating units, and somebody of neither."""


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    office = furnish(engine, tmp_path)
    office.launch("4")
    task = office.task()
    with transaction(engine) as session:
        session.add_all(Contribution(task_id=task.id, unit_id=office.unit(one).id, note="") for one in PARTNERS)
    return office


@pytest.fixture
def task(office: Office) -> Task:
    return office.task()


def head(office: Office) -> Person:
    """Of the first of the two."""
    with reading(office.engine) as session:
        return session.get_one(Person, office.unit(PARTNERS[0]).head_id)


def recorded(office: Office) -> set[str]:
    with reading(office.engine) as session:
        done = set(session.exec(select(Contribution.unit_id).where(col(Contribution.contributed_at).is_not(None))))
    return {one for one in PARTNERS if office.unit(one).id in done}


def test_who_stands_in_for_its_head_reports_a_units_share(office: Office, task: Task) -> None:
    first, last = date(2004, 6, 1), date(2004, 6, 30)
    absent, other = head(office).id, office.person(OTHER).id
    with transaction(office.engine) as session:
        session.add(Absence(person_id=absent, stand_in_id=other, starts_on=first, ends_on=last))
    office.act(task, "contribute", OTHER, at(2, hour=9), note="đã góp ý")
    assert recorded(office) == {PARTNERS[0]}


def test_a_units_coordinator_reports_its_share(office: Office, task: Task) -> None:
    with transaction(office.engine) as session:
        unit_id, person_id = office.unit(PARTNERS[1]).id, office.person(OTHER).id
        session.add(PersonRole(person_id=person_id, role=Role.COORDINATOR, unit_id=unit_id))
    office.act(task, "contribute", OTHER, at(2, hour=9), note="đã góp ý")
    assert recorded(office) == {PARTNERS[1]}


def test_who_heads_two_coordinating_units_reports_the_share_of_each_once(office: Office, task: Task) -> None:
    of_both = head(office).code
    office.change_unit(PARTNERS[1], head_id=head(office).id)
    office.act(task, "contribute", of_both, at(2, hour=9), note="phần của Vụ thứ nhất")
    assert len(recorded(office)) == 1
    office.act(task, "contribute", of_both, at(2, hour=10), note="phần của Vụ thứ hai")
    assert recorded(office) == set(PARTNERS)
    with pytest.raises(Refused, match="recorded already"):
        office.act(task, "contribute", of_both, at(2, hour=11), note="lần nữa")


def test_who_serves_no_coordinating_unit_reports_none(office: Office, task: Task) -> None:
    with pytest.raises(Refused, match="a coordinating unit"):
        office.act(task, "contribute", OTHER, at(2, hour=9), note="đã góp ý")
    assert recorded(office) == set()
