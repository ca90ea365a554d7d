"""An office without a directive, and the bundled directive's text as somebody sends it in."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.office import Office, furnish


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)
