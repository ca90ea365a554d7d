"""The floor of a page: the statements that it needs, by the bare driver."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine, event

from bench.keys import KEYS
from bench.web.asking import Asked
from bench.web.serving import make_app
from models.database.session import open_engine

Statement = tuple[str, Any]


class Floor:
    """The same site in this process, to see what it asks of the database; and the driver, to ask the same."""

    def __init__(self, url: str, data: Path) -> None:
        self._engine = open_engine(url, KEYS)
        self._app = make_app(self._engine, data)
        self._bare = self._engine.raw_connection()
        self._cursor = self._bare.cursor()

    def statements(self, asked: Asked) -> list[Statement]:
        """The queries of a page with their parameters; what begins and ends transactions is not among them.

        The page is asked for twice and the second time counts: caches are filled as in the service.
        """
        self._get(asked)
        seen: list[Statement] = []

        def keep(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
            if statement.lstrip().upper().startswith(("SELECT", "WITH")):
                seen.append((statement, values))

        event.listen(self._engine, "before_cursor_execute", keep)
        try:
            self._get(asked)
        finally:
            event.remove(self._engine, "before_cursor_execute", keep)
        return seen

    def replay(self, statements: Sequence[Statement]) -> float:
        """Seconds that the driver alone takes for them, all rows fetched."""
        started = time.perf_counter()
        for statement, values in statements:
            self._cursor.execute(statement, values)
            self._cursor.fetchall()
        return time.perf_counter() - started

    def close(self) -> None:
        """Ends the connections."""
        self._bare.close()
        self._engine.dispose()

    @property
    def engine(self) -> Engine:
        """The database, to choose from it what is asked for."""
        return self._engine

    def _get(self, asked: Asked) -> None:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                return await client.get(asked.path, headers={"Cookie": asked.cookies} if asked.cookies else {})

        answer = asyncio.run(send())
        if answer.status_code != 200:
            raise RuntimeError(f"{asked.path}: answered {answer.status_code}")
