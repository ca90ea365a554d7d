"""An office for tests of accounts, on both databases, and a person in it."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.database.run import link_key as the_link_key
from models.database.session import reading
from tests.office import Office, furnish


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


@pytest.fixture
def link_key(office: Office) -> str:
    with reading(office.engine) as session:
        return the_link_key(session)
