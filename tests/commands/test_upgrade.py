"""`dondoc upgrade`: a back-up, then the schema; refused beside others, and nothing half done."""

import gzip
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from models.database.schema_state import SchemaState, state_of
from models.database.secret_keys import Keys
from models.database.session import open_engine
from tests.commands.terminal import Cli
from tests.postgres import PostgresServer

RELEASED = Path(__file__).parent.parent / "models" / "released" / "0.3.0"


@pytest.fixture
def older(folder: Path) -> Path:
    """A data folder as 0.3.0 left it."""
    kept = RELEASED / "sqlite"
    shutil.copytree(kept, folder, ignore=shutil.ignore_patterns("*.gz", "*.json"))
    for name in ("secrets.key", "seals.key"):
        (folder / name).chmod(0o600)
    with closing(sqlite3.connect(folder / "dondoc.sqlite")) as connection:
        connection.executescript(gzip.decompress((kept / "database.sql.gz").read_bytes()).decode())
    return folder


def opened(folder: Path) -> Engine:
    return open_engine(f"sqlite:///{folder / 'dondoc.sqlite'}", Keys(folder / "secrets.key"))


def state(folder: Path) -> SchemaState:
    engine = opened(folder)
    try:
        return state_of(engine)
    finally:
        engine.dispose()


def test_an_upgrade_makes_a_back_up_and_is_told(older: Path, cli: Cli) -> None:
    done = cli("upgrade", "--json")
    assert done.code == 0, done.err
    saved = Path(done.json["backup"])
    assert done.json["changed"] and saved.parent == older and saved.name.startswith("before-")
    assert saved.stat().st_mode & 0o777 == 0o600 and "is saved" in done.err
    assert state(older) is SchemaState.CURRENT
    assert cli("verify").code == 0 and "sealed with the key" in cli("doctor").out
    assert cli.json("upgrade") == {"changed": False, "backup": None}


def test_the_back_up_goes_where_one_says_or_is_not_made(older: Path, cli: Cli, tmp_path: Path) -> None:
    shutil.copytree(older, tmp_path / "second")
    assert cli.json("upgrade", "--backup", tmp_path / "saved.tar")["backup"] == str(tmp_path / "saved.tar")
    assert cli.json("--data", tmp_path / "second", "upgrade", "--no-backup") == {"changed": True, "backup": None}
    assert not list((tmp_path / "second").glob("*.tar")) and (tmp_path / "saved.tar").is_file()


def test_its_back_up_of_the_older_version_comes_back_and_is_upgraded(older: Path, cli: Cli, tmp_path: Path) -> None:
    assert cli("upgrade", "--backup", tmp_path / "saved.tar").code == 0
    there = tmp_path / "there"
    restored = cli("--data", there, "restore", tmp_path / "saved.tar")
    assert restored.code == 0 and "run `dondoc upgrade`, then `dondoc verify`" in restored.err
    for name in ("secrets.key", "seals.key"):
        shutil.copy(older / name, there / name)
    assert cli("--data", there, "upgrade", "--no-backup").code == 0
    assert cli("--data", there, "verify").code == 0


@pytest.mark.parametrize(
    ("language", "words"), [("en", "the database is as it was"), ("vi", "cơ sở dữ liệu vẫn như trước")]
)
def test_a_failed_upgrade_leaves_the_database_and_names_the_back_up(
    older: Path, cli: Cli, language: str, words: str
) -> None:
    engine = opened(older)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE installation ADD COLUMN secret VARCHAR"))  # in the way
    engine.dispose()
    failed = cli("upgrade", "--language", language)
    [saved] = older.glob("before-*.tar")
    assert failed.code == 1 and words in failed.err and str(saved) in failed.err
    assert state(older) is SchemaState.OLDER
    engine = opened(older)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        assert connection.execute(text("SELECT value FROM installation WHERE name = 'link_key'")).scalar_one()
    engine.dispose()


def test_without_its_key_it_is_refused_with_what_to_do(older: Path, cli: Cli) -> None:
    (older / "secrets.key").unlink()
    failed = cli("upgrade")
    assert failed.code == 1 and "bring this installation's secrets.key there" in failed.err
    assert state(older) is SchemaState.OLDER and not (older / "secrets.key").exists()


def test_an_upgrade_beside_a_program_at_work_is_refused(older: Path, cli: Cli) -> None:
    running = opened(older)
    with running.connect() as connection:
        connection.execute(text("SELECT count(*) FROM person"))
    refused = cli("upgrade")
    assert refused.code == 1 and "stop `dondoc serve`" in refused.err and not list(older.glob("before-*"))
    with running.connect() as connection:  # it goes on
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
    assert state_of(running) is SchemaState.OLDER
    running.dispose()
    assert cli("upgrade").code == 0


@pytest.mark.long
def test_on_postgresql_it_is_refused_beside_others_and_done_alone(
    folder: Path, cli: Cli, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, name = RELEASED / "postgresql", postgres_server.create_database(migrated=False)
    shutil.copytree(kept, folder, ignore=shutil.ignore_patterns("*.gz", "*.json"))
    for key in ("secrets.key", "seals.key"):
        (folder / key).chmod(0o600)
    monkeypatch.setenv("DONDOC_DATABASE_URL", postgres_server.url(name))
    running = open_engine(postgres_server.url(name))
    with running.connect() as connection:
        connection.connection.cursor().execute(gzip.decompress((kept / "database.sql.gz").read_bytes()).decode())
        connection.connection.commit()
    refused = cli("upgrade", "--no-backup")
    assert refused.code == 1 and "stop `dondoc serve`" in refused.err
    running.dispose()
    assert cli.json("upgrade", "--no-backup")["changed"] is True
    assert cli("verify").code == 0
    postgres_server.drop_database(name)


def test_a_database_that_is_none_yet_is_told_to_be_set_up_first(folder: Path, cli: Cli) -> None:
    answer = cli("upgrade")
    assert answer.code == 1 and "dondoc init" in answer.err
    assert not folder.exists(), "and nothing was made"


@pytest.mark.parametrize("command", ["verify", "report", "tick", "init", "serve --no-prefect", "secrets list"])
def test_every_other_program_stops_at_an_older_database_and_names_the_upgrade(
    older: Path, cli: Cli, command: str
) -> None:
    answer = cli(*command.split())
    assert answer.code == 1 and "dondoc upgrade" in answer.err
    assert state(older) is SchemaState.OLDER


@pytest.mark.parametrize(("language", "words"), [("en", "dondoc 0.3 first"), ("vi", "dondoc 0.3 trước")])
@pytest.mark.parametrize("command", ["upgrade", "init", "tick", "serve --no-prefect"])
def test_a_database_of_before_0_3_is_refused_by_each(
    older: Path, cli: Cli, command: str, language: str, words: str
) -> None:
    engine = opened(older)
    with engine.begin() as connection:
        connection.execute(text("UPDATE schema_version SET version_num = '0031'"))
    engine.dispose()
    answer = cli(*command.split(), "--language", language)
    assert answer.code == 1 and words in answer.err and not list(older.glob("before-*"))
