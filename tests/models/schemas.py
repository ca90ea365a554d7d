"""What a migrated schema holds, beside what the models say."""

import re
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect
from sqlmodel import SQLModel

from models.database.schema_state import VERSION_TABLE


def differences(engine: Engine) -> list[Any]:
    """What Alembic would still change to reach the models."""
    with engine.connect() as connection:
        opts = {"compare_type": True, "version_table": VERSION_TABLE}
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, SQLModel.metadata))


def _plain(condition: str) -> str:
    """A condition without what SQLite and the models write differently: case, blanks, quotes."""
    return re.sub(r'[\s"]', "", condition).lower()


def rules(engine: Engine) -> dict[str, Any]:
    """Every check, unique key and index of a database, with its condition."""
    found = inspect(engine)
    rules: dict[str, Any] = {}
    for table in SQLModel.metadata.tables:
        rules |= {str(check["name"]): _plain(str(check["sqltext"])) for check in found.get_check_constraints(table)}
        rules |= {str(key["name"]): key["column_names"] for key in found.get_unique_constraints(table)}
        for index in found.get_indexes(table):
            where = index.get("dialect_options", {}).get(f"{engine.dialect.name}_where", "")
            rules[str(index["name"])] = (index["column_names"], bool(index["unique"]), _plain(str(where)))
    return rules
