"""Compare a database's schema with this program's, by the revision in Alembic's table."""

from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Engine, String, column, inspect, select, table

from models.errors import Refused

VERSION_TABLE = "schema_version"
_MIGRATIONS = Path(__file__).parents[1] / "migrations" / "versions"
_FINISHED_BEFORE = "0021"
"""The revision in `alembic_version` after a finished upgrade of 0.2, from which 0.3 could upgrade."""


@cache
def known_revisions() -> Sequence[str]:
    """Return the revisions in their order, from the numbered files."""
    return sorted(file.name.partition("_")[0] for file in _MIGRATIONS.glob("[0-9]*_*.py"))


class SchemaState(StrEnum):
    """The state of a database's schema, compared with this program's migrations."""

    NONE = "none"  # nobody has set it up
    HALF = "half"  # our tables without a revision, as an interrupted restore leaves them
    TOO_OLD = "too old"  # an upgrade cannot begin there
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"


def schema_state(connection: Connection) -> SchemaState:
    found, known = revisions(connection), known_revisions()
    if not found:
        return SchemaState.HALF if inspect(connection).has_table("person") else SchemaState.NONE
    if found == {known[-1]}:
        return SchemaState.CURRENT
    if min(found) < known[0] or _is_unfinished(connection):
        return SchemaState.TOO_OLD
    return SchemaState.OLDER if found <= set(known) else SchemaState.NEWER


def state_of(engine: Engine) -> SchemaState:
    with engine.connect() as connection:
        return schema_state(connection)


def is_current(engine: Engine) -> bool:
    return state_of(engine) is SchemaState.CURRENT


def refuse_unfit(state: SchemaState) -> None:
    """Raise Refused for a schema that neither a set-up nor an upgrade can bring up to date."""
    if state is SchemaState.NEWER:
        raise Refused("the schema is newer than this program: upgrade with the version of dondoc that made it")
    if state is SchemaState.TOO_OLD:
        raise Refused(
            "the database is of a version before 0.3: upgrade it with dondoc 0.3 first (with PostgreSQL also "
            "`dondoc upgrade --finish`), then with this one"
        )
    if state is SchemaState.HALF:
        raise Refused(
            "this database has tables and no version: a restore into it was broken off; make it anew, empty, and"
            " restore again"
        )


def refuse_older(state: SchemaState) -> None:
    """Raise Refused for a schema that needs an upgrade."""
    if state is SchemaState.OLDER:
        raise Refused("the database is of an older version: run `dondoc upgrade` to bring it up to date")


def revisions(connection: Connection) -> set[str]:
    return _read_revisions(connection, VERSION_TABLE) or _read_old_revisions(connection)


def _is_unfinished(connection: Connection) -> bool:
    """Tell whether an upgrade of 0.2 was never finished."""
    return any(revision < _FINISHED_BEFORE for revision in _read_old_revisions(connection))


def _read_old_revisions(connection: Connection) -> set[str]:
    """Read `alembic_version`. Up to 0.3 it named the oldest program that may work; in 0.1 the schema."""
    return _read_revisions(connection, "alembic_version")


def _read_revisions(connection: Connection, name: str) -> set[str]:
    versions = table(name, column("version_num", String))
    return set(connection.scalars(select(versions.c.version_num))) if inspect(connection).has_table(name) else set()
