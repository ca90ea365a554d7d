"""What Alembic runs: on the connection that `models.database.schema` hands over, else on the configured database."""

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

import models  # noqa: F401  every table must be known before comparing
from models.database.schema_state import VERSION_TABLE, adopt, is_ours
from models.database.secret_keys import keys_of
from models.database.session import open_engine
from models.settings import Settings


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        compare_type=True,
        render_as_batch=connection.dialect.name == "sqlite",
        version_table=VERSION_TABLE,
        include_name=is_ours,
        # beside running programs: locks are given back after every migration
        transaction_per_migration=connection.dialect.name == "postgresql",
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
        adopt(own)
    # on PostgreSQL each migration commits for itself
    with engine.connect() if engine.dialect.name == "postgresql" else engine.begin() as own:
        _run(own)
