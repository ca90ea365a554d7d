"""The bare SQL of a tick: see bench.ticking."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from workflows.access.roster import PERSON_COLUMNS, UNIT_COLUMNS
from workflows.escalation.sweep import NOTICE_COLUMNS, TASK_COLUMNS

_READ = ", ".join(column.name for column in TASK_COLUMNS)
_TOLD = ", ".join(f'"{column.name}"' for column in NOTICE_COLUMNS)
_UNITS = f"SELECT {', '.join(column.name for column in UNIT_COLUMNS)} FROM unit WHERE id"
_PEOPLE = f"SELECT {', '.join(column.name for column in PERSON_COLUMNS)} FROM person WHERE id"
_AT = {column.name: index for index, column in enumerate(TASK_COLUMNS)}
_SEEN = ("template_version_id", "directive_id", "lead_unit_id", "assigner_unit_id", "coordinator_id", "officer_id")
_UNIT_AT = {column.name: index for index, column in enumerate(UNIT_COLUMNS)}


@dataclass(frozen=True)
class Recorded:
    """What one tick wrote, as the driver reads it: the next check by task, the notices, the coordinators' digests."""

    next_checks: dict[Any, Any]
    columns: list[str]
    notices: list[tuple[Any, ...]]
    letter_columns: list[str]
    letters: list[tuple[Any, ...]]

    @classmethod
    def read(cls, engine: Engine, due: str) -> "Recorded":
        """Of the tick that has just been made; `due`: which tasks were."""
        pooled = engine.raw_connection()
        cursor = pooled.cursor()
        cursor.execute(f"SELECT task_id, at FROM task_check WHERE task_id IN (SELECT id FROM task WHERE {due})")
        next_checks = dict(cursor.fetchall())
        notices = _rows(cursor, "SELECT * FROM notice WHERE state = 'pending' ORDER BY id")
        letters = _rows(cursor, "SELECT * FROM letter WHERE state = 'queued' ORDER BY id")
        pooled.close()
        return cls(next_checks, *notices, *letters)


def _rows(cursor: Any, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """What is NULL in every row need not be written: the floor is to be as low as it can be."""
    cursor.execute(query)
    names, found = [column[0] for column in cursor.description], cursor.fetchall()
    kept = [index for index in range(len(names)) if any(row[index] is not None for row in found)]
    return [names[index] for index in kept], [tuple(row[index] for index in kept) for row in found]


class _Driver:
    """The few differences between the two databases."""

    def __init__(self, engine: Engine) -> None:
        self.on_sqlite = engine.dialect.name == "sqlite"
        self.pooled = engine.raw_connection()
        connection = self.pooled.driver_connection
        assert connection is not None
        self.connection, self.cursor = connection, connection.cursor()
        self.mark = "?" if self.on_sqlite else "%s"
        self.among = "IN (SELECT value FROM json_each(?))" if self.on_sqlite else "= ANY(%s::uuid[])"

    def begin(self) -> None:
        if self.on_sqlite:
            self.cursor.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self.connection.commit()

    def ask(self, query: str, *given: Any) -> list[tuple[Any, ...]]:
        self.cursor.execute(query.replace("?", self.mark) if not self.on_sqlite else query, given)
        rows: list[tuple[Any, ...]] = self.cursor.fetchall()
        return rows

    def ids(self, ids: Sequence[Any] | set[Any]) -> Any:
        return json.dumps(list(ids)) if self.on_sqlite else _array(ids)

    def types(self, table: str, names: Sequence[str]) -> list[str]:
        if self.on_sqlite:
            return []
        query = "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = %s::regclass"
        types = dict(self.ask(query, table))
        return [types[name] for name in names]

    def writer(self, table: str, names: Sequence[str], rows: list[tuple[Any, ...]]) -> Callable[[], None]:
        """Inserts rows that lie ready; made before the clock starts."""
        columns = ", ".join(f'"{name}"' for name in names)
        if self.on_sqlite:
            statement = (
                f'INSERT INTO "{table}" ({columns}) VALUES ({", ".join("?" * len(names))}) ON CONFLICT DO NOTHING'
            )
            return lambda: self.cursor.executemany(statement, rows)
        arrays = ", ".join(f"%s::{kind}[]" for kind in self.types(table, names))
        statement = f'INSERT INTO "{table}" ({columns}) SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING'
        given = [_array(column) for column in zip(*rows, strict=True)]
        return lambda: self.cursor.execute(statement, given)


def _array(values: Iterable[Any]) -> str:
    """As text: the driver takes several times as long over a list."""
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: Any) -> str:
    if isinstance(value, UUID):
        return value.hex
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return "NULL" if value is None else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def make_floor(engine: Engine, recorded: Recorded, *, now: datetime, batch: int) -> Callable[[], int]:
    """Gets ready what the floor writes and returns it, to be run once; it says how many tasks were due."""
    driver = _Driver(engine)
    due = (
        f"SELECT {_READ} FROM task_check JOIN task ON id = task_id WHERE at <= ? ORDER BY at, task_id LIMIT {batch}"
        f"{'' if driver.on_sqlite else ' FOR UPDATE SKIP LOCKED'}"
    )
    driver.begin()
    ordered = [
        row[0]
        for row in driver.ask(due.replace(str(batch), "ALL" if not driver.on_sqlite else "-1"), stored(engine, now))
    ]
    driver.commit()
    place = {task_id: index for index, task_id in enumerate(ordered)}
    at = recorded.columns.index("task_id")
    notices = iter(sorted(recorded.notices, key=lambda row: place[row[at]]))
    writers = [
        driver.writer("notice", recorded.columns, list(islice(notices, batch)))
        for _start in range(0, len(place), batch)
    ]
    letters = driver.writer("letter", recorded.letter_columns, recorded.letters)

    def run() -> int:
        done, pending = 0, iter(writers)
        while True:
            driver.begin()
            tasks = driver.ask(due, stored(engine, now))
            if tasks:
                _look_around(driver, tasks)
                next(pending)()
                letters()
                _advance(driver, [(recorded.next_checks[row[0]], row[0]) for row in tasks], stored(engine, now))
            driver.commit()
            done += len(tasks)
            if len(tasks) < batch:
                driver.pooled.close()
                return done

    return run


