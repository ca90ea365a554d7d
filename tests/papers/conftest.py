"""An office in late July 2004: row 2 is overdue nearly everywhere, row 4 was done, one unit waits and is in trouble."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from models.database.session import reading
from models.directives.directive import Directive, find_directive
from models.organization.register_reads import resolve_unit
from models.organization.unit import Unit
from tests.office import COORDINATOR, Office, at, furnish
from workflows.operations.setup import BUNDLED
from workflows.organization.working_calendar import load_calendar
from workflows.papers.make_paper import Order, PaperKind, make_paper
from workflows.papers.paper import Paper
from workflows.rules.tasks.lifecycle import Action

NOW, CUTOFF = at(6, 8, hour=10), date(2004, 8, 6)
IN_THE_WAY = "Chưa có định mức kinh phí cho việc tập huấn đại lý"
SECRET = "Vị trí kho dự phòng ở phía bắc"
DONE = "Đã đề xuất mức giảm theo từng loại hình dịch vụ"


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


def directive(session: Session) -> Directive:
    return find_directive(session, BUNDLED)


def unit(session: Session, code: str) -> Unit:
    return resolve_unit(session, code)


def make(session: Session, kind: PaperKind, **more: object) -> Paper:
    """A paper of the directive as somebody who may see all has it."""
    given = {"cutoff": CUTOFF, "directive": directive(session)} | more
    return make_paper(session, Order(kind, **given), calendar=load_calendar(session), now=NOW)  # type: ignore[arg-type]
