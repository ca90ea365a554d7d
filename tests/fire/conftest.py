"""The sink that every test of this folder sends to, and databases in which a story has been played before."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import PostgresServer
from tests.fire.scenes import Play, Scenes
from tests.fire.sink import Sink


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A mail server on loopback that counts."""
    with Sink() as sink:
        yield sink


@pytest.fixture(scope="session")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Scenes:
    """The stories played so far."""
    return Scenes(tmp_path_factory.mktemp("scenes"))


@pytest.fixture(params=["sqlite", "postgresql"])
def stage(request: pytest.FixtureRequest, scenes: Scenes, tmp_path: Path) -> Iterator[Callable[[Play], str]]:
    """Gives the URL of a database of the test's own in which a story has been played, on SQLite and PostgreSQL."""
    if request.param == "sqlite":
        yield lambda play: scenes.on_sqlite(play, tmp_path)
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    copies: list[str] = []

    def copied(play: Play) -> str:
        copies.append(scenes.on_postgres(play, server))
        return server.url(copies[-1])

    yield copied
    for name in copies:
        server.drop_database(name)
