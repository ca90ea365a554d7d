"""What somebody with the database's password can do: change it past every trigger and foreign key."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text


def empty_audit(engine: Engine) -> None:
    """Of an example that was loaded: its lines are no act of a test."""
    with unguarded(engine) as connection:
        connection.exec_driver_sql("DELETE FROM audit")


@contextmanager
def unguarded(engine: Engine) -> Iterator[Connection]:
    """A transaction in which no trigger and no foreign key of this database says a word."""
    on_postgresql = engine.dialect.name == "postgresql"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if on_postgresql:
            connection.exec_driver_sql("SET session_replication_role = replica")
            yield connection
            connection.exec_driver_sql("SET session_replication_role = DEFAULT")
            return
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        triggers = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
        for name, _written in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        yield connection
        for _name, written in triggers:
            connection.exec_driver_sql(written)
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        connection.exec_driver_sql("BEGIN")
