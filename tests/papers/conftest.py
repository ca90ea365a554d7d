"""An office in late July 2004: row 2 is overdue nearly everywhere, row 4 was done, one unit waits and is in trouble."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from models.database.session import reading
from tests.office import COORDINATOR, Office, at, furnish
from tests.papers.late_july import DONE, IN_THE_WAY, NOW, SECRET
from workflows.rules.tasks.actions import Action


@pytest.fixture(scope="module")
def office(standing_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Office:
    office = furnish(standing_engine, tmp_path_factory.mktemp("office"))
    office.launch("2", "4")
    office.launch("3")
    # row 2 goes by classified mail: nothing of what is said of it may stand in a paper
    head = office.person("ta.chi.thanh").code
    office.act(office.task("2", "CTY-M"), Action.ASK_EXTENSION, head, at(28), due=date(2004, 8, 31), note=SECRET)
    three = office.task("3", "CTY-M")
    office.act(three, Action.ACCEPT, head, at(3))
    office.act(three, Action.RAISE_OBSTACLE, head, at(20), note=IN_THE_WAY)
    four = office.task("4")
    office.act(four, Action.ACCEPT, "luong.thi.ngan", at(2))
    office.act(
        four,
        Action.SUBMIT,
        "luong.thi.ngan",
        at(29),
        number="12/BC-KHTC",
        date=date(2004, 6, 29),
        note=DONE,
        subject="Báo cáo nghiên cứu cơ chế miễn, giảm giá cước",
        signer="Lương Thị Ngân",
    )
    office.act(four, Action.APPROVE, COORDINATOR, at(30))
    office.days(at(1), at(9, 7))
    signed = {"number": "77/BBCVT-VT", "date": date(2004, 7, 9), "signer": "Lê Thị D"}
    office.act(office.task("2", "CTY-H"), Action.PRESS_SIGNED, COORDINATOR, at(10, 7), **signed)
    office.days(at(10, 7), NOW)
    return office


@pytest.fixture
def here(office: Office) -> Iterator[Session]:
    with reading(office.engine) as session:
        yield session
