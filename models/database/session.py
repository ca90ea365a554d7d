"""Engines and transactions of the database. Only this module commits."""

import gc
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from traceback import clear_frames
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session

from models.database.all_tables import know_referred_tables
from models.database.sealed import give_keys
from models.database.secret_keys import Keys
from models.i18n import _

NO_URL, RIGHT_URL = (
    _("DONDOC_DATABASE_URL: not a database URL; expected {right}"),
    "postgresql://user:password@host/name",
)
_DRIVERS = ("sqlite", "sqlite+pysqlite", "postgresql+psycopg")
WAIT_SECONDS, CONNECT_SECONDS = 30, 10
"""How long a statement waits for a lock, and how long a new connection waits for PostgreSQL to answer."""
_CACHE, _BATCH_CACHE = 4_096, 16_384
"""KiB of SQLite's pages that a connection keeps, also while it is idle; and while it sends a batch of letters."""
_READING: dict[str, dict[str, Any]] = {
    "sqlite": {"reading_only": True},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}


def read_url(url: str) -> URL:
    """Raise ArgumentError unless it names SQLite or PostgreSQL with psycopg 3."""
    parsed = make_url(url)
    if parsed.drivername not in _DRIVERS:
        raise ArgumentError("neither SQLite nor PostgreSQL")
    return parsed


def open_engine(url: str, keys: Keys | None = None) -> Engine:
    """Open SQLite (WAL, foreign keys on, immediate transactions) or PostgreSQL (psycopg 3).

    Its connections seal and open secrets with these keys (`sealed.py`); without keys, secrets can neither be read nor
    written. Raises ArgumentError for another URL.
    """
    parsed = read_url(url)
    engine = _open_sqlite(url) if parsed.get_backend_name() == "sqlite" else _open_postgresql(parsed)
    give_keys(engine, keys)
    return engine


def _open_sqlite(url: str) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": WAIT_SECONDS})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver must not begin transactions by itself
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            f"busy_timeout={WAIT_SECONDS * 1000}",  # ms
            f"cache_size=-{_CACHE}",
            "temp_store=MEMORY",  # inserting a task needs over 64 KB for its trigger, which would become a file
            "wal_autocheckpoint=4000",  # in pages: a quarter as many waits for the disk as by default
            "secure_delete=ON",  # deleted and replaced values leave the file, and so the back-ups
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # IMMEDIATE takes the write lock at once: of two writers the second waits, and does not fail at its first write
        is_reading = connection.get_execution_options().get("reading_only")
        connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")

    return engine


def _open_postgresql(url: URL) -> Engine:
    """Limit the wait for a server that does not answer, and for a row that another transaction keeps locked."""
    if "connect_timeout" not in url.query:
        url = url.update_query_dict({"connect_timeout": str(CONNECT_SECONDS)})
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=True)

    @event.listens_for(engine, "connect")
    def limit_lock_waits(connection: Any, _record: ConnectionPoolEntry) -> None:
        connection.execute(f"SET lock_timeout = '{WAIT_SECONDS}s'")
        connection.commit()

    return engine


@event.listens_for(Session, "before_flush")
def _know_referred_tables(*_event_arguments: object) -> None:
    know_referred_tables()


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """Commit one unit of work as a whole at the end, or roll it back."""
    with Session(engine, expire_on_commit=False) as session, session.begin(), _clearing_frames():
        yield session


@contextmanager
def _clearing_frames() -> Iterator[None]:
    """Clear the frames of an error that leaves a unit of work, because its catcher may keep the error.

    Such a frame keeps a half-read result open. SQLite then leaves the connection at an old snapshot, even after a
    rollback: its next unit of work does not see newer changes and may not write.
    """
    try:
        yield
    except BaseException as error:
        chained_error: BaseException | None = error
        while chained_error is not None:
            clear_frames(chained_error.__traceback__)
            chained_error = chained_error.__cause__ or chained_error.__context__
        raise


