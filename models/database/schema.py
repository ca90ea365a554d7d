"""Migrate the schema in one transaction, while no other program works on the database."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine

from models.errors import Refused

_LOCK = 0x646F6E646F63  # "dondoc": PostgreSQL's advisory lock during a migration
_OTHERS = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user
    AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "models:migrations")  # in the installed package
    config.set_main_option("path_separator", "os")
    return config


def migrate(engine: Engine) -> None:
    """Migrate the schema to the newest revision. A failure leaves the database unchanged."""
    config = _config()
    with _changing(engine) as connection:
        if connection.dialect.name == "postgresql":  # of two set-ups at once, the second waits and finds it done
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def require_alone(engine: Engine) -> None:
    """Raise Refused while other programs are connected to PostgreSQL as our user, or have SQLite's file open.

    This finds running programs, because they keep their connections, but not one that starts a moment later.
    """
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_sleep(0.5)")  # connections that just ended are still listed
            has_others = connection.exec_driver_sql(_OTHERS).scalar_one() > 0
        else:
            has_others = _is_open_elsewhere(connection)
        connection.invalidate()
    if has_others:
        raise Refused(
            "others are at work on this database: stop `dondoc serve`, workers and clocks on every machine first, also "
            "what cron starts; then repeat this"
        )


def _is_open_elsewhere(connection: Connection) -> bool:
    """Tell whether another process has SQLite's file open. SQLite leaves the WAL mode only for the last connection."""
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
    """Begin a transaction that may rebuild tables: SQLite's foreign keys are off, and are checked at the end."""
    on_sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        if on_sqlite:  # the pragma has no effect within a transaction
            driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                if on_sqlite and (violation := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                    raise RuntimeError(f"a migration left a reference without its row: {tuple(violation)}")
        finally:
            if on_sqlite:
                driver.execute("PRAGMA foreign_keys=ON")
