"""The schema's version: brought up or down by migrations, in one transaction, from any folder."""

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "models:migrations")  # found in the package, wherever it is installed
    config.set_main_option("path_separator", "os")
    return config


def migrate(engine: Engine) -> None:
    """Brings the schema up to date; all or nothing, and nothing when it is already."""
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def downgrade(engine: Engine, to: str = "base") -> None:
    """Takes the schema down to a revision. Raises alembic's CommandError for an unknown one. Data may be lost."""
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, to)


def is_current(engine: Engine) -> bool:
    """Whether the database stands at the newest migration."""
    heads = set(ScriptDirectory.from_config(_config()).get_heads())
    with engine.connect() as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) == heads
