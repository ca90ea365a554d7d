"""Which schema a database has, and which programs may work on it.

`schema_version` is Alembic's own table: what the schema is. `alembic_version` holds the oldest program that can still
work here, by the newest migration that it knows. The first release knows only that table, and works where it reads its
own head there: so an upgrade that it survives leaves the value as it is, and only finishing the upgrade raises it.
"""

from enum import StrEnum
from functools import cache

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from models.errors import Refused

VERSION_TABLE = "schema_version"
OLDEST_TABLE = "alembic_version"
_LIKE = "(version_num VARCHAR(32) NOT NULL, CONSTRAINT {name}_pkc PRIMARY KEY (version_num))"


def config() -> Config:
    """Alembic's configuration, from any folder."""
    told = Config()
    told.set_main_option("script_location", "models:migrations")  # found in the package, wherever it is installed
    told.set_main_option("path_separator", "os")
    return told


@cache
def script() -> ScriptDirectory:
    """Return the migrations that this program knows."""
    return ScriptDirectory.from_config(config())


class SchemaState(StrEnum):
    """How a database's schema stands to this program's migrations."""

    NONE = "none"  # nobody has set it up
    HALF = "half"  # our tables, and nothing that says of which revision: what a restore leaves that is broken off
    OLDER = "older"
    CURRENT = "current"
    AHEAD = "ahead"  # of a revision this program does not know, which says that this program may go on
    NEWER = "newer"  # of a revision this program does not know, which has no place for it


def schema_state(connection: Connection) -> SchemaState:
    """Return where the schema stands; looks only."""
    known = script()
    found = revisions(connection)
    if not found:
        return SchemaState.HALF if inspect(connection).has_table("person") else SchemaState.NONE
    if found == set(known.get_heads()):
        return SchemaState.CURRENT
    ours = {revision.revision for revision in known.walk_revisions()}
    if found <= ours:
        return SchemaState.OLDER
    return SchemaState.AHEAD if oldest_program(connection) in ours else SchemaState.NEWER


def state_of(engine: Engine) -> SchemaState:
    """Return the same over a connection of its own."""
    with engine.connect() as connection:
        return schema_state(connection)


def is_current(engine: Engine) -> bool:
    """Return whether the database stands at this program's newest migration."""
    return state_of(engine) is SchemaState.CURRENT


def refuse_unfit(state: SchemaState) -> None:
    """Refused for a schema that neither setting up nor an upgrade brings to this program's."""
    if state is SchemaState.NEWER:
        raise Refused("the schema is newer than this program: upgrade with the version of dondoc that made it")
    if state is SchemaState.HALF:
        raise Refused(
            "this database has tables and no version: a restore into it was broken off; make it anew, empty, and"
            " restore again"
        )


def can_work(engine: Engine) -> bool:
    """Return whether this program may work on the database: its own schema, or a newer one that has a place for it."""
    return state_of(engine) in (SchemaState.CURRENT, SchemaState.AHEAD)


def revisions(connection: Connection) -> set[str]:
    """Return the revision of the schema, as a set that is empty where there is none."""
    ours = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_heads()
    # before there were two tables the one was both
    return set(ours or MigrationContext.configure(connection).get_current_heads())


def oldest_program(connection: Connection) -> str | None:
    """Return the newest migration that the oldest program knows which may work here; None where nobody has worked
    yet.
    """
    found = MigrationContext.configure(connection).get_current_heads()
    return found[0] if len(found) == 1 else None


def adopt(connection: Connection) -> None:
    """Both tables are there, and what one table said is said by both. A repeat changes nothing."""
    found = revisions(connection)
    for name in (VERSION_TABLE, OLDEST_TABLE):
        connection.exec_driver_sql(f"CREATE TABLE IF NOT EXISTS {name} {_LIKE.format(name=name)}")
    _write(connection, VERSION_TABLE, found)


def set_oldest(connection: Connection, revision: str | None) -> None:
    """From now on programs that know less than this migration are refused; None: nothing is here for anybody."""
    _write(connection, OLDEST_TABLE, {revision} if revision is not None else set())


def _write(connection: Connection, table: str, values: set[str]) -> None:
    connection.exec_driver_sql(f"DELETE FROM {table}")
    for value in values:
        connection.exec_driver_sql(f"INSERT INTO {table} VALUES ('{value}')")


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Return whether Alembic compares a table with the models; the other version table is in none of them."""
    return not (kind == "table" and name == OLDEST_TABLE)


def refuse_older(state: SchemaState) -> None:
    """Refused for a schema older than this program's, which an upgrade brings up to date."""
    if state is SchemaState.OLDER:
        raise Refused("the database is of an older version: run `dondoc upgrade` to bring it up to date")
