"""What a letter is told about its tasks, read from what is stored."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.office import Office, at, body, furnish

HEAD = "duong.trong.nghia"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def test_standing_down_ends_the_situation_and_asks_for_nothing(office: Office) -> None:
    office.launch("2.a", due=None)
    incident = office.declare("VTN", now=at(2, hour=9))
    office.tick(at(2, hour=9))
    office.stand_down(incident, at(2, hour=9, minute=30))
    office.tick(at(2, hour=9, minute=31))
    told = office.sent(HEAD)[-1]
    assert told["Subject"].startswith("[Tình huống] kết thúc, 01 nhiệm vụ được thu hồi")
    assert "Tình huống đã kết thúc; nhiệm vụ được thu hồi." in body(told)
    assert "thực hiện ngay" not in body(told)


def test_a_task_withdrawn_while_the_situation_lasts_does_not_end_it(office: Office) -> None:
    office.launch("2.a", due=None)
    office.declare("VTN", now=at(2, hour=9))
    office.tick(at(2, hour=9))
    office.act(office.task("2.a"), "withdraw", "le.thi.c", at(2, hour=10), note="Giao đơn vị khác")
    office.tick(at(2, hour=10, minute=1))
    told = office.sent(HEAD)[-1]
    assert "thu hồi" in told["Subject"]
    assert "kết thúc" not in told["Subject"] + body(told)
