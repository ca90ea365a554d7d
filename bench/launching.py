"""Launching one duty to many units, beside the bare driver writing the very same rows."""

import gc
import json
import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Engine

from bench.register import CODE, DUE_ON, ON, UNITS
from models.session import transaction
from workflows.calendar import load_calendar
from workflows.launch import default_coordinator, find_directive, launch

LIMIT = 3.0
"""A launch may take this many times the bare executemany of its rows."""
REPEATS = 5
_TABLES = ("history", "task", "notice")
Fresh = Callable[[], AbstractContextManager[Engine]]


class Rows(NamedTuple):
    """What the driver is to write into one table."""

    table: str
    columns: list[str]
    values: list[tuple[Any, ...]]


@dataclass(frozen=True)
class Measured:
    """Seconds, in the order in which they were taken."""

    database: str
    floor: list[float]
    launch: list[float]

    @property
    def ratio(self) -> float:
        """Median launch over median floor."""
        return statistics.median(self.launch) / statistics.median(self.floor)


def measure(database: str, fresh: Fresh, *, repeats: int = REPEATS) -> Measured:
    """Floor and launch by turns, each on a fresh database; one of each beforehand is not counted."""
    parent, rows = _record(fresh)
    floors, launches = [], []
    for turn in range(repeats + 1):
        with fresh() as engine:
            floor = _write(engine, parent, rows)
        with fresh() as engine:
            launched = _timed_launch(engine)
        if turn:
            floors.append(floor)
            launches.append(launched)
    return Measured(database, floors, launches)


def launch_once(engine: Engine) -> None:
    """What a user's `dondoc launch` does, from looking up the directive to the commit."""
    with transaction(engine) as session:
        directive = find_directive(session, CODE)
        outcome = launch(
            session, directive, on=ON, coordinator_id=default_coordinator(session, directive), due_on=DUE_ON,
            calendar=load_calendar(session),
        )  # fmt: skip
    assert outcome.created == UNITS


def _timed_launch(engine: Engine) -> float:
    with _quiet(engine):
        started = time.perf_counter()
        launch_once(engine)
        return time.perf_counter() - started


def _record(fresh: Fresh) -> tuple[Rows, list[Rows]]:
    """The rows a launch writes, as the raw driver reads them: first the launch itself, which they refer to."""
    with fresh() as engine:
        launch_once(engine)
        connection = engine.raw_connection()
        try:
            parent, *rows = (_read(connection.cursor(), table) for table in ("launch", *_TABLES))
        finally:
            connection.close()
    assert all(len(one.values) >= UNITS for one in rows)
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


def _write(engine: Engine, parent: Rows, rows: list[Rows]) -> float:
    """Seconds for one transaction of executemany, its commit included."""
    mark = "?" if engine.dialect.name == "sqlite" else "%s"
    begin = "BEGIN IMMEDIATE" if mark == "?" else "SELECT 1"  # psycopg begins by itself; both have spoken to the server
    with _quiet(engine):
        pooled = engine.raw_connection()
        connection = pooled.driver_connection
        assert connection is not None
        cursor = connection.cursor()
        _insert(cursor, parent, mark)
        connection.commit()
        started = time.perf_counter()
        cursor.execute(begin)
        for one in rows:
            _insert(cursor, one, mark)
        cursor.execute("COMMIT") if mark == "?" else connection.commit()
        taken = time.perf_counter() - started
        pooled.close()
    return taken


def _insert(cursor: Any, rows: Rows, mark: str) -> None:
    columns = ", ".join(f'"{name}"' for name in rows.columns)
    marks = ", ".join([mark] * len(rows.columns))
    cursor.executemany(f'INSERT INTO "{rows.table}" ({columns}) VALUES ({marks})', rows.values)


class _quiet:  # noqa: N801
    """A warm connection, and no garbage of the turn before."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> None:
        with self._engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")
        gc.collect()

    def __exit__(self, *_error: object) -> None:
        return None
