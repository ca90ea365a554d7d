"""Who stands in for a coordinator reads in lists what the coordinator would have read."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.database.session import transaction
from models.organization.person import Absence
from tests.office import COORDINATOR, ON, Office, at, body, furnish

pytestmark = pytest.mark.long

LEAD, STAND_IN = "luong.thi.ngan", "ho.thi.mai"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """Item 4, due on 10 June, of which the result has come in and waits; item 3 without a deadline."""
    office = furnish(engine, tmp_path)
    office.launch("4", due=date(2004, 6, 10))
    office.launch("2", due=None)
    office.tick(ON)
    office.act(office.task("4"), "accept", LEAD, at(1, hour=9))
    office.submit(office.task("4"), LEAD, at(9, hour=9))
    return office


@pytest.fixture(params=[COORDINATOR, STAND_IN])
def reader(request: pytest.FixtureRequest, office: Office) -> str:
    """Whoever reads the coordinator's post from 11 June on."""
    if request.param == STAND_IN:
        with transaction(office.engine) as session:
            away, instead = office.person(COORDINATOR).id, office.person(STAND_IN).id
            first, last = date(2004, 6, 11), date(2004, 6, 30)
            session.add(Absence(person_id=away, stand_in_id=instead, starts_on=first, ends_on=last))
    return str(request.param)


def of_the_morning(office: Office, reader: str, day: int) -> str:
    office.days(at(10), at(day - 1))
    before = len(office.sent(reader))
    office.tick(at(day))
    (letter,) = office.sent(reader)[before:]
    return body(letter)


def test_tasks_that_need_a_date_stand_in_the_summary_as_such(office: Office, reader: str) -> None:
    summary = of_the_morning(office, reader, 28)
    assert "CẦN ẤN ĐỊNH THỜI HẠN" in summary and "Tổng hợp tuần" in str(office.sent(reader)[-1]["Subject"])


def test_a_result_that_waits_past_its_date_stands_in_the_summary(office: Office, reader: str) -> None:
    assert "kết quả đã gửi, chờ phê duyệt" in of_the_morning(office, reader, 28)


def test_a_result_that_waits_past_its_date_stands_in_the_digest(office: Office, reader: str) -> None:
    assert "kết quả đã gửi, chờ phê duyệt" in of_the_morning(office, reader, 21)
