"""The schema's version: brought up or down by migrations, from any folder.

On SQLite in one transaction, all or nothing. On PostgreSQL in small ones beside running programs (`upgrade.py`):
what is broken off there is taken up again by the next run.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from sqlalchemy import Connection, Engine

from models.database.schema_state import VERSION_TABLE, adopt, config, oldest_program, script, set_oldest
from models.database.schema_state import SchemaState as SchemaState
from models.database.schema_state import can_work as can_work
from models.database.schema_state import is_current as is_current
from models.database.schema_state import schema_state as schema_state
from models.database.upgrade import upgrade
from models.migrations.finishing import FINISHING


def migrate(engine: Engine) -> None:
    """Bring the schema up to date, finishing steps included: for a database on which no older program works."""
    if engine.dialect.name == "postgresql":
        upgrade(engine, finish=True)
        return
    told = config()
    with _changing(engine) as connection:
        adopt(connection)
        told.attributes["connection"] = connection
        command.upgrade(told, "head")
        for step in FINISHING:
            step.do(connection)
        set_oldest(connection, FINISHING[-1].needs)


def downgrade(engine: Engine, to: str = "base") -> None:
    """Take the schema down to a revision. Raises alembic's CommandError for an unknown one. Data may be lost.

    No program may be at work meanwhile.
    """
    told = config()
    with _changing(engine) as connection:
        adopt(connection)
        told.attributes["connection"] = connection
        command.downgrade(told, to)
        found = _stands_at(connection)
        if found is None or _knows_less(found, oldest_program(connection)):
            set_oldest(connection, found)


def _stands_at(connection: Connection) -> str | None:
    return connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar_one_or_none()


def _knows_less(revision: str, than: str | None) -> bool:
    order = [one.revision for one in script().walk_revisions()]  # the newest first
    return than is None or order.index(revision) > order.index(than)


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
