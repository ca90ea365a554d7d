"""All tables there are: a command that only reads loads those that it reads, and starts in half of the time."""

from importlib import import_module

from sqlalchemy import MetaData
from sqlmodel import SQLModel


def all_tables() -> MetaData:
    import_module("models.tables")  # which stands above this package
    return SQLModel.metadata
