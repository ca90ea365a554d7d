"""The database's door: one engine per process and the only commit."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Enum, Table, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session

from models.columns import UtcDateTime


def open_engine(url: str) -> Engine:
    """An engine for SQLite (WAL, foreign keys on, immediate transactions) or PostgreSQL (psycopg 3)."""
    if not url.startswith("sqlite"):
        return create_engine(url, hide_parameters=True, pool_pre_ping=True)
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver must not begin transactions behind our back
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # IMMEDIATE takes the write lock at once: two writers queue instead of one failing at its first write
        reading = connection.get_execution_options().get("reading_only")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One unit of work: committed whole at the end, or not at all."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A consistent look at the data that takes no write lock and keeps nothing."""
    with Session(engine.execution_options(reading_only=True), expire_on_commit=False) as session:
        yield session


@contextmanager
def uncollected() -> Iterator[None]:
    """Keeps the garbage collector waiting during bulk work, which makes many objects and no cycles.

    Else it walks every object of the process again and again, a third of the time of a launch. Threads may overlap:
    whoever found it running sets it going again.
    """
    was_running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_running:
            gc.enable()


def insert_new(
    session: Session, table: Table, rows: Sequence[Mapping[str, Any]], constant: Mapping[str, Any] | None = None
) -> int:
    """Inserts many rows by the driver's own executemany, passing over those whose unique key is there already.

    Bulk work goes this way because the ORM costs ten times as much; values still pass each column's type.
    `constant` holds columns that are equal in all rows and are converted once. Returns how many rows were new.
    """
    if not rows:
        return 0
    connection = session.connection()
    dialect = connection.dialect
    names = [*rows[0], *(constant or {})]

    def converted(name: str, values: list[Any]) -> list[Any]:
        kind = table.c[name].type
        processor = kind.dialect_impl(dialect).bind_processor(dialect)
        if processor is None:
            return values
        if isinstance(kind, UtcDateTime | Enum):  # these repeat all along a bulk insert
            known = {value: processor(value) for value in set(values)}
            return [known[value] for value in values]
        return [processor(value) for value in values]

    # column by column: three times as fast as asking each value of each row for its processor
    columns = [converted(name, [row[name] for row in rows]) for name in rows[0]]
    columns += [converted(name, [value]) * len(rows) for name, value in (constant or {}).items()]
    mark = "?" if dialect.name == "sqlite" else "%s"
    quoted = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join([mark] * len(names))
    statement = f'INSERT INTO "{table.name}" ({quoted}) VALUES ({marks}) ON CONFLICT DO NOTHING'
    return connection.exec_driver_sql(statement, list(zip(*columns, strict=True))).rowcount
