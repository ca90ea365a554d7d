"""`python -m bench.size`: what data at size costs; the tables of docs/decisions/0024."""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from sqlalchemy import Engine, text

from bench.databases import PostgresServer
from bench.government import fill_government
from bench.government.filling import TODAY
from bench.keys import KEYS
from bench.size.asking import ask
from bench.size.daily import live
from bench.size.parted import SCHEMA, in_parts, keep_house, part
from models.database.session import open_engine
from models.text.localtime import at_local

_SIZES = (
    "SELECT c.relname, s.n_live_tup, pg_table_size(c.oid), pg_indexes_size(c.oid) FROM pg_class c"
    " JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_stat_user_tables s ON s.relid = c.oid"
    " WHERE n.nspname = 'public' ORDER BY pg_total_relation_size(c.oid) DESC LIMIT 8"
)
_UNUSED = (
    "SELECT s.relname, s.indexrelname, pg_relation_size(s.indexrelid), s.idx_scan FROM pg_stat_user_indexes s"
    " JOIN pg_index i ON i.indexrelid = s.indexrelid WHERE s.schemaname = 'public' AND NOT i.indisprimary"
    " AND s.relname IN ('task', 'history', 'notice', 'letter', 'letter_attempt', 'result', 'contribution')"
    " ORDER BY s.relname, pg_relation_size(s.indexrelid) DESC"
)


def main() -> int:
    """Runs it."""
    parser = argparse.ArgumentParser(prog="bench.size", description="What years of data cost, whole and parted.")
    parser.add_argument("--tasks", type=int, default=100_000, help="tasks of the government (100,000)")
    parser.add_argument("--units", type=int, default=5_000, help="its units (5,000)")
    parser.add_argument(
        "--times", type=int, default=3, help="measurements of each verb, of which the median counts (3)"
    )
    parser.add_argument("--days", type=int, default=1, help="working days to live afterwards (1; 0: none)")
    parser.add_argument("--acts", type=int, default=300, help="acts of each of these days (300)")
    parser.add_argument("--database-url", help="a PostgreSQL that holds a government of TODAY already")
    given = parser.parse_args()
    with _government(given.database_url, given.units, given.tasks) as engine, tempfile.TemporaryDirectory() as folder:
        _sizes(engine)
        _verbs(engine, given.times)
        if given.days:
            _days(engine, Path(folder), given.days, given.acts)
        _indexes(engine)
    return 0


@contextmanager
def _government(url: str | None, units: int, tasks: int) -> Iterator[Engine]:
    if url is not None:
        engine = open_engine(url, KEYS)
        yield engine
        engine.dispose()
        return
    with tempfile.TemporaryDirectory(prefix="dondoc-bench-", ignore_cleanup_errors=True) as folder:
        server = PostgresServer(Path(folder))
        try:
            with server.filled(lambda engine: _fill(engine, units, tasks)) as engine:
                yield engine
        finally:
            server.stop()


def _fill(engine: Engine, units: int, tasks: int) -> None:
    fill_government(engine, units=units, tasks=tasks)


def _sizes(engine: Engine) -> None:
    print(f"{'table':<18}{'rows':>12}{'MB':>9}{'indexes, MB':>13}")
    with engine.connect() as connection:
        for table, rows, own, indexes in connection.execute(text(_SIZES)):
            print(f"{table:<18}{rows:>12,}{own / 2**20:>9,.0f}{indexes / 2**20:>13,.0f}")


def _verbs(engine: Engine, times: int) -> None:
    """Blocks count more than times where others use the machine as well."""
    now = at_local(date.fromordinal(TODAY.toordinal()))
    keep_house(engine)
    whole = list(ask(engine, now, times))
    part(engine)
    other = in_parts(engine)
    parted = {one.verb: one for one in ask(other, now, times)}
    other.dispose()
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA {SCHEMA} CASCADE")
    print(f"\n{'':<26}{'one table':>20}{'parted by year':>24}{'':>9}")
    print(f"{'':<26}{'ms':>9}{'blocks':>11}{'ms':>12}{'blocks':>12}{'ratio':>9}")
    for one in whole:
        also = parted[one.verb]
        print(
            f"{one.verb:<26}{one.took:>9,.1f}{one.blocks:>11,}{also.took:>12,.1f}{also.blocks:>12,}"
            f"{also.took / one.took:>8.2f}x",
            flush=True,
        )


def _days(engine: Engine, folder: Path, days: int, acts: int) -> None:
    now = at_local(TODAY)
    print(f"\n{days} working days, {acts} acts each")
    print(f"{'table':<16}{'inserted':>10}{'updated':>10}{'HOT':>8}{'grown, KB':>12}")
    for one in live(engine, folder, now, days=days, acts=acts):
        share = f"{100 * one.hot / one.updated:.0f} %" if one.updated else "–"
        print(f"{one.table:<16}{one.inserted:>10,}{one.updated:>10,}{share:>8}{one.grown / 1024:>12,.0f}", flush=True)


def _indexes(engine: Engine) -> None:
    print(f"\n{'index':<52}{'MB':>8}{'looked into':>14}")
    with engine.connect() as connection:
        for table, name, size, scans in connection.execute(text(_UNUSED)):
            print(f"{table + '.' + name:<52}{size / 2**20:>8,.1f}{scans:>14,}")


if __name__ == "__main__":
    sys.exit(main())
