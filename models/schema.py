"""The schema's version: brought up or down by migrations, in one transaction, from any folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "models:migrations")  # found in the package, wherever it is installed
    config.set_main_option("path_separator", "os")
    return config


def migrate(engine: Engine) -> None:
    """Brings the schema up to date; all or nothing, and nothing when it is already."""
    config = _config()
    with _changing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def downgrade(engine: Engine, to: str = "base") -> None:
    """Takes the schema down to a revision. Raises alembic's CommandError for an unknown one. Data may be lost."""
    config = _config()
    with _changing(engine) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, to)


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


def is_current(engine: Engine) -> bool:
    """Whether the database stands at the newest migration."""
    heads = set(ScriptDirectory.from_config(_config()).get_heads())
    with engine.connect() as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) == heads


class SchemaState(StrEnum):
    """How a database's schema stands to this program's migrations."""

    NONE = "none"  # nobody has set it up
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"  # of a revision this program does not know


def schema_state(connection: Connection) -> SchemaState:
    """Where the schema stands; looks only."""
    script = ScriptDirectory.from_config(_config())
    found = set(MigrationContext.configure(connection).get_current_heads())
    if not found:
        return SchemaState.NONE
    if found == set(script.get_heads()):
        return SchemaState.CURRENT
    known = {revision.revision for revision in script.walk_revisions()}
    return SchemaState.OLDER if found <= known else SchemaState.NEWER
