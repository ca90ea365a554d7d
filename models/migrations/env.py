"""What Alembic runs: on the connection that `models.database.schema` hands over, else on the configured database."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection
from sqlalchemy.types import TypeDecorator

from models.database.all_tables import all_tables
from models.database.schema_state import VERSION_TABLE
from models.database.secret_keys import keys_of
from models.database.session import open_engine
from models.settings import Settings


def _plain_type(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """A migration names the database's own types: ours may change."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=all_tables(),
        compare_type=True,
        render_item=_plain_type,
        render_as_batch=connection.dialect.name == "sqlite",
        version_table=VERSION_TABLE,
    )
    with context.begin_transaction():
        context.run_migrations()


_handed_over = context.config.attributes.get("connection")
if _handed_over is not None:
    _run(_handed_over)
else:  # the `alembic` command, for whoever writes a migration
    settings = Settings()
    engine = open_engine(settings.url, keys_of(settings))
    with engine.begin() as own:
        _run(own)
