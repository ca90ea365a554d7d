"""Dump a database to one file and restore it: SQLite by its online copy, PostgreSQL by pg_dump and pg_restore.

A dump shows one moment, and does not hold up writers.
"""

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, Engine, NullPool, create_engine, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError

from models.database.schema_state import VERSION_TABLE
from models.database.session import find_damage, open_engine
from models.errors import BadInput, Refused

_VERSION = re.compile(rf" TABLE DATA \S+ {VERSION_TABLE} ")
"""The table with the version of the schema. While it is empty, no program works with the database."""


@contextmanager
def dumping(engine: Engine, to: Path) -> Iterator[Connection]:
    """Write the database to a file, and yield a connection that sees exactly the dumped state.

    Raises Refused for a damaged database, and if PostgreSQL's programs are missing, older than the server, or fail.
    """
    if engine.dialect.name == "sqlite":
        _copy_sqlite(engine.url, to)
        if damage := _find_damage(to):
            raise _damaged_error(damage)
        copy = open_engine(f"sqlite:///{to}")
        try:
            with copy.connect() as connection:
                yield connection
        finally:
            copy.dispose()
            for ending in ("-wal", "-shm"):
                to.with_name(to.name + ending).unlink(missing_ok=True)
        return
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
        _run(engine.url, "pg_dump", ["--format=custom", f"--snapshot={snapshot}", f"--file={to}"])
        yield connection


@contextmanager
def restoring(dump: Path, url: str) -> Iterator[Engine]:
    """Restore a dump into an empty database, and yield an engine to check it.

    The restored database is usable only after the block ended without an error: then SQLite's file gets its name, and
    PostgreSQL the version of the schema. Raises Refused if there is a database already.
    """
    path = _sqlite_path(url)
    if path is not None:
        if path.exists():
            raise Refused("{path}: there is a database already; give a folder without one", path=str(path))
        _refuse_remains(path)
        if damage := _find_damage(dump):
            raise BadInput("the database in this back-up is damaged: {reason}", reason=damage)
    engine = open_engine(url if path is None else f"sqlite:///{dump}")
    try:
        if path is None:
            _refuse_full(engine)
            contents = _list_contents(engine.url, dump)
            version = [line for line in contents if _VERSION.search(line)]
            _fill_postgres(engine.url, dump, [line for line in contents if line not in version])
        yield engine
        if path is None:
            _fill_postgres(engine.url, dump, version)
    finally:
        engine.dispose()
    if path is not None:
        dump.replace(path)


def kind_of(url: str) -> str:
    return make_url(url).get_backend_name()


def _sqlite_path(url: str) -> Path | None:
    return Path(make_url(url).database or "") if kind_of(url) == "sqlite" else None


def _refuse_full(engine: Engine) -> None:
    with engine.connect() as connection:
        if names := inspect(connection).get_table_names():
            raise Refused(
                "the database is not empty, it has the table {name}; restore into one that was just created",
                name=sorted(names)[0],
            )


def _list_contents(url: URL, dump: Path) -> list[str]:
    return _run(url, "pg_restore", ["--list", str(dump)]).splitlines()


def _fill_postgres(url: URL, dump: Path, contents: Sequence[str]) -> None:
    """Restore the listed contents of a dump."""
    list_path = dump.with_name(f"{dump.name}.list")
    list_path.write_text("\n".join(contents), encoding="utf-8")
    options = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", f"--use-list={list_path}"]
    _run(url, "pg_restore", [*options, str(dump)])


def _refuse_remains(path: Path) -> None:
    """Raise Refused if a log of a former database is there: SQLite would apply it to the restored one."""
    for ending in ("-wal", "-journal"):
        log = path.with_name(path.name + ending)
        if log.exists():
            raise Refused("{path}: left by a database that is no longer there; move it away first", path=str(log))


def _copy_sqlite(url: URL, to: Path) -> None:
    source = Path(url.database or "")
    if not source.exists():
        raise Refused("the database is not set up: run `dondoc init`")
    # copied in one step, because a copy page by page begins again whenever somebody writes
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(to)) as copy:
        try:
            original.backup(copy)
        except sqlite3.OperationalError:  # no room for the copy
            raise
        except sqlite3.DatabaseError as error:
            raise _damaged_error(str(error)) from error


def _damaged_error(reason: str) -> Refused:
    return Refused("the database is damaged, and nothing was saved: {reason}; see `dondoc doctor`", reason=reason)


def _find_damage(dump: Path) -> str | None:
    """Describe damage in a dump. Nobody else has the file open, so an unreadable one is damaged too."""
    engine = create_engine(f"sqlite:///{dump}", poolclass=NullPool)
    try:
        with engine.connect() as connection:
            return find_damage(connection)
    except OperationalError as error:
        return str(error.orig)


def _run(url: URL, program: str, options: Sequence[str]) -> str:
    """Run one of PostgreSQL's programs, and return its output. The password is not among the arguments."""
    path = shutil.which(program)
    if path is None:
        raise Refused("{program} is missing: install PostgreSQL's client programs (postgresql-client)", program=program)
    parts: Mapping[str, Any] = {"host": url.host, "port": url.port, "user": url.username, "dbname": url.database}
    connection = {name: value for name, value in parts.items() if value is not None} | dict(url.query)
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    result = subprocess.run(
        [path, "--no-password", f"--dbname={make_conninfo(**connection)}", *options],
        env={**os.environ, **password},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        lines = [line for line in result.stderr.splitlines() if line.strip()] or ["–"]
        raise Refused("{program}: {reason}", program=program, reason="; ".join(lines))
    return result.stdout
