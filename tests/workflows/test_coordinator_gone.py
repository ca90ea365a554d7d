"""A coordinator has left: what is given out from then on is followed by a colleague who is there."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.database.session import reading
from models.directives.directive import Directive
from models.tasks.task import Task
from tests.office import COORDINATOR, ON, Office, at, body, furnish
from workflows.launch.launch_plan import default_coordinator

pytestmark = pytest.mark.long

COLLEAGUE, HEAD = "ho.thi.mai", "ta.chi.thanh"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    office = furnish(engine, tmp_path)
    office.launch("results")
    office.tick(ON)
    return office


def followers(office: Office, period: str) -> set[str]:
    with reading(office.engine) as session:
        ids = session.exec(select(Task.coordinator_id).where(Task.occurrence == period)).all()
    return {code for code in (COORDINATOR, COLLEAGUE) if office.person(code).id in ids}


def test_periods_that_open_after_a_coordinator_has_left_are_followed_by_a_colleague(office: Office) -> None:
    assert followers(office, "2004-Q2") == {COORDINATOR}
    office.change_person(COORDINATOR, is_active=False)
    now = at(1, 7)
    while not followers(office, "2004-Q3"):
        office.tick(now)
        now += timedelta(days=1)
    assert followers(office, "2004-Q3") == {COLLEAGUE}
    office.days(now, now + timedelta(days=3))
    assert "Hồ Thị Mai, " in body(office.sent(HEAD)[-1]) and "0900 000 011" in body(office.sent(HEAD)[-1])


def test_launch_without_coordinator_names_nobody_who_left(office: Office) -> None:
    office.change_person(COORDINATOR, is_active=False)
    with reading(office.engine) as session:
        directive = session.exec(select(Directive)).first()
        assert directive is not None
        assert default_coordinator(session, directive) == office.person(COLLEAGUE).id
