"""An installation as `dondoc init` leaves it, copied for every test."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.database.secret_keys import Keys
from models.database.session import open_engine
from tests.commands.terminal import Cli
from tests.tampering import empty_audit
from workflows.operations.setup import BUNDLED, set_up


@pytest.fixture
def cli() -> Cli:
    return Cli()


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installation")
    engine = open_engine(f"sqlite:///{folder / 'dondoc.sqlite'}", Keys(folder / "secrets.key"))
    set_up(engine, now=datetime(2004, 5, 10, 1, tzinfo=UTC), example=True)
    empty_audit(engine)
    engine.dispose()
    return folder


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of this test: not there yet."""
    for name in ("DONDOC_DATABASE_URL", "DONDOC_MAIL_MODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DONDOC_LANGUAGE", "en")
    monkeypatch.setenv("DONDOC_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def data(folder: Path, installation: Path) -> Path:
    """The data folder, with a register, the seed directive and its published templates."""
    shutil.copytree(installation, folder)
    return folder


@pytest.fixture
def launched(data: Path, cli: Cli) -> Path:
    """Duties 2 and 4 launched on 17 May 2004, due by 30 June."""
    cli.json("launch", BUNDLED, "--duty", "2", "--duty", "4", "--on", "2004-05-17", "--due", "2004-06-30")
    return data


@pytest.fixture
def in_the_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real clock shows nine on a working day, whenever the tests are run: letters may leave."""
    ahead = datetime(2026, 11, 25, 2, 0, tzinfo=UTC) - datetime.now(UTC)
    monkeypatch.setattr("commands.options.now", lambda: datetime.now(UTC) + ahead)


@pytest.fixture
def database(data: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{data / 'dondoc.sqlite'}", Keys(data / "secrets.key"))
    yield engine
    engine.dispose()