def _look_around(driver: _Driver, tasks: list[tuple[Any, ...]]) -> None:
    """What was told, the templates, and who is to be told."""
    among = driver.among
    driver.ask(
        f"SELECT {_TOLD} FROM notice WHERE task_id {among} AND rung <> 'assigned' AND rung NOT LIKE 'event:%'"
        if driver.on_sqlite
        else f"SELECT {_TOLD} FROM notice WHERE task_id {among} AND rung <> 'assigned' AND rung NOT LIKE 'event:%%'",
        driver.ids([row[0] for row in tasks]),
    )
    seen = {name: {row[_AT[name]] for row in tasks} for name in _SEEN}
    driver.ask(f"SELECT * FROM template_version WHERE id {among}", driver.ids(seen["template_version_id"]))
    directives = driver.ask(
        f"SELECT coordinating_unit_id, issuer_office_id, directive.* FROM directive WHERE id {among}",
        driver.ids(seen["directive_id"]),
    )
    wanted = seen["lead_unit_id"] | seen["assigner_unit_id"] | {one for row in directives for one in row[:2]}
    people, known = (seen["coordinator_id"] | seen["officer_id"]) - {None}, set[Any]()
    for _level in range(2):
        units = driver.ask(f"{_UNITS} {among}", driver.ids(wanted))
        known |= wanted
        people |= {row[_UNIT_AT[name]] for row in units for name in ("head_id", "deputy_id", "focal_point_id")} - {None}
        wanted = (
            {row[_UNIT_AT[name]] for row in units for name in ("supervising_unit_id", "parent_id")} - {None} - known
        )
        if not wanted:
            break
    driver.ask(f"{_PEOPLE} {among}", driver.ids(people))
    driver.ask(f"SELECT person_id, stand_in_id FROM absence WHERE person_id {among}", driver.ids(people))
    driver.ask("SELECT subject FROM alert WHERE kind = 'task_stuck' AND ended_at IS NULL")


def _advance(driver: _Driver, rows: list[tuple[Any, ...]], now: Any) -> None:
    if driver.on_sqlite:
        driver.cursor.executemany("UPDATE task_check SET at = ? WHERE task_id = ?", rows)
        return
    driver.cursor.execute(
        "UPDATE task_check SET at = made.moment FROM unnest(%s::timestamptz[], %s::uuid[]) AS made (moment, id)"
        " WHERE task_check.task_id = made.id AND task_check.at <= %s",
        [*(_array(column) for column in zip(*rows, strict=True)), now],
    )


def stored(engine: Engine, moment: datetime) -> Any:
    """As the driver stores it: text on SQLite."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f") if engine.dialect.name == "sqlite" else moment