class WriteWatch:
    """Watches whether a session changes any row."""

    def __init__(self, session: Session) -> None:
        self.has_written = False
        event.listen(session, "after_begin", self._watch)

    def _watch(self, _session: Session, _transaction: Any, connection: Connection) -> None:
        event.listen(connection, "after_cursor_execute", self._note_statement)

    def _note_statement(
        self, _connection: Connection, cursor: Any, statement: str, _parameters: Any, _context: Any, _is_many: bool
    ) -> None:
        verb = statement.lstrip()[:6].upper()
        # SQLite counts the rows of a RETURNING only when all are fetched
        if verb in ("INSERT", "UPDATE", "DELETE") and (cursor.rowcount or "RETURNING" in statement):
            self.has_written = True


@contextmanager
def dry_run_session(engine: Engine) -> Iterator[Session]:
    """Roll a unit of work back at its end. The caller learns what it would do, or why it would fail."""
    with Session(engine, expire_on_commit=False) as session:
        with _clearing_frames():
            yield session
        session.flush()
        session.expunge_all()  # objects stay readable after the rollback
        session.rollback()


@contextmanager
def transactions(engine: Engine) -> Iterator[Callable[[], AbstractContextManager[Session]]]:
    """Yield a function that begins transactions on one shared connection, for thousands of small ones in a row.

    Each commit reaches the disk, also on SQLite, because it records what has already happened outside (a letter left).
    """
    with engine.connect() as connection, _batch_pragmas(connection):

        @contextmanager
        def begin() -> Iterator[Session]:
            try:
                with connection.begin(), Session(connection, expire_on_commit=False) as session, _clearing_frames():
                    yield session
                    session.flush()
            except BaseException:
                # after a failed commit SQLAlchemy takes the transaction for ended, but it is still open and locked
                if not connection.invalidated:
                    connection.dialect.do_rollback(connection.connection)
                raise

        yield begin


@contextmanager
def _batch_pragmas(connection: Connection) -> Iterator[None]:
    """Have SQLite flush each commit to the disk and keep more pages meanwhile."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA synchronous=FULL")
    driver.execute(f"PRAGMA cache_size=-{_BATCH_CACHE}")
    yield
    driver.execute(f"PRAGMA cache_size=-{_CACHE}")
    driver.execute("PRAGMA synchronous=NORMAL")  # not after an error: the connection then stays at FULL, or is gone


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Read one consistent snapshot without a write lock. PostgreSQL refuses writes in it."""
    with Session(engine.execution_options(**_READING[engine.dialect.name]), expire_on_commit=False) as session:
        with _clearing_frames():
            yield session
        if engine.dialect.name == "postgresql":
            session.expunge_all()
            session.commit()  # a rollback would make psycopg forget its prepared statements


def find_damage(connection: Connection) -> str | None:
    """Return SQLite's own description of damage in its file, indexes included; None without damage.

    It reads the whole file, about 200 MB a second. For PostgreSQL, which checks its pages itself, it returns None.
    """
    if connection.dialect.name != "sqlite":
        return None
    try:
        report = str(connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one())
    except DatabaseError as error:
        if isinstance(error, OperationalError):  # the file cannot be read now; that says nothing about its content
            raise
        return str(error.orig)
    return None if report == "ok" else report


DATABASE_ERRORS = (DBAPIError, PoolTimeout)
"""The errors that `is_database_unavailable` tells apart."""
_TRANSIENT = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_PROTOCOL,
}


def is_database_unavailable(error: Exception) -> bool:
    """Tell whether the database cannot be used now, so that the same request may succeed later.

    PostgreSQL is stopped, unreachable or full; SQLite's file stays locked for too long, or the disk is full.
    """
    if isinstance(error, PoolTimeout) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return True
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    code = getattr(error.orig, "sqlite_errorcode", None)  # SQLite raises OperationalError for wrong statements too
    return code is None or code & 0xFF in _TRANSIENT


def hold_table(session: Session, table: str, *, mode: str) -> None:
    """Lock a table in a mode of PostgreSQL until the commit. SQLite has only one writer at a time anyway."""
    if session.connection().dialect.name == "postgresql":
        session.execute(text(f"LOCK TABLE {table} IN {mode} MODE"))


@contextmanager
def gc_paused() -> Iterator[None]:
    """Pause the garbage collector during bulk work, which makes many objects and no cycles.

    It would walk every object of the process again and again, a third of the time of a launch. Where threads overlap,
    the one that found the collector running starts it again.
    """
    was_running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_running:
            gc.enable()
