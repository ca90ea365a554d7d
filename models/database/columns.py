"""What tables share: column types (aware instants, checked enumerations, JSON), conditions, and partial indexes."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import JSON, Boolean, DateTime, Dialect, Enum, Index, Select, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement, TextClause
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """The type of an instant: aware in Python, UTC in the database. A naive value raises ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: instants carry their zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


JsonColumn = JSON().with_variant(JSONB(), "postgresql")


def enum_type(members: type[StrEnum], name: str = "") -> Enum:
    """Return the type of an enumeration, whose values a check constraint called `name` checks."""
    return Enum(
        members,
        name=name or members.__name__.lower(),
        native_enum=False,
        create_constraint=True,
        values_callable=lambda enum: [member.value for member in enum],
        length=32,
    )


def partial_index(
    name: str, *columns: str | ColumnElement[object], where: str | TextClause, unique: bool = False
) -> Index:
    """Make an index with only those rows for which a condition holds."""
    condition = text(where) if isinstance(where, str) else where
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


LAST_DIGITS = 6
"""The number of an id's last digits that are indexed. People name tasks by eight digits."""


class last_digits(FunctionElement[str]):  # noqa: N801
    """The last six hexadecimal digits of an id."""

    type = String()
    inherit_cache = True


@compiles(last_digits, "postgresql")
def _last_digits_postgresql(element: last_digits, compiler: SQLCompiler, **given: Any) -> str:
    return f'"right"(CAST({compiler.process(element.clauses, **given)} AS TEXT), {LAST_DIGITS})'


@compiles(last_digits, "sqlite")
def _last_digits_sqlite(element: last_digits, compiler: SQLCompiler, **given: Any) -> str:
    return f"substr({compiler.process(element.clauses, **given)}, -{LAST_DIGITS})"


class _Condition(FunctionElement[bool]):
    """A condition without the `= 1` that SQLAlchemy adds on SQLite, which would prevent the use of an index."""

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: OperatorType | None = None) -> Self:
        return self


class filtering(_Condition):  # noqa: N801
    """A condition that filters rows, while another condition of the query finds them by index.

    SQLite plans without statistics, and would use the indexes of an OR, however many rows they find.
    """

    inherit_cache = True


@compiles(filtering)
def _filtering(element: filtering, compiler: SQLCompiler, **given: Any) -> str:
    return f"({compiler.process(element.clauses, **given)})"


@compiles(filtering, "sqlite")
def _filtering_sqlite(element: filtering, compiler: SQLCompiler, **given: Any) -> str:
    return f"+({compiler.process(element.clauses, **given)})"


class among(_Condition):  # noqa: N801
    """`among(column, query)`: the column has one of the values of a query, and an index finds the rows.

    With a plain IN inside an OR, PostgreSQL would read the whole table.
    """

    inherit_cache = True

    def __init__(self, column: Any, query: Select[Any]) -> None:
        super().__init__(column, query.scalar_subquery())


@compiles(among)
def _among(element: among, compiler: SQLCompiler, **given: Any) -> str:
    column, query = element.clauses
    return f"({compiler.process(column, **given)} IN {compiler.process(query, **given)})"


@compiles(among, "postgresql")
def _among_postgresql(element: among, compiler: SQLCompiler, **given: Any) -> str:
    column, query = element.clauses
    return f"({compiler.process(column, **given)} = ANY (ARRAY{compiler.process(query, **given)}))"


class bytewise(FunctionElement[str]):  # noqa: N801
    """Text that sorts byte by byte on both databases, as in Python, and not by the locale of PostgreSQL's server."""

    type = String()
    inherit_cache = True


@compiles(bytewise)
def _bytewise(element: bytewise, compiler: SQLCompiler, **given: Any) -> str:
    return compiler.process(element.clauses, **given)


@compiles(bytewise, "postgresql")
def _bytewise_postgresql(element: bytewise, compiler: SQLCompiler, **given: Any) -> str:
    return f'{compiler.process(element.clauses, **given)} COLLATE "C"'
