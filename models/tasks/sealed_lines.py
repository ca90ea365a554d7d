"""Write rows and seals of the history as lines of bytes, the same on every database and for every verifier.

A row's hash and a seal's digest are the SHA-256 of their lines. A line is a JSON array in UTF-8, without blanks and
with sorted keys. Ids are 32 hexadecimal digits, and instants are in UTC with microseconds. A change of the lines would
break every existing chain, so a new form needs a new name (ROW_FORM, SEAL_FORM).
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
    """A column's value in the text form of a line."""

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
"""The columns of a line in their order. Sorted rows are in the order of a seal."""
RECORDED_AT, ID, DIRECTIVE, TASK, NOTE_HASH = 0, 1, 3, 4, 10
"""Positions in ROW_COLUMNS."""


def row_line(row: Sequence[Any]) -> bytes:
    """Write the line of a row that the driver read by ROW_COLUMNS. Facts that are not JSON are quoted."""
    *plain, facts = row[: len(ROW_COLUMNS)]
    return f"{_encode([ROW_FORM, *plain])[:-1]},{_facts(facts)}]".encode("utf-8", "surrogatepass")


def row_hash(row: Sequence[Any]) -> bytes:
    return hashlib.sha256(row_line(row)).digest()


def seal_line(
    number: int, previous: str | None, sealed_at: str, upto: str, count: int, ids: bytes, hashes: bytes
) -> bytes:
    """Write the line of a seal. `previous` is the digest of the seal before; `as_written` gives the instants."""
    ids_digest, hashes_digest = hashlib.sha256(ids).hexdigest(), hashlib.sha256(hashes).hexdigest()
    return _encode([SEAL_FORM, number, previous, sealed_at, upto, count, ids_digest, hashes_digest]).encode()


def stamp(instant: datetime) -> str:
    """Write a UTC instant as in a line."""
    return f"{instant:%Y-%m-%dT%H:%M:%S.%f}Z"


def line_digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def pieces(packed: bytes, size: int) -> Iterable[bytes]:
    """Split the joined ids (16 bytes each) or hashes (32 bytes each) of a seal."""
    return (packed[start : start + size] for start in range(0, len(packed), size))


@lru_cache(maxsize=4096)
def _facts(text: Any) -> str:
    try:
        return _encode(json.loads(text, parse_float=_number))
    except (ValueError, TypeError):
        return _encode({"unreadable": repr(text)})


def _number(text: str) -> float | int:
    """Read a number so that 100.0 and 1e2 are the same, which PostgreSQL writes differently."""
    number = float(text)
    return int(number) if number.is_integer() else number
