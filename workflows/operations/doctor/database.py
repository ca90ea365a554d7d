"""Checks of the database through a read-only engine: that it exists, is undamaged, and has this program's schema."""

import sqlite3
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError

from models.database.guards import check_guards
from models.database.schema_state import SchemaState, schema_state
from models.database.sealed import give_keys
from models.database.secret_keys import keys_of
from models.database.server_clock import server_clock
from models.database.session import NO_URL, RIGHT_URL, find_damage, read_url, reading
from models.i18n import Words, _
from models.settings import Settings, settings_file
from workflows.operations.doctor.finding import CheckedInstallation, Finding, broken, ok, size_words, warning

_SECONDS = 4
_CHECKED_UP_TO = 64 * 1024 * 1024  # bytes; SQLite checks about 200 MB/s, so a larger file takes too long here
_TOLERANCE = timedelta(minutes=2)


def open_read_only(settings: Settings) -> Engine | None:
    """Open an engine that can neither change nor create a database. Return None if SQLite's file is missing."""
    parsed = read_url(settings.url)
    if parsed.get_backend_name() == "sqlite":
        path = Path(parsed.database or "")
        if not path.is_file():
            return None
        # not models.database.session.open_engine, which creates a missing file and switches it to WAL
        read_only_url = URL.create("sqlite", database=f"file:{quote(str(path))}", query={"mode": "ro", "uri": "true"})
        engine = create_engine(
            read_only_url, hide_parameters=True, poolclass=NullPool, connect_args={"timeout": _SECONDS}
        )
        give_keys(engine, keys_of(settings))
        return engine
    if "connect_timeout" not in parsed.query:
        parsed = parsed.update_query_dict({"connect_timeout": str(_SECONDS)})
    engine = create_engine(parsed, hide_parameters=True, poolclass=NullPool)
    give_keys(engine, keys_of(settings))

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {_SECONDS * 1000}")

    return engine


def database(case: CheckedInstallation) -> Finding:
    """Check that the database exists and answers, and look for damage in a small SQLite file."""
    try:
        url = read_url(case.settings.url)
    except ArgumentError:
        return broken(
            Words(NO_URL, right=RIGHT_URL),
            _("correct it in {file} or in the environment (DONDOC_…), then again", file=settings_file()),
        )
    if url.get_backend_name() == "sqlite":
        return _check_sqlite(case, Path(url.database or ""))
    place = f"{url.host or ''}:{url.port or 5432}/{url.database or ''}"
    try:
        assert case.engine is not None
        with case.engine.connect() as connection:
            server = connection.exec_driver_sql("SHOW server_version").scalar_one()
    except SQLAlchemyError as error:
        return broken(
            _("PostgreSQL at {place} cannot be used: {reason}", place=place, reason=reason(error)),
            _("check that the server runs, and host, user and password in DONDOC_DATABASE_URL"),
        )
    return ok(_("PostgreSQL {version} at {place}"), version=str(server).split()[0], place=place)


def _check_sqlite(case: CheckedInstallation, path: Path) -> Finding:
    if case.engine is None:
        return broken(
            _("there is no database at {path}", path=path),
            _("run `dondoc init`, or name the right folder with --data or DONDOC_DATA"),
        )
    restore = _(
        "stop `dondoc serve`, keep a copy of {path}, and restore the newest backup (docs/operations.md)", path=path
    )
    size = path.stat().st_size
    try:
        # never open the file directly: closing it would drop the locks that SQLite holds in this process
        with case.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
            mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
            damage = find_damage(connection) if size <= _CHECKED_UP_TO else None
    except OperationalError as error:  # the file cannot be read now; that says nothing about its content
        return broken(
            _("{path}: {reason}", path=path, reason=reason(error)),
            _(
                "see that the disk has room, that this user may write to the folder and that nothing else holds the"
                " file; restore the newest backup (docs/operations.md) only where it still cannot be read"
            ),
        )
    except SQLAlchemyError as error:
        if getattr(getattr(error, "orig", None), "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
            return broken(_("{path} is no SQLite database", path=path), restore)
        return broken(_("{path}: {reason}", path=path, reason=reason(error)), restore)
    if damage is not None:
        return broken(_("{path} is damaged: {reason}", path=path, reason=damage), restore)
    facts = {"path": path, "size": size_words(size)}
    if size and mode != "wal":
        return warning(
            _("SQLite at {path}, {size}, not in WAL mode: readers and writers wait for each other", **facts),
            _("keep it on a local disk, not a network share; any other dondoc command then turns WAL on"),
        )
    if size > _CHECKED_UP_TO:
        return ok(_("SQLite at {path}, {size}, WAL; it is large: `dondoc verify` checks it"), **facts)
    return ok(_("SQLite at {path}, {size}, WAL, undamaged"), **facts)


def schema(case: CheckedInstallation) -> Finding:
    """Compare the schema with this program's newest migration."""
    assert case.engine is not None
    with case.engine.connect() as connection:
        state = schema_state(connection)
    if state is SchemaState.CURRENT:
        return ok(_("up to date"))
    if state is SchemaState.NEWER:
        return broken(
            _("newer than this program knows"),
            _("do not touch it: install the dondoc version that made it, or restore a backup"),
        )
    if state is SchemaState.HALF:
        return broken(
            _("tables and no version: a restore into this database was broken off"),
            _("make the database anew, empty, and restore again (docs/operations.md)"),
        )
    if state is SchemaState.NONE:
        return broken(_("the database is not set up"), _("run `dondoc init`"))
    if state is SchemaState.TOO_OLD:
        return broken(
            _("of a version before 0.3"),
            _("upgrade it with dondoc 0.3 first, with PostgreSQL also `dondoc upgrade --finish` (docs/upgrade.md)"),
        )
    return broken(_("older than this program"), _("stop every program of Đôn đốc, run `dondoc upgrade`, start again"))


def triggers(case: CheckedInstallation) -> Finding:
    """Compare the database's triggers with the schema's. Whoever changes the history must remove these guards first."""
    assert case.engine is not None
    with case.engine.connect() as connection:
        if schema_state(connection) is not SchemaState.CURRENT:
            return ok(_("not compared: the schema is not this program's"))
        guards = check_guards(connection)
    advice = _("find out who changed the database; run `dondoc verify`, then restore a back-up (docs/runbook.md)")
    if guards.is_silenced:
        return broken(_("PostgreSQL is set to pass over all triggers (session_replication_role)"), advice)
    if guards.missing:
        return broken(_("gone from the database: the triggers {names}", names=guards.missing), advice)
    if guards.altered:
        return broken(_("altered in the database: the triggers {names}", names=guards.altered), advice)
    if guards.added:
        return warning(_("in the database, and not of this program: the triggers {names}", names=guards.added), advice)
    return ok(_("all triggers are as this program made them"))


def clock_difference(case: CheckedInstallation) -> timedelta:
    """Return how far the database server's clock is ahead of this machine's; zero within the tolerance."""
    if case.engine is None:
        return timedelta()
    with reading(case.engine) as session:
        server_time = server_clock(session)
    if server_time is None:  # SQLite uses this machine's clock
        return timedelta()
    difference = server_time - case.now
    return difference if abs(difference) > _TOLERANCE else timedelta()


def reason(error: SQLAlchemyError) -> str:
    """Return the first line of the driver's message, which has no statement, parameters or password."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return (str(cause).strip().splitlines() or ["–"])[0]
