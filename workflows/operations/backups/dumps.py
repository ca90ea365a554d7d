"""One database as one file and back: SQLite's own online copy, PostgreSQL's own pg_dump and pg_restore.

Writers are not held up by a dump: it is of one moment, and they go on.
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
from models.database.session import damage_of, open_engine
from models.errors import BadInput, Refused

_VERSION = re.compile(rf" TABLE DATA \S+ {VERSION_TABLE} ")
"""The table that says which schema a database has: no program works where it is empty."""


@contextmanager
def dumped(engine: Engine, to: Path) -> Iterator[Connection]:
    """Write the database into a file, and give a look at the very state that is in it.

    Refused for a damaged database, and where PostgreSQL's programs are missing, older than the server, or say no.
    """
    if engine.dialect.name == "sqlite":
        _copy_sqlite(engine.url, to)
        if damage := _damage(to):
            raise _damaged(damage)
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
    """Bring a dump back into a database in which there is nothing, and give it to be looked at.

    It is in its place only once that was done without a fault: SQLite's as a file; PostgreSQL's gets its schema's
    version last, without which no program works on it. Refused where there is a database already.
    """
    place = _place(url)
    if place is not None:
        if place.exists():
            raise Refused("{path}: there is a database already; give a folder without one", path=str(place))
        _refuse_remains(place)
        if damage := _damage(dump):
            raise BadInput("the database in this back-up is damaged: {reason}", reason=damage)
    engine = open_engine(url if place is None else f"sqlite:///{dump}")
    try:
        if place is None:
            _refuse_full(engine)
            version, rest = _contents(engine.url, dump)
            _fill_postgres(engine.url, dump, rest)
        yield engine
        if place is None:
            _fill_postgres(engine.url, dump, version)
    finally:
        engine.dispose()
    if place is not None:
        dump.replace(place)


def kind_of(url: str) -> str:
    return make_url(url).get_backend_name()


def _place(url: str) -> Path | None:
    return Path(make_url(url).database or "") if kind_of(url) == "sqlite" else None


def _refuse_full(engine: Engine) -> None:
    with engine.connect() as connection:
        if names := inspect(connection).get_table_names():
            raise Refused(
                "the database is not empty, it has the table {name}; restore into one that was just created",
                name=sorted(names)[0],
            )


def _contents(url: URL, dump: Path) -> tuple[list[str], list[str]]:
    """As pg_restore lists a dump of PostgreSQL: the version of the schema, and all the rest."""
    lines = _run(url, "pg_restore", ["--list", str(dump)]).splitlines()
    version = [line for line in lines if _VERSION.search(line)]
    return version, [line for line in lines if line not in version]


def _fill_postgres(url: URL, dump: Path, contents: Sequence[str]) -> None:
    chosen = dump.with_name(f"{dump.name}.list")
    chosen.write_text("\n".join(contents), encoding="utf-8")
    options = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", f"--use-list={chosen}"]
    _run(url, "pg_restore", [*options, str(dump)])


def _refuse_remains(place: Path) -> None:
    """SQLite takes a log for that of whatever database it stands beside, and writes it over that."""
    for ending in ("-wal", "-journal"):
        log = place.with_name(place.name + ending)
        if log.exists():
            raise Refused("{path}: left by a database that is no longer there; move it away first", path=str(log))


def _copy_sqlite(url: URL, to: Path) -> None:
    source = Path(url.database or "")
    if not source.exists():
        raise Refused("the database is not set up: run `dondoc init`")
    # in one step: a copy page by page begins anew whenever somebody writes
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(to)) as other:
        try:
            one.backup(other)
        except sqlite3.OperationalError:  # no room for the copy
            raise
        except sqlite3.DatabaseError as error:
            raise _damaged(str(error)) from error


def _damaged(reason: str) -> Refused:
    return Refused("the database is damaged, and nothing was saved: {reason}; see `dondoc doctor`", reason=reason)


def _damage(dump: Path) -> str | None:
    """Nobody else holds the file; one that cannot be read is damaged too."""
    engine = create_engine(f"sqlite:///{dump}", poolclass=NullPool)
    try:
        with engine.connect() as connection:
            return damage_of(connection)
    except OperationalError as error:
        return str(error.orig)


def _run(url: URL, program: str, options: Sequence[str]) -> str:
    """What one of PostgreSQL's programs says; the password stands in no list of processes."""
    found = shutil.which(program)
    if found is None:
        raise Refused("{program} is missing: install PostgreSQL's client programs (postgresql-client)", program=program)
    told: Mapping[str, Any] = {"host": url.host, "port": url.port, "user": url.username, "dbname": url.database}
    known = {name: value for name, value in told.items() if value is not None} | dict(url.query)
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    done = subprocess.run(
        [found, "--no-password", f"--dbname={make_conninfo(**known)}", *options],
        env={**os.environ, **password},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["–"]
        raise Refused("{program}: {reason}", program=program, reason="; ".join(lines))
    return done.stdout
