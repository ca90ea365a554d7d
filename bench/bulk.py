"""Very many rows into a database that nobody else uses yet."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Engine, text
from sqlmodel import Session, SQLModel

from models.database.session import gc_paused, transaction

Row = tuple[str | None, ...]
_CHECKS = (
    "INSERT INTO task_check SELECT id, next_check_at FROM task WHERE next_check_at IS NOT NULL ORDER BY id"
    " ON CONFLICT DO NOTHING"
)
"""What triggers do else; on PostgreSQL they sleep where foreign keys are unchecked."""


@contextmanager
def bulk(engine: Engine) -> Iterator[Session]:
    """A transaction that checks no foreign key (they hold by construction); SQLite keeps no journal of it.

    On SQLite the engine's one connection stays so: dispose of the engine afterwards.
    """
    postgres = engine.dialect.name == "postgresql"
    if not postgres:
        pooled = engine.raw_connection()  # the one connection of the pool, which goes back to it
        for pragma in ("foreign_keys=OFF", "cache_size=-1000000", "journal_mode=OFF", "synchronous=OFF"):
            pooled.driver_connection.execute(f"PRAGMA {pragma}")  # type: ignore[union-attr]
        pooled.close()
    with gc_paused(), transaction(engine) as session:
        if postgres:
            session.execute(text("SET LOCAL session_replication_role = replica"))
            session.execute(text("SET LOCAL maintenance_work_mem = '1GB'"))  # for the indexes made afterwards
        yield session
        if postgres:
            session.execute(text(_CHECKS))


@contextmanager
def unindexed(session: Session, *tables: str) -> Iterator[None]:
    """Without the tables' own indexes, which are made anew afterwards: far faster than one row at a time."""
    indexes = [index for name in tables for index in SQLModel.metadata.tables[name].indexes]
    for index in indexes:
        index.drop(session.connection())
    yield
    for index in indexes:
        index.create(session.connection())


def write_text(session: Session, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Rows of text as both databases read it into their types; without tabs, line ends or backslashes."""
    if not rows:
        return
    names = ", ".join(f'"{column}"' for column in columns)
    if session.connection().dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        session.connection().exec_driver_sql(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(rows))
        return
    cursor = session.connection().connection.cursor()
    with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
        copy.write("\n".join("\t".join("\\N" if value is None else value for value in row) for row in rows) + "\n")
