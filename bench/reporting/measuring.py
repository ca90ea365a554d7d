"""The report beside the same SQL by the bare driver, on very much history."""

import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date

from psycopg import connect
from sqlalchemy import Engine

from bench.reporting.filling import fill
from bench.reporting.floor import BROKEN_DOWN, WHOLE, Question, ask
from bench.reporting.histories import Fate
from bench.web.register import WIDE_CODE
from models.database.session import reading
from models.text.localtime import end_of_day
from workflows.reports.counted_history import directive_of_code
from workflows.reports.counted_places import CountQuery
from workflows.reports.report_figures import report
from workflows.reports.report_tasks import Figure, page_behind
from workflows.rules.tasks.classification import Figures

DIRECTIVE_LIMIT, WHOLE_LIMIT = 2.5, 5.0
"""A report may take this many times the bare SQL of its numbers. The whole ministry's has thousands of lines to name
and to sort; one of few tasks takes most of its time for itself (formulas, five statements), and says little here.
"""
CUTOFF = date(2016, 8, 31)
ROWS = 10
"""History rows of a task."""
_SHARES = {
    Fate.DONE_ON_TIME: 62,
    Fate.DONE_LATE: 10,
    Fate.OPEN_IN_TIME: 16,
    Fate.OPEN_UNDATED: 2,
    Fate.OPEN_OVERDUE: 4,
    Fate.WITHDRAWN: 2,
    Fate.DRILL: 1,
    Fate.CHILD: 2,
    Fate.LATER: 1,
}
"""Of a hundred tasks."""


@dataclass(frozen=True)
class Measured:
    """Medians in seconds: SQL of the two by two alone, SQL of every number, the report, a page of a list behind one."""

    what: str
    limit: float
    figures: Figures
    whole: float
    sql: float
    took: float
    listed: float

    @property
    def ratio(self) -> float:
        return self.took / self.sql

    @property
    def is_over(self) -> bool:
        """Whether the limit is crossed."""
        return self.ratio > self.limit


def fill_histories(engine: Engine, tasks: int) -> None:
    """Tasks in their shares, of ROWS history rows each."""
    fates = {fate: tasks * share // 100 for fate, share in _SHARES.items()}
    fill(engine, fates, CUTOFF.toordinal(), length=ROWS)


def measure(engine: Engine, times: int) -> Iterator[Measured]:
    """One wide directive, then everything; each so many times, and once beforehand that is not counted."""
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with closing(connect(url, autocommit=True)) as bare:
        directive_and_all = (
            (f"directive {WIDE_CODE}", WIDE_CODE, DIRECTIVE_LIMIT),
            ("the whole ministry", None, WHOLE_LIMIT),
        )
        for what, code, limit in directive_and_all:
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
                    page_behind(session, CountQuery(CUTOFF, directive), Figure.OPEN_OVERDUE, at_most=100)
                listed.append(time.perf_counter() - started)
                assert sum(row[-1] for row in rows if row[0] == "duty") == told.figures.total, "both count the same"
            yield Measured(
                what, limit, told.figures, *(statistics.median(part[1:]) for part in (whole, sql, took, listed))
            )
