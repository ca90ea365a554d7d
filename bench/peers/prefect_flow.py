"""One Prefect flow per item, on a local Prefect server as `dondoc serve` runs it; answers turns on standard output.

The flow's body is the least there can be: one row, committed. `async` flows, as a synchronous call costs ten times
as much; one after the other: to eight at once, its server over SQLite answers 503.
Run by the product's own interpreter: Prefect is among its packages.
"""

import asyncio
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from bench.peers.turns import answer_turns
from workflows.jobs.prefect.prefect_server import PrefectServer, prefect_environment

DUE_AT, NOW = "2004-06-30T16:59:59+00:00", "2004-07-14T16:59:59+00:00"
_TABLES = (
    "CREATE TABLE item (unit TEXT PRIMARY KEY, due_at TEXT NOT NULL)",
    "CREATE INDEX item_due_at ON item (due_at)",
)


class Items:
    """One row each, in the database of the bench."""

    def __init__(self, url: str) -> None:
        self._connection: Any
        if url.startswith("sqlite:///"):
            self._connection, self._mark = sqlite3.connect(url.removeprefix("sqlite:///")), "?"
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL"):
                self._connection.execute(f"PRAGMA {pragma}")
        else:
            self._connection, self._mark = psycopg.connect(url), "%s"
        for statement in _TABLES:
            self._connection.execute(statement)
        self._connection.commit()

    def add(self, unit: str) -> None:
        self._connection.execute(f"INSERT INTO item VALUES ({self._mark}, {self._mark})", (unit, DUE_AT))
        self._connection.commit()

    def overdue(self) -> int:
        cursor = self._connection.cursor()
        cursor.execute(f"SELECT unit, due_at FROM item WHERE due_at < {self._mark} ORDER BY unit", (NOW,))
        return len(cursor.fetchall())

    def empty(self) -> None:
        self._connection.execute("DELETE FROM item")
        self._connection.commit()


@contextmanager
def _prefect() -> Iterator[None]:
    """A Prefect server of our own, before the first import of prefect."""
    with tempfile.TemporaryDirectory(prefix="dondoc-bench-", ignore_cleanup_errors=True) as folder:
        server = PrefectServer(Path(folder), 4300)
        server.start()
        try:
            if not server.wait_until_healthy():
                raise RuntimeError(f"Prefect's server did not start: see {server.log}")
            os.environ |= prefect_environment(Path(folder)) | {"PREFECT_API_URL": server.api_url}
            yield
        finally:
            server.stop()


def main(url: str) -> None:
    """Answers turns."""
    items = Items(url)
    with _prefect():
        from prefect import flow

        @flow(log_prints=False)
        async def start_item(unit: str) -> None:
            items.add(unit)

        async def start_all(count: int) -> None:
            for n in range(count):
                await start_item(f"DN-{n:05d}")

        answer_turns(["prefect"], items.empty, lambda count: asyncio.run(start_all(count)), items.overdue)


if __name__ == "__main__":
    main(os.environ["DONDOC_BENCH_DATABASE"])
