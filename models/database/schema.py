"""The schema is brought up to date by migrations in one transaction, all or nothing, while nobody else is at work."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine

from models.errors import Refused

_LOCK = 0x646F6E646F63  # "dondoc": PostgreSQL's advisory lock of whoever migrates
_OTHERS = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user
    AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


def _config() -> Config:
    told = Config()
    told.set_main_option("script_location", "models:migrations")  # found in the package, wherever it is installed
    told.set_main_option("path_separator", "os")
    return told


def migrate(engine: Engine) -> None:
    """Bring the schema up to date. Where it fails, the database is as it was."""
    told = _config()
    with _changing(engine) as connection:
        if connection.dialect.name == "postgresql":  # of two that set up at once the second finds it done
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        told.attributes["connection"] = connection
        command.upgrade(told, "head")


def require_alone(engine: Engine) -> None:
    """Refused while others work on the database: those connected to PostgreSQL as our user, or holding SQLite's file.

    A running program is found, as it keeps its connections. Who comes a moment later is not.
    """
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_sleep(0.5)")  # who has just ended is still listed
            others = connection.exec_driver_sql(_OTHERS).scalar_one() > 0
        else:
            others = _is_held(connection)
        connection.invalidate()
    if others:
        raise Refused(
            "others are at work on this database: stop `dondoc serve`, workers and clocks on every machine first, also "
            "what cron starts; then repeat this"
        )


def _is_held(connection: Connection) -> bool:
    """Return whether another process has SQLite's file open: it leaves the log's mode only for the last one."""
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA busy_timeout=500")
    try:
        driver.execute("PRAGMA journal_mode=DELETE")
        driver.execute("PRAGMA journal_mode=WAL")
    except sqlite3.OperationalError:
        return True
    return False


@contextmanager
def _changing(engine: Engine) -> Iterator[Connection]:
    """A transaction in which tables may be made anew: SQLite's foreign keys are off, and checked at the end."""
    on_sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        if on_sqlite:  # only outside a transaction is this heard
            driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                if on_sqlite and (hanging := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                    raise RuntimeError(f"a migration left a reference without its row: {tuple(hanging)}")
        finally:
            if on_sqlite:
                driver.execute("PRAGMA foreign_keys=ON")
