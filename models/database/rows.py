"""Write and read many rows at once, without an ORM object for each."""

import enum
import json
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Dialect,
    Enum,
    Executable,
    Select,
    Table,
    Uuid,
    func,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import JSON, NullType, TypeEngine, UserDefinedType
from sqlmodel import Session, SQLModel

from models.database.columns import UtcDateTime
from models.database.ids import read_id

IN_CHUNK = 900
ROWS_A_STATEMENT = 5000
"""Rows that one statement over arrays inserts, with a few megabytes of parameters."""
_Model = TypeVar("_Model", bound=SQLModel)
_Id = TypeVar("_Id")
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def table_of(model: type[SQLModel]) -> Table:
    return cast(Table, vars(model)["__table__"])


def count_changed(session: Session, statement: Executable, *parameters: Any, **options: Any) -> int:
    return cast(CursorResult[Any], session.execute(statement, *parameters, **options)).rowcount


def update_one(session: Session, statement: Executable, *parameters: Any, **options: Any) -> bool:
    """Run a guarded UPDATE of one row. Return whether the row still fulfilled the guard's condition."""
    return count_changed(session, statement, *parameters, **options) == 1


def insert_new(
    session: Session, table: Table, rows: Sequence[Mapping[str, Any]], constant: Mapping[str, Any] | None = None
) -> int:
    """Insert many rows, except those whose unique key exists already. Return how many were new.

    The ORM would cost ten times as much. Values are still converted by the type of their column. `constant` holds the
    columns that are equal in all rows; they are converted once.
    """
    if not rows:
        return 0
    connection = session.connection()
    insert = _insert_by_row if connection.dialect.name == "sqlite" else _insert_by_array
    return insert(connection, table, {name: [row[name] for row in rows] for name in rows[0]}, constant or {})


def _insert_by_row(
    connection: Connection, table: Table, columns: Mapping[str, list[Any]], constant: Mapping[str, Any]
) -> int:
    length = len(next(iter(columns.values())))
    # converting column by column is three times as fast as row by row
    converted = [_to_driver(connection.dialect, table.c[name].type, values) for name, values in columns.items()]
    for name, value in constant.items():
        converted.append(_to_driver(connection.dialect, table.c[name].type, [value]) * length)
    names, placeholders = _quoted(table, [*columns, *constant]), ", ".join("?" * len(converted))
    statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({placeholders}) ON CONFLICT DO NOTHING'
    return connection.exec_driver_sql(statement, list(zip(*converted, strict=True))).rowcount


def _insert_by_array(
    connection: Connection, table: Table, columns: Mapping[str, list[Any]], constant: Mapping[str, Any]
) -> int:
    """Insert some thousand rows by one statement, each column as an array in text form.

    This is far cheaper than a statement for each row, and unlike COPY it can skip existing rows.
    """
    kinds = [table.c[name].type for name in columns]
    arrays = ", ".join(f"%s::{cast_type(kind)}[]" for kind in kinds)
    shared = "".join(f", %s::{cast_type(table.c[name].type)}" for name in constant)
    statement = (
        f'INSERT INTO "{table.name}" ({_quoted(table, [*columns, *constant])})'
        f" SELECT made.*{shared} FROM unnest({arrays}) AS made ON CONFLICT DO NOTHING"
    )
    constants = tuple(scalar(table.c[name].type, value) for name, value in constant.items())
    count = 0
    for start in range(0, len(next(iter(columns.values()))), ROWS_A_STATEMENT):
        slices = [values[start : start + ROWS_A_STATEMENT] for values in columns.values()]
        arrays_of_values = tuple(array(kind, values) for kind, values in zip(kinds, slices, strict=True))
        count += connection.exec_driver_sql(statement, constants + arrays_of_values).rowcount
    return count


def read_plain(session: Session, query: Select[Any]) -> list[Any]:
    """Read rows as named tuples, converting each distinct value of a column only once.

    The sweep and the board read ten thousand rows at a time. Most ids and moments in them repeat, and converting each
    costs more than reading them. Everything else reads by `session.execute`.
    """
    row_type = _row_type(tuple(column.key for column in query.selected_columns))
    return list(map(row_type._make, zip(*read_columns(session, query), strict=True)))


def read_columns(session: Session, query: Select[Any]) -> list[list[Any]]:
    """Read columns as `read_plain` reads rows, for callers that count values."""
    connection = session.connection()
    selected = tuple(query.selected_columns)
    undecoded = [type_coerce(column, NullType()) for column in selected]
    with connection.execute(query.with_only_columns(*undecoded, maintain_column_froms=True)) as result:
        rows = result.cursor.fetchall()  # plain tuples of the driver
    columns = zip(*rows, strict=True) if rows else [()] * len(selected)
    return [
        _from_driver(connection.dialect, column.type, list(values))
        for column, values in zip(selected, columns, strict=True)
    ]


