"""A date beyond the working calendar, asked for before there was a check, is not granted any more."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, update
from sqlmodel import col

from models.database.session import transaction
from models.errors import BadInput
from models.tasks.task import Extension
from models.text.localtime import due_date
from tests.office import COORDINATOR, Office, at, furnish

HEAD = "luong.thi.ngan"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """A request for more time of before: until a day that no calendar knows."""
    office = furnish(engine, tmp_path)
    office.launch("4")
    office.act(office.task(), "ask-extension", HEAD, at(1, hour=9), due=date(2004, 8, 1), note="cần thêm")
    change(office, asked_due_on=date(2999, 12, 10))
    return office


def change(office: Office, **values: Any) -> None:
    with transaction(office.engine) as session:
        session.execute(update(Extension).where(col(Extension.task_id) == office.task().id).values(**values))


def test_it_is_not_granted_and_the_date_stays(office: Office) -> None:
    before = office.task().due_at
    with pytest.raises(BadInput, match="10/12/2999: expected at the latest 31/12/2098"):
        office.act(office.task(), "grant-extension", COORDINATOR, at(2, hour=9))
    assert office.task().due_at == before


def test_it_can_be_refused_or_answered_with_another_date(office: Office) -> None:
    office.act(office.task(), "counter-extension", COORDINATOR, at(2, hour=9), due=date(2004, 7, 15), note="sớm hơn")
    office.act(office.task(), "agree-extension", HEAD, at(2, hour=10))
    due_at = office.task().due_at
    assert due_at is not None and due_date(due_at) == date(2004, 7, 15)


def test_nor_is_one_agreed_to_that_was_proposed_so(office: Office) -> None:
    office.act(office.task(), "counter-extension", COORDINATOR, at(2, hour=9), due=date(2004, 7, 15), note="sớm")
    change(office, decided_due_on=date(2999, 1, 1))
    with pytest.raises(BadInput, match="01/01/2999"):
        office.act(office.task(), "agree-extension", HEAD, at(2, hour=10))
    office.act(office.task(), "decline-extension", HEAD, at(2, hour=11))
