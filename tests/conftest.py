"""Real databases for every test: an empty, migrated SQLite and PostgreSQL, made quickly by copying one of each."""

import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Connection, Engine, event
from sqlmodel import Session

import models.tables  # noqa: F401  tests go over all of them
import tests.compiled  # noqa: F401  for every engine from here on
from models.database.schema import migrate
from models.database.session import open_engine
from tests.held_databases import take_faults, watch_databases
from tests.keys import KEYS
from tests.missing import skip_or_fail
from tests.postgres import PostgresServer
from tests.rooms import is_of_a_missing_room
from tests.scenes import Play, Scenes

if TYPE_CHECKING:
    from tests.collector import Collector

# a busy machine is slow, and a slow test is no wrong one; fixtures here give each example what it needs
hypothesis_settings.register_profile(
    "suite",
    parent=hypothesis_settings(),  # on CI, the library's own profile for it
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis_settings.load_profile("suite")

_MEMORY, _ENOUGH = Path("/dev/shm"), 6 * 1024**3  # bytes
if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ENOUGH:
    # a database is some hundreds of files: made in memory it takes 15 ms, on a disk twenty times that
    tempfile.tempdir = os.environ["TMPDIR"] = str(_MEMORY)

# tests start hundreds of processes: what one of them has compiled the others find, whatever this machine's habit is
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


watch_databases()

_used_engines: set[Engine] = set()


@event.listens_for(Engine, "engine_connect")
def _note_engine(connection: Connection) -> None:
    _used_engines.add(connection.engine)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Of a room that is not installed nothing is asked (docs/core.md)."""
    is_asked = collection_path.is_dir() or collection_path.name.startswith("test_")
    return True if is_asked and is_of_a_missing_room(collection_path) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave PostgreSQL to the long tests where no transactions meet; leave those of minutes out unless asked for."""
    for item in items:
        if _is_on_postgresql(item) and not item.get_closest_marker("both"):
            item.add_marker(pytest.mark.long)
    if "soak" in str(config.getoption("markexpr", "")):
        return
    minutes = [item for item in items if item.get_closest_marker("soak")]
    config.hook.pytest_deselected(items=minutes)
    items[:] = [item for item in items if item not in minutes]


def _is_on_postgresql(item: pytest.Item) -> bool:
    called = getattr(item, "callspec", None)
    return called is not None and "postgresql" in called.params.values()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays: the garbage collector need not walk its million objects again every few tests."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(autouse=True)
def only_sqlite_opens_databases() -> Iterator[None]:
    """Whatever a test does, nothing opens a database's file beside SQLite; no handler of errors hides that it did."""
    yield
    assert not take_faults()


@pytest.fixture(autouse=True)
def engines_are_disposed() -> Iterator[None]:
    """Close what a test's engines hold: from Python 3.13 on, SQLite warns of a connection that nobody closed."""
    yield
    while _used_engines:
        _used_engines.pop().dispose()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL server for all tests of this process; started only if a test asks for it."""
    # not under pytest's own folder, which other runs tidy, and whose path may be too long for a socket
    folder = Path(tempfile.mkdtemp(prefix="dondoc-pg-"))
    server = PostgresServer(folder / "data")
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the newest schema, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.sqlite"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()  # the last connection folds the write-ahead log back into the file
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh database with the newest schema, on SQLite and on PostgreSQL."""
    yield from _fresh(request, tmp_path)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def standing_engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One fresh database for all tests of a module, whose fixture fills it: they only look at what it holds."""
    for url in _fresh(request, tmp_path_factory.mktemp("standing")):
        engine = open_engine(url, KEYS)
        yield engine
        engine.dispose()


def _fresh(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    if request.param == "sqlite":
        path = folder / "test.sqlite"
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.create_database()
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def blank_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh database without any table, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'blank.sqlite'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.create_database(migrated=False)
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a fresh database with the newest schema."""
    engine = open_engine(database_url, KEYS)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session in a transaction on `engine`; what the test does not commit is rolled back."""
    with Session(engine, expire_on_commit=False) as session:
        yield session


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator["Collector"]:
    """An OpenTelemetry collector that is named by the environment."""
    pytest.importorskip("opentelemetry.proto", reason="traces are an extra of their own")
    from tests.collector import collecting

    with collecting() as one:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", one.endpoint)
        yield one


@pytest.fixture(scope="session")
def scenes(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Scenes:
    """The stories played so far."""
    return Scenes(tmp_path_factory.mktemp("scenes"), migrated_sqlite)


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


@pytest.fixture(scope="module")
def tesseract() -> None:
    """Tesseract with Vietnamese."""
    from workflows.bounded_process.limits import Unreadable
    from workflows.intake.files.scans.tesseract import require_tesseract

    try:
        require_tesseract()
    except Unreadable:
        skip_or_fail("tesseract is missing: apt-get install --no-install-recommends tesseract-ocr tesseract-ocr-vie")
