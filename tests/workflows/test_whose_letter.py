"""A letter that could not be sent is told as what it was: nothing is said of a head whom it was not for."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from notifications.smtp.clocks import Stopwatch
from notifications.smtp.transport import Attempt, SendOutcome
from tests.office import COORDINATOR, ON, Office, at, body, furnish
from workflows.jobs.simulate import RecordedSender

HEAD, OFFICER, ABOVE = "luong.thi.ngan", "chu.bich.dao", "le.thi.d"


class Refusing(RecordedSender):
    """A server that knows one address no more."""

    unknown: str | None = None

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        if to_address == self.unknown:
            return Attempt(SendOutcome.PERMANENT, 550, "no such user", of_address=True)
        return super().send(to_address, content)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """Item 4, due on 10 June; an officer has it."""
    office = furnish(engine, tmp_path)
    office.sender = Refusing()
    office.launch("4", due=date(2004, 6, 10))
    office.tick(ON)
    office.act(office.task(), "assign", HEAD, at(1, hour=9), to=OFFICER, note="phân công")
    office.tick(at(1, hour=10))
    return office


def last(office: Office, person: str) -> str:
    return body(office.sent(person)[-1])


def test_an_officers_letter_that_came_back_says_nothing_of_the_head(office: Office) -> None:
    assert isinstance(office.sender, Refusing)
    office.sender.unknown = office.person(OFFICER).email
    office.tick(at(7))
    office.tick(at(7, hour=9))
    told = last(office, COORDINATOR)
    assert "địa chỉ thư điện tử của người nhận bị máy chủ thư từ chối" in told and "thủ trưởng" not in told


def test_a_result_whose_coordinator_has_retired_is_put_to_the_head_to_decide(office: Office) -> None:
    office.change_person(COORDINATOR, is_active=False)
    office.submit(office.task(), HEAD, at(2, hour=9))
    office.tick(at(2, hour=10))
    told = last(office, ABOVE)
    assert "người nhận thư trong danh bạ đã nghỉ công tác" in told and "thủ trưởng" not in told
    assert "xem xét, xử lý thay" in told and "qua điện thoại" not in told


def test_a_head_without_an_address_is_called_so_and_the_unit_telephoned(office: Office) -> None:
    office.change_person(HEAD, email=None)
    office.act(office.task(), "set-date", COORDINATOR, at(2, hour=9), due=date(2004, 7, 9), note="Bộ đồng ý")
    office.tick(at(2, hour=10))
    told = last(office, COORDINATOR)
    assert "thủ trưởng đơn vị chưa có địa chỉ thư điện tử" in told and "qua điện thoại" in told


def test_who_returns_a_result_to_a_head_who_cannot_be_written_to_is_told_so(office: Office) -> None:
    office.submit(office.task(), HEAD, at(2, hour=9))
    office.change_person(HEAD, email=None)
    office.act(office.task(), "return", COORDINATOR, at(2, hour=10), note="thiếu phụ lục")
    office.tick(at(2, hour=11))
    told = last(office, COORDINATOR)
    office.tick(at(2, hour=14))
    assert "thủ trưởng đơn vị chưa có địa chỉ thư điện tử" in told and "qua điện thoại" in told
    assert ("event:returned", 0) in office.told(office.task(), OFFICER)
