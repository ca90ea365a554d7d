"""The database's door: one engine per process and the only commit."""

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
"""How long a statement waits for whoever holds what it needs, and somebody for PostgreSQL to answer at all."""
_CACHE, _CACHE_OF_BATCH = 4_096, 16_384
"""KiB of SQLite's pages that a connection keeps, also while nobody uses it; and what a batch of letters touches."""
_READING: dict[str, dict[str, Any]] = {
    "sqlite": {"reading_only": True},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}


def read_url(url: str) -> URL:
    """ArgumentError for what is none of SQLite or PostgreSQL by psycopg 3."""
    parsed = make_url(url)
    if parsed.drivername not in _DRIVERS:
        raise ArgumentError("neither SQLite nor PostgreSQL")
    return parsed


def open_engine(url: str, keys: Keys | None = None) -> Engine:
    """SQLite (WAL, foreign keys on, immediate transactions) or PostgreSQL (psycopg 3).

    What goes over it is sealed and opened with these keys (`sealed.py`); without any, secrets can neither be read nor
    written. ArgumentError for another URL.
    """
    parsed = read_url(url)
    engine = _open_sqlite(url) if parsed.get_backend_name() == "sqlite" else _open_postgresql(parsed)
    give_keys(engine, keys)
    return engine


def _open_sqlite(url: str) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": WAIT_SECONDS})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver must not begin transactions behind our back
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            f"busy_timeout={WAIT_SECONDS * 1000}",  # ms
            f"cache_size=-{_CACHE}",
            "temp_store=MEMORY",  # what an insert of a task keeps for its trigger is over 64 KB: else a file
            "wal_autocheckpoint=4000",  # pages: a quarter as many waits for the disk
            "secure_delete=ON",  # what was replaced is not in the file, nor in a back-up; the usual builds' own way
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # IMMEDIATE takes the write lock at once: two writers queue instead of one failing at its first write
        reading = connection.get_execution_options().get("reading_only")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _open_postgresql(url: URL) -> Engine:
    """A server that swallows packets, and whoever holds a row and stands still, hold nobody up for ever."""
    if "connect_timeout" not in url.query:
        url = url.update_query_dict({"connect_timeout": str(CONNECT_SECONDS)})
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=True)

    @event.listens_for(engine, "connect")
    def bound(connection: Any, _record: ConnectionPoolEntry) -> None:
        connection.execute(f"SET lock_timeout = '{WAIT_SECONDS}s'")
        connection.commit()

    return engine


@event.listens_for(Session, "before_flush")
def _know_referred_tables(*_of_the_flush: object) -> None:
    know_referred_tables()


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One unit of work: committed whole at the end, or not at all."""
    with Session(engine, expire_on_commit=False) as session, session.begin(), _letting_go():
        yield session


@contextmanager
def _letting_go() -> Iterator[None]:
    """Clear the frames that an error brings out of a unit of work, for whoever keeps the error.

    A result that is read half stays open as long as such a frame holds it; SQLite then leaves the connection in the
    past, rolled back or not, and its next unit of work neither sees what others do nor may write.
    """
    try:
        yield
    except BaseException as error:
        one: BaseException | None = error
        while one is not None:
            clear_frames(one.__traceback__)
            one = one.__cause__ or one.__context__
        raise


class Writes:
    """Whether a session has changed any row yet."""

    def __init__(self, session: Session) -> None:
        self.any = False
        event.listen(session, "after_begin", self._watch)

    def _watch(self, _session: Session, _transaction: Any, connection: Connection) -> None:
        event.listen(connection, "after_cursor_execute", self._see)

    def _see(
        self, _connection: Connection, cursor: Any, statement: str, _given: Any, _context: Any, _is_many: bool
    ) -> None:
        verb = statement.lstrip()[:6].upper()
        # SQLite counts the rows of a RETURNING only when all are fetched
        if verb in ("INSERT", "UPDATE", "DELETE") and (cursor.rowcount or "RETURNING" in statement):
            self.any = True


@contextmanager
def dry_run_session(engine: Engine) -> Iterator[Session]:
    """A unit of work that is undone at its end: to learn, without doing it, what it would do or why it would not."""
    with Session(engine, expire_on_commit=False) as session:
        with _letting_go():
            yield session
        session.flush()
        session.expunge_all()  # what was read and made stays readable when the rows are gone
        session.rollback()


@contextmanager
def transactions(engine: Engine) -> Iterator[Callable[[], AbstractContextManager[Session]]]:
    """Give a maker of transactions that share one connection, for whoever makes thousands of small ones in a row.

    Each is on the disk itself once it is committed, also on SQLite: what it says has happened outside, too.
    """
    with engine.connect() as connection, _for_a_batch(connection):

        @contextmanager
        def one() -> Iterator[Session]:
            try:
                with connection.begin(), Session(connection, expire_on_commit=False) as session, _letting_go():
                    yield session
                    session.flush()
            except BaseException:
                if (
                    not connection.invalidated
                ):  # what SQLAlchemy takes for over is open, and locked, where a commit fails
                    connection.dialect.do_rollback(connection.connection)
                raise

        yield one


@contextmanager
def _for_a_batch(connection: Connection) -> Iterator[None]:
    """SQLite: what is committed is on the disk itself, and the connection may keep more pages meanwhile."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA synchronous=FULL")
    driver.execute(f"PRAGMA cache_size=-{_CACHE_OF_BATCH}")
    yield
    driver.execute(f"PRAGMA cache_size=-{_CACHE}")
    driver.execute("PRAGMA synchronous=NORMAL")  # after a fault the connection may be gone; if not, it stays careful


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A consistent look at the data that takes no write lock and keeps nothing; PostgreSQL refuses to write in it."""
    with Session(engine.execution_options(**_READING[engine.dialect.name]), expire_on_commit=False) as session:
        with _letting_go():
            yield session
        if engine.dialect.name == "postgresql":
            session.expunge_all()
            session.commit()  # a rollback makes psycopg forget every statement that it has prepared


def damage_of(connection: Connection) -> str | None:
    """Return what is damaged in SQLite's file, indexes included, in its own words. None where all is sound.

    Reads the whole file, some 200 MB a second. PostgreSQL looks after its pages itself: always None.
    """
    if connection.dialect.name != "sqlite":
        return None
    try:
        found = str(connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one())
    except DatabaseError as error:
        if isinstance(error, OperationalError):  # not what stands in the file, but that it cannot be read now
            raise
        return str(error.orig)
    return None if found == "ok" else found


OF_THE_DATABASE = (DBAPIError, PoolTimeout)
"""What `is_away` can be asked about."""
_TRANSIENT = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_PROTOCOL,
}


def is_away(error: Exception) -> bool:
    """It cannot be used now, through no fault of whoever asked: the same may do later.

    PostgreSQL is stopped, gone or full; SQLite's file is locked for longer than one waits, or the disk is full.
    """
    if isinstance(error, PoolTimeout) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return True
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    code = getattr(error.orig, "sqlite_errorcode", None)  # SQLite tells wrong statements so, too
    return code is None or code & 0xFF in _TRANSIENT


def hold_table(session: Session, table: str, *, mode: str) -> None:
    """Others wait until the commit as PostgreSQL's lock of that mode has them wait; SQLite has one writer at a time."""
    if session.connection().dialect.name == "postgresql":
        session.execute(text(f"LOCK TABLE {table} IN {mode} MODE"))


@contextmanager
def gc_paused() -> Iterator[None]:
    """Keep the garbage collector waiting during bulk work, which makes many objects and no cycles.

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
