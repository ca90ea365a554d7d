"""All tables there are: a command loads those that it reads and writes, and starts in half of the time."""

from importlib import import_module

from sqlalchemy import MetaData
from sqlmodel import SQLModel


def all_tables() -> MetaData:
    import_module("models.tables")  # which stands above this package
    return SQLModel.metadata


def know_referred_tables() -> None:
    """Before a write: SQLAlchemy sorts rows by foreign keys, and looks for the tables to which these lead."""
    known = SQLModel.metadata.tables
    keys = (key for table in known.values() for key in table.foreign_keys)
    if any(key.target_fullname.partition(".")[0] not in known for key in keys):
        all_tables()
