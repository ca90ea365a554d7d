"""Columns of many rows as PostgreSQL takes them in one parameter each: arrays, written as text.

One statement over `unnest` costs a fraction of one execution per row, and unlike COPY it may pass over rows that are
there already, and fails as every other statement does.
"""

import json
from collections.abc import Sequence
from datetime import date
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy.dialects import postgresql
from sqlalchemy.types import JSON, TypeEngine, UserDefinedType

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


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
        case Enum():
            return str(bound.value)
        case str() | int() | float():
            return str(bound)
    raise TypeError(f"{type(value).__name__}: not known to bulk writes; models.database.arrays says which are")


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
