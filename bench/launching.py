"""Launching one duty to many units, beside the bare driver writing the very same rows.

The floor is COPY on PostgreSQL and executemany on SQLite, of the task, history and notice rows of a finished launch,
in one transaction, commit included, into a copy of the same database: same indexes, constraints, triggers. It reads
nothing, decides nothing and makes no id; what it writes is ready in the driver's own form before the clock starts
(for COPY one text a table), and columns that are NULL in every row are left out.
"""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine
from sqlmodel import Session

from bench.databases import PostgresServer, SqliteFiles
from bench.register import CODE, DUE_ON, ON, fill_register
from bench.seconds import Measured, Taken, seconds
from models.database.session import transaction
from models.directives.directive import find_directive
from workflows.launch.launch_plan import default_coordinator
from workflows.launch.launch_tasks import launch
from workflows.organization.working_calendar import load_calendar

UNITS = 100_000
LIMIT = 2.5
"""A launch may take this many times the bare COPY or executemany of its rows."""
REPEATS = 5
_TABLES = ("history", "task", "notice")
Fresh = Callable[[], AbstractContextManager[Engine]]


class Rows(NamedTuple):
    """What the driver is to write into one table."""

    table: str
    columns: list[str]
    values: list[tuple[Any, ...]]


def measure_all(units: int = UNITS, *, repeats: int = REPEATS) -> Iterator[Measured]:
    """On SQLite, then on PostgreSQL, each in a folder of its own that is gone afterwards."""
    prepare = partial(fill_register, units=units)
    with tempfile.TemporaryDirectory(prefix="dondoc-bench-", ignore_cleanup_errors=True) as folder:
        files = SqliteFiles(Path(folder), prepare)
        yield measure(files.name, files.fresh, units=units, repeats=repeats)
        server = PostgresServer(Path(folder), prepare)
        try:
            yield measure(server.name, server.fresh, units=units, repeats=repeats)
        finally:
            server.stop()


def measure(database: str, fresh: Fresh, *, units: int, repeats: int = REPEATS) -> Measured:
    """Floor and launch by turns, each on a fresh database; one of each beforehand is not counted."""
    parent, rows = record(fresh, units)
    floors, ours = [], []
    for turn in range(repeats + 1):
        with fresh() as engine:
            floor = write(engine, parent, rows)
        with fresh() as engine, seconds(engine) as launched:
            launch_once(engine, units)
        if turn:
            floors.append(floor)
            ours.append(launched)
    return Measured.of(database, units, LIMIT, floors, ours)


def launch_once(engine: Engine, units: int) -> None:
    """What a user's `dondoc launch` does, from looking up the directive to the commit."""
    with transaction(engine) as session:
        launch_within(session, units)


def launch_within(session: Session, units: int) -> None:
    """The same in a transaction that somebody else ends."""
    directive = find_directive(session, CODE)
    outcome = launch(
        session,
        directive,
        on=ON,
        coordinator_id=default_coordinator(session, directive),
        due_on=DUE_ON,
        calendar=load_calendar(session),
    )
    assert outcome.created == units, outcome.created


def record(fresh: Fresh, units: int) -> tuple[Rows, list[Rows]]:
    """The rows a launch writes, as the raw driver reads them: first the launch itself, which they refer to."""
    with fresh() as engine:
        launch_once(engine, units)
        connection = engine.raw_connection()
        try:
            parent, *rows = (_read(connection.cursor(), table) for table in ("launch", *_TABLES))
        finally:
            connection.close()
    assert all(len(one.values) >= units for one in rows)
    return parent, rows


def _read(cursor: Any, table: str) -> Rows:
    cursor.execute(f"SELECT * FROM {table} ORDER BY id")
    names = [column[0] for column in cursor.description]
    found = cursor.fetchall()
    # what is NULL in every row need not be written: the floor is to be as low as it can be
    kept = [index for index in range(len(names)) if any(row[index] is not None for row in found)]
    values = [tuple(_plain(row[index]) for index in kept) for row in found]
    return Rows(table, [names[index] for index in kept], values)


def _plain(value: Any) -> Any:
    """psycopg reads JSON as Python objects but writes it as text."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value


def write(engine: Engine, parent: Rows, rows: list[Rows]) -> Taken:
    """One transaction, its commit included."""
    on_sqlite = engine.dialect.name == "sqlite"
    pooled = engine.raw_connection()
    connection = pooled.driver_connection
    assert connection is not None
    cursor = connection.cursor()
    _insert(cursor, parent, "?" if on_sqlite else "%s")
    connection.commit()
    copied = [] if on_sqlite else [(one, _copied(one)) for one in rows]
    with seconds(engine) as taken:
        if on_sqlite:
            cursor.execute("BEGIN IMMEDIATE")
            for one in rows:
                _insert(cursor, one, "?")
            cursor.execute("COMMIT")
        else:
            for one, text in copied:
                with cursor.copy(f"COPY {one.table} ({_names(one)}) FROM STDIN") as copy:
                    copy.write(text)
            connection.commit()
    pooled.close()
    return taken


def _insert(cursor: Any, rows: Rows, mark: str) -> None:
    marks = ", ".join([mark] * len(rows.columns))
    cursor.executemany(f'INSERT INTO "{rows.table}" ({_names(rows)}) VALUES ({marks})', rows.values)


def _names(rows: Rows) -> str:
    return ", ".join(f'"{name}"' for name in rows.columns)


def _copied(rows: Rows) -> bytes:
    return "".join("\t".join(map(_copied_value, row)) + "\n" for row in rows.values).encode()


def _copied_value(value: Any) -> str:
    if value is None:
        return "\\N"
    text = value.isoformat() if isinstance(value, date | datetime) else str(value)
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
