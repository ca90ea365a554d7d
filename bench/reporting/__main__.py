"""`python -m bench.reporting`: what the report costs beside the same SQL by the bare driver; `--strict` for limits."""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from psycopg import connect
from sqlalchemy import Engine

from bench.databases import PostgresServer
from bench.reporting.filling import fill
from bench.reporting.floor import BROKEN_DOWN, WHOLE, Question, ask
from bench.reporting.histories import Fate
from bench.web.register import WIDE_CODE
from models.localtime import end_of_day
from models.session import reading
from workflows.counted_history import directive_of_code
from workflows.report import report
from workflows.report_tasks import Figure, page_behind
from workflows.rules.classification import Figures

LIMIT = 2.0
CUTOFF = date(2016, 8, 31)
ROWS = 10
"""History rows of a task."""
_SHARES = {
    Fate.DONE_ON_TIME: 62, Fate.DONE_LATE: 10, Fate.OPEN_IN_TIME: 16, Fate.OPEN_UNDATED: 2, Fate.OPEN_OVERDUE: 4,
    Fate.WITHDRAWN: 2, Fate.DRILL: 1, Fate.CHILD: 2, Fate.LATER: 1,
}  # fmt: skip
"""Of a hundred tasks."""


@dataclass(frozen=True)
class Measured:
    """Medians in seconds: SQL of the two by two alone, SQL of every number, the report, a page of a list behind one."""

    what: str
    figures: Figures
    whole: float
    sql: float
    took: float
    listed: float

    @property
    def ratio(self) -> float:
        return self.took / self.sql


def main() -> int:
    """Runs the bench; 1 where `--strict` is given and the limit is crossed."""
    parser = argparse.ArgumentParser(prog="bench.reporting", description="What the report costs beside its bare SQL.")
    parser.add_argument("--tasks", type=int, default=100_000, help="tasks, of ten history rows each (100,000)")
    parser.add_argument("--times", type=int, default=3, help="measurements of each, of which the median counts (3)")
    parser.add_argument("--strict", action="store_true", help="exit 1 when the limit is crossed")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dondoc-bench-", ignore_cleanup_errors=True) as folder:
        server = PostgresServer(Path(folder))
        try:
            started = time.perf_counter()
            with server.filled(lambda engine: _fill(engine, given.tasks)) as engine:
                _head(engine, given.tasks, time.perf_counter() - started)
                found = [_row(one) for one in _measure(engine, given.times)]
        finally:
            server.stop()
    return int(given.strict and any(one.ratio > LIMIT for one in found))


def _fill(engine: Engine, tasks: int) -> None:
    fates = {fate: tasks * share // 100 for fate, share in _SHARES.items()}
    fill(engine, fates, CUTOFF.toordinal(), length=ROWS)


def _measure(engine: Engine, times: int) -> Iterator[Measured]:
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with closing(connect(url, autocommit=True)) as bare:
        for what, code in ((f"directive {WIDE_CODE}", WIDE_CODE), ("the whole ministry", None)):
            with reading(engine) as session:
                directive = directive_of_code(session, code) if code else None
            question = Question(end_of_day(CUTOFF), CUTOFF.isoformat(), directive)
            whole, sql, took, listed = [list[float]() for _part in range(4)]
            for _turn in range(times + 1):  # the first one finds nothing in memory, and is not counted
                whole.append(ask(bare, WHOLE, question)[0])
                seconds, rows = ask(bare, BROKEN_DOWN, question)
                sql.append(seconds)
                started = time.perf_counter()
                with reading(engine) as session:
                    told = report(session, cutoff=CUTOFF, directive=code)
                took.append(time.perf_counter() - started)
                started = time.perf_counter()
                with reading(engine) as session:
                    page_behind(session, cutoff=CUTOFF, figure=Figure.OPEN_OVERDUE, directive=code, at_most=100)
                listed.append(time.perf_counter() - started)
                assert sum(row[-1] for row in rows if row[0] == "duty") == told.figures.total, "both count the same"
            yield Measured(what, told.figures, *(statistics.median(part[1:]) for part in (whole, sql, took, listed)))


def _head(engine: Engine, tasks: int, seconds: float) -> None:
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM history").scalar_one()
        size = connection.exec_driver_sql("SELECT pg_size_pretty(pg_total_relation_size('history'))").scalar_one()
    print(f"The report on {tasks:,} tasks with {rows:,} history rows ({size}), on PostgreSQL; made in {seconds:.0f} s.")
    print("Medians in seconds; SQL by the bare driver: the two by two alone, and every number of the report.\n")
    print(f"{'':<24}{'counted':>10}{'2x2':>8}{'SQL':>8}{'report':>8}{'ratio':>8}{'limit':>7}{'a list':>8}")


def _row(one: Measured) -> Measured:
    over = "  over the limit" if one.ratio > LIMIT else ""
    print(
        f"{one.what:<24}{one.figures.total:>10,}{one.whole:>8.2f}{one.sql:>8.2f}{one.took:>8.2f}{one.ratio:>7.2f}x"
        f"{LIMIT:>6.1f}x{one.listed:>8.2f}{over}",
        flush=True,
    )
    return one


if __name__ == "__main__":
    sys.exit(main())
