"""Load all tables. A command loads only the tables that it needs, and so starts in half the time."""

from importlib import import_module

from sqlalchemy import MetaData
from sqlmodel import SQLModel


def all_tables() -> MetaData:
    import_module("models.tables")  # by name, because this package may not import it
    return SQLModel.metadata


def know_referred_tables() -> None:
    """Load the tables to which foreign keys refer: before a write, SQLAlchemy sorts rows by them."""
    known = SQLModel.metadata.tables
    keys = (key for table in known.values() for key in table.foreign_keys)
    if any(key.target_fullname.partition(".")[0] not in known for key in keys):
        all_tables()
