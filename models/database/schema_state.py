"""Which schema a database has, by the revision in Alembic's table."""

from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Engine, String, column, inspect, select, table

from models.errors import Refused

VERSION_TABLE = "schema_version"
_MIGRATIONS = Path(__file__).parents[1] / "migrations" / "versions"
_FINISHED_BEFORE = "0021"
"""What 0.2 left in `alembic_version` once an upgrade was finished there; 0.3 dropped what only older programs read."""


@cache
def known_revisions() -> Sequence[str]:
    """In their order: their files are numbered."""
    return sorted(file.name.partition("_")[0] for file in _MIGRATIONS.glob("[0-9]*_*.py"))


class SchemaState(StrEnum):
    """How a database's schema stands to this program's migrations."""

    NONE = "none"  # nobody has set it up
    HALF = "half"  # our tables, and nothing that says of which revision: what a restore leaves that is broken off
    TOO_OLD = "too old"  # an upgrade does not begin there
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
    """As `schema_state`, over a connection of its own."""
    with engine.connect() as connection:
        return schema_state(connection)


def is_current(engine: Engine) -> bool:
    return state_of(engine) is SchemaState.CURRENT


def refuse_unfit(state: SchemaState) -> None:
    """Refused for a schema that neither setting up nor an upgrade brings to this program's."""
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
    """Refused for a schema older than this program's, which an upgrade brings up to date."""
    if state is SchemaState.OLDER:
        raise Refused("the database is of an older version: run `dondoc upgrade` to bring it up to date")


def revisions(connection: Connection) -> set[str]:
    return _kept_in(connection, VERSION_TABLE) or _oldest(connection)


def _is_unfinished(connection: Connection) -> bool:
    """0.2 left something undone that 0.3 has not been told to finish."""
    return any(one < _FINISHED_BEFORE for one in _oldest(connection))


def _oldest(connection: Connection) -> set[str]:
    """Return what stands in `alembic_version`: until 0.3 the oldest program that may work; in 0.1 the schema."""
    return _kept_in(connection, "alembic_version")


def _kept_in(connection: Connection, name: str) -> set[str]:
    kept = table(name, column("version_num", String))
    return set(connection.scalars(select(kept.c.version_num))) if inspect(connection).has_table(name) else set()
