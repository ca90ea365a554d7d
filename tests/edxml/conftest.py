"""An office that takes part in the document exchange, and what tests do with its messages."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.office import Office, furnish


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)
