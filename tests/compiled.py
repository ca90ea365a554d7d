"""Statements compiled once per process, as in production, though every test opens engines of its own."""

from typing import Any

from sqlalchemy import Connection, Engine, event

from models.database.sealed import keys_in
from tests.keys import KEYS


class _Compiled(dict[Any, Any]):
    """Statements compiled so far, by SQLAlchemy's own keys, but for a driver, not for each engine's dialect."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get((key[0].driver, *key[1:]), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__((key[0].driver, *key[1:]), compiled)


_COMPILED = _Compiled()


@event.listens_for(Engine, "engine_connect")
def compile_once(connection: Connection) -> None:
    """Every test opens engines of its own: a statement is compiled once per process all the same, as in production.

    A statement holds the keys of the engine that compiled it, so that only engines with the tests' keys share theirs.
    """
    if keys_in(connection) is KEYS and connection.dialect.driver in ("pysqlite", "psycopg"):  # Prefect has its own
        connection.execution_options(compiled_cache=_COMPILED)
