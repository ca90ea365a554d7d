"""Seconds by the clock, of turns that floor and ours take."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine


@dataclass
class Taken:
    """What a turn took; known once it is over."""

    seconds: float = 0.0


@dataclass(frozen=True)
class Measured:
    """Seconds in the order in which they were taken, floor and ours by turns."""

    database: str
    size: int
    floor: list[float]
    ours: list[float]
    limit: float

    @classmethod
    def of(cls, database: str, size: int, limit: float, floor: list[Taken], ours: list[Taken]) -> "Measured":
        """From turns."""
        return cls(database, size, [one.seconds for one in floor], [one.seconds for one in ours], limit)


@contextmanager
def seconds(engine: Engine) -> Iterator[Taken]:
    """Measures what is done inside, without garbage of the turn before and on a connection that is open already."""
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    gc.collect()
    taken, started = Taken(), time.perf_counter()
    yield taken
    taken.seconds = time.perf_counter() - started
