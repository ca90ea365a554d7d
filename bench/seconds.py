"""Seconds by the clock, and of the processor: the latter say the same on a machine that others use too."""

import gc
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

_TICKS = 100  # a second, in /proc/PID/stat, on every Linux there is


@dataclass
class Taken:
    """What a turn took: `wall` by the clock; `cpu` of this process and, on Linux, of the database's own for it."""

    wall: float = 0.0
    cpu: float = 0.0


@dataclass(frozen=True)
class Measured:
    """Seconds in the order in which they were taken, floor and ours by turns."""

    database: str
    size: int
    floor: list[float]
    ours: list[float]
    limit: float
    floor_cpu: list[float]
    ours_cpu: list[float]

    @property
    def ratio(self) -> float:
        """Median of ours over the median of the floor, by the clock."""
        return statistics.median(self.ours) / statistics.median(self.floor)

    @property
    def cpu_ratio(self) -> float:
        """The same of the processor's seconds."""
        return statistics.median(self.ours_cpu) / statistics.median(self.floor_cpu)

    @property
    def is_over(self) -> bool:
        """Whether the limit is crossed."""
        return self.ratio > self.limit

    @classmethod
    def of(cls, database: str, size: int, limit: float, floor: list[Taken], ours: list[Taken]) -> "Measured":
        """From turns."""
        return cls(
            database,
            size,
            [one.wall for one in floor],
            [one.wall for one in ours],
            limit,
            [one.cpu for one in floor],
            [one.cpu for one in ours],
        )


@contextmanager
def seconds(engine: Engine) -> Iterator[Taken]:
    """Measures what is done inside, without garbage of the turn before and on a connection that is open already."""
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    gc.collect()
    taken, cpu, started = Taken(), time.process_time() + _of_server(engine), time.perf_counter()
    yield taken
    taken.wall = time.perf_counter() - started
    taken.cpu = time.process_time() + _of_server(engine) - cpu


def _of_server(engine: Engine) -> float:
    """What the PostgreSQL processes that serve this database have used so far; their titles name it."""
    database, used = engine.url.database, 0.0
    if engine.dialect.name != "postgresql" or not Path("/proc/self/stat").exists():
        return used
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if database is not None and f" {database} ".encode() in process.joinpath("cmdline").read_bytes():
                fields = process.joinpath("stat").read_text().rpartition(")")[2].split()
                used += (int(fields[11]) + int(fields[12])) / _TICKS
        except (FileNotFoundError, ProcessLookupError):  # ended meanwhile
            continue
    return used
