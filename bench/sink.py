"""A mail server in a process of its own that accepts every letter and keeps none of them."""

import asyncio
import logging
import multiprocessing
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, NamedTuple, Self

from aiosmtpd.smtp import SMTP

from notifications.mailbox import TakesPipelines

START_SECONDS = 60.0


class Seen(NamedTuple):
    """What came in since it was last asked."""

    connections: int
    letters: int


class Sink:
    """Listens on a free port of loopback inside `with`; `port` tells which."""

    port: int

    def __enter__(self) -> Self:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        if not self._ours.poll(START_SECONDS):
            raise RuntimeError("the sink did not start")
        self.port = self._ours.recv()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ours.send("stop")
        self._process.join(START_SECONDS)

    def seen(self) -> Seen:
        """Connections and letters since the last time; counting starts anew."""
        self._ours.send("seen")
        return Seen(*self._ours.recv())


class _Counted(SMTP):
    connections = 0

    def connection_made(self, transport: Any) -> None:
        _Counted.connections += 1
        super().connection_made(transport)


class _Nowhere(TakesPipelines):
    letters = 0

    async def handle_DATA(self, _server: Any, _session: Any, _envelope: Any) -> str:
        _Nowhere.letters += 1
        return "250 OK"


def _serve(theirs: Connection) -> None:
    asyncio.run(_listen(theirs))


async def _listen(theirs: Connection) -> None:
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    loop, nowhere = asyncio.get_running_loop(), _Nowhere()
    server = await loop.create_server(
        lambda: _Counted(nowhere, hostname="localhost", enable_SMTPUTF8=False), "127.0.0.1", 0
    )
    theirs.send(server.sockets[0].getsockname()[1])
    while await loop.run_in_executor(None, theirs.recv) == "seen":
        theirs.send((_Counted.connections, _Nowhere.letters))
        _Counted.connections = _Nowhere.letters = 0
    server.close()
