"""History as bytes: one line for each row and each seal, the same on every database and for whoever checks them.

A row's hash is the SHA-256 of its line, a seal's digest that of its own. A line is a JSON array without blanks, keys
sorted, in UTF-8; ids are 32 hexadecimal digits, instants UTC with microseconds. Whoever changes a line here breaks
every chain there is: a new form needs a new name in front.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Date, String, Uuid
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlmodel import col

from models.database.columns import JsonColumn, UtcDateTime
from models.tasks.history import History

ROW_FORM, SEAL_FORM = "dondoc-history-1", "dondoc-seal-1"
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=repr).encode


class as_written(FunctionElement[str]):  # noqa: N801
    """A column's value as text, as it stands in a line."""

    type = String()
    inherit_cache = True


@compiles(as_written)
def _as_written(element: as_written, compiler: SQLCompiler, **given: Any) -> str:
    (column,) = element.clauses
    name = compiler.process(column, **given)
    return f"replace({name}, ' ', 'T') || 'Z'" if isinstance(column.type, UtcDateTime) else name


@compiles(as_written, "postgresql")
def _as_written_postgresql(element: as_written, compiler: SQLCompiler, **given: Any) -> str:
    (column,) = element.clauses
    name = compiler.process(column, **given)
    if isinstance(column.type, UtcDateTime):
        return f"to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    if isinstance(column.type, Uuid):
        return f"replace(CAST({name} AS TEXT), '-', '')"
    if isinstance(column.type, Date):
        return f"to_char({name}, 'YYYY-MM-DD')"
    return f"CAST({name} AS TEXT)" if isinstance(column.type, type(JsonColumn)) else name


ROW_COLUMNS = tuple(
    as_written(column).label(name)
    for name, column in (
        ("recorded_at", col(History.recorded_at)),
        ("id", col(History.id)),
        ("occurred_on", col(History.occurred_on)),
        ("directive_id", col(History.directive_id)),
        ("task_id", col(History.task_id)),
        ("event", col(History.event)),
        ("actor_id", col(History.actor_id)),
        ("relation", col(History.relation)),
        ("from_status", col(History.from_status)),
        ("to_status", col(History.to_status)),
        ("note_hash", col(History.note_hash)),
        ("facts", col(History.facts)),
    )
)
"""What a line is made of, in its order; sorted, such rows stand as a seal takes them."""
RECORDED_AT, ID, DIRECTIVE, TASK, NOTE_HASH = 0, 1, 3, 4, 10
"""Places in it."""


def row_line(row: Sequence[Any]) -> bytes:
    """`row` was read by ROW_COLUMNS, as the driver gave it; facts that are no JSON stay as they are."""
    *plain, facts = row[: len(ROW_COLUMNS)]
    return f"{_encode([ROW_FORM, *plain])[:-1]},{_facts(facts)}]".encode("utf-8", "surrogatepass")


def row_hash(row: Sequence[Any]) -> bytes:
    return hashlib.sha256(row_line(row)).digest()


def seal_line(
    number: int, previous: str | None, sealed_at: str, upto: str, count: int, ids: bytes, hashes: bytes
) -> bytes:
    """`previous` is the digest before it; instants are as `as_written` gives them."""
    named, held = hashlib.sha256(ids).hexdigest(), hashlib.sha256(hashes).hexdigest()
    return _encode([SEAL_FORM, number, previous, sealed_at, upto, count, named, held]).encode()


def stamp(instant: datetime) -> str:
    """In UTC, as lines write it."""
    return f"{instant:%Y-%m-%dT%H:%M:%S.%f}Z"


def line_digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def pieces(packed: bytes, size: int) -> Iterable[bytes]:
    """Ids (16) or hashes (32) stand side by side in a seal."""
    return (packed[start : start + size] for start in range(0, len(packed), size))


@lru_cache(maxsize=4096)
def _facts(text: Any) -> str:
    try:
        return _encode(json.loads(text, parse_float=_number))
    except (ValueError, TypeError):
        return _encode({"unreadable": repr(text)})


def _number(text: str) -> float | int:
    """PostgreSQL gives 100.0 and 1e2 back as other words for the same number."""
    number = float(text)
    return int(number) if number.is_integer() else number
