"""An office for tests of accounts, on both databases, and a person in it."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.run import LINK_KEY, Installation
from models.session import reading
from tests.office import Office, furnish

HEAD = "luong.thi.ngan"
PASSWORD = "một câu đủ dài để nhớ"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


@pytest.fixture
def link_key(office: Office) -> str:
    with reading(office.engine) as session:
        return session.get_one(Installation, LINK_KEY).value
