"""The same rows parted by year, in a schema that stands before the product's own: its verbs find these tables."""

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, make_url

from bench.keys import KEYS
from models.database.session import open_engine

SCHEMA = "parted"


@dataclass(frozen=True)
class Parting:
    """A table, the column whose year parts it, and its indexes: (columns, condition, unique)."""

    table: str
    by: str
    indexes: tuple[tuple[str, str, bool], ...]


PARTINGS = (
    Parting(
        "history",
        "recorded_at",
        (
            ("id, recorded_at", "", True),
            ("task_id, recorded_at", "", False),
            ("directive_id, recorded_at", "", False),
            ("recorded_at, id", "seal_id IS NULL", False),
            ("seal_id", "seal_id IS NOT NULL", False),
        ),
    ),
    Parting(
        "letter",
        "slot",
        (
            ("id, slot", "", True),
            ("recipient_id, slot, kind, topic", "", True),
            ("slot", "", False),
            ("slot, next_attempt_at", "state IN ('queued', 'claimed', 'uncertain')", False),
            ("lease_until", "lease_until IS NOT NULL", False),
            ("slot", "state IN ('failed', 'uncertain', 'held')", False),
        ),
    ),
    Parting(
        "notice",
        "slot",
        (
            ("id, slot", "", True),
            ('task_id, anchor_id, rung, "offset", recipient_id, slot', "", True),
            ("letter_id", "letter_id IS NOT NULL", False),
            ("slot", "state = 'pending' AND letter_id IS NULL", False),
            ("recipient_id, state", "", False),
        ),
    ),
)
"""A unique key must hold the year's column: the product's own cannot stay as they are, nor foreign keys to them."""


def part(engine: Engine) -> None:
    """Makes the parted copies, with the indexes that the product has."""
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        connection.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")
        for one in PARTINGS:
            _part(connection, one)
    keep_house(engine, SCHEMA)


def keep_house(engine: Engine, schema: str = "public") -> None:
    """As PostgreSQL's own housekeeping does in time: else one variant would look into every page, the other not."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for one in PARTINGS:
            connection.exec_driver_sql(f"VACUUM ANALYZE {schema}.{one.table}")


def _part(connection: Connection, one: Parting) -> None:
    table = f"{SCHEMA}.{one.table}"
    connection.exec_driver_sql(
        f"CREATE TABLE {table} (LIKE public.{one.table} INCLUDING DEFAULTS) PARTITION BY RANGE ({one.by})"
    )
    first, last = connection.exec_driver_sql(
        f"SELECT extract(year FROM min({one.by}))::int, extract(year FROM max({one.by}))::int FROM public.{one.table}"
    ).one()
    for year in range(first, last + 2):
        connection.exec_driver_sql(
            f"CREATE TABLE {table}_{year} PARTITION OF {table} FOR VALUES FROM ('{year}-01-01') TO ('{year + 1}-01-01')"
        )
    connection.exec_driver_sql(f"INSERT INTO {table} SELECT * FROM public.{one.table}")
    for number, (columns, where, unique) in enumerate(one.indexes):
        kind, condition = "UNIQUE INDEX" if unique else "INDEX", f" WHERE {where}" if where else ""
        connection.exec_driver_sql(f"CREATE {kind} ix_{one.table}_{number} ON {table} ({columns}){condition}")


def in_parts(engine: Engine) -> Engine:
    """The product's engine on the same database, for which the parted tables stand first."""
    url = make_url(engine.url.render_as_string(hide_password=False))
    searching = url.update_query_dict({"options": f"-csearch_path={SCHEMA},public"})
    return open_engine(searching.render_as_string(False), KEYS)
