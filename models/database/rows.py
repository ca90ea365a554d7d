"""Many rows at once: written by one statement, read as the driver gives them, never one ORM object each."""

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
"""Rows that one statement over arrays writes: a few megabytes of parameters."""
_Model = TypeVar("_Model", bound=SQLModel)
_Id = TypeVar("_Id")
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def table_of(model: type[SQLModel]) -> Table:
    return cast(Table, vars(model)["__table__"])


def count_changed(session: Session, statement: Executable, *given: Any, **options: Any) -> int:
    return cast(CursorResult[Any], session.execute(statement, *given, **options)).rowcount


def update_one(session: Session, statement: Executable, *given: Any, **options: Any) -> bool:
    """`statement` is guarded: was its one row still as the guard asks?"""
    return count_changed(session, statement, *given, **options) == 1


def insert_new(
    session: Session, table: Table, rows: Sequence[Mapping[str, Any]], constant: Mapping[str, Any] | None = None
) -> int:
    """Insert many rows, passing over those whose unique key is there already; return how many were new.

    Bulk work goes this way because the ORM costs ten times as much; values still pass each column's type.
    `constant` holds columns that are equal in all rows and are converted once.
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
    # column by column: three times as fast as asking each value of each row for its processor
    bound = [_bound(connection.dialect, table.c[name].type, values) for name, values in columns.items()]
    bound += [_bound(connection.dialect, table.c[name].type, [value]) * length for name, value in constant.items()]
    quoted, marks = _quoted(table, [*columns, *constant]), ", ".join("?" * len(bound))
    statement = f'INSERT INTO "{table.name}" ({quoted}) VALUES ({marks}) ON CONFLICT DO NOTHING'
    return connection.exec_driver_sql(statement, list(zip(*bound, strict=True))).rowcount


def _insert_by_array(
    connection: Connection, table: Table, columns: Mapping[str, list[Any]], constant: Mapping[str, Any]
) -> int:
    """Insert by a statement for some thousand rows, each column one array, written as text.

    It costs a fraction of one execution per row, and unlike COPY it passes over rows that are there already.
    """
    kinds = [table.c[name].type for name in columns]
    arrays = ", ".join(f"%s::{cast_type(kind)}[]" for kind in kinds)
    shared = "".join(f", %s::{cast_type(table.c[name].type)}" for name in constant)
    statement = (
        f'INSERT INTO "{table.name}" ({_quoted(table, [*columns, *constant])})'
        f" SELECT made.*{shared} FROM unnest({arrays}) AS made ON CONFLICT DO NOTHING"
    )
    equal, done = tuple(scalar(table.c[name].type, value) for name, value in constant.items()), 0
    for start in range(0, len(next(iter(columns.values()))), ROWS_A_STATEMENT):
        given = [values[start : start + ROWS_A_STATEMENT] for values in columns.values()]
        varying = tuple(array(kind, values) for kind, values in zip(kinds, given, strict=True))
        done += connection.exec_driver_sql(statement, equal + varying).rowcount
    return done


def read_plain(session: Session, query: Select[Any]) -> list[Any]:
    """Each distinct value passes its column's type once.

    For the sweep and the board, which read ten thousand rows at a time: most ids and moments in them repeat, and
    converting each costs more than reading them. All else reads by `session.execute`.
    """
    named = _named(tuple(column.key for column in query.selected_columns))
    return list(map(named._make, zip(*read_columns(session, query), strict=True)))


def read_columns(session: Session, query: Select[Any]) -> list[list[Any]]:
    """As `read_plain`, by column, for whoever counts them."""
    connection = session.connection()
    wanted = tuple(query.selected_columns)
    undecoded = [type_coerce(column, NullType()) for column in wanted]
    with connection.execute(query.with_only_columns(*undecoded, maintain_column_froms=True)) as result:
        found = result.cursor.fetchall()  # the driver's own tuples: nothing in them is to be decoded
    columns = zip(*found, strict=True) if found else [()] * len(wanted)
    return [
        _read(connection.dialect, column.type, list(values)) for column, values in zip(wanted, columns, strict=True)
    ]


def one_of(session: Session, column: Any, ids: Iterable[UUID]) -> ColumnElement[bool]:
    """The ids are one parameter, where IN would have a name for each: there may be very many."""
    if session.connection().dialect.name == "postgresql":
        # not a text that is cast: the server would read it anew for every row that it looks at
        return cast(ColumnElement[bool], column == func.any(literal(array(column.type, list(ids)), IdArray())))
    written = json.dumps([one.hex for one in ids])
    listed = func.json_each(written).table_valued("value")
    return cast(ColumnElement[bool], column.in_(select(listed.c.value)))


def chunks(ids: Iterable[_Id]) -> Iterator[list[_Id]]:
    """Few enough at a time to be named in one statement."""
    ordered = list(ids)
    return (ordered[start : start + IN_CHUNK] for start in range(0, len(ordered), IN_CHUNK))


@lru_cache
def _named(columns: tuple[str, ...]) -> Any:
    return namedtuple("Plain", columns)


def _quoted(table: Table, keys: Iterable[str]) -> str:
    return ", ".join(f'"{table.c[key].name}"' for key in keys)


def _bound(dialect: Dialect, kind: TypeEngine[Any], values: Sequence[Any]) -> list[Any]:
    processor = kind.dialect_impl(dialect).bind_processor(dialect)
    if processor is None:
        return list(values)
    if isinstance(kind, Uuid):  # as its own processor does, without a call for each
        return [None if value is None else f"{value.int:032x}" for value in values]
    if isinstance(kind, UtcDateTime | Enum):  # these repeat all along a bulk insert
        known = {value: processor(value) for value in set(values)}
        return list(map(known.__getitem__, values))
    return [processor(value) for value in values]


def _read(dialect: Dialect, kind: TypeEngine[Any], values: list[Any]) -> list[Any]:
    processor: Callable[[Any], Any] | None = kind.dialect_impl(dialect).result_processor(dialect, None)
    if processor is None:
        return values
    if isinstance(kind, Uuid):
        processor = read_id
    known = {value: None if value is None else processor(value) for value in set(values)}
    return list(map(known.__getitem__, values))


class IdArray(UserDefinedType[str]):
    """An array of ids, written as text by `array`."""

    cache_ok = True
    render_bind_cast = True

    def get_col_spec(self, **_given: Any) -> str:
        return "UUID[]"


def cast_type(kind: TypeEngine[Any]) -> str:
    """Text has any length: a cast to `varchar(40)` would cut off in silence."""
    name = kind.dialect_impl(_DIALECT).compile(_DIALECT)
    return "text" if name.startswith("VARCHAR") else name.lower()


def scalar(kind: TypeEngine[Any], value: Any) -> str | None:
    """Raise ValueError for an instant without a zone, TypeError for an unknown type."""
    own = kind.dialect_impl(_DIALECT)
    if isinstance(own, JSON):
        return json.dumps(value)
    if value is None:
        return None
    processor = own.bind_processor(_DIALECT)
    bound = processor(value) if processor else value
    match bound:
        case bool():
            return "true" if bound else "false"
        case UUID():
            return bound.hex
        case bytes():
            return f"\\x{bound.hex()}"
        case date():
            return bound.isoformat()
        case enum.Enum():
            return str(bound.value)
        case str() | int() | float():
            return str(bound)
    raise TypeError(f"{type(value).__name__}: not known to bulk writes; models.database.rows says which are")


def array(kind: TypeEngine[Any], values: Sequence[Any]) -> str:
    """`values` are those of one column. Errors as of `scalar`."""
    if isinstance(kind.dialect_impl(_DIALECT), JSON):
        written = [_element(scalar(kind, value)) for value in values]
    elif values and all(type(value) is UUID for value in values):  # half of all columns, and few repeat
        written = [value.hex for value in values]
    else:
        known = {value: _element(scalar(kind, value)) for value in set(values)}  # these do, all along
        written = [known[value] for value in values]
    return "{" + ",".join(written) + "}"


def _element(text: str | None) -> str:
    if text is None:
        return "NULL"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
