"""Make partial indexes, which hold only some of a table's rows."""

from sqlalchemy import Index, text
from sqlalchemy.sql.elements import ColumnElement, TextClause


def partial_index(
    name: str, *columns: str | ColumnElement[object], where: str | TextClause, unique: bool = False
) -> Index:
    condition = text(where) if isinstance(where, str) else where
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)
