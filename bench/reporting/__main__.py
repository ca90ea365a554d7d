"""`python -m bench.reporting`: what the report costs beside the same SQL by the bare driver; `--strict` for limits."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import Engine

from bench.databases import PostgresServer
from bench.reporting.measuring import Measured, fill_histories, measure


def main() -> int:
    """Runs the bench; 1 where `--strict` is given and a limit is crossed."""
    parser = argparse.ArgumentParser(prog="bench.reporting", description="What the report costs beside its bare SQL.")
    parser.add_argument("--tasks", type=int, default=100_000, help="tasks, of ten history rows each (100,000)")
    parser.add_argument("--times", type=int, default=3, help="measurements of each, of which the median counts (3)")
    parser.add_argument("--strict", action="store_true", help="exit 1 when a limit is crossed")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dondoc-bench-", ignore_cleanup_errors=True) as folder:
        server = PostgresServer(Path(folder))
        try:
            started = time.perf_counter()
            with server.filled(lambda engine: fill_histories(engine, given.tasks)) as engine:
                _head(engine, given.tasks, time.perf_counter() - started)
                found = [_row(one) for one in measure(engine, given.times)]
        finally:
            server.stop()
    return int(given.strict and any(one.is_over for one in found))


def _head(engine: Engine, tasks: int, seconds: float) -> None:
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM history").scalar_one()
        size = connection.exec_driver_sql("SELECT pg_size_pretty(pg_total_relation_size('history'))").scalar_one()
    print(f"The report on {tasks:,} tasks with {rows:,} history rows ({size}), on PostgreSQL; made in {seconds:.0f} s.")
    print("Medians in seconds; SQL by the bare driver: the two by two alone, and every number of the report.\n")
    print(f"{'':<24}{'counted':>10}{'2x2':>8}{'SQL':>8}{'report':>8}{'ratio':>8}{'limit':>7}{'a list':>8}")


def _row(one: Measured) -> Measured:
    over = "  over the limit" if one.is_over else ""
    print(
        f"{one.what:<24}{one.figures.total:>10,}{one.whole:>8.2f}{one.sql:>8.2f}{one.took:>8.2f}{one.ratio:>7.2f}x"
        f"{one.limit:>6.1f}x{one.listed:>8.2f}{over}",
        flush=True,
    )
    return one


if __name__ == "__main__":
    sys.exit(main())