def one_of(session: Session, column: Any, ids: Iterable[UUID]) -> ColumnElement[bool]:
    """Return a condition like IN that passes all ids as one parameter, as there may be very many."""
    if session.connection().dialect.name == "postgresql":
        # a text that is cast would be parsed again for every row
        return cast(ColumnElement[bool], column == func.any(literal(array(column.type, list(ids)), IdArray())))
    id_list = json.dumps([one_id.hex for one_id in ids])
    listed = func.json_each(id_list).table_valued("value")
    return cast(ColumnElement[bool], column.in_(select(listed.c.value)))


def chunks(ids: Iterable[_Id]) -> Iterator[list[_Id]]:
    """Split ids into lists that are short enough for the parameters of one statement."""
    ordered = list(ids)
    return (ordered[start : start + IN_CHUNK] for start in range(0, len(ordered), IN_CHUNK))


@lru_cache
def _row_type(columns: tuple[str, ...]) -> Any:
    return namedtuple("Plain", columns)


def _quoted(table: Table, keys: Iterable[str]) -> str:
    return ", ".join(f'"{table.c[key].name}"' for key in keys)


def _to_driver(dialect: Dialect, kind: TypeEngine[Any], values: Sequence[Any]) -> list[Any]:
    processor = kind.dialect_impl(dialect).bind_processor(dialect)
    if processor is None:
        return list(values)
    if isinstance(kind, Uuid):  # the same as its processor, without a call for each value
        return [None if value is None else f"{value.int:032x}" for value in values]
    if isinstance(kind, UtcDateTime | Enum):  # few distinct values in a bulk insert
        converted = {value: processor(value) for value in set(values)}
        return list(map(converted.__getitem__, values))
    return [processor(value) for value in values]


def _from_driver(dialect: Dialect, kind: TypeEngine[Any], values: list[Any]) -> list[Any]:
    processor: Callable[[Any], Any] | None = kind.dialect_impl(dialect).result_processor(dialect, None)
    if processor is None:
        return values
    if isinstance(kind, Uuid):
        processor = read_id
    converted = {value: None if value is None else processor(value) for value in set(values)}
    return list(map(converted.__getitem__, values))


class IdArray(UserDefinedType[str]):
    """An array of ids in the text form of `array`."""

    cache_ok = True
    render_bind_cast = True

    def get_col_spec(self, **_options: Any) -> str:
        return "UUID[]"


def cast_type(kind: TypeEngine[Any]) -> str:
    """Return the type for a cast. It is `text` for every text, because a cast to `varchar(40)` would cut silently."""
    name = kind.dialect_impl(_DIALECT).compile(_DIALECT)
    return "text" if name.startswith("VARCHAR") else name.lower()


def scalar(kind: TypeEngine[Any], value: Any) -> str | None:
    """Write a value as PostgreSQL's text. Raises ValueError for an instant without a zone, TypeError for new types."""
    postgres_type = kind.dialect_impl(_DIALECT)
    if isinstance(postgres_type, JSON):
        return json.dumps(value)
    if value is None:
        return None
    processor = postgres_type.bind_processor(_DIALECT)
    converted = processor(value) if processor else value
    match converted:
        case bool():
            return "true" if converted else "false"
        case UUID():
            return converted.hex
        case bytes():
            return f"\\x{converted.hex()}"
        case date():
            return converted.isoformat()
        case enum.Enum():
            return str(converted.value)
        case str() | int() | float():
            return str(converted)
    raise TypeError(f"{type(value).__name__}: not known to bulk writes; models.database.rows says which are")


def array(kind: TypeEngine[Any], values: Sequence[Any]) -> str:
    """Write the values of a column as PostgreSQL's text of an array. Raises as `scalar`."""
    if isinstance(kind.dialect_impl(_DIALECT), JSON):
        elements = [_element(scalar(kind, value)) for value in values]
    elif values and all(type(value) is UUID for value in values):  # half of all columns; few of their values repeat
        elements = [value.hex for value in values]
    else:
        element_by_value = {value: _element(scalar(kind, value)) for value in set(values)}
        elements = [element_by_value[value] for value in values]
    return "{" + ",".join(elements) + "}"


def _element(text: str | None) -> str:
    if text is None:
        return "NULL"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
